//! Puts a manifest into an asset.

use std::{
    io::Cursor,
    sync::{Arc, OnceLock},
};

use c2pa::{Builder, BuilderIntent, Context, DigitalSourceType, Error, Signer, jumbf_io};
use jiff::Timestamp;
use provenance::{Origin, Refusal, RefusalCode, Report, SignRequest, State};
use serde_json::{Value, json};

use crate::{
    engine::{Current, Engine},
    read, refusal,
    stamps::Stamped,
};

/// The assertion with the label of GB 45438.
pub(crate) const GB_LABEL: &str = "cn.gb45438.aigc";
/// The assertion with the facts of the latent disclosure.
pub(crate) const DISCLOSURE: &str = "cinnabar.disclosure";
/// The assertion with a watermark or fingerprint (C2PA specification, section 18.13).
pub(crate) const SOFT_BINDING: &str = "c2pa.soft-binding";
/// Watermark and fingerprints of one asset are few.
const SOFT_BINDINGS_MAX: usize = 8;

/// What is signed, and at what time.
pub(crate) struct Job<'j> {
    pub(crate) request: &'j SignRequest,
    pub(crate) asset: &'j [u8],
    pub(crate) parent: &'j [u8],
    pub(crate) now: Timestamp,
}

/// The asset with its manifest, and what was read back from it.
pub(crate) fn sign(
    engine: &Engine,
    current: &Current,
    context: &Arc<Context>,
    job: &Job<'_>,
) -> Result<(Vec<u8>, Report), Refusal> {
    let signer = Stamped {
        signer: &*current.signer,
        by: &engine.stamps,
        authority: &current.issued.authority,
        now: job.now,
        failure: OnceLock::new(),
    };
    let signed = embed(context, job, &signer).map_err(|error| match signer.failure.get() {
        Some(stamp) => refusal(RefusalCode::TimeStamp, stamp),
        None => error,
    })?;
    let report = read::read(context, &job.request.format, &signed)?;
    if report.state != State::Intact {
        let found: Vec<&str> = report.findings.iter().map(|finding| finding.code.as_str()).collect();
        let message = format!("what was signed reads back as {:?}: {}", report.state, found.join(", "));
        return Err(refusal(RefusalCode::NotReadBack, message));
    }
    Ok((signed, report))
}

/// The asset with its manifest, before it is read back.
pub(crate) fn embed(context: &Arc<Context>, job: &Job<'_>, signer: &dyn Signer) -> Result<Vec<u8>, Refusal> {
    let mut signed = Cursor::new(Vec::with_capacity(job.asset.len()));
    builder(context, job)?
        .sign(signer, &job.request.format, &mut Cursor::new(job.asset), &mut signed)
        .map_err(|error| of_library(&error))?;
    Ok(signed.into_inner())
}

/// The manifest, before it is signed.
fn builder(context: &Arc<Context>, job: &Job<'_>) -> Result<Builder, Refusal> {
    let SignRequest { format, title, origin, parent, disclosure, gb_label, soft_bindings } = job.request;
    let malformed = |error: Error| refusal(RefusalCode::Malformed, error);
    if soft_bindings.len() > SOFT_BINDINGS_MAX {
        return Err(refusal(RefusalCode::Malformed, format!("more than {SOFT_BINDINGS_MAX} soft bindings")));
    }
    let agent = json!({ "name": disclosure.system, "version": disclosure.version });
    let mut builder = Builder::from_shared_context(context)
        .with_definition(json!({ "title": title, "format": format, "claim_generator_info": [agent] }))
        .map_err(malformed)?;

    // With a parent the asset is its edition: the library opens it, and what we did follows. What the asset itself
    // carries is its parent as it stands, unless the caller gave what it was before it was changed.
    let edits = if let Some(parent) = parent {
        let relation = json!({ "title": "parent", "relationship": "parentOf" }).to_string();
        builder
            .add_ingredient_from_stream(relation, &parent.format, &mut Cursor::new(job.parent))
            .map_err(|error| of_library(&error))?;
        true
    } else {
        jumbf_io::load_jumbf_from_memory(format, job.asset).is_ok()
    };
    let mut action = json!({
        "action": "c2pa.edited",
        "when": disclosure.time,
        "softwareAgent": agent,
        "digitalSourceType": origin.source_type(),
    });
    if edits {
        builder.set_intent(BuilderIntent::Edit);
    } else {
        builder.set_intent(BuilderIntent::Create(match origin {
            Origin::Generated => DigitalSourceType::TrainedAlgorithmicMedia,
            Origin::Composite => DigitalSourceType::CompositeWithTrainedAlgorithmicMedia,
        }));
        if let Some(name) = action.get_mut("action") {
            *name = Value::from("c2pa.created");
        }
    }
    builder.add_action(action).map_err(malformed)?;

    builder.add_assertion(DISCLOSURE, disclosure).map_err(malformed)?;
    if let Some(text) = gb_label {
        let label: serde_json::Map<String, Value> = serde_json::from_str(text).map_err(|error| {
            refusal(RefusalCode::Malformed, format!("the label is no JSON object: {error}"))
        })?;
        builder.add_assertion(GB_LABEL, &label).map_err(malformed)?;
    }
    for binding in soft_bindings {
        let whole = json!({ "alg": binding.alg, "blocks": [{ "scope": {}, "value": binding.value }] });
        builder.add_assertion(SOFT_BINDING, &whole).map_err(malformed)?;
    }
    Ok(builder)
}

/// What the library's error means to the caller.
pub(crate) fn of_library(error: &Error) -> Refusal {
    let code = match error {
        Error::UnsupportedType => RefusalCode::Format,
        Error::OperationCancelled => RefusalCode::Timeout,
        _ => RefusalCode::Malformed,
    };
    refusal(code, error)
}
