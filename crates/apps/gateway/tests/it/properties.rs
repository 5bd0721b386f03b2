//! The guard's promises, for texts, chunkings and interleavings that nobody chose.

use std::collections::BTreeMap;

use gateway::guard::whole;
use label::text::Placement;
use operations::LabelOutcome;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::guarded::{checked, gather, operations, prefix, run, stream_setup, suffix};

/// Pieces of texts: blocked phrases and their beginnings, personal data, space, JSON, code, plain words.
const PIECES: [&str; 33] = [
    "代开发票",
    "代开",
    "发票",
    "出售冰毒",
    "出售",
    "冰毒",
    "代 开 发",
    "13800138000",
    "1380013",
    "8000",
    "今天天气晴朗",
    "the model ",
    "😀",
    "\n",
    "  ",
    "\n\n",
    "{",
    "[",
    "}",
    "```\n",
    "```rust\nlet x = 1;\n```\n",
    "\"",
    "\u{200b}",
    "a",
    "。",
    "110101199003074477",
    r"\u4ee3\u5f00",
    r"\u53d1\u7968",
    r"\\u4ee3开发票",
    r"\n",
    r"\u00313800138000",
    r"\u0031",
    "\\",
];

const CHANNELS: [&str; 5] = ["content", "reasoning_content", "x_note", "arguments", "note"];

fn text() -> impl Strategy<Value = String> {
    proptest::collection::vec(proptest::sample::select(&PIECES[..]), 0..8).prop_map(|pieces| pieces.concat())
}

/// One choice of an answer: the text of each channel, and after how many characters of its content another part of it begins.
#[derive(Debug, Clone)]
struct Said {
    texts: [String; 5],
    cuts: Vec<usize>,
}

impl Said {
    /// The parts of the content; one where it is not in parts.
    fn parts(&self) -> Vec<String> {
        let mut parts = vec![String::new()];
        for (at, c) in self.texts[0].chars().enumerate() {
            parts.extend(self.cuts.contains(&at).then(String::new));
            parts.last_mut().unwrap().push(c);
        }
        parts
    }

    /// The names of the channels that a channel's text is delivered in, as entries have them.
    fn names(&self, channel: usize) -> Vec<String> {
        match CHANNELS[channel] {
            "arguments" => vec!["tool_calls[0].function.arguments".to_owned()],
            "content" if !self.cuts.is_empty() => {
                (0..self.parts().len()).map(|part| format!("content[{part}].text")).collect()
            }
            name => vec![name.to_owned()],
        }
    }
}

/// One answer: by choice, the text of each channel. The note is the envelope's and belongs to the first.
fn answer() -> impl Strategy<Value = Vec<Said>> {
    let rare = || prop_oneof![2 => Just(String::new()), 1 => text()];
    let arguments = prop_oneof![
        2 => Just(String::new()),
        1 => text().prop_map(|text| json!({ "q": text }).to_string()),
        1 => Just(r#"{"phone":13800138000}"#.to_owned()),
    ];
    let cuts = prop_oneof![2 => Just(Vec::new()), 1 => proptest::collection::vec(0_usize..24, 1..4)];
    let choice = (text(), rare(), rare(), arguments, rare(), cuts).prop_map(
        |(content, reasoning, note, arguments, envelope, cuts)| Said {
            texts: [content, reasoning, note, arguments, envelope],
            cuts,
        },
    );
    proptest::collection::vec(choice, 1..3).prop_map(|mut choices| {
        for choice in choices.iter_mut().skip(1) {
            choice.texts[4].clear();
        }
        choices
    })
}

fn placement() -> impl Strategy<Value = Placement> {
    prop_oneof![Just(Placement::Suffix), Just(Placement::Prefix), Just(Placement::Interface)]
}

/// Small numbers that repeat with their seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % sides.max(1)
    }
}

/// A delta that says `piece`; `part` is the part of the content that it is of, where that has parts.
fn delta(channel: usize, part: Option<usize>, piece: &str) -> Value {
    match (CHANNELS[channel], part) {
        ("content", Some(part)) => json!({ "content": [{ "index": part, "type": "text", "text": piece }] }),
        (channel, _) => delta_of(channel, piece),
    }
}

fn delta_of(channel: &str, piece: &str) -> Value {
    match channel {
        "arguments" => json!({ "tool_calls": [{ "index": 0, "function": { "arguments": piece } }] }),
        name => json!({ name: piece }),
    }
}

