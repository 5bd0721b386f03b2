//! What is this file? Every layer that says something about its making, and the state that they make by article 6 of the
//! Labelling Measures. No account, and nothing of the file is kept.

use std::sync::Arc;

use bytes::Bytes;
use label::{
    AigcLabel, Conformance, Field, Sign, SignKind, State, VisibleMark,
    media::{self, Format},
};
use sha2::{Digest as _, Sha256};
use terms::ProduceId;

use crate::{
    OperationError, Operations, TextMatch, Verdict, Verification, VerifyQuery,
    threads::off_the_threads_that_serve,
};

/// The largest file that is taken, in bytes.
pub const VERIFY_FILE_BYTES_MAX: usize = 64 * 1024 * 1024;

/// A file to look at.
#[derive(Debug, Clone)]
pub struct FileQuery {
    /// All of it.
    pub bytes: Bytes,
    /// Whether the one who submits it says that it was generated.
    pub is_declared: bool,
}

/// What is known about a file.
#[derive(Debug, Clone)]
pub struct FileVerification {
    /// Its format, as a file name extension: `png`, `txt`. None where it is none that is read.
    pub format: Option<&'static str>,
    /// In one word.
    pub state: State,
    /// What that rests on, in the order of [`label::Layer::ALL`].
    pub signs: Vec<Sign>,
    /// Its hidden label, faulty or not.
    pub aigc: Option<AigcLabel>,
    /// The verdict on the hidden label.
    pub hidden: Conformance,
    /// The verdict on the visible label of a text; not found in other files, whose pictures and sound are not read for one.
    pub visible: Conformance,
    /// A number that our own visible label names, in a text.
    pub visible_id: Option<ProduceId>,
    /// The record here, where there is one, with what can be proved of it.
    pub record: Option<Verification>,
}

impl FileVerification {
    /// What the bytes alone say, and whoever submits them: without the records of a service.
    #[must_use]
    pub fn without_record(bytes: &[u8], visible: &label::VisibleLabel, is_declared: bool) -> Self {
        Self::new(look_at(bytes, visible), is_declared, None, None)
    }

    fn new(look: Look, is_declared: bool, record: Option<Verification>, record_sign: Option<Sign>) -> Self {
        let Look { format, hidden, visible, aigc, visible_id, mut signs, .. } = look;
        let declared = is_declared.then(|| Sign::bare(SignKind::Declared));
        signs.extend(declared.into_iter().chain(record_sign));
        signs.sort_by_key(|sign| sign.kind.layer());
        let is_whole = format.is_some() && !matches!(hidden, Conformance::Inconclusive(_));
        let state = State::of(&signs, is_whole);
        Self { format, state, signs, aigc, hidden, visible, visible_id, record }
    }

    /// The verdict on the file: that on the hidden label where there is one, else that on the visible one of a text, which has
    /// no place for a hidden label.
    #[must_use]
    pub const fn verdict(&self) -> &Conformance {
        self.hidden.or(&self.visible)
    }
}

/// What the bytes alone say.
struct Look {
    format: Option<&'static str>,
    hidden: Conformance,
    visible: Conformance,
    aigc: Option<AigcLabel>,
    /// A number that our own visible label names.
    visible_id: Option<ProduceId>,
    signs: Vec<Sign>,
    /// What to look for in the record of texts.
    text: Option<String>,
    sha256: [u8; 32],
}

