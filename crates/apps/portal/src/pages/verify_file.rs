//! `/verify/file`: what is this file? The state in one sentence, then the signs it rests on, and what it does not prove.

use askama::Template;
use axum::{
    extract::{self, Multipart, multipart::MultipartError},
    response::Response,
};
use bytes::Bytes;
use http::StatusCode;
use label::{AigcLabel, Conformance, Layer, SignKind, State};
use operations::{FileQuery, FileVerification, VERIFY_FILE_BYTES_MAX};
use terms::Locale;

use super::{
    Field, Samples,
    verify::{GenerationView, LabelView, ProofView, reason},
};
use crate::{Key, Page, PortalState, Section, answer, failure::Failure, page::samples, text::key};

/// The largest body: the file, and the form around it.
pub(crate) const FILE_BODY_BYTES_MAX: usize = VERIFY_FILE_BYTES_MAX + 64 * 1024;

/// What a file was found to be.
#[derive(Template)]
#[template(path = "verify-file.html")]
pub struct VerifyFilePage {
    /// The frame.
    pub page: Page,
    /// What is wrong with the text that was sent, for the form beside.
    pub query: Field,
    /// What is wrong with the file.
    pub file: Field,
    /// Whether it was declared to be generated.
    pub is_declared: bool,
    /// What came out.
    pub result: Option<FileView>,
}

/// What is known about the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileView {
    /// Its name, as it was sent.
    pub name: String,
    /// Its format.
    pub format: Option<&'static str>,
    /// The state.
    pub state: State,
    /// The signs, by layer.
    pub layers: Vec<LayerView>,
    /// The record, where it was generated here.
    pub record: Option<RecordView>,
    /// The hidden label, where there is one.
    pub label: Option<LabelView>,
    /// Why the file could not be read to its end.
    pub doubt: Option<String>,
}

impl FileView {
    /// The sentence that says it.
    #[must_use]
    pub fn headline(&self) -> Key {
        match self.state {
            State::Confirmed => key!("file-confirmed"),
            State::Possible => key!("file-possible"),
            State::Suspected => key!("file-suspected"),
            State::NoSign => key!("file-no-sign"),
            State::Inconclusive => key!("file-inconclusive"),
        }
    }

    /// The look that goes with it.
    #[must_use]
    pub const fn tone(&self) -> &'static str {
        match self.state {
            State::Confirmed => "good",
            State::Possible | State::Suspected | State::Inconclusive => "caution",
            State::NoSign => "plain",
        }
    }
}

/// The signs of one layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerView {
    /// What the layer is.
    pub name: Key,
    /// What was found in it.
    pub signs: Vec<SignView>,
}

/// One sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignView {
    /// What it says.
    pub says: Key,
    /// Where in the file; empty where that says nothing.
    pub place: &'static str,
    /// Its text; empty where there is none.
    pub text: String,
}

/// The generation that the file came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordView {
    /// Its number.
    pub produce_id: String,
    /// What is on record.
    pub generation: GenerationView,
    /// The proof of inclusion.
    pub proof: ProofView,
}

/// What was sent.
#[derive(Default)]
struct Sent {
    name: String,
    bytes: Bytes,
    is_declared: bool,
}

impl Sent {
    async fn read(mut body: Multipart) -> Result<Self, MultipartError> {
        let mut sent = Self::default();
        while let Some(field) = body.next_field().await? {
            match field.name().unwrap_or_default() {
                "file" => {
                    sent.name = field.file_name().unwrap_or_default().chars().take(128).collect();
                    sent.bytes = field.bytes().await?;
                }
                "declared" => sent.is_declared = true,
                _ => {}
            }
        }
        Ok(sent)
    }
}

/// `GET /verify/file`: an address that is only posted to leads to the form.
pub(crate) async fn show() -> Response {
    answer::see_other("/verify")
}

/// `POST /verify/file`
pub(crate) async fn check(
    extract::State(state): extract::State<PortalState>,
    page: Page,
    body: Multipart,
) -> Result<Response, Failure> {
    let page = page.in_section(Section::Verify);
    let refused = |page, status, error| {
        let file = Field::default().wrong(error);
        let form = VerifyFilePage { page, query: Field::default(), file, is_declared: false, result: None };
        answer::page_with(status, &form)
    };
    let sent = match Sent::read(body).await {
        Ok(sent) => sent,
        Err(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            return refused(page, StatusCode::PAYLOAD_TOO_LARGE, key!("file-too-large"));
        }
        Err(error) => return Err(Failure::status(error.status())),
    };
    if sent.bytes.is_empty() {
        return refused(page, StatusCode::BAD_REQUEST, key!("file-empty"));
    }
    let query = FileQuery { bytes: sent.bytes, is_declared: sent.is_declared };
    let found = state.operations.verify_file(query).await?;
    answer::page(&VerifyFilePage {
        page,
        query: Field::default(),
        file: Field::default(),
        is_declared: sent.is_declared,
        result: Some(FileView::of(sent.name, found)),
    })
}

