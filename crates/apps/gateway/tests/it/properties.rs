//! The guard's promises, for texts, chunkings and interleavings that nobody chose.

use std::collections::BTreeMap;

use gateway::guard::whole;
use label::text::Placement;
use operations::LabelOutcome;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::guarded::{checked, gather, operations, prefix, run, stream_setup, suffix};

/// Pieces of texts: blocked phrases and their beginnings, personal data, space, JSON, code, plain words.
const PIECES: [&str; 26] = [
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
];

const CHANNELS: [&str; 5] = ["content", "reasoning_content", "x_note", "arguments", "note"];

fn text() -> impl Strategy<Value = String> {
    proptest::collection::vec(proptest::sample::select(&PIECES[..]), 0..8).prop_map(|pieces| pieces.concat())
}

/// One answer: by choice, the text of each channel. The note is the envelope's and belongs to the first.
fn answer() -> impl Strategy<Value = Vec<[String; 5]>> {
    let rare = || prop_oneof![2 => Just(String::new()), 1 => text()];
    let arguments = prop_oneof![
        2 => Just(String::new()),
        1 => text().prop_map(|text| json!({ "q": text }).to_string()),
        1 => Just(r#"{"phone":13800138000}"#.to_owned()),
    ];
    let choice = (text(), rare(), rare(), arguments, rare()).prop_map(
        |(content, reasoning, note, arguments, envelope)| [content, reasoning, note, arguments, envelope],
    );
    proptest::collection::vec(choice, 1..3).prop_map(|mut choices| {
        for choice in choices.iter_mut().skip(1) {
            choice[4].clear();
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

fn delta(channel: usize, piece: &str) -> Value {
    match CHANNELS[channel] {
        "arguments" => json!({ "tool_calls": [{ "index": 0, "function": { "arguments": piece } }] }),
        name => json!({ name: piece }),
    }
}

/// The answer as a stream: its channels cut and mixed by the dice, some chunks with log probabilities, some with two choices.
fn stream_of(answer: &[[String; 5]], placement: Placement, dice: &mut Dice) -> Vec<u8> {
    let mut left: Vec<Vec<Vec<char>>> =
        answer.iter().map(|choice| choice.iter().map(|text| text.chars().collect()).collect()).collect();
    let mut stream = String::new();
    let mut emit = |value: Value| stream.push_str(&format!("data: {value}\n\n"));
    if dice.roll(2) == 0 {
        emit(
            json!({ "id": "c1", "choices": [{ "index": 0, "delta": { "role": "assistant", "content": "" } }] }),
        );
    }
    let mut finished = vec![false; answer.len()];
    loop {
        let take = |left: &mut Vec<Vec<Vec<char>>>, choice: usize, dice: &mut Dice| {
            let open: Vec<usize> = (0..4).filter(|channel| !left[choice][*channel].is_empty()).collect();
            let mut channel = *open.get(dice.roll(open.len()))?;
            if channel == 3 && placement == Placement::Prefix && !left[choice][0].is_empty() {
                // A tool call before the answer would waive the label, which a whole answer cannot tell.
                channel = 0;
            }
            let text = &mut left[choice][channel];
            let count = (1 + dice.roll(6)).min(text.len());
            let piece: String = text.drain(..count).collect();
            Some((channel, piece))
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
                "delta": taken.as_ref().map_or_else(|| json!({}), |(channel, piece)| delta(*channel, piece)),
                "finish_reason": if ends { json!("stop") } else { Value::Null },
            });
            if let Some((0, piece)) = &taken
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
fn whole_of(answer: &[[String; 5]]) -> Value {
    let choices: Vec<Value> = answer
        .iter()
        .enumerate()
        .map(|(index, [content, reasoning, note, arguments, _])| {
            let mut message = json!({ "content": content, "reasoning_content": reasoning, "x_note": note });
            if !arguments.is_empty() {
                message["tool_calls"] = json!([{ "index": 0, "function": { "arguments": arguments } }]);
            }
            json!({ "index": index, "message": message, "finish_reason": "stop" })
        })
        .collect();
    json!({ "id": "c1", "choices": choices, "note": answer[0][4] })
}

/// Names of channels as entries have them.
fn channel_name(channel: usize) -> &'static str {
    match CHANNELS[channel] {
        "arguments" => "tool_calls[0].function.arguments",
        name => name,
    }
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
        let guarded = whole(operations(), &setup, body.as_bytes()).unwrap();
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
            for (channel, original) in choice.iter().enumerate() {
                let key = (index, channel_name(channel).to_owned());
                let text = delivered.get(&key).map_or("", String::as_str);
                if !is_blocked {
                    prop_assert_eq!(text, expected.get(&key).map_or("", String::as_str), "{:?}", key);
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
                    prop_assert!(!plain.contains(phrase));
                }
            }
            let content = delivered.get(&(index, "content".to_owned())).map_or("", String::as_str);
            let labels = content.matches(suffix().trim()).count();
            prop_assert!(labels <= 1);
            if is_blocked {
                prop_assert_eq!(
                    run.finishes().iter().filter(|(of, _)| *of == index).map(|(_, reason)| reason.as_str()).collect::<Vec<_>>().len(), 1
                );
            }
            for channel in 1..5 {
                let key = (index, channel_name(channel).to_owned());
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
