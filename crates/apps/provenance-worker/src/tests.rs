//! What holds of manifests that this worker makes and reads.

use std::{
    fs,
    path::Path,
    sync::{Arc, OnceLock},
};

use c2pa::crypto::{
    cose::TimeStampStorage,
    raw_signature::{RawSigner, RawSignerError},
    time_stamp::{TimeStampError, TimeStampProvider},
};
use jiff::{SignedDuration, Timestamp};
use provenance::{
    Disclosure, Extent, Origin, Parent, Refusal, RefusalCode, Report, SignRequest, SoftBinding, State, Trust,
    report::Stamp,
};

use crate::{
    Engine, EngineConfig, StampsBy, read, samples,
    sign::{self, Job},
    stamps::Stamped,
};

const DAY: SignedDuration = SignedDuration::from_hours(24);

fn config(keys: &Path) -> EngineConfig {
    EngineConfig {
        keys: keys.to_owned(),
        organisation: "测试提供者 Test Provider".to_owned(),
        certificates: None,
        stamps: StampsBy::Own,
        trust_lists: Vec::new(),
        anchors: Vec::new(),
    }
}

fn request(format: &str) -> SignRequest {
    SignRequest {
        format: format.to_owned(),
        title: Some("海报 poster".to_owned()),
        origin: Origin::Generated,
        parent: None,
        disclosure: Disclosure {
            provider: "测试提供者 Test Provider".to_owned(),
            system: "Demo Painter".to_owned(),
            version: "1.2.3".to_owned(),
            time: "2026-11-25T14:00:00Z".to_owned(),
            id: "01KAXN7Q3E5M9T8W2Y4Z6B0C1D".to_owned(),
            extent: Extent::Created,
        },
        gb_label: Some(r#"{"Label":"1","ContentProducer":"001191110102MACQD9K64010000"}"#.to_owned()),
        soft_bindings: vec![
            SoftBinding { alg: "org.cinnabar.mark.1".to_owned(), value: "0102030405".to_owned() },
            SoftBinding { alg: "org.cinnabar.pdq".to_owned(), value: "ff00".to_owned() },
        ],
    }
}

/// A signer that does not look at the calendar: the library's own refuses a certificate that has expired.
struct InThePast<'s>(Stamped<'s>);

impl c2pa::Signer for InThePast<'_> {
    fn sign(&self, claim: &[u8]) -> c2pa::Result<Vec<u8>> {
        let bytes = c2pa::Signer::reserve_size(&self.0);
        Ok(c2pa::crypto::cose::sign(self, claim, Some(bytes), TimeStampStorage::V2_sigTst2_CTT)?)
    }

    fn direct_cose_handling(&self) -> bool {
        true
    }

    fn alg(&self) -> c2pa::SigningAlg {
        self.0.alg()
    }

    fn certs(&self) -> c2pa::Result<Vec<Vec<u8>>> {
        self.0.certs()
    }

    fn reserve_size(&self) -> usize {
        self.0.reserve_size()
    }
}

impl RawSigner for InThePast<'_> {
    fn sign(&self, data: &[u8]) -> Result<Vec<u8>, RawSignerError> {
        Ok(c2pa::Signer::sign(&self.0, data)?)
    }

    fn alg(&self) -> c2pa::SigningAlg {
        c2pa::Signer::alg(self)
    }

    fn cert_chain(&self) -> Result<Vec<Vec<u8>>, RawSignerError> {
        Ok(c2pa::Signer::certs(self)?)
    }

    fn reserve_size(&self) -> usize {
        c2pa::Signer::reserve_size(self)
    }
}

impl TimeStampProvider for InThePast<'_> {
    fn send_time_stamp_request(&self, message: &[u8]) -> Option<Result<Vec<u8>, TimeStampError>> {
        let stamp = c2pa::Signer::send_timestamp_request(&self.0, message)?;
        Some(stamp.map_err(|error| TimeStampError::InternalError(error.to_string())))
    }
}

/// What `engine` made of a PNG at the time `then`.
fn signed_at(engine: &Engine, then: Timestamp) -> Vec<u8> {
    let current = engine.current(then).unwrap();
    let context = current.context().unwrap();
    let signer = Stamped {
        signer: &*current.signer,
        by: &engine.stamps,
        authority: &current.issued.authority,
        now: then,
        failure: OnceLock::new(),
    };
    let (request, asset) = (request("image/png"), samples::png());
    let job = Job { request: &request, asset: &asset, parent: &[], now: then };
    sign::embed(&context, &job, &InThePast(signer)).unwrap()
}

