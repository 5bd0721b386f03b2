//! Reads the manifest of an asset, and whether it holds.

use std::{io::Cursor, sync::Arc};

use c2pa::{
    Context, Error, Ingredient, Manifest, Reader,
    assertions::{Actions, SoftBinding as Bindings},
    jumbf_io,
};
use provenance::{
    Disclosure, Refusal, Report, SoftBinding, State, Trust,
    report::{self, Action, Finding, Signer, Stamp},
};
use serde_json::Value;

use crate::{
    certificates,
    sign::{DISCLOSURE, GB_LABEL, SOFT_BINDING, of_library},
    verdict::{judge, judge_ingredient},
};

/// Actions in a report.
const ACTIONS_MAX: usize = 64;
/// Ingredients in a report.
const INGREDIENTS_MAX: usize = 32;
/// Soft bindings in a report.
const BINDINGS_MAX: usize = 16;
/// Characters of a text in a report.
const TEXT_CHARS_MAX: usize = 512;
/// Bytes of a label in a report: real ones with signatures are under 3 KB.
const LABEL_BYTES_MAX: usize = 16 * 1024;

/// What the manifest of `asset` says and whether it holds.
///
/// # Errors
/// A refusal where the asset cannot be read as a file of its format, so that nothing can be said.
pub(crate) fn read(context: &Arc<Context>, format: &str, asset: &[u8]) -> Result<Report, Refusal> {
    let nothing = Report { state: State::Absent, elsewhere: None, manifest: None, findings: Vec::new() };
    match Reader::from_shared_context(context).with_stream(format, Cursor::new(asset)) {
        Ok(reader) => Ok(tell(&reader)),
        Err(Error::JumbfNotFound | Error::ProvenanceMissing) => Ok(nothing),
        Err(Error::RemoteManifestUrl(url)) => Ok(Report { elsewhere: Some(short(&url)), ..nothing }),
        Err(error @ (Error::UnsupportedType | Error::OperationCancelled)) => Err(of_library(&error)),
        // A manifest is there, and the library cannot get through it.
        Err(error) if jumbf_io::load_jumbf_from_memory(format, asset).is_ok() => {
            let finding =
                Finding { code: "general.error".to_owned(), explanation: Some(short(&error.to_string())) };
            Ok(Report { state: State::Faulty, findings: vec![finding], ..nothing })
        }
        Err(error) => Err(of_library(&error)),
    }
}

fn tell(reader: &Reader) -> Report {
    let verdict = reader.validation_results().map(judge);
    let manifest = reader.active_manifest().map(|manifest| {
        let info = manifest.signature_info();
        let time = info.and_then(|info| info.time.clone());
        let (actions, own_source) = actions(manifest);
        report::Manifest {
            label: short(reader.active_label().unwrap_or_default()),
            title: manifest.title().map(short),
            generator: generator(manifest),
            signer: info.map(signer),
            trust: verdict.as_ref().map_or(Trust::Untrusted, |verdict| verdict.trust),
            stamp: verdict.as_ref().map_or(Stamp::None, |verdict| verdict.stamp(time)),
            source_type: own_source,
            actions,
            ingredients: manifest
                .ingredients()
                .iter()
                .take(INGREDIENTS_MAX)
                .map(|ingredient| tell_ingredient(reader, ingredient))
                .collect(),
            disclosure: manifest.find_assertion::<Disclosure>(DISCLOSURE).ok(),
            gb_label: gb_label(manifest),
            soft_bindings: soft_bindings(manifest),
        }
    });
    let state = verdict.as_ref().map_or(State::Faulty, |verdict| verdict.state);
    Report {
        state,
        elsewhere: None,
        manifest,
        findings: verdict.map_or_else(Vec::new, |verdict| verdict.findings),
    }
}