/// The answer as a stream: its channels cut and mixed by the dice, some chunks with log probabilities, some with two choices.
fn stream_of(answer: &[Said], placement: Placement, dice: &mut Dice) -> Vec<u8> {
    let mut left: Vec<Vec<Vec<char>>> =
        answer.iter().map(|said| said.texts.iter().map(|text| text.chars().collect()).collect()).collect();
    let mut stream = String::new();
    let mut emit = |value: Value| stream.push_str(&format!("data: {value}\n\n"));
    if dice.roll(2) == 0 {
        emit(
            json!({ "id": "c1", "choices": [{ "index": 0, "delta": { "role": "assistant", "content": "" } }] }),
        );
    }
    let mut finished = vec![false; answer.len()];
    let parts: Vec<Vec<usize>> =
        answer.iter().map(|said| said.parts().iter().map(|part| part.chars().count()).collect()).collect();
    loop {
        let take = |left: &mut Vec<Vec<Vec<char>>>, choice: usize, dice: &mut Dice| {
            let open: Vec<usize> = (0..4).filter(|channel| !left[choice][*channel].is_empty()).collect();
            let mut channel = *open.get(dice.roll(open.len()))?;
            if channel == 3 && placement == Placement::Prefix && !left[choice][0].is_empty() {
                // A tool call before the answer would waive the label, which a whole answer cannot tell.
                channel = 0;
            }
            let mut count = 1 + dice.roll(6);
            let mut part = None;
            if channel == 0 && !answer[choice].cuts.is_empty() {
                let mut gone = answer[choice].texts[0].chars().count() - left[choice][0].len();
                let at = parts[choice].iter().position(|length| {
                    let is_here = gone < *length;
                    gone = if is_here { gone } else { gone - length };
                    is_here
                });
                part = at;
                count = count.min(parts[choice][at?] - gone);
            }
            let text = &mut left[choice][channel];
            let piece: String = text.drain(..count.min(text.len())).collect();
            Some((channel, part, piece))
        };
        if !left[0][4].is_empty() && dice.roll(3) == 0 {
            let count = (1 + dice.roll(6)).min(left[0][4].len());
            let piece: String = left[0][4].drain(..count).collect();
            emit(json!({ "id": "c1", "choices": [], "note": piece }));
        }
        let mut choices = Vec::new();
        for index in 0..answer.len() {
            if finished[index] || dice.roll(2) == 0 {
                continue;
            }
            let taken = take(&mut left, index, dice);
            let is_empty = (0..4).all(|channel| left[index][channel].is_empty());
            let ends = is_empty && (taken.is_none() || dice.roll(2) == 0);
            finished[index] = ends;
            let mut choice = json!({
                "index": index,
                "delta": taken.as_ref().map_or_else(|| json!({}), |(channel, part, piece)| delta(*channel, *part, piece)),
                "finish_reason": if ends { json!("stop") } else { Value::Null },
            });
            if let Some((0, _, piece)) = &taken
                && dice.roll(3) == 0
            {
                choice["logprobs"] = json!({ "content": [{ "token": piece, "logprob": -0.5 }] });
            }
            choices.push(choice);
        }
        if !choices.is_empty() {
            emit(json!({ "id": "c1", "choices": choices }));
        }
        if finished.iter().all(|finished| *finished) && left[0][4].is_empty() {
            break;
        }
    }
    emit(json!({ "id": "c1", "choices": [], "usage": { "prompt_tokens": 3, "completion_tokens": 5 } }));
    stream.push_str("data: [DONE]\n\n");
    stream.into_bytes()
}

/// The same answer, whole.
fn whole_of(answer: &[Said]) -> Value {
    let choices: Vec<Value> = answer
        .iter()
        .enumerate()
        .map(|(index, said)| {
            let [content, reasoning, note, arguments, _] = &said.texts;
            let mut message = json!({ "content": content, "reasoning_content": reasoning, "x_note": note });
            if !said.cuts.is_empty() {
                let part = |text: String| json!({ "type": "text", "text": text });
                message["content"] = said.parts().into_iter().map(part).collect();
            }
            if !arguments.is_empty() {
                message["tool_calls"] = json!([{ "index": 0, "function": { "arguments": arguments } }]);
            }
            json!({ "index": index, "message": message, "finish_reason": "stop" })
        })
        .collect();
    json!({ "id": "c1", "choices": choices, "note": answer[0].texts[4] })
}