fn sign(
    engine: &Engine,
    request: &SignRequest,
    asset: &[u8],
    parent: &[u8],
) -> Result<(Vec<u8>, Report), Refusal> {
    let now = Timestamp::now();
    let current = engine.current(now).unwrap();
    let context = current.context().unwrap();
    sign::sign(engine, &current, &context, &Job { request, asset, parent, now })
}

fn look(engine: &Engine, format: &str, asset: &[u8]) -> Report {
    let context = engine.current(Timestamp::now()).unwrap().context().unwrap();
    read::read(&context, format, asset).unwrap()
}

fn engine(config: &EngineConfig) -> Engine {
    Engine::open(config, Timestamp::now()).unwrap()
}

#[test]
fn each_format_is_signed_and_says_what_was_asked() {
    let keys = tempfile::tempdir().unwrap();
    let engine = engine(&config(keys.path()));
    for (format, asset) in samples::all() {
        assert_eq!(look(&engine, format, &asset).state, State::Absent, "{format}");
        let asked = request(format);
        let (signed, report) = sign(&engine, &asked, &asset, &[]).unwrap();
        assert_eq!(report, look(&engine, format, &signed), "{format}");
        assert_eq!(report.state, State::Intact, "{format}");
        assert_eq!(report.findings, [], "{format}");
        let manifest = report.manifest.unwrap();
        assert_eq!(manifest.title, asked.title);
        assert_eq!(manifest.generator.as_deref(), Some("Demo Painter 1.2.3"));
        assert_eq!(manifest.trust, Trust::Own);
        assert!(matches!(manifest.stamp, Stamp::Trusted { .. }), "{format}");
        assert_eq!(manifest.source_type.as_deref(), Some(Origin::Generated.source_type()));
        let actions: Vec<_> = manifest.actions.iter().map(|action| action.action.as_str()).collect();
        assert_eq!(actions, ["c2pa.created"]);
        assert_eq!(manifest.ingredients, []);
        assert_eq!(manifest.disclosure, Some(asked.disclosure));
        assert_eq!(manifest.soft_bindings, asked.soft_bindings);
        let label: serde_json::Value = serde_json::from_str(&manifest.gb_label.unwrap()).unwrap();
        assert_eq!(label["Label"], "1");
        let signer = manifest.signer.unwrap();
        assert_eq!(signer.organisation.as_deref(), Some("测试提供者 Test Provider"));
        assert_eq!(signer.algorithm.as_deref(), Some("es256"));
        assert!(signer.valid_until.unwrap() > Timestamp::now().to_string());
    }
}

#[test]
fn a_changed_byte_of_the_content_is_tampering() {
    let keys = tempfile::tempdir().unwrap();
    let engine = engine(&config(keys.path()));
    for (format, asset) in samples::all() {
        let mut signed = sign(&engine, &request(format), &asset, &[]).unwrap().0;
        // Bytes of the content that stand in the signed file as they did. The last 16 of a PNG are no content.
        let end = asset.len() - if format == "image/png" { 18 } else { 4 };
        let piece = &asset[end - 8..end];
        let at = signed.windows(piece.len()).position(|window| window == piece).unwrap();
        signed[at + 4] ^= 1;
        let report = look(&engine, format, &signed);
        assert_eq!(report.state, State::Tampered, "{format}: {report:?}");
        assert!(report.findings.iter().any(|finding| finding.code.ends_with("mismatch")), "{format}");
    }
}

#[test]
fn a_changed_fact_in_the_manifest_is_tampering() {
    let keys = tempfile::tempdir().unwrap();
    let engine = engine(&config(keys.path()));
    let mut signed = sign(&engine, &request("image/jpeg"), &samples::jpeg(), &[]).unwrap().0;
    let fact = b"01KAXN7Q3E5M9T8W2Y4Z6B0C1D";
    let at = signed.windows(fact.len()).position(|window| window == fact).unwrap();
    signed[at] = b'1';
    assert_eq!(look(&engine, "image/jpeg", &signed).state, State::Tampered);
}

