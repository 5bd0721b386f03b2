//! Streams that nobody chose, through the guard in every form of the wire, against a slow and obvious reference.
//!
//! Each stream has its number: what it says, how it is written and where it is cut follow from it. `cargo xtask long streams`
//! runs a million; the ordinary test runs a slice. A text is looked at by comparing every term at every place of the joined,
//! normalised text. What is looked for:
//!
//! 1. a *leak*: a character at or behind the first blocked span left, in the text as it stands or with its escapes read;
//! 2. a *difference*: what left is not what the engine lets go of the whole text.
//!
//! The *control* looks at each piece alone, as a filter without memory does: it must leak, or the streams prove nothing.

#![expect(clippy::print_stdout, reason = "`cargo xtask long` reads the counts, and a person what went wrong")]

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};
use std::time::Instant;

use label::text::Placement;
use safety::{Action, Category, Engine, Entry, Pattern, PolicyRow, Scope, normalise};
use serde_json::Value;
use terms::Direction;

use crate::guarded::{Run, run, stream_setup};

/// Numbers that follow from a seed (splitmix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn roll(&mut self, sides: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(sides.max(1)).unwrap()).unwrap()
    }

    fn is(&mut self, one_in: usize) -> bool {
        self.roll(one_in) == 0
    }

    fn pick<'t, T>(&mut self, list: &'t [T]) -> &'t T {
        &list[self.roll(list.len())]
    }
}

/// The characters of terms and texts: few, so that beginnings, overlaps and hits are many.
const CHARS: [char; 11] = ['代', '开', '发', '票', '冰', '毒', '上', 'a', 'b', 'c', ' '];

/// How many streams one word list serves.
const LIST_STREAMS: u64 = 32;

/// A word list that follows from its number, and its engine.
struct Rules {
    engine: Arc<Engine>,
    terms: Vec<(Vec<char>, Action)>,
    allowed: Vec<Vec<char>>,
    /// Patterns that block: one character, at most so many others, another character.
    gaps: Vec<(char, usize, char)>,
}

impl Rules {
    fn new(number: u64) -> Self {
        let mut dice = Dice(number ^ 0x5EED);
        let word = |dice: &mut Dice, least: usize| loop {
            let length = least + dice.roll(4);
            let word: Vec<char> = (0..length).map(|_| CHARS[dice.roll(CHARS.len())]).collect();
            if word[0] != ' ' && word[length - 1] != ' ' {
                return word;
            }
        };
        let masks = dice.is(3);
        let mut terms: BTreeMap<Vec<char>, Action> = BTreeMap::new();
        for _ in 0..3 + dice.roll(9) {
            let action = match dice.roll(6) {
                0 => Action::Warn,
                1 if masks => Action::Mask,
                _ => Action::Block,
            };
            terms.insert(word(&mut dice, 2), action);
        }
        let mut allowed = Vec::new();
        if dice.is(3) {
            let inside = terms.keys().next().unwrap().clone();
            let around = word(&mut dice, 1);
            let phrase = if dice.is(2) { [around, inside].concat() } else { [inside, around].concat() };
            if !terms.contains_key(&phrase) {
                allowed.push(phrase);
            }
        }
        let entry = |word: &[char], action| {
            let word: String = word.iter().collect();
            Entry::new(&word, Category::Test, Some(action), Scope::Both).unwrap()
        };
        let entries = terms.iter().map(|(word, action)| entry(word, *action));
        let phrases = allowed.iter().map(|word| entry(word, Action::Allow));
        let gaps: Vec<(char, usize, char)> = (0..dice.roll(3))
            .map(|_| (*dice.pick(&CHARS[..7]), dice.roll(4), *dice.pick(&CHARS[..7])))
            .collect();
        let patterns = gaps.iter().enumerate().map(|(number, (first, most, last))| {
            let expression = format!("{first}.{{0,{most}}}{last}");
            let measure = Some(Action::Block.into());
            Pattern::new(&format!("gap-{number}"), Category::Test, measure, Scope::Both, &expression).unwrap()
        });
        let no_data = PolicyRow { category: Some(Category::PersonalData), ..PolicyRow::default() };
        let mut builder = Engine::builder().lexicon(entries.chain(phrases)).patterns(patterns);
        if !dice.is(4) {
            builder = builder.policy(no_data);
        }
        let engine = Arc::new(builder.build().unwrap());
        Self { engine, terms: terms.into_iter().collect(), allowed, gaps }
    }

