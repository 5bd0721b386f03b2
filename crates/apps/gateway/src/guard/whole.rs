//! A whole answer: the same channels, all at once.

use std::{collections::HashSet, ops::Range};

use label::text::{Ending as TextEnding, Placement, Shape, ShapeSniffer};
use operations::{Content, LabelOutcome, Notice, Operations};
use safety::{Finding, FollowUps, Situation, Verdict};
use terms::Direction;
use wire::{ChannelRoot, Replacement, Scan, Slot, Usage, insert_before_closing_brace, render};

use super::{
    channel::{Channel, is_answer},
    ending::before_label,
    logprobs,
    names::Names,
    rules::Rules,
    stream::{Blocked, CHANNELS_MAX, CHOICES_MAX, GuardError, StreamSetup, read, unreadable},
    structured::JsonText,
};
use crate::{guard_model::asking, prompt};

/// A guarded whole answer.
pub struct WholeAnswer {
    /// The body without our members, and what was blocked in it.
    json: Vec<u8>,
    /// The choices a rule blocked.
    pub blocked: Vec<Blocked>,
    /// What is delivered.
    pub contents: Vec<Content>,
    /// What became of the visible label.
    pub label: LabelOutcome,
    /// Token counts.
    pub usage: Option<Usage>,
    /// Rules that fired without blocking.
    pub findings: Vec<String>,
    /// The hits after which something follows.
    pub followed: Vec<Finding>,
    /// The texts about which a guard model has to be asked.
    pub asked: Vec<Asked>,
    /// Texts for the person.
    pub notices: Vec<Notice>,
    /// The texts after whose hits something follows.
    said: Vec<String>,
}

/// A text about which a guard model has to be asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// The choice it is of.
    pub choice: u32,
    /// The text, its parts joined.
    pub text: String,
    /// Which way it goes, for whom and what for.
    pub situation: Situation,
    /// What was found in it.
    pub verdict: Verdict,
}

impl WholeAnswer {
    /// Notes what follows from a text's hits.
    fn follow(
        &mut self,
        operations: &Operations,
        setup: &StreamSetup,
        situation: Situation,
        choice: u32,
        text: String,
        verdict: &Verdict,
    ) {
        let given = operations.notices(&setup.rules.engine, &verdict.findings, situation);
        for notice in given {
            if !self.notices.contains(&notice) {
                self.notices.push(notice);
            }
        }
        if verdict.then.contains(FollowUps::ASK_GUARD) && !verdict.is_blocked() {
            self.asked.push(Asked { choice, text: text.clone(), situation, verdict: verdict.clone() });
        }
        self.said.push(text);
        let follows = |finding: &&Finding| finding.then != FollowUps::NONE;
        self.followed.extend(verdict.findings.iter().filter(follows).cloned());
    }

    /// The texts of the answer after which something follows, for evidence.
    #[must_use]
    pub fn said(&self) -> String {
        self.said.join("\n")
    }

    /// The body with our members at its end.
    ///
    /// # Errors
    /// [`GuardError::Unreadable`], which reading it before excludes.
    pub fn into_body(self, members: &str) -> Result<Vec<u8>, GuardError> {
        if members.is_empty() {
            return Ok(self.json);
        }
        insert_before_closing_brace(&self.json, members).map_err(unreadable)
    }
}