fn tell_ingredient(reader: &Reader, ingredient: &Ingredient) -> report::Ingredient {
    let manifest = ingredient.active_manifest().and_then(|label| reader.get_manifest(label));
    report::Ingredient {
        title: ingredient.title().map(short),
        format: ingredient.format().map(short),
        relation: ingredient.relationship().as_str().to_owned(),
        state: judge_ingredient(ingredient),
        generator: manifest.and_then(generator),
        signer: manifest.and_then(Manifest::issuer).as_deref().map(short),
        source_type: manifest.and_then(|manifest| actions(manifest).1),
        ingredients: manifest
            .map_or(0, |manifest| u32::try_from(manifest.ingredients().len()).unwrap_or(u32::MAX)),
    }
}

fn signer(info: &c2pa::SignatureInfo) -> Signer {
    let words = certificates::words(info.cert_chain()).ok();
    let words = words.as_ref();
    Signer {
        name: words.and_then(|words| words.name.as_deref()).map(short),
        organisation: words.and_then(|words| words.organisation.as_deref()).map(short),
        issuer: words.and_then(|words| words.issuer.as_deref()).map(short),
        algorithm: info.alg.map(|algorithm| algorithm.to_string()),
        serial: info.cert_serial_number.as_deref().map(short),
        valid_from: words.and_then(|words| words.validity).map(|(from, _)| from.to_string()),
        valid_until: words.and_then(|words| words.validity).map(|(_, until)| until.to_string()),
    }
}

/// The actions, and the first digital source type among them.
fn actions(manifest: &Manifest) -> (Vec<Action>, Option<String>) {
    let Ok(actions) = manifest.find_assertion::<Actions>(Actions::LABEL) else {
        return (Vec::new(), None);
    };
    let told: Vec<Action> = actions
        .actions()
        .iter()
        .take(ACTIONS_MAX)
        .map(|action| Action {
            action: short(action.action()),
            when: action.when().map(short),
            agent: action.software_agent().and_then(|agent| {
                let agent = serde_json::to_value(agent).ok()?;
                named(agent.get("name").or(Some(&agent))?.as_str(), agent.get("version"))
            }),
            source_type: action.source_type().and_then(|source| match serde_json::to_value(source) {
                Ok(Value::String(uri)) => Some(short(&uri)),
                _ => None,
            }),
        })
        .collect();
    let source = told.iter().find_map(|action| action.source_type.clone());
    (told, source)
}

fn generator(manifest: &Manifest) -> Option<String> {
    let info = manifest.claim_generator_info.as_ref().and_then(|infos| infos.first());
    match info {
        Some(info) => named(Some(&info.name), info.version.clone().map(Value::from).as_ref()),
        None => manifest.claim_generator().map(short),
    }
}

fn named(name: Option<&str>, version: Option<&Value>) -> Option<String> {
    let name = name?;
    Some(match version.and_then(Value::as_str) {
        Some(version) => short(&format!("{name} {version}")),
        None => short(name),
    })
}

fn gb_label(manifest: &Manifest) -> Option<String> {
    let label: Value = manifest.find_assertion(GB_LABEL).ok()?;
    Some(label.to_string()).filter(|text| text.len() <= LABEL_BYTES_MAX)
}

fn soft_bindings(manifest: &Manifest) -> Vec<SoftBinding> {
    let of_kind = |label: &str| label == SOFT_BINDING || label.starts_with("c2pa.soft-binding__");
    manifest
        .assertions()
        .iter()
        .filter(|assertion| of_kind(assertion.label()))
        .filter_map(|assertion| assertion.to_assertion::<Bindings>().ok())
        .flat_map(|bindings| {
            let alg = bindings.alg.as_deref().map(short).unwrap_or_default();
            bindings
                .blocks
                .into_iter()
                .map(move |block| SoftBinding { alg: alg.clone(), value: short(&block.value) })
        })
        .take(BINDINGS_MAX)
        .collect()
}

/// A foreign text, cut to what a report has room for.
pub(crate) fn short(text: &str) -> String {
    text.chars().take(TEXT_CHARS_MAX).collect()
}