    /// Where the first blocked span of a text starts, in characters of the text as it stands.
    fn first_blocked(&self, text: &str) -> Option<usize> {
        let normal = normalise(text);
        let chars: Vec<char> = normal.text.chars().collect();
        let stands = |at: usize, term: &[char]| {
            let end = at + term.len();
            chars.get(at..end) == Some(term)
                && !(at > 0 && is_word(term[0]) && is_word(chars[at - 1]))
                && !(is_word(term[term.len() - 1]) && chars.get(end).is_some_and(|c| is_word(*c)))
        };
        let is_exempt = |at: usize, end: usize| {
            self.allowed
                .iter()
                .any(|phrase| (0..=at).any(|start| stands(start, phrase) && end <= start + phrase.len()))
        };
        let is_gap = |at: usize, (first, most, last): (char, usize, char)| {
            let rest = chars.get(at + 1..).unwrap_or_default();
            let within = rest.iter().take(most).take_while(|c| **c != '\n').count();
            chars[at] == first && rest.iter().take(within + 1).any(|c| *c == last)
        };
        (0..chars.len())
            .find(|&at| {
                let is_term = self.terms.iter().any(|(term, action)| {
                    *action == Action::Block && stands(at, term) && !is_exempt(at, at + term.len())
                });
                is_term || self.gaps.iter().any(|gap| is_gap(at, *gap))
            })
            .map(|at| text[..normal.origins[at].0].chars().count())
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric()
}

/// One text of an answer: where it stands, and its pieces in order.
struct Flow {
    choice: u64,
    slot: Slot,
    pieces: Vec<String>,
}

/// Where a text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    Content,
    Parts,
    Reasoning,
    Refusal,
    Note,
    Arguments(usize),
    /// Of the old completions.
    Text,
    Envelope,
}

impl Slot {
    /// The name under which [`Run::texts`] has it, or its first part.
    fn name(self) -> String {
        match self {
            Self::Content => "content".into(),
            Self::Parts => "content[0].text".into(),
            Self::Reasoning => "reasoning_content".into(),
            Self::Refusal => "refusal".into(),
            Self::Note => "x_note".into(),
            Self::Arguments(index) => format!("tool_calls[{index}].function.arguments"),
            Self::Text => "text".into(),
            Self::Envelope => "note".into(),
        }
    }
}

/// A text of terms, their beginnings, disguises and escape sequences.
fn text(dice: &mut Dice, rules: &Rules) -> String {
    let mut text = String::new();
    for _ in 0..dice.roll(9) {
        match dice.roll(8) {
            0..=2 => {
                let term: &[char] = match rules.allowed.first() {
                    Some(phrase) if dice.is(5) => phrase,
                    _ => &dice.pick(&rules.terms).0,
                };
                let length = if dice.is(2) { term.len() } else { 1 + dice.roll(term.len()) };
                for c in term.iter().take(length) {
                    disguise(dice, *c, &mut text);
                }
            }
            3 => text.push_str(dice.pick::<&str>(&[
                "13800138000",
                "1380",
                "8000",
                "。",
                "\n",
                "😀",
                "今天天气晴朗",
            ])),
            _ => {
                for _ in 0..1 + dice.roll(4) {
                    text.push(CHARS[dice.roll(CHARS.len())]);
                }
            }
        }
    }
    text
}

/// The character as it stands or as a reader takes for the same.
fn disguise(dice: &mut Dice, c: char, text: &mut String) {
    match dice.roll(24) {
        0 => text.extend([c, '\u{200B}']),
        1 => text.extend([c, '\u{301}']),
        2 => text.extend([c, '\u{FE0F}']),
        3 if c.is_ascii_alphabetic() => text.push(c.to_ascii_uppercase()),
        4 if c.is_ascii_graphic() => text.extend(char::from_u32(u32::from(c) + 0xFEE0)),
        5 => text.push_str(&format!("\\u{:04x}", u32::from(c))),
        6 => text.push_str(&format!("\\\\u{:04x}", u32::from(c))),
        _ => text.push(c),
    }
}

