//! Our own sentence: written, found again after copy and paste, taken out of messages that come back.

use std::{borrow::Cow, ops::Range};

use terms::ProduceId;

use super::{EDGE_CHARS, has_ai_element, has_generation_element, is_blank, is_insignificant};

/// Where the id goes in a template.
const PLACEHOLDER: &str = "{produce_id}";
/// Characters of a [`ProduceId`].
const ID_CHARS: usize = 26;
/// How much longer than an id a spoilt one may be.
const SPOILT_CHARS: usize = 14;

/// The sentence that marks a text as generated, with a place for the produce id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisibleLabel {
    before_id: String,
    after_id: String,
    has_id: bool,
    /// The significant characters before and after the id, as they are compared.
    head: Vec<char>,
    tail: Vec<char>,
}

/// Why a template marks nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// Neither `人工智能` nor `AI` (GB 45438-2025, 5.1).
    #[error("label template `{0}` has no AI element: `人工智能` or `AI`")]
    NoAiElement(String),
    /// Neither `生成` nor `合成` (GB 45438-2025, 5.1).
    #[error("label template `{0}` has no generation element: `生成` or `合成`")]
    NoGenerationElement(String),
    /// More than one line.
    #[error("label template `{0}` has more than one line")]
    LineBreak(String),
    /// More than one place for the id.
    #[error("label template `{0}` has `{{produce_id}}` more than once")]
    IdTwice(String),
    /// Too long to be recognised at the edge of a text.
    #[error("label template `{template}` makes a label of {chars} characters; 64 are looked at")]
    TooLong {
        /// The template.
        template: String,
        /// Characters that are no spaces, with an id.
        chars: usize,
    },
}

/// One of our labels in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundLabel {
    /// Where it stands: bytes, from its first to its last significant character.
    pub range: Range<usize>,
    /// The id in it; none where the template has none or somebody spoilt it.
    pub produce_id: Option<ProduceId>,
}

impl VisibleLabel {
    /// The template that is used where a pack brings none.
    pub const DEFAULT_TEMPLATE: &'static str = "（本内容由人工智能生成 AI-generated · {produce_id}）";

    /// Takes a template, such as [`VisibleLabel::DEFAULT_TEMPLATE`].
    ///
    /// # Errors
    /// [`TemplateError`] where the sentence would not do what the standard asks of it.
    pub fn new(template: &str) -> Result<Self, TemplateError> {
        let shown = || template.chars().take(200).collect::<String>();
        if template.chars().any(|c| matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')) {
            return Err(TemplateError::LineBreak(shown()));
        }
        let template = template.trim();
        let (before_id, after_id, has_id) = match template.split_once(PLACEHOLDER) {
            Some((_, after)) if after.contains(PLACEHOLDER) => return Err(TemplateError::IdTwice(shown())),
            Some((before, after)) => (before, after, true),
            None => (template, "", false),
        };
        // Each element has to be whole on one side of the id.
        let on_a_side = |has: fn(&str) -> bool| has(before_id) || has(after_id);
        if !on_a_side(has_ai_element) {
            return Err(TemplateError::NoAiElement(shown()));
        }
        if !on_a_side(has_generation_element) {
            return Err(TemplateError::NoGenerationElement(shown()));
        }
        let significant =
            |part: &str| part.chars().filter(|c| !is_insignificant(*c)).map(fold).collect::<Vec<_>>();
        let chars = before_id.chars().chain(after_id.chars()).filter(|c| !is_blank(*c)).count()
            + if has_id { ID_CHARS } else { 0 };
        if chars > EDGE_CHARS {
            return Err(TemplateError::TooLong { template: shown(), chars });
        }
        Ok(Self {
            head: significant(before_id),
            tail: significant(after_id),
            before_id: before_id.to_owned(),
            after_id: after_id.to_owned(),
            has_id,
        })
    }

    /// The sentence alone.
    #[must_use]
    pub fn render(&self, produce_id: &ProduceId) -> String {
        if self.has_id {
            format!("{}{produce_id}{}", self.before_id, self.after_id)
        } else {
            self.before_id.clone()
        }
    }

    /// The sentence as the last paragraph: what is appended to a text.
    #[must_use]
    pub fn render_suffix(&self, produce_id: &ProduceId) -> String {
        format!("\n\n{}", self.render(produce_id))
    }

    /// The sentence as the first paragraph: what goes before a text.
    #[must_use]
    pub fn render_prefix(&self, produce_id: &ProduceId) -> String {
        format!("{}\n\n", self.render(produce_id))
    }