#[test]
fn what_was_signed_with_a_stamp_stays_intact_after_the_certificate_has_expired() {
    let keys = tempfile::tempdir().unwrap();
    let then = Timestamp::now() - DAY * 800;
    let engine = Engine::open(&config(keys.path()), then).unwrap();
    let signed = signed_at(&engine, then);
    let report = look(&engine, "image/png", &signed);
    assert_eq!(report.state, State::Intact, "{:?}", report.findings);
    let manifest = report.manifest.unwrap();
    assert!(manifest.signer.unwrap().valid_until.unwrap() < Timestamp::now().to_string());
    let Stamp::Trusted { time } = manifest.stamp else { panic!("no stamp") };
    assert_eq!(time[..10], then.to_string()[..10]);
}

#[test]
fn without_a_stamp_an_expired_certificate_is_a_state_of_its_own() {
    let keys = tempfile::tempdir().unwrap();
    let then = Timestamp::now() - DAY * 800;
    let engine =
        Engine::open(&EngineConfig { stamps: StampsBy::Nobody, ..config(keys.path()) }, then).unwrap();
    let signed = signed_at(&engine, then);
    let report = look(&engine, "image/png", &signed);
    assert_eq!(report.state, State::Expired, "{:?}", report.findings);
    assert_eq!(report.manifest.unwrap().stamp, Stamp::None);
    // Tampering is told even so.
    let mut changed = signed;
    let at = changed.windows(4).position(|window| window == b"IDAT").unwrap();
    changed[at + 6] ^= 1;
    assert_eq!(look(&engine, "image/png", &changed).state, State::Tampered);
}

#[test]
fn certificates_are_renewed_with_their_keys_while_the_root_stays() {
    let keys = tempfile::tempdir().unwrap();
    let then = Timestamp::now() - DAY * 800;
    let engine = Engine::open(&config(keys.path()), then).unwrap();
    let file = |name: &str| fs::read_to_string(keys.path().join(name)).unwrap();
    let before = [file("root.pem"), file("signer.pem"), file("signer.key")];
    assert!(Arc::ptr_eq(&engine.current(then).unwrap(), &engine.current(then + DAY * 300).unwrap()));
    assert_eq!(sign(&engine, &request("image/png"), &samples::png(), &[]).unwrap().1.state, State::Intact);
    let after = [file("root.pem"), file("signer.pem"), file("signer.key")];
    assert_eq!(before[0], after[0]);
    assert_ne!(before[1], after[1]);
    assert_eq!(before[2], after[2]);
}

#[test]
fn keys_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("provenance");
    engine(&config(&keys));
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&keys), 0o700);
    for name in ["root.key", "issuer.key", "signer.key", "stamps.key"] {
        assert_eq!(mode(&keys.join(name)), 0o600, "{name}");
    }
}

#[test]
fn elsewhere_the_generated_chain_is_untrusted_until_its_root_is_listed() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let signed =
        sign(&engine(&config(here.path())), &request("image/jpeg"), &samples::jpeg(), &[]).unwrap().0;
    let trust = |config: &EngineConfig| {
        let report = look(&engine(config), "image/jpeg", &signed);
        assert_eq!(report.state, State::Intact);
        let manifest = report.manifest.unwrap();
        (manifest.trust, matches!(manifest.stamp, Stamp::Trusted { .. }))
    };
    let root = vec![here.path().join("root.pem")];
    assert_eq!(trust(&config(there.path())), (Trust::Untrusted, false));
    let listed = EngineConfig { trust_lists: root.clone(), ..config(there.path()) };
    assert_eq!(trust(&listed), (Trust::Listed, true));
    let own = EngineConfig { anchors: root, ..config(there.path()) };
    assert_eq!(trust(&own), (Trust::Own, true));
}