/// A JSON string; now and then a character as an escape sequence.
fn literal(dice: &mut Dice, text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        if dice.is(7) || c.is_control() {
            for unit in c.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04X}"));
            }
        } else {
            if matches!(c, '"' | '\\') {
                out.push('\\');
            }
            out.push(c);
        }
    }
    out.push('"');
    out
}

/// An answer, as texts and as the bytes of a stream.
struct Case {
    rules: Arc<Rules>,
    choices: u64,
    flows: Vec<Flow>,
    error: Option<String>,
    stream: Vec<u8>,
    sizes: Vec<usize>,
}

impl Case {
    fn new(number: u64, rules: Arc<Rules>) -> Self {
        let mut dice = Dice(number.wrapping_mul(0xD134_2543_DE82_EF95));
        let choices = 1 + u64::try_from(dice.roll(3).saturating_sub(1)).unwrap();
        let is_completion = dice.is(6);
        let mut flows = Vec::new();
        for choice in 0..choices {
            let mut slots = vec![*dice.pick(&[Slot::Content, Slot::Content, Slot::Parts])];
            for slot in [Slot::Reasoning, Slot::Refusal, Slot::Note, Slot::Arguments(0), Slot::Arguments(1)] {
                if dice.is(4) {
                    slots.push(slot);
                }
            }
            if choice == 0 && dice.is(6) {
                slots.push(Slot::Envelope);
            }
            if is_completion {
                slots = vec![Slot::Text];
            }
            for slot in slots {
                let text = text(&mut dice, &rules);
                let chars: Vec<char> = text.chars().collect();
                let mut pieces = Vec::new();
                let mut rest = chars.as_slice();
                while !rest.is_empty() {
                    let (piece, more) = rest.split_at((1 + dice.roll(5)).min(rest.len()));
                    pieces.push(piece.iter().collect());
                    rest = more;
                }
                flows.push(Flow { choice, slot, pieces });
            }
        }
        let error = dice.is(12).then(|| text(&mut dice, &rules));
        let stream = write(&mut dice, &flows, choices, error.as_deref());
        let sizes = (0..1 + dice.roll(4)).map(|_| 1 + dice.roll(160)).collect();
        Self { rules, choices, flows, error, stream, sizes }
    }
}

/// The stream: the pieces of its texts mixed, in frames of several shapes.
fn write(dice: &mut Dice, flows: &[Flow], choices: u64, error: Option<&str>) -> Vec<u8> {
    let mut stream = String::new();
    let end = if dice.is(5) { "\r\n" } else { "\n" };
    let mut emit = |dice: &mut Dice, json: &str| {
        if dice.is(12) {
            stream.push_str(&format!(": ping{end}{end}"));
        }
        let space = if dice.is(6) { "" } else { " " };
        stream.push_str(&format!("data:{space}{json}{end}{end}"));
    };
    let mut next = vec![0_usize; flows.len()];
    let mut open: Vec<usize> = (0..flows.len()).filter(|flow| !flows[*flow].pieces.is_empty()).collect();
    while !open.is_empty() {
        let at = dice.roll(open.len());
        let number = open[at];
        let flow = &flows[number];
        let piece = &flow.pieces[next[number]];
        next[number] += 1;
        if next[number] == flow.pieces.len() {
            open.swap_remove(at);
        }
        let text = literal(dice, piece);
        let index = flow.choice;
        let shadow = match flow.slot {
            Slot::Content if dice.is(4) => {
                format!(
                    ",\"logprobs\":{{\"content\":[{{\"token\":{},\"logprob\":-0.5}}]}}",
                    literal(dice, piece)
                )
            }
            _ => String::new(),
        };
        let delta = |inner: &str| {
            format!("{{\"id\":\"c\",\"choices\":[{{\"index\":{index},\"delta\":{{{inner}}}{shadow}}}]}}")
        };
        let json = match flow.slot {
            Slot::Text => format!("{{\"id\":\"c\",\"choices\":[{{\"index\":{index},\"text\":{text}}}]}}"),
            Slot::Envelope => format!("{{\"id\":\"c\",\"choices\":[],\"note\":{text}}}"),
            Slot::Parts => delta(&format!("\"content\":[{{\"index\":0,\"type\":\"text\",\"text\":{text}}}]")),
            Slot::Arguments(call) => {
                delta(&format!("\"tool_calls\":[{{\"index\":{call},\"function\":{{\"arguments\":{text}}}}}]"))
            }
            slot => delta(&format!("\"{}\":{text}", slot.name())),
        };
        emit(dice, &json);
    }
    match error {
        Some(text) => {
            let text = literal(dice, text);
            emit(dice, &format!("{{\"error\":{{\"message\":{text},\"code\":500}}}}"));
        }
        None => {
            for index in 0..choices {
                if !dice.is(8) {
                    emit(
                        dice,
                        &format!(
                            "{{\"id\":\"c\",\"choices\":[{{\"index\":{index},\"delta\":{{}},\"finish_reason\":\"stop\"}}]}}"
                        ),
                    );
                }
            }
            if !dice.is(4) {
                emit(dice, "[DONE]");
            }
        }
    }
    stream.into_bytes()
}