/// What a client may see in a text: as it stands, and with its escape sequences read.
fn as_seen(text: &str) -> [String; 3] {
    let once = wire::document::unescape(text).into_owned();
    let twice = wire::document::unescape(&once).into_owned();
    [text.to_owned(), once, twice]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_stream_is_guarded_as_the_whole_answer_and_tells_no_blocked_character(
        answer in answer(),
        placement in placement(),
        seed in any::<u64>(),
        sizes in proptest::collection::vec(1_usize..200, 1..5),
    ) {
        let mut dice = Dice(seed);
        let choices = u32::try_from(answer.len()).unwrap();
        let stream = stream_of(&answer, placement, &mut dice);
        let setup = stream_setup(placement, choices);
        let run = run(stream_setup(placement, choices), &stream, &sizes);
        prop_assert!(run.error.is_none(), "{:?}", run.error);
        run.check_order();
        run.check_hashes();

        let body = whole_of(&answer).to_string();
        let guarded = whole(operations(), &setup, &[], body.as_bytes()).unwrap();
        let mut blocked: Vec<u32> = run.blocked.iter().map(|found| found.choice).collect();
        let mut blocked_whole: Vec<u32> = guarded.blocked.iter().map(|found| found.choice).collect();
        blocked.sort_unstable();
        blocked_whole.sort_unstable();
        if blocked != blocked_whole {
            // A stream whose only choices are all blocked ends there, and what would have come is never seen.
            prop_assert!(run.blocked.len() == answer.len(), "{blocked:?} {blocked_whole:?}");
        }
        let delivered = run.texts();
        let label_whole = guarded.label;
        let mut expected = BTreeMap::new();
        let whole_body: Value = serde_json::from_slice(&guarded.into_body("").unwrap()).unwrap();
        gather(&whole_body, "message", &mut expected);
        for (index, choice) in answer.iter().enumerate() {
            let index = index as u64;
            let is_blocked = blocked.contains(&u32::try_from(index).unwrap());
            for (channel, original) in choice.texts.iter().enumerate() {
                let mut text = String::new();
                for name in choice.names(channel) {
                    let key = (index, name);
                    let said = delivered.get(&key).map_or("", String::as_str);
                    text.push_str(said);
                    if !is_blocked {
                        prop_assert_eq!(said, expected.get(&key).map_or("", String::as_str), "{:?}", key);
                    }
                }
                if !is_blocked {
                    let is_json = |text: &str| serde_json::from_str::<Value>(text).is_ok();
                    prop_assert!(channel != 3 || !is_json(original) || is_json(&text), "{text} of {original}");
                    continue;
                }
                let plain = text.replace(&suffix(), "").replace(&prefix(), "");
                let plain = plain.trim_end_matches("```").trim_end_matches('\n');
                let verdict = checked(original).verdict;
                for finding in verdict.blocking() {
                    let before = original[..finding.start].chars().count();
                    prop_assert!(plain.chars().count() <= before, "{plain:?} of {original:?}");
                }
                for phrase in ["代开发票", "出售冰毒"] {
                    prop_assert!(as_seen(plain).iter().all(|seen| !seen.contains(phrase)));
                }
            }
            let parts = choice.names(0).into_iter().map(|name| (index, name));
            let content: String = parts.filter_map(|key| delivered.get(&key).cloned()).collect();
            let labels = content.matches(suffix().trim()).count();
            prop_assert!(labels <= 1);
            if is_blocked {
                prop_assert_eq!(
                    run.finishes().iter().filter(|(of, _)| *of == index).map(|(_, reason)| reason.as_str()).collect::<Vec<_>>().len(), 1
                );
            }
            for channel in 1..5 {
                let key = (index, choice.names(channel).remove(0));
                prop_assert!(!delivered.get(&key).is_some_and(|text| text.contains(suffix().trim())));
            }
        }
        if blocked.is_empty() {
            prop_assert_eq!(run.tail.label, label_whole);
            prop_assert_eq!(run.tail.usage.unwrap().completion_tokens, Some(5));
            prop_assert!(run.chunks.last().unwrap()["usage"].is_object());
        }
        if placement == Placement::Interface {
            prop_assert!(matches!(run.tail.label, LabelOutcome::Interface | LabelOutcome::Nothing));
        }
    }

    #[test]
    fn foreign_bytes_end_a_stream_and_never_panic(
        mut bytes in proptest::collection::vec(any::<u8>(), 0..400),
        answer in answer(),
        seed in any::<u64>(),
    ) {
        run_any(&bytes);
        let mut dice = Dice(seed);
        let mut stream = stream_of(&answer, Placement::Suffix, &mut dice);
        for byte in bytes.drain(..).take(6) {
            let at = dice.roll(stream.len());
            stream[at] = byte;
        }
        run_any(&stream);
    }
}

/// Only that it comes back, and that what left can be read.
fn run_any(stream: &[u8]) {
    let run = run(stream_setup(Placement::Suffix, 1), stream, &[7, 100]);
    drop(run);
}
