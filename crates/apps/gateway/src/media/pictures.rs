//! Pictures: each is taken out of the answer, marked, and put back in the form that was asked for.

use std::{borrow::Cow, ops::Range};

use axum::body::Body;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::StatusCode;
use operations::{DecisionNotice, EndReason, Ending, Generation, MEDIA_BYTES_MAX, Marked};
use terms::Direction;
use wire::media::{PictureAnswer, PictureForm, PictureItem, PicturePlace};

use super::{Answered, Ready, situation};
use crate::{
    chat::{answer_headers, decision_header, response},
    errors::RouteError,
    extension, prompt,
    state::Gateway,
};

/// Words beside a picture as they may leave.
enum Words {
    Pass { edits: Vec<(Range<usize>, String)>, findings: Vec<String> },
    Blocked(Box<DecisionNotice>),
}

impl Gateway {
    pub(super) async fn pictures(&self, ready: &Ready, body: &Bytes) -> Result<Answered, RouteError> {
        let unreadable = |why: String| RouteError::UpstreamUnreadable(why);
        let answer = PictureAnswer::parse(body).map_err(|error| unreadable(error.to_string()))?;
        let answer = answer.filter(|answer| !answer.items.is_empty());
        let answer = answer.ok_or_else(|| unreadable("no pictures in the answer".to_owned()))?;
        let splice = |error: wire::SpliceError| unreadable(error.to_string());
        let mut items: Vec<String> = Vec::new();
        let mut endings = Vec::new();
        let mut notices: Vec<DecisionNotice> = Vec::new();
        // What is more than was asked for has no entry, and stays here.
        for (generation, item) in ready.generations.iter().zip(&answer.items) {
            let (edits, findings) = match self.words(ready, generation, &item.texts).await? {
                Words::Pass { edits, findings } => (edits, findings),
                Words::Blocked(notice) => {
                    notices.push(*notice);
                    endings.push(Ending::nothing(EndReason::Blocked));
                    continue;
                }
            };
            let file = self.picture(item).await?;
            let mut made = self.make(ready, generation, file, findings).await?;
            if endings.is_empty() {
                (made.ending.prompt_tokens, made.ending.completion_tokens) = answer.tokens;
            }
            let place = self.place(ready, item, made.marked).await?;
            let members = extension::members(&self.inner.operations, generation, &[]);
            items.push(answer.item(item, &place, &edits, &members).map_err(splice)?);
            endings.push(made.ending);
        }
        while endings.len() < ready.generations.len() {
            endings.push(Ending::nothing(EndReason::UpstreamFailed));
        }
        let edits = match self.words(ready, &ready.first, &answer.texts).await? {
            Words::Pass { edits, .. } => edits,
            Words::Blocked(notice) => return Ok(blocked(*notice, ready)),
        };
        if items.is_empty()
            && let Some(notice) = notices.pop()
        {
            return Ok(blocked(notice, ready));
        }
        let told: Vec<&DecisionNotice> = notices.iter().collect();
        let members = extension::members(&self.inner.operations, &ready.first, &told);
        let members = extension::with_notices(&members, &ready.notices);
        let body = answer.with(&items, &edits, &members).map_err(splice)?;
        let mut response = response(StatusCode::OK, "application/json", Body::from(body));
        answer_headers(self, &ready.first, response.headers_mut());
        decision_header(response.headers_mut(), notices.first());
        Ok(Answered { response: Ok(response), endings })
    }

    /// Checks what a model says beside a picture: `revised_prompt`, and whatever a vendor invents.
    async fn words(
        &self,
        ready: &Ready,
        generation: &Generation,
        texts: &[(Range<usize>, Cow<'_, str>)],
    ) -> Result<Words, RouteError> {
        let situation = situation(ready.kind, Direction::Output, &generation.admitted);
        let (mut edits, mut findings) = (Vec::new(), Vec::new());
        for (place, text) in texts {
            let checked = generation.engine.check(text, situation);
            self.inner.operations.lexicon_count(Direction::Output, &checked.verdict);
            if let Some(finding) = checked.verdict.blocking().next() {
                let notes = prompt::notes(&checked.verdict.findings);
                let notice = self.record_media_block(ready, generation, text, finding, notes).await?;
                return Ok(Words::Blocked(Box::new(notice)));
            }
            findings.extend(checked.verdict.findings.iter().map(|finding| finding.rule.clone()));
            edits.extend(checked.text.map(|text| (place.clone(), text)));
        }
        Ok(Words::Pass { edits, findings })
    }

    /// The bytes of a picture, wherever the answer has them.
    async fn picture(&self, item: &PictureItem<'_>) -> Result<Bytes, RouteError> {
        let base64 = match &item.place {
            PicturePlace::Base64(text) => text.as_ref(),
            PicturePlace::Address(url) => {
                match url.strip_prefix("data:").and_then(|data| data.split_once(";base64,")) {
                    Some((_, text)) => text,
                    None => return Ok(self.inner.upstream.fetch(url, MEDIA_BYTES_MAX).await?),
                }
            }
        };
        let decoded = STANDARD.decode(base64.trim_ascii());
        decoded
            .map(Bytes::from)
            .map_err(|_| RouteError::UpstreamUnreadable("a picture is no base64".to_owned()))
    }

    /// A marked picture in the form that was asked for, else in that in which it came. A label cannot be put into a file that
    /// somebody else delivers, so an address is always one of ours.
    async fn place(
        &self,
        ready: &Ready,
        item: &PictureItem<'_>,
        marked: Marked,
    ) -> Result<PicturePlace<'static>, RouteError> {
        let form = ready.form.unwrap_or(match item.place {
            PicturePlace::Base64(_) => PictureForm::Base64,
            PicturePlace::Address(_) => PictureForm::Address,
        });
        Ok(match form {
            PictureForm::Base64 => PicturePlace::Base64(STANDARD.encode(&marked.bytes).into()),
            PictureForm::Address => {
                let url = self.inner.operations.media_put(marked.bytes, marked.format).await?;
                PicturePlace::Address(url.into())
            }
        })
    }
}

/// Nothing of the answer may leave.
fn blocked(notice: DecisionNotice, ready: &Ready) -> Answered {
    let endings = ready.generations.iter().map(|_| Ending::nothing(EndReason::Blocked)).collect();
    Answered { response: Err(prompt::refusal(notice).into()), endings }
}