/// What became of some streams.
#[derive(Debug, Default, Clone, Copy)]
struct Counts {
    streams: u64,
    texts: u64,
    blocked: u64,
    leaks: u64,
    differences: u64,
    control_leaks: u64,
}

/// Runs one stream and says what is wrong with it.
fn check(number: u64, rules: Arc<Rules>, counts: &mut Counts) {
    let case = Case::new(number, rules);
    let mut setup = stream_setup(Placement::Interface, u32::try_from(case.choices).unwrap());
    setup.rules.engine = Arc::clone(&case.rules.engine);
    let run = run(setup, &case.stream, &case.sizes);
    counts.streams += 1;
    if let Some(error) = &run.error {
        panic!("stream {number}: {error}");
    }
    let delivered = texts(&run);
    let mut has_control_leak = false;
    for flow in &case.flows {
        counts.texts += 1;
        let joined = flow.pieces.concat();
        let said = delivered.get(&(flow.choice, flow.slot.name())).map_or("", String::as_str);
        let mut stream = case.rules.engine.stream(Direction::Output);
        let mut offline = String::new();
        stream.push(&joined, &mut offline);
        stream.finish(&mut offline);
        let is_blocked = run.blocked.iter().any(|blocked| u64::from(blocked.choice) == flow.choice);
        // A blocked choice ends for all its texts; each then has a beginning of what it would have said. So it is for all of
        // them where the stream ended early, since every choice was blocked or the envelope was.
        let is_same = if is_blocked || !run.blocked.is_empty() || case.error.is_some() {
            offline.starts_with(said)
        } else {
            offline == said
        };
        if !is_same {
            counts.differences += 1;
            println!("stream {number}: {:?} said {said:?}, offline {offline:?}", flow.slot);
        }
        let Some(first) = case.rules.first_blocked(&joined) else { continue };
        counts.blocked += 1;
        let beyond = |read: &dyn Fn(&str) -> String| {
            let first = case.rules.first_blocked(&read(&joined));
            first.is_some_and(|first| read(said).chars().count() > first)
        };
        let once = |text: &str| wire::document::unescape(text).into_owned();
        let twice = |text: &str| once(&once(text));
        // A masked escape sequence has another length than what it stands for: there the text as it stands must do.
        let is_plain = joined.starts_with(said);
        if beyond(&|text: &str| text.to_owned()) || (is_plain && (beyond(&once) || beyond(&twice))) {
            counts.leaks += 1;
            println!("stream {number}: {:?} said {said:?} of {joined:?}", flow.slot);
        }
        let passed = flow.pieces.iter().take_while(|piece| case.rules.first_blocked(piece).is_none());
        has_control_leak |= passed.map(|piece| piece.chars().count()).sum::<usize>() > first;
    }
    if let Some(error) = &case.error {
        let said: String = run.chunks.iter().filter_map(|chunk| chunk["error"]["message"].as_str()).collect();
        if let Some(first) = case.rules.first_blocked(error)
            && said.chars().count() > first
            && error.starts_with(&said)
        {
            counts.leaks += 1;
            println!("stream {number}: an error said {said:?} of {error:?}");
        }
    }
    counts.control_leaks += u64::from(has_control_leak);
}