impl FileView {
    fn of(name: String, found: FileVerification) -> Self {
        let layers = Layer::ALL.into_iter().filter_map(|layer| {
            let signs: Vec<SignView> = found
                .signs
                .iter()
                .filter(|sign| sign.kind.layer() == layer)
                .map(|sign| SignView { says: says(sign.kind), place: sign.place, text: sign.text.clone() })
                .collect();
            (!signs.is_empty()).then(|| LayerView { name: layer_name(layer), signs })
        });
        let (label, doubt) = match &found.hidden {
            Conformance::Conforming | Conformance::NonConforming(_) => {
                let faults = found.hidden.reasons().iter().map(|fault| reason(fault.code())).collect();
                (Some(LabelView { fields: found.aigc.as_ref().map(AigcLabel::to_json), faults }), None)
            }
            Conformance::NotFound => (None, None),
            Conformance::Inconclusive(doubt) => (None, Some(doubt.to_string())),
        };
        Self {
            name,
            format: found.format,
            state: found.state,
            layers: layers.collect(),
            record: found.record.and_then(|record| {
                let proof = ProofView::of(&record.proof);
                let generation = record.generation?;
                let produce_id = generation.produce_id.to_string();
                Some(RecordView { produce_id, generation: GenerationView::of(generation), proof })
            }),
            label,
            doubt,
        }
    }
}

fn layer_name(layer: Layer) -> Key {
    match layer {
        Layer::Record => key!("layer-record"),
        Layer::HiddenLabel => key!("layer-hidden-label"),
        Layer::Credentials => key!("layer-credentials"),
        Layer::Watermark => key!("layer-watermark"),
        Layer::Fingerprint => key!("layer-fingerprint"),
        Layer::Metadata => key!("layer-metadata"),
        Layer::VisibleLabel => key!("layer-visible-label"),
        Layer::Declaration => key!("layer-declaration"),
    }
}

fn says(kind: SignKind) -> Key {
    match kind {
        SignKind::RecordExact => key!("sign-record-exact"),
        SignKind::RecordAltered => key!("sign-record-altered"),
        SignKind::RecordMissing => key!("sign-record-missing"),
        SignKind::LabelIs => key!("sign-label-is"),
        SignKind::LabelMayBe => key!("sign-label-may-be"),
        SignKind::LabelSuspected => key!("sign-label-suspected"),
        SignKind::LabelUnclear => key!("sign-label-unclear"),
        SignKind::CredentialsTrusted => key!("sign-credentials-trusted"),
        SignKind::CredentialsUnknownSigner => key!("sign-credentials-unknown-signer"),
        SignKind::CredentialsExpired => key!("sign-credentials-expired"),
        SignKind::CredentialsBroken => key!("sign-credentials-broken"),
        SignKind::CredentialsOther => key!("sign-credentials-other"),
        SignKind::CredentialsUnchecked => key!("sign-credentials-unchecked"),
        SignKind::WatermarkOnRecord => key!("sign-watermark-on-record"),
        SignKind::WatermarkAlone => key!("sign-watermark-alone"),
        SignKind::FingerprintNear => key!("sign-fingerprint-near"),
        SignKind::MetadataSource => key!("sign-metadata-source"),
        SignKind::MetadataGenerator => key!("sign-metadata-generator"),
        SignKind::MetadataSettings => key!("sign-metadata-settings"),
        SignKind::MetadataOtherLabel => key!("sign-metadata-other-label"),
        SignKind::Words => key!("sign-words"),
        SignKind::Declared => key!("sign-declared"),
    }
}

impl Samples for VerifyFilePage {
    fn samples(locale: Locale) -> Vec<(&'static str, Self)> {
        let page = |file, result| Self {
            page: samples::visitor(locale, "/verify/file", Section::Verify),
            query: Field::default(),
            file,
            is_declared: false,
            result,
        };
        let sign = |kind, place: &'static str, text: &str| SignView {
            says: says(kind),
            place,
            text: text.to_owned(),
        };
        let layer = |name, signs| LayerView { name: layer_name(name), signs };
        let confirmed = FileView {
            name: "poster.png".to_owned(),
            format: Some("png"),
            state: State::Confirmed,
            layers: vec![
                layer(Layer::Record, vec![sign(SignKind::RecordExact, "", "")]),
                layer(Layer::HiddenLabel, vec![sign(SignKind::LabelIs, "XMP", "TRIAL")]),
                layer(
                    Layer::Metadata,
                    vec![sign(
                        SignKind::MetadataSource,
                        "XMP Iptc4xmpExt:DigitalSourceType",
                        "trainedAlgorithmicMedia",
                    )],
                ),
            ],
            record: Some(RecordView {
                produce_id: "01KAR2XW5T8E3RPQ0V6HZM1N4B".to_owned(),
                generation: GenerationView::sample(),
                proof: ProofView::Ready { index: 41 },
            }),
            label: Some(LabelView {
                fields: Some("{\"Label\":\"1\",\"ContentProducer\":\"TRIAL\"}".to_owned()),
                faults: vec![reason("trial")],
            }),
            doubt: None,
        };
        let nothing = FileView {
            name: "holiday.jpg".to_owned(),
            format: Some("jpg"),
            state: State::NoSign,
            layers: Vec::new(),
            record: None,
            label: None,
            doubt: None,
        };
        let broken = FileView {
            state: State::Inconclusive,
            doubt: Some(
                "the file is broken: the file ends within a chunk, which begins at byte 12".to_owned(),
            ),
            ..nothing.clone()
        };
        vec![
            ("verify-file-confirmed", page(Field::default(), Some(confirmed))),
            ("verify-file-nothing", page(Field::default(), Some(nothing))),
            ("verify-file-broken", page(Field::default(), Some(broken))),
            ("verify-file-empty", page(Field::default().wrong(key!("file-empty")), None)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_sign_and_layer_has_a_text_of_its_own() {
        let signs: BTreeSet<_> = SignKind::ALL.iter().map(|&kind| says(kind).0).collect();
        let layers: BTreeSet<_> = Layer::ALL.iter().map(|&layer| layer_name(layer).0).collect();
        assert_eq!((signs.len(), layers.len()), (SignKind::ALL.len(), Layer::ALL.len()));
    }
}