/// Guards and labels a whole answer. `denied` are the choices that a guard model does not let pass.
///
/// # Errors
/// [`GuardError`]: it is not JSON, can be read in more than one way, says in a name what no text may, or has more choices or texts
/// than can be recorded.
pub fn whole(
    operations: &Operations,
    setup: &StreamSetup,
    denied: &[u32],
    body: &[u8],
) -> Result<WholeAnswer, GuardError> {
    let seen = read(body)?;
    if seen.choices.len() > CHOICES_MAX {
        return Err(GuardError::TooManyChoices);
    }
    if let Some(index) = repeated_index(&seen) {
        return Err(unreadable(format!("two choices have the index {index}")));
    }
    Names::default().check(&setup.rules, &seen)?;
    let mut answer = WholeAnswer {
        json: Vec::new(),
        blocked: Vec::new(),
        contents: Vec::new(),
        label: LabelOutcome::Nothing,
        usage: seen.usage.clone(),
        findings: Vec::new(),
        followed: Vec::new(),
        asked: Vec::new(),
        notices: setup.notices.clone(),
        said: Vec::new(),
    };
    let mut texts: Vec<(Range<usize>, String)> = Vec::new();
    for parts in parts_of(&seen, setup) {
        let Some(first) = parts.first() else { continue };
        let situation = setup.rules.situation(&first.path);
        let checked = setup.rules.engine.check_parts(parts.iter().map(|slot| slot.text.as_ref()), situation);
        operations.lexicon_count(Direction::Output, &checked.verdict);
        if let Some(mut probe) = operations.lexicon_probe(Direction::Output, &setup.rules.engine) {
            parts.iter().for_each(|slot| probe.push(&slot.text));
        }
        answer.findings.extend(checked.verdict.findings.iter().map(|finding| finding.rule.to_string()));
        let text = || parts.iter().map(|slot| slot.text.as_ref()).collect::<String>();
        if checked.verdict.then != FollowUps::NONE {
            answer.follow(operations, setup, situation, first.choice, text(), &checked.verdict);
        }
        let is_denied = denied.contains(&first.choice) && asking(&checked.verdict.findings).next().is_some();
        if is_denied || checked.verdict.is_blocked() || breaks_json(setup, &parts, &checked.texts) {
            if !answer.blocked.iter().any(|found| found.choice == first.choice) {
                answer.blocked.push(blocked_by(first.choice, &text(), &checked.verdict));
            }
            continue;
        }
        texts.extend(parts.iter().zip(checked.texts).filter_map(|(slot, masked)| {
            let lossy = || slot.is_lossy.then(|| slot.text.clone().into_owned());
            let new = masked.or_else(lossy);
            let said = new.as_deref().unwrap_or(&slot.text);
            let again = restored(setup, slot, said).filter(|again| again != said);
            Some((slot.literal.clone(), again.or(new)?))
        }));
    }
    answer.findings.sort();
    answer.findings.dedup();
    let labelled = label_texts(operations, setup, &seen, &answer, &texts);
    record_contents(operations, &seen, &mut answer, &texts, &labelled);
    if answer.contents.len() > CHANNELS_MAX {
        return Err(GuardError::TooManyChannels);
    }
    answer.label = if answer.contents.is_empty() {
        LabelOutcome::Nothing
    } else if is_labelled_whole(&seen, &answer.blocked, &labelled) {
        LabelOutcome::InText
    } else if setup.placement == Placement::Interface {
        LabelOutcome::Interface
    } else {
        LabelOutcome::Structured
    };
    answer.json = edited(body, &seen, &setup.rules, &answer.blocked, &texts, &labelled)?;
    Ok(answer)
}

/// The index that two choices have: what is said of one of them, such as its label, would be said of the other.
fn repeated_index(seen: &Scan<'_>) -> Option<u32> {
    let mut taken = HashSet::with_capacity(seen.choices.len());
    seen.choices.iter().map(|choice| choice.index).find(|index| !taken.insert(*index))
}

/// The texts of an answer as they are read, each with its parts: see [`super::flow`].
fn parts_of<'s, 'a>(seen: &'s Scan<'a>, setup: &StreamSetup) -> Vec<Vec<&'s Slot<'a>>> {
    let mut texts: Vec<Vec<&Slot<'_>>> = Vec::with_capacity(seen.slots.len());
    for slot in &seen.slots {
        if slot.is_name && setup.tools.iter().any(|tool| *tool == *slot.text) {
            continue;
        }
        let goes_on = |text: &&mut Vec<&Slot<'_>>| {
            text.first().is_some_and(|first| {
                is_answer(&first.path) && first.choice == slot.choice && first.path.root() == slot.path.root()
            })
        };
        match texts.iter_mut().find(goes_on) {
            Some(text) if is_answer(&slot.path) => text.push(slot),
            _ => texts.push(vec![slot]),
        }
    }
    texts
}