/// The texts that left, by choice and name, also of the old completions.
fn texts(run: &Run) -> BTreeMap<(u64, String), String> {
    let mut texts = run.texts();
    for chunk in &run.chunks {
        for choice in chunk["choices"].as_array().into_iter().flatten() {
            if let Some(text) = choice["text"].as_str() {
                let index = choice["index"].as_u64().unwrap_or_default();
                texts.entry((index, "text".to_owned())).or_default().push_str(text);
            }
        }
    }
    texts
}

fn number_of(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(otherwise)
}

/// The slice that every test run has. `cargo xtask long streams` sets where it starts and how long it is.
#[test]
fn no_stream_of_any_form_leaks_a_blocked_character() {
    static SEED: LazyLock<u64> = LazyLock::new(|| number_of("CINNABAR_STREAMS_SEED", 1));
    let from = number_of("CINNABAR_STREAMS_FROM", 0);
    let count = number_of("CINNABAR_STREAMS_COUNT", 5_000);
    let started = Instant::now();
    let workers = 2;
    let parts: Vec<Counts> = std::thread::scope(|scope| {
        let run = |worker: u64| {
            move || {
                let mut counts = Counts::default();
                // A word list serves some streams: it is the texts and their cuts that must be many.
                let mut lists: Option<(u64, Arc<Rules>)> = None;
                for number in (from..from + count).filter(|number| number / LIST_STREAMS % workers == worker)
                {
                    let number = number.wrapping_add(SEED.wrapping_mul(1 << 40));
                    let list = number / LIST_STREAMS;
                    let (_, rules) = match &mut lists {
                        Some(known) if known.0 == list => known,
                        other => other.insert((list, Arc::new(Rules::new(list)))),
                    };
                    check(number, Arc::clone(rules), &mut counts);
                }
                counts
            }
        };
        let running: Vec<_> = (0..workers).map(|worker| scope.spawn(run(worker))).collect();
        running.into_iter().map(|worker| worker.join().unwrap()).collect()
    });
    let sum = |of: fn(&Counts) -> u64| parts.iter().map(of).sum::<u64>();
    let [streams, texts, blocked] = [sum(|c| c.streams), sum(|c| c.texts), sum(|c| c.blocked)];
    let [leaks, differences, control] = [sum(|c| c.leaks), sum(|c| c.differences), sum(|c| c.control_leaks)];
    println!(
        "streams={streams} texts={texts} blocked={blocked} leaks={leaks} differences={differences} control_leaks={control} ms={}",
        started.elapsed().as_millis()
    );
    assert_eq!((leaks, differences), (0, 0));
    assert!(control > streams / 20, "the control leaked in {control} of {streams} alone");
}

/// The reference itself, on texts that can be judged by eye.
#[test]
fn the_reference_finds_what_stands_in_pieces() {
    let rules = Rules {
        engine: Arc::new(Engine::builder().build().unwrap()),
        terms: vec![("代开".chars().collect(), Action::Block), ("ab".chars().collect(), Action::Block)],
        allowed: vec!["不代开".chars().collect()],
        gaps: vec![('冰', 1, '毒')],
    };
    for (text, first) in [
        ("请代\u{200B}开", Some(1)),
        ("不代开", None),
        ("xab", None),
        ("代 AB", Some(2)),
        ("a冰上毒", Some(1)),
        ("冰上上毒", None),
    ] {
        assert_eq!(rules.first_blocked(text), first, "{text}");
    }
    let text = "代\"\\\n😀";
    assert_eq!(serde_json::from_str::<Value>(&literal(&mut Dice(3), text)).unwrap(), text);
}