impl Operations {
    /// Looks at a file.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn verify_file(&self, query: FileQuery) -> Result<FileVerification, OperationError> {
        let inner = Arc::clone(&self.inner);
        let bytes = query.bytes.clone();
        let mut look = off_the_threads_that_serve(move || Ok(look_at(&bytes, &inner.visible_label))).await?;
        let of_text = match look.text.take() {
            Some(text) => Some(self.verify(VerifyQuery::Text(text)).await?),
            None => None,
        };
        let record = match of_text.filter(|record| record.verdict == Verdict::Confirmed) {
            Some(record) => Some(record),
            None => self.record_of_file(&query.bytes, &look.sha256, look.aigc.as_ref()).await?,
        };
        let sign = self.record_sign(record.as_ref(), look.aigc.as_ref(), look.visible_id);
        Ok(FileVerification::new(look, query.is_declared, record, sign))
    }

    /// The record of exactly this file, or of the number that its label names.
    async fn record_of_file(
        &self,
        bytes: &[u8],
        sha256: &[u8; 32],
        aigc: Option<&AigcLabel>,
    ) -> Result<Option<Verification>, OperationError> {
        let fingerprint = self.keyed_fingerprint(sha256);
        let same = self.inner.store.generation_lookup_by_fingerprint(&fingerprint).await?;
        if let Some(row) = same.into_iter().next_back() {
            return self.confirmed(row, Some(TextMatch::Exact)).await.map(Some);
        }
        let Some(produce_id) = aigc.filter(|label| self.is_ours(label)).and_then(own_number) else {
            return Ok(None);
        };
        match self.inner.store.generation_lookup(produce_id).await? {
            Some(row) => {
                let is_exact = self.content_is_of(&row, bytes, &fingerprint).await?;
                let text_match = if is_exact { TextMatch::Exact } else { TextMatch::Altered };
                self.confirmed(row, Some(text_match)).await.map(Some)
            }
            None => Ok(None),
        }
    }

    fn is_ours(&self, label: &AigcLabel) -> bool {
        label.get(Field::ContentProducer) == self.inner.settings.provider_code.as_str()
    }

    fn record_sign(
        &self,
        record: Option<&Verification>,
        aigc: Option<&AigcLabel>,
        visible_id: Option<ProduceId>,
    ) -> Option<Sign> {
        if let Some(record) = record {
            let kind = match record.text_match {
                Some(TextMatch::Exact) => SignKind::RecordExact,
                Some(TextMatch::Altered) | None => SignKind::RecordAltered,
            };
            return Some(Sign::bare(kind));
        }
        let names_us = visible_id.is_some() || aigc.is_some_and(|label| self.is_ours(label));
        names_us.then(|| Sign::bare(SignKind::RecordMissing))
    }
}

fn own_number(label: &AigcLabel) -> Option<ProduceId> {
    label.produce_id().parse().ok()
}

fn look_at(bytes: &[u8], visible: &label::VisibleLabel) -> Look {
    let sha256: [u8; 32] = Sha256::digest(bytes).into();
    if let Some(format) = Format::sniff(bytes) {
        let report = media::report(format, bytes);
        let place = report.found.first().map_or("", |found| found.place);
        let label = Sign::of_label(report.label.as_ref(), &report.hidden, place);
        return Look {
            format: Some(format.as_str()),
            signs: label.into_iter().chain(report.hints.iter().map(Sign::from)).collect(),
            hidden: report.hidden,
            visible: Conformance::NotFound,
            aigc: report.label,
            visible_id: None,
            text: None,
            sha256,
        };
    }
    let report = label::verify_text_with(bytes, visible);
    let text = std::str::from_utf8(bytes).ok().filter(|_| !bytes.contains(&0)).map(str::to_owned);
    let mut signs: Vec<Sign> =
        Sign::of_label(report.label.as_ref(), &report.hidden, report.kind.as_str()).into_iter().collect();
    let visible_id = match report.mark {
        VisibleMark::Own(id) => {
            signs.push(Sign::bare(SignKind::Words));
            id
        }
        VisibleMark::Words => {
            signs.push(Sign::bare(SignKind::Words));
            None
        }
        VisibleMark::WordsInside | VisibleMark::Absent => None,
    };
    Look {
        format: text.is_some().then_some("txt"),
        hidden: report.hidden,
        visible: report.visible,
        aigc: report.label,
        visible_id,
        signs,
        text,
        sha256,
    }
}