/// What a text of the answer says with the values of the prompt's placeholders; nothing where it is none that a person reads.
fn restored(setup: &StreamSetup, slot: &Slot<'_>, said: &str) -> Option<String> {
    let restored = setup.restored.as_ref()?;
    let is_read = slot.path.root() != ChannelRoot::Envelope && !slot.is_name;
    is_read.then(|| restored.whole(said, setup.rules.is_json(&slot.path)))
}

/// Whether a mask leaves a text that is JSON none.
fn breaks_json(setup: &StreamSetup, parts: &[&Slot<'_>], masked: &[Option<String>]) -> bool {
    let is_json = parts.first().is_some_and(|slot| setup.rules.is_json(&slot.path));
    let mut json = JsonText::default();
    is_json
        && masked.iter().any(Option::is_some)
        && !parts.iter().zip(masked).all(|(slot, masked)| json.push(masked.as_deref().unwrap_or(&slot.text)))
}

fn blocked_by(choice: u32, text: &str, verdict: &Verdict) -> Blocked {
    let deciding = verdict.blocking().next().or_else(|| asking(&verdict.findings).next());
    let (rule, category) = match deciding {
        Some(finding) => (finding.rule.to_string(), finding.category.name().to_owned()),
        None => ("personal-data.structured".to_owned(), "personal-data".to_owned()),
    };
    Blocked {
        choice,
        rule,
        category,
        findings: prompt::notes(&verdict.findings),
        held: text.to_owned(),
        ends_session: verdict.then.contains(FollowUps::END_SESSION),
    }
}

/// A label that goes into a text: where, and whether before or after it.
struct Labelled {
    choice: u32,
    root: ChannelRoot,
    literal: Range<usize>,
    prefix: String,
    /// What closes an open code fence, before the label.
    closing: String,
    suffix: String,
}

/// Whether every choice that says anything has its label; the weakest is recorded, as for streams.
fn is_labelled_whole(seen: &Scan<'_>, blocked: &[Blocked], labelled: &[Labelled]) -> bool {
    let mut said = seen
        .slots
        .iter()
        .filter(|slot| slot.path.root() != ChannelRoot::Envelope && !slot.text.is_empty())
        .filter(|slot| !blocked.iter().any(|found| found.choice == slot.choice))
        .peekable();
    let has_label = |slot: &Slot<'_>| {
        labelled.iter().any(|label| {
            label.choice == slot.choice && (label.root == slot.path.root() || !is_answer(&slot.path))
        })
    };
    said.peek().is_some() && said.all(has_label)
}

fn label_texts(
    operations: &Operations,
    setup: &StreamSetup,
    seen: &Scan<'_>,
    guarded: &WholeAnswer,
    texts: &[(Range<usize>, String)],
) -> Vec<Labelled> {
    let notices = before_label(&guarded.notices, setup.locale);
    if setup.rules.is_structured || setup.placement == Placement::Interface {
        return Vec::new();
    }
    let label = operations.visible_label();
    let mut labelled: Vec<Labelled> = Vec::new();
    for choice in &seen.choices {
        let index = choice.index;
        if guarded.blocked.iter().any(|found| found.choice == index) {
            continue;
        }
        // Providers repeat the answer in another object, and a reader takes one of them: each has its label.
        for root in [ChannelRoot::Message, ChannelRoot::Delta, ChannelRoot::Choice] {
            let answer: Vec<&Slot<'_>> = seen
                .slots
                .iter()
                .filter(|slot| slot.choice == index && slot.path.root() == root)
                .filter(|slot| is_answer(&slot.path) && !slot.text.is_empty())
                .collect();
            // An answer in parts begins with its first and ends with its last.
            let (Some(first), Some(last)) = (answer.first(), answer.last()) else { continue };
            let mut sniffer = ShapeSniffer::new();
            for slot in &answer {
                let masked = texts.iter().find(|(range, _)| *range == slot.literal);
                sniffer.push(masked.map_or(slot.text.as_ref(), |(_, masked)| masked));
            }
            let is_prose = || sniffer.has_text() && sniffer.shape_at_end() == Shape::Prose;
            let found = match setup.placement {
                Placement::Prefix if is_prose() => {
                    Some((first, label.render_prefix(&setup.produce_id), String::new(), String::new()))
                }
                Placement::Interface | Placement::Prefix => None,
                Placement::Suffix => match sniffer.ending() {
                    TextEnding::Label(closing) => {
                        let closing = format!("{closing}{notices}");
                        Some((last, String::new(), closing, label.render_suffix(&setup.produce_id)))
                    }
                    TextEnding::Waive(_) => None,
                },
            };
            if let Some((slot, prefix, closing, suffix)) = found {
                let literal = slot.literal.clone();
                labelled.push(Labelled { choice: index, root, literal, prefix, closing, suffix });
            }
        }
    }
    labelled
}

