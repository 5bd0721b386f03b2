//! A request for pictures or speech: read, admitted, its words checked, its label decided.

use std::{borrow::Cow, ops::Range, sync::Arc, time::Instant};

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use label::{media::DigitalSource, text::Placement};
use operations::{Admitted, GrantScope, LabelGrant, Refusal, Visible};
use terms::Direction;
use wire::{
    chat::EndUser,
    media::{MediaEdits, MediaKind, MediaRequest, boundary},
};

use super::{Ready, route, situation};
use crate::{
    chat::{MODEL_BYTES_MAX, language_of},
    errors::RouteError,
    prompt::{self, Reading},
    routes::{self, chat::claimed_audience},
    state::Gateway,
};

/// Asks for a thing without its visible label: `none`.
const VISIBLE_LABEL: &str = "x-cinnabar-visible-label";

/// The format of speech that a request without one gets: the one that takes both labels.
const SOUND: &str = "wav";

/// Formats of sound that are bare samples or frames: a label has no place in them.
const UNLABELLED_SOUND: [&str; 2] = ["pcm", "aac"];

impl Gateway {
    pub(super) async fn media_request(
        &self,
        kind: MediaKind,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<Ready, RouteError> {
        let operations = &self.inner.operations;
        let key = operations.authenticate_key(routes::authorization(headers))?;
        let body = self.read_body(body).await?;
        let since = Instant::now();
        let content_type = headers
            .get(header::CONTENT_TYPE)
            .cloned()
            .unwrap_or_else(|| HeaderValue::from_static("application/json"));
        let request = parse(kind, &content_type, &body)?;
        let audience = claimed_audience(headers)?;
        let admitted = operations.admit(key, request.end_user()).await?.for_audience(audience);
        let session = routes::chat::session(headers);
        if let Some(session) = session {
            operations.refuse_ended_session(&admitted, session)?;
        }
        let upstream = &self.inner.upstream;
        let asked = request.model.as_ref().map(|model| model.text.as_ref());
        let model = asked.or(upstream.config().default_model.as_deref()).unwrap_or_default();
        let resolved = upstream.resolve_model(asked).filter(|_| model.len() <= MODEL_BYTES_MAX);
        let Some(at_upstream) = resolved else {
            return Err(RouteError::UnknownModel(prompt::cut(model, MODEL_BYTES_MAX)));
        };
        refuse_unlabelled_sound(&request)?;
        let (visible, grant) = self.visible(kind, headers, &admitted)?;
        let mut reading = Reading::new(&self.inner, &admitted, session);
        let texts = check_words(kind, &request, &mut reading, &admitted).await?;
        reading.refer(request.prompt()).await?;
        let pseudonym = admitted.end_user.as_deref().map(|name| operations.pseudonym(upstream.name(), name));
        let edits = MediaEdits {
            model: asked.is_none_or(|asked| asked != at_upstream).then_some(&*at_upstream),
            sound: (kind == MediaKind::Speech).then_some(SOUND),
            end_user: pseudonym.as_deref().map_or(EndUser::Remove, EndUser::Pseudonym),
            texts: &texts,
        };
        let sent = request.to_upstream(&edits).map_err(|_| unsendable())?;
        let notices = std::mem::take(&mut reading.notices);
        let start = || operations.start_generation(admitted.clone(), route(kind), model, false);
        let first = start();
        let rest = (1..request.items).map(|_| start());
        Ok(Ready {
            kind,
            generations: std::iter::once(first.clone()).chain(rest).collect(),
            first,
            body: sent.into(),
            content_type,
            prompt: prompt::cut(request.prompt(), prompt::EVIDENCE_BYTES_MAX),
            locale: language_of(request.prompt()),
            source: match kind {
                MediaKind::Pictures | MediaKind::Speech => DigitalSource::TrainedAlgorithmicMedia,
                MediaKind::Edits => DigitalSource::CompositeWithTrainedAlgorithmicMedia,
            },
            visible,
            grant,
            form: request.form,
            notices,
            since,
        })
    }

    /// Whether the visible label goes into the file. A picture is left without one under a grant alone; sound also where the key's
    /// owner shows the label in the interface (Labelling Measures, article 4 (1)(2)).
    fn visible(
        &self,
        kind: MediaKind,
        headers: &HeaderMap,
        admitted: &Admitted,
    ) -> Result<(Visible, Option<Arc<LabelGrant>>), RouteError> {
        let scope = if kind == MediaKind::Speech { GrantScope::Sound } else { GrantScope::Picture };
        match headers.get(VISIBLE_LABEL).map(HeaderValue::as_bytes) {
            None => {}
            Some(b"none") => {
                let grant = self.inner.operations.label_grant_for(admitted, scope)?;
                return Ok((Visible::Leave, Some(grant)));
            }
            Some(_) => {
                return Err(Refusal::new(
                    400,
                    "unknown_visible_label",
                    "`x-cinnabar-visible-label` takes `none`",
                    "`x-cinnabar-visible-label` 只能为 `none`",
                )
                .into());
            }
        }
        let is_in_interface = kind == MediaKind::Speech && admitted.placement() == Placement::Interface;
        Ok((if is_in_interface { Visible::Leave } else { Visible::Put }, None))
    }
}

fn parse<'b>(
    kind: MediaKind,
    content_type: &HeaderValue,
    body: &'b Bytes,
) -> Result<MediaRequest<'b>, RouteError> {
    let content_type = content_type.to_str().unwrap_or_default();
    Ok(match boundary(content_type) {
        Some(boundary) => MediaRequest::parse_form(kind, body, boundary)?,
        None => MediaRequest::parse_json(kind, body)?,
    })
}

/// Checks every text that the model will see; what is to be said is checked as an answer too, since it is delivered word for word.
async fn check_words(
    kind: MediaKind,
    request: &MediaRequest<'_>,
    reading: &mut Reading<'_>,
    admitted: &Admitted,
) -> Result<Vec<(Range<usize>, String)>, RouteError> {
    let mut edits = Vec::new();
    for (number, said) in request.texts.iter().enumerate() {
        let mut plain = vec![Cow::Borrowed(said.text.as_ref())];
        plain = reading.read(plain, situation(kind, Direction::Input, admitted), false).await?;
        if kind == MediaKind::Speech && number == 0 {
            plain = reading.read(plain, situation(kind, Direction::Output, admitted), false).await?;
        }
        let text = plain.concat();
        if text != said.text {
            edits.push((said.place.clone(), text));
        }
    }
    Ok(edits)
}

/// What would be refused afterwards is refused before it costs anything.
fn refuse_unlabelled_sound(request: &MediaRequest<'_>) -> Result<(), Refusal> {
    let Some(format) = request.sound.as_deref().filter(|format| UNLABELLED_SOUND.contains(format)) else {
        return Ok(());
    };
    Err(Refusal::new(
        400,
        "cannot_be_labelled",
        format!("sound in the format `{format}` can carry no label: ask for `wav`, `mp3`, `flac` or `opus`"),
        format!("`{format}` 格式的音频无法写入标识，请改用 `wav`、`mp3`、`flac` 或 `opus`"),
    )
    .by_rule("cn.lab.5"))
}

fn unsendable() -> RouteError {
    let message = "a text of the form cannot be told from its boundary: send it with another one";
    Refusal::new(400, "invalid_form", message, "表单中的文字与其分隔符冲突，请更换分隔符后重试").into()
}
