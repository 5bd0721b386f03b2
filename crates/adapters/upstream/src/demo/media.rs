//! The demo model's pictures and speech: a poster and a voice made by code, from nothing but the words.
//!
//! Both are deterministic: the same words give the same file, so that tests and screenshots can rely on them.

mod glyphs;
mod png;
mod poster;
mod voice;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::StatusCode;
use serde_json::{Value, json};
use wire::media::{MediaKind, MediaRequest, PictureForm, boundary};

use super::cue::Cue;

pub(super) use self::poster::Poster;

/// What the demo model gives to a request for pictures or speech.
pub(super) enum MediaAnswer {
    Json(Value),
    Sound(Vec<u8>),
    Error(StatusCode, &'static str, String),
}

/// Answers a request. `base_url` is where its pictures can be fetched.
pub(super) fn answer(
    kind: MediaKind,
    content_type: &str,
    body: &[u8],
    base_url: &str,
    created: u64,
) -> MediaAnswer {
    let parsed = match boundary(content_type) {
        Some(boundary) => MediaRequest::parse_form(kind, body, boundary),
        None => MediaRequest::parse_json(kind, body),
    };
    let request = match parsed {
        Ok(request) => request,
        Err(error) => {
            return MediaAnswer::Error(StatusCode::BAD_REQUEST, "invalid_request", error.to_string());
        }
    };
    if request.model.as_ref().is_some_and(|model| model.text != super::MODEL) {
        let message = format!("the demo model is called `{}`", super::MODEL);
        return MediaAnswer::Error(StatusCode::NOT_FOUND, "model_not_found", message);
    }
    let cue = Cue::find(request.prompt());
    if cue == Some(Cue::Error) {
        let message = "the demo model was asked to fail".to_owned();
        return MediaAnswer::Error(StatusCode::INTERNAL_SERVER_ERROR, "demo_error", message);
    }
    match kind {
        MediaKind::Speech => speech(&request, cue),
        MediaKind::Pictures | MediaKind::Edits => pictures(&request, cue, base_url, created),
    }
}

fn speech(request: &MediaRequest<'_>, cue: Option<Cue>) -> MediaAnswer {
    if request.sound.as_deref().is_some_and(|format| format != "wav") {
        let message =
            "the demo model speaks `wav` alone: set `response_format` to it, or leave it out".to_owned();
        return MediaAnswer::Error(StatusCode::BAD_REQUEST, "unsupported_format", message);
    }
    let speed = request.named("speed").and_then(|speed| speed.parse().ok()).unwrap_or(1.0);
    MediaAnswer::Sound(match cue {
        Some(Cue::Garbage) => b"this is no sound".to_vec(),
        _ => voice::speak(request.prompt(), request.named("voice").unwrap_or_default(), speed),
    })
}

fn pictures(request: &MediaRequest<'_>, cue: Option<Cue>, base_url: &str, created: u64) -> MediaAnswer {
    let Some((width, height)) = poster::size(request.named("size").unwrap_or("auto")) else {
        let message = "`size` must be `WIDTHxHEIGHT`, from 64 to 2048 each, or `auto`".to_owned();
        return MediaAnswer::Error(StatusCode::BAD_REQUEST, "invalid_size", message);
    };
    let data: Vec<Value> = (0..request.items)
        .map(|number| {
            let poster = Poster::new(request.prompt(), width, height, number);
            match (request.form, cue) {
                (_, Some(Cue::Garbage)) => json!({ "b64_json": STANDARD.encode(b"this is no picture") }),
                (Some(PictureForm::Address), _) => {
                    json!({ "url": format!("{base_url}/pictures/{}", poster.name()) })
                }
                (None | Some(PictureForm::Base64), _) => {
                    json!({ "b64_json": STANDARD.encode(poster.to_png()) })
                }
            }
        })
        .collect();
    MediaAnswer::Json(json!({ "created": created, "data": data }))
}

/// A number that follows from a text (FNV-1a).
fn hash(text: &str) -> u64 {
    text.bytes()
        .fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3))
}

/// A share of 1 as a byte.
fn byte(share: f64) -> u8 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 255 by the clamp")]
    let byte = (share.clamp(0.0, 1.0) * 255.0).round() as u8;
    byte
}