fn record_contents(
    operations: &Operations,
    seen: &Scan<'_>,
    answer: &mut WholeAnswer,
    texts: &[(Range<usize>, String)],
    labelled: &[Labelled],
) {
    for slot in &seen.slots {
        if slot.text.is_empty()
            || slot.is_name
            || answer.blocked.iter().any(|found| found.choice == slot.choice)
        {
            continue;
        }
        let text = texts
            .iter()
            .find(|(range, _)| *range == slot.literal)
            .map_or_else(|| slot.text.as_ref(), |(_, masked)| masked.as_str());
        let mut hasher = operations.content_hasher(slot.choice, &Channel::name(&slot.path));
        let label = labelled.iter().find(|label| label.literal == slot.literal);
        if let Some(label) = label {
            hasher.push_label(&label.prefix);
        }
        hasher.push(text);
        if let Some(label) = label {
            hasher.push(&label.closing);
            hasher.push_label(&label.suffix);
        }
        answer.contents.push(operations.content_finish(hasher));
    }
}

fn edited(
    body: &[u8],
    seen: &Scan<'_>,
    rules: &Rules,
    blocked: &[Blocked],
    texts: &[(Range<usize>, String)],
    labelled: &[Labelled],
) -> Result<Vec<u8>, GuardError> {
    let mut new: Vec<(Range<usize>, String)> = Vec::new();
    for slot in &seen.slots {
        let is_blocked = blocked.iter().any(|found| found.choice == slot.choice);
        if is_blocked && slot.path.root() == ChannelRoot::Envelope {
            new.push((slot.literal.clone(), String::new()));
        }
        if is_blocked {
            continue;
        }
        let masked =
            texts.iter().find(|(range, _)| *range == slot.literal).map(|(_, masked)| masked.as_str());
        let label = labelled.iter().find(|label| label.literal == slot.literal);
        if masked.is_some() || label.is_some() {
            let text = masked.unwrap_or(&slot.text);
            let text = label.map_or_else(
                || text.to_owned(),
                |label| format!("{}{text}{}{}", label.prefix, label.closing, label.suffix),
            );
            new.push((slot.literal.clone(), text));
        }
    }
    let replaced: Vec<(Range<usize>, String)> = seen
        .choices
        .iter()
        .filter(|choice| blocked.iter().any(|found| found.choice == choice.index))
        .map(|choice| {
            let index = choice.index;
            let empty = format!(
                "{{\"index\":{index},\"message\":{{\"role\":\"assistant\",\"content\":\"\",\"refusal\":null}},\
                 \"logprobs\":null,\"finish_reason\":\"content_filter\"}}"
            );
            (choice.range.clone(), empty)
        })
        .collect();
    let mut edits: Vec<(Range<usize>, Replacement<'_>)> = Vec::new();
    edits.extend(new.iter().map(|(range, text)| (range.clone(), Replacement::Text(text))));
    edits.extend(replaced.iter().map(|(range, raw)| (range.clone(), Replacement::Raw(raw))));
    let inside_replaced = |range: &Range<usize>| {
        replaced.iter().any(|(whole, _)| whole.start <= range.start && range.end <= whole.end)
    };
    let shadows: Vec<&wire::Shadow> = if texts.is_empty() && blocked.is_empty() {
        logprobs::other(body, seen, rules).collect()
    } else {
        seen.shadows.iter().collect()
    };
    edits.extend(
        shadows
            .into_iter()
            .filter(|shadow| !inside_replaced(&shadow.value))
            .map(|shadow| (shadow.value.clone(), Replacement::Raw("null"))),
    );
    edits.sort_by_key(|(range, _)| range.start);
    render(body, &edits).map_err(unreadable)
}