#[test]
fn a_chain_of_the_operators_own_signs_and_is_told_as_own() {
    let (theirs, ours) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    engine(&config(theirs.path()));
    let path = |name: &str| theirs.path().join(name);
    let chain =
        [path("signer.pem"), path("issuer.pem")].map(|file| fs::read_to_string(file).unwrap()).concat();
    fs::write(path("chain.pem"), chain).unwrap();
    let with = |certificates, key| EngineConfig {
        certificates: Some((path(certificates), path(key))),
        ..config(ours.path())
    };
    let own = engine(&with("chain.pem", "signer.key"));
    let report = sign(&own, &request("audio/wav"), &samples::wav(), &[]).unwrap().1;
    assert_eq!(report.manifest.unwrap().trust, Trust::Own);
    assert!(!own.about(Timestamp::now()).unwrap().own_chain);
    // What does not belong together refuses the start or the first signature, and is never released.
    match Engine::open(&with("chain.pem", "stamps.key"), Timestamp::now()) {
        Err(_) => {}
        Ok(engine) => {
            let refusal = sign(&engine, &request("audio/wav"), &samples::wav(), &[]).unwrap_err();
            assert_eq!(refusal.code, RefusalCode::NotReadBack);
        }
    }
    assert!(Engine::open(&with("signer.key", "signer.key"), Timestamp::now()).is_err());
    assert!(Engine::open(&with("chain.pem", "missing.key"), Timestamp::now()).is_err());
}

#[test]
fn what_was_edited_becomes_the_parent_with_its_own_verdict() {
    let keys = tempfile::tempdir().unwrap();
    let engine = engine(&config(keys.path()));
    let original = sign(&engine, &request("image/png"), &samples::png(), &[]).unwrap().0;
    let parent = Parent { format: "image/png".to_owned(), bytes: u64::try_from(original.len()).unwrap() };
    let edit = SignRequest { origin: Origin::Composite, parent: Some(parent), ..request("image/jpeg") };
    let (signed, report) = sign(&engine, &edit, &samples::jpeg(), &original).unwrap();
    let manifest = report.manifest.unwrap();
    let actions: Vec<_> = manifest.actions.iter().map(|action| action.action.as_str()).collect();
    assert_eq!(actions, ["c2pa.opened", "c2pa.edited"]);
    assert_eq!(manifest.source_type.as_deref(), Some(Origin::Composite.source_type()));
    let [ingredient] = manifest.ingredients.as_slice() else { panic!("{:?}", manifest.ingredients) };
    assert_eq!((ingredient.relation.as_str(), ingredient.state), ("parentOf", State::Intact));
    assert_eq!(ingredient.source_type.as_deref(), Some(Origin::Generated.source_type()));
    assert_eq!(ingredient.ingredients, 0);

    // A manifest that comes within the asset is kept in the same way: here a third generation.
    let (_, third) = sign(&engine, &request("image/jpeg"), &signed, &[]).unwrap();
    let [second] = third.manifest.unwrap().ingredients.try_into().unwrap();
    assert_eq!((second.state, second.ingredients), (State::Intact, 1));
}

#[test]
fn a_tampered_parent_stays_told_and_the_edition_is_intact() {
    let keys = tempfile::tempdir().unwrap();
    let engine = engine(&config(keys.path()));
    let mut original = sign(&engine, &request("image/png"), &samples::png(), &[]).unwrap().0;
    let at = original.windows(4).position(|window| window == b"IDAT").unwrap();
    original[at + 6] ^= 1;
    let parent = Parent { format: "image/png".to_owned(), bytes: u64::try_from(original.len()).unwrap() };
    let edit = SignRequest { parent: Some(parent), ..request("image/jpeg") };
    let report = sign(&engine, &edit, &samples::jpeg(), &original).unwrap().1;
    assert_eq!(report.manifest.unwrap().ingredients[0].state, State::Tampered);
}

#[test]
fn foreign_bytes_are_refused_or_judged_and_never_panic() {
    let keys = tempfile::tempdir().unwrap();
    let engine = engine(&config(keys.path()));
    let context = engine.current(Timestamp::now()).unwrap().context().unwrap();
    for (format, asset) in samples::all() {
        let signed = sign(&engine, &request(format), &asset, &[]).unwrap().0;
        for cut in (0..signed.len()).step_by(997) {
            if let Ok(report) = read::read(&context, format, &signed[..cut]) {
                assert_ne!(report.state, State::Intact, "{format} cut at {cut}");
            }
        }
        if let Ok(report) = read::read(&context, format, b"neither of them") {
            assert_eq!(report.state, State::Absent, "{format}");
        }
    }
    let refusal = read::read(&context, "application/x-unknown", b"nobody knows").unwrap_err();
    assert_eq!(refusal.code, RefusalCode::Format);
    let label = SignRequest { gb_label: Some("no label".to_owned()), ..request("image/png") };
    assert_eq!(sign(&engine, &label, &samples::png(), &[]).unwrap_err().code, RefusalCode::Malformed);
}
