//! `/console/lexicon/import`: a file or pasted lines become one proposal, after a look at what they would change.
//!
//! Between the look and the proposal the file travels in the page: nothing of it is kept here before it is proposed.

use askama::Template;
use axum::{
    extract::{Multipart, State, multipart::MultipartError},
    response::Response,
};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use http::StatusCode;
use operations::{LexiconDraft, LexiconFormat, LexiconImport, LexiconPreview, LexiconRefused};
use safety::Scope;
use terms::Locale;

use super::row::{self, EntryRow};
use crate::{
    Key, Page, PortalState, Section, answer, convert,
    failure::Failure,
    page::samples,
    pages::{Field, Samples, console::words::Choice},
    session::Operator,
    text::key,
};

/// The form.
#[derive(Template)]
#[template(path = "console/lexicon/import.html")]
pub struct ImportPage {
    /// The frame.
    pub page: Page,
    /// What is wrong with the file or the lines.
    pub file: Field,
    /// The lines that were pasted.
    pub pasted: String,
    /// The form of pasted lines.
    pub formats: Vec<Choice>,
    /// For plain lists: the category of all terms.
    pub categories: Vec<Choice>,
    /// For plain lists: what is done about all of them.
    pub measures: Vec<Choice>,
    /// For plain lists: which texts they are looked for in.
    pub directions: Vec<Choice>,
    /// Why.
    pub reasons: Field,
    /// What the file would change.
    pub preview: Option<ImportPreview>,
}

/// What a file would change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportPreview {
    /// Its name.
    pub name: String,
    /// Its form.
    pub format: &'static str,
    /// Its bytes, in Base64.
    pub kept: String,
    /// New entries.
    pub added: usize,
    /// Entries in the place of earlier ones.
    pub changed: usize,
    /// Entries that are there already.
    pub unchanged: usize,
    /// Lines that cannot be taken.
    pub refused: usize,
    /// The first of the new entries.
    pub added_shown: Vec<EntryRow>,
    /// The first of the changed entries.
    pub changed_shown: Vec<EntryRow>,
    /// The first of the lines that cannot be taken.
    pub refused_shown: Vec<RefusedRow>,
}

/// A line that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedRow {
    /// The sheet of a workbook.
    pub sheet: Option<String>,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong, where the reader's language is not that of the details.
    pub sentence: Option<Key>,
    /// The details in English, with the value.
    pub problem: String,
}

/// The largest file of the form: some 30,000 entries, three times the floor of the standard. Larger ones take the command line.
pub(crate) const IMPORT_BYTES_MAX: usize = 1024 * 1024;
/// The largest body: the file in Base64, or as it is, beside as many pasted lines and the other fields.
pub(crate) const IMPORT_BODY_BYTES_MAX: usize = 3 * IMPORT_BYTES_MAX;
/// Refused lines that the page shows.
const REFUSED_SHOWN: usize = 100;

/// The fields of the form.
#[derive(Default)]
struct Typed {
    step: String,
    name: String,
    format: String,
    bytes: Vec<u8>,
    pasted: String,
    category: String,
    measure: String,
    direction: String,
    reasons: String,
    leaves_out: bool,
}

/// `GET /console/lexicon/import`
pub(crate) async fn show(State(state): State<PortalState>, page: Page) -> Result<Response, Failure> {
    answer::page(&ImportPage::of(&state, page, Typed::default()))
}