    /// The last of our labels in `text`.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<FoundLabel> {
        self.find_all(text).pop()
    }

    /// All of our labels in `text`, first to last. White space, line breaks and Markdown marks do not matter.
    #[must_use]
    pub fn find_all(&self, text: &str) -> Vec<FoundLabel> {
        let mut found = Vec::new();
        let mut from = 0;
        while let Some((start, first)) = self.candidate(text, from) {
            from = start + first.len_utf8();
            let significant =
                text.get(start..).unwrap_or_default().char_indices().filter(|(_, c)| !is_insignificant(*c));
            // Most candidates fail within a few characters: look before anything is collected.
            if !significant.clone().zip(&self.head).all(|((_, c), wanted)| fold(c) == *wanted) {
                continue;
            }
            // A window of bounded length keeps the work linear, whatever the text.
            let window: Vec<Character> = significant
                .take(self.head.len() + ID_CHARS + SPOILT_CHARS + self.tail.len())
                .map(|(at, c)| Character {
                    folded: fold(c),
                    start: start + at,
                    end: start + at + c.len_utf8(),
                })
                .collect();
            if let Some(label) = self.match_at(&window) {
                if label.produce_id.is_some() || !self.has_id {
                    from = label.range.end;
                }
                found.push(label);
            }
        }
        found
    }

    /// `text` without our own labels and the paragraph breaks that came with them. A label whose id was spoilt stays.
    #[must_use]
    pub fn strip<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let cuts: Vec<Range<usize>> = self
            .find_all(text)
            .into_iter()
            .filter(|label| label.produce_id.is_some() || !self.has_id)
            .map(|label| cut_around(text, label.range))
            .collect();
        if cuts.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut kept = String::with_capacity(text.len());
        let mut from = 0;
        for cut in cuts {
            kept.push_str(text.get(from..cut.start).unwrap_or_default());
            from = from.max(cut.end);
        }
        kept.push_str(text.get(from..).unwrap_or_default());
        Cow::Owned(kept)
    }

    /// The next character from `from` on that may begin a label.
    fn candidate(&self, text: &str, from: usize) -> Option<(usize, char)> {
        let is_first = |c: char| match self.head.first() {
            Some(first) => fold(c) == *first,
            None => !is_insignificant(c),
        };
        let (at, first) = text.get(from..)?.char_indices().find(|(_, c)| is_first(*c))?;
        Some((from + at, first))
    }

    /// The label that begins with the first of `characters`.
    fn match_at(&self, characters: &[Character]) -> Option<FoundLabel> {
        let after_head = strip_folded(characters, &self.head)?;
        let (produce_id, after_id) =
            if self.has_id { take_id(after_head, &self.tail) } else { (None, after_head) };
        // Without words before it, a spoilt id is no sign of anything.
        if self.has_id && produce_id.is_none() && self.head.is_empty() {
            return None;
        }
        let rest = strip_folded(after_id, &self.tail)?;
        let taken = characters.get(..characters.len() - rest.len())?;
        let range = taken.first()?.start..taken.last()?.end;
        Some(FoundLabel { range, produce_id })
    }
}

/// A significant character of a text and where it stands.
struct Character {
    folded: char,
    start: usize,
    end: usize,
}

/// The id at the start of `characters`. Where none can be read, what stands before the template's next words is
/// skipped, so that a label with a spoilt id is still recognised.
fn take_id<'c>(characters: &'c [Character], tail: &[char]) -> (Option<ProduceId>, &'c [Character]) {
    let text: String = characters.iter().take(ID_CHARS).map(|c| c.folded).collect();
    if let (Ok(id), Some(rest)) = (text.parse(), characters.get(ID_CHARS..)) {
        return (Some(id), rest);
    }
    let reach = characters.len().min(ID_CHARS + SPOILT_CHARS);
    let skipped = (0..=reach)
        .filter_map(|skip| characters.get(skip..))
        .find(|rest| !tail.is_empty() && strip_folded(rest, tail).is_some());
    (None, skipped.unwrap_or(characters))
}

fn strip_folded<'c>(characters: &'c [Character], prefix: &[char]) -> Option<&'c [Character]> {
    let (head, rest) = characters.split_at_checked(prefix.len())?;
    head.iter().zip(prefix).all(|(c, wanted)| c.folded == *wanted).then_some(rest)
}

/// Full-width forms, and the capitals of ids, are one with their plain forms.
fn fold(c: char) -> char {
    match c {
        '（' => '(',
        '）' => ')',
        '：' => ':',
        '，' => ',',
        '・' | '•' | '‧' => '·',
        c => c.to_ascii_uppercase(),
    }
}

/// The bytes to take out for a label at `label`: the label, the marks around it on its own line, and the break that
/// parted it from the text. A written label is undone to the byte.
fn cut_around(text: &str, label: Range<usize>) -> Range<usize> {
    let before = text.get(..label.start).unwrap_or_default();
    let after = text.get(label.end..).unwrap_or_default();
    let line_before = before.rfind('\n').map_or(before, |at| before.get(at + 1..).unwrap_or_default());
    let line_after = after.split_once('\n').map_or(after, |(line, _)| line);
    let begins_line = line_before.chars().all(is_insignificant);
    let ends_line = line_after.chars().all(is_insignificant);

    let is_first = before.chars().all(is_insignificant);
    let is_last = after.chars().all(is_insignificant);
    if is_last {
        let line_start = if begins_line { label.start - line_before.len() } else { label.start };
        let head = text.get(..line_start).unwrap_or_default();
        let kept = if begins_line { without_break_at_end(head) } else { head.trim_end_matches([' ', '\t']) };
        return kept.len()..text.len();
    }
    if is_first {
        let mut end = label.end;
        if ends_line {
            end += line_after.len();
            end += break_at_start(text.get(end..).unwrap_or_default());
        } else {
            end += line_after.len() - line_after.trim_start_matches([' ', '\t']).len();
        }
        return 0..end;
    }
    if begins_line && ends_line {
        let line_start = label.start - line_before.len();
        let kept = without_break_at_end(text.get(..line_start).unwrap_or_default());
        return kept.len()..label.end + line_after.len();
    }
    label
}

/// `text` without one paragraph break at its end, or one line break where there is no more.
fn without_break_at_end(text: &str) -> &str {
    ["\r\n\r\n", "\n\n", "\r\n", "\n"].into_iter().find_map(|end| text.strip_suffix(end)).unwrap_or(text)
}

/// The bytes of one paragraph break at the start of `text`, or of one line break where there is no more.
fn break_at_start(text: &str) -> usize {
    ["\r\n\r\n", "\n\n", "\r\n", "\n"].into_iter().find(|start| text.starts_with(start)).map_or(0, str::len)
}