/// `POST /console/lexicon/import`: shows what a file would change, or proposes it.
pub(crate) async fn take(
    State(state): State<PortalState>,
    operator: Operator,
    page: Page,
    body: Multipart,
) -> Result<Response, Failure> {
    let typed = Typed::read(body).await.map_err(|error| Failure::status(error.status()))?;
    let Some(format) = typed.format() else {
        let mut form = ImportPage::of(&state, page, typed);
        form.file.error = Some(key!("lexicon-error-file-form"));
        return answer::page_with(StatusCode::BAD_REQUEST, &form);
    };
    let import = typed.import(format);
    let (operations, actor) = (&state.operations, &operator.actor);
    let error = if typed.step == "propose" {
        let refused = if typed.leaves_out { LexiconRefused::LeaveOut } else { LexiconRefused::StopAll };
        match operations.lexicon_import(actor, import.clone(), &typed.reasons, refused).await {
            Ok(id) => return Ok(answer::see_other(&format!("/console/lexicon/proposals/{id}"))),
            Err(error) => Some(error),
        }
    } else {
        None
    };
    let (mut file, mut reasons) = (Field::default(), Field::of(typed.reasons.as_str()));
    if let Some(error) = error {
        // A term that stands there twice, a title, too many entries: all are about the file.
        let (mut term, mut title, mut entries) = (Field::default(), Field::default(), Field::default());
        convert::beside(
            error,
            [
                ("file", &mut file),
                ("term", &mut term),
                ("title", &mut title),
                ("entries", &mut entries),
                ("reasons", &mut reasons),
            ],
        )?;
        file.error = file.error.or(term.error).or(title.error).or(entries.error);
    }
    let preview = match operations.lexicon_import_preview(actor, import.clone()).await {
        Ok(preview) => Some(preview),
        Err(error) => {
            convert::beside(error, [("file", &mut file)])?;
            None
        }
    };
    let is_wrong = file.error.is_some() || reasons.error.is_some();
    let mut form = ImportPage::of(&state, page, typed);
    let locale = form.page.locale;
    let name = |code: &str| state.operations.category_name(code, locale);
    form.preview = preview.map(|preview| ImportPreview::of(&form.page, &import, preview, &name));
    form.file = file;
    form.reasons = reasons;
    let status = if is_wrong { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    answer::page_with(status, &form)
}

impl Typed {
    async fn read(mut body: Multipart) -> Result<Self, MultipartError> {
        let mut typed = Self::default();
        while let Some(field) = body.next_field().await? {
            let file_name = field.file_name().map(str::to_owned);
            match field.name().unwrap_or_default() {
                "file" => {
                    let bytes = field.bytes().await?;
                    if !bytes.is_empty() {
                        typed.name = file_name.unwrap_or_default();
                        typed.bytes = bytes.into();
                    }
                }
                "kept" if typed.bytes.is_empty() => {
                    typed.bytes = BASE64.decode(field.bytes().await?).unwrap_or_default();
                }
                "name" if typed.name.is_empty() => typed.name = field.text().await?,
                "kept_format" | "format" if typed.format.is_empty() => typed.format = field.text().await?,
                "pasted" => typed.pasted = field.text().await?.replace("\r\n", "\n"),
                "category" => typed.category = field.text().await?,
                "measure" => typed.measure = field.text().await?,
                "direction" => typed.direction = field.text().await?,
                "reasons" => typed.reasons = field.text().await?,
                "leave_out" => typed.leaves_out = true,
                "step" => typed.step = field.text().await?,
                _ => {}
            }
        }
        Ok(typed)
    }

    /// The form of the file by its name, of pasted lines as it was chosen; nothing where there is nothing to read.
    fn format(&self) -> Option<LexiconFormat> {
        let is_read = |format: &LexiconFormat| *format != LexiconFormat::Filing;
        let by_name = self.name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
        let by_name = by_name.and_then(|extension| LexiconFormat::from_word(&extension)).filter(is_read);
        if !self.bytes.is_empty() {
            return by_name.or_else(|| LexiconFormat::from_word(&self.format).filter(is_read));
        }
        let is_pasted = !self.pasted.trim().is_empty();
        LexiconFormat::from_word(&self.format).filter(|format| is_pasted && is_read(format))
    }

    fn import(&self, format: LexiconFormat) -> LexiconImport {
        let bytes = if self.bytes.is_empty() { self.pasted.clone().into_bytes() } else { self.bytes.clone() };
        LexiconImport {
            name: self.name.clone(),
            format,
            bytes,
            usual: LexiconDraft {
                category: self.category.clone(),
                measure: self.measure.clone(),
                direction: self.direction.clone(),
                ..LexiconDraft::default()
            },
        }
    }
}

impl ImportPage {
    fn of(state: &PortalState, page: Page, typed: Typed) -> Self {
        let locale = page.locale;
        Self::with(page, typed, |code| state.operations.category_name(code, locale))
    }

    fn with(page: Page, typed: Typed, name: impl Fn(&str) -> String) -> Self {
        let formats = [("txt", key!("import-format-txt")), ("csv", key!("import-format-csv"))]
            .map(|(word, name)| Choice::new(&page, word, name, &typed.format));
        let measures = ["", "mask", "warn", "block", "allow"]
            .map(|word| Choice::new(&page, word, row::measure_name(word), &typed.measure));
        let directions = [Scope::Both, Scope::Input, Scope::Output]
            .map(|one| Choice::new(&page, one.as_str(), row::direction_name(one.as_str()), &typed.direction));
        Self {
            formats: formats.into(),
            categories: row::category_choices(&page, &typed.category, &name),
            measures: measures.into(),
            directions: directions.into(),
            file: Field::default(),
            pasted: typed.pasted,
            reasons: Field::of(typed.reasons),
            preview: None,
            page: page.in_section(Section::Lexicon),
        }
    }
}

impl ImportPreview {
    fn of(
        page: &Page,
        import: &LexiconImport,
        preview: LexiconPreview,
        name: &impl Fn(&str) -> String,
    ) -> Self {
        let rows = |drafts: &[LexiconDraft]| {
            drafts.iter().map(|draft| EntryRow::of_draft(page, draft, name)).collect()
        };
        let refused = preview.refused_shown.into_iter().take(REFUSED_SHOWN).map(|line| RefusedRow {
            sheet: line.sheet,
            line: line.line,
            sentence: (page.locale != Locale::En).then_some(Key(line.message_key)),
            problem: line.problem,
        });
        Self {
            name: import.name.clone(),
            format: import.format.as_str(),
            kept: BASE64.encode(&import.bytes),
            added: preview.added,
            changed: preview.changed,
            unchanged: preview.unchanged,
            refused: preview.refused,
            added_shown: rows(&preview.added_shown),
            changed_shown: rows(&preview.changed_shown),
            refused_shown: refused.collect(),
        }
    }

    /// Whether it changes anything.
    #[must_use]
    pub const fn changes(&self) -> bool {
        self.added > 0 || self.changed > 0
    }
}

impl Samples for ImportPage {
    fn samples(locale: Locale) -> Vec<(&'static str, Self)> {
        let page = || samples::operator(locale, "/console/lexicon/import", Section::Lexicon);
        let empty = || Self::with(page(), Typed::default(), str::to_owned);
        let import = LexiconImport {
            name: "2026-11.csv".to_owned(),
            format: LexiconFormat::Csv,
            bytes: b"term,category,action,direction,note\n".to_vec(),
            usual: LexiconDraft::default(),
        };
        let refused = operations::LexiconRefusedLine {
            sheet: None,
            line: 7,
            problem: "unknown category `fruad`".to_owned(),
            message_key: "lexicon-error-category",
        };
        let preview = LexiconPreview {
            added: 4,
            changed: 4,
            unchanged: 12,
            refused: 1,
            added_shown: super::form::sample_drafts(),
            changed_shown: super::form::sample_drafts(),
            refused_shown: vec![refused],
        };
        let preview = ImportPreview::of(&page(), &import, preview, &str::to_owned);
        let nothing = ImportPreview { added: 0, changed: 0, refused: 0, ..preview.clone() };
        vec![
            ("console-import", empty()),
            ("console-import-preview", Self { preview: Some(preview), ..empty() }),
            ("console-import-nothing", Self { preview: Some(nothing), ..empty() }),
            (
                "console-import-wrong",
                Self {
                    file: Field::default().wrong(key!("lexicon-error-file-form")),
                    reasons: Field::default().wrong(key!("console-error-reasons")),
                    ..empty()
                },
            ),
        ]
    }
}
