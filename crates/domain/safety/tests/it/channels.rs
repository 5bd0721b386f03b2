//! The channels, each against a slow and obvious way to say what it must find.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use proptest::prelude::*;
use safety::{Action, Category, Channel, Engine, FollowUps, Verdict, normalise};
use terms::Direction;

use crate::reference::{TERMS, stream, texts};
use crate::{engine, entry, shipped};

/// An engine with terms of every sort that a channel reads.
fn disguised() -> Engine {
    let block = Some(Action::Block);
    Engine::builder()
        .lexicon([
            entry("代开发票", Category::Fraud, block),
            entry("枪支", Category::WeaponsTrade, block),
            entry("出售枪支弹药", Category::WeaponsTrade, block),
            entry("发大财", Category::Gambling, block),
            entry("cocaine", Category::Drugs, block),
            entry("buy fentanyl", Category::Drugs, block),
            entry("porn", Category::Pornography, block),
            entry("禁止代开发票", Category::Test, Some(Action::Allow)),
        ])
        .build()
        .unwrap()
}

fn check(text: &str, direction: Direction, expected: Option<(Channel, Action, &str)>) {
    let engine = disguised();
    let verdict = engine.check(text, direction).verdict;
    let found = verdict.findings.first().map(|f| (f.channel, f.action, text.get(f.start..f.end).unwrap()));
    assert_eq!(found, expected, "{text}");
    assert!(
        verdict.findings.iter().all(|f| f.action != Action::Allow || f.then == FollowUps::REVIEW),
        "{text}"
    );
}

const INPUT: Direction = Direction::Input;
const OUTPUT: Direction = Direction::Output;

#[test]
fn separators_between_the_characters_hide_nothing() {
    let (compact, block, hint) = (Channel::Compact, Action::Block, Action::Allow);
    for text in [
        "代*开*发*票",
        "代 开 发 票",
        "代开★发票",
        "代\n开\n发\n票",
        "代，开，发，票",
        "代<b>开</b>发票",
        "代、开发、票",
        "代😀开发票",
    ] {
        check(&format!("可{text}吗"), OUTPUT, Some((compact, block, text)));
    }
    for text in ["c.o.c.a.i.n.e", "C O C A I N E", "buy\nfentanyl", "buy - fentanyl", "p-o-r-n"] {
        check(&format!("so {text}."), OUTPUT, Some((compact, block, text)));
    }
    check("枪、支", OUTPUT, Some((compact, hint, "枪、支")));
    check("枪|支", OUTPUT, Some((compact, block, "枪|支")));
    for text in ["代开，发票", "代\n\n开\n\n发\n\n票", "代*****开发票", "coc.aine", "a c.o.c.a-i.n.e"]
    {
        check(text, OUTPUT, None);
    }
    check("严正声明：禁 止 代 开 发 票", OUTPUT, None);
}

#[test]
fn digits_and_signs_are_read_as_letters() {
    let (leet, block) = (Channel::Leet, Action::Block);
    for text in
        ["c0caine", "C0C4!N3", "p0rn", "buy f3ntanyl", "|>0rn".trim_start_matches("|>"), "c.0.c.a.i.n.e"]
    {
        let expected = (text != "0rn").then_some((leet, block, text));
        check(&format!("so {text} now"), OUTPUT, expected);
    }
    for text in ["90210", "c0caine5", "xp0rn", "p0r", "2024-10-01"] {
        check(text, OUTPUT, None);
    }
}

#[test]
fn pictures_and_parts_are_read_as_what_they_show_and_make() {
    check("🔫支", OUTPUT, Some((Channel::Emoji, Action::Block, "🔫支")));
    check("发大💰", OUTPUT, None);
    check("我买🔫", OUTPUT, None);
    check("亻弋开发票", OUTPUT, Some((Channel::Decomposed, Action::Block, "亻弋开发票")));
    check("代开发票 木仓支", OUTPUT, Some((Channel::Strict, Action::Block, "代开发票")));
    check("木仓支", OUTPUT, Some((Channel::Decomposed, Action::Block, "木仓支")));
    check("木头仓库", OUTPUT, None);
}

#[test]
fn prompts_are_read_backwards_and_answers_are_not() {
    check("请解释票发开代", INPUT, Some((Channel::Reversed, Action::Block, "票发开代")));
    check("请解释票发开代", OUTPUT, None);
    check("财大发", INPUT, Some((Channel::Reversed, Action::Allow, "财大发")));
    check("支枪", INPUT, None);
    let verdict = disguised().check("eniacoc", INPUT).verdict;
    assert_eq!(verdict.findings[0].normalised, "cocaine");
}

#[test]
fn what_sounds_the_same_is_a_hint() {
    let hint = |text: &'static str| Some((Channel::Pinyin, Action::Allow, text));
    for text in ["daikaifapiao", "呆开发飘", "代kai发票", "dai kai fa piao", "代开 fapiao"] {
        check(&format!("可以{text}吗"), INPUT, hint(text));
    }
    check("枪zhi", INPUT, hint("枪zhi"));
    check("qiangzhi", INPUT, None);
    check("强制", INPUT, None);
    check("代开。\n发票", INPUT, None);
    // As it is written it is found as it is written, once.
    check("代开发票", INPUT, Some((Channel::Strict, Action::Block, "代开发票")));
    check("禁止代开发票", INPUT, None);
    // Answers are not listened to.
    check("可以daikaifapiao吗", OUTPUT, None);
}

/// What so many terms sound like, or are backwards, stands in every text.
#[test]
fn a_category_of_too_many_terms_is_not_listened_for() {
    let of = |first: u32| char::from_u32(0x4E00 + first % 6000).unwrap();
    let many: Vec<_> = (0..20_001)
        .map(|n| entry(&format!("{}{}字词", of(n), of(n / 6000 + 100)), Category::Test, Some(Action::Warn)))
        .collect();
    let fraud = entry("代开发票", Category::Fraud, Some(Action::Block));
    let engine = Engine::builder().lexicon(many.into_iter().chain([fraud.clone()])).build().unwrap();
    let left_out: Vec<_> = engine.left_out().collect();
    assert_eq!(left_out, [(Channel::Pinyin, &Category::Test)]);
    let heard = |engine: &Engine, text: &str| {
        let findings = engine.check(text, INPUT).verdict.findings;
        findings.iter().any(|finding| finding.channel == Channel::Pinyin)
    };
    assert!(heard(&engine, "可以daikaifapiao吗"));
    assert!(!heard(&engine, "一刀zici"));
    // A change of the category stays left out, one of another is heard.
    let added = [entry("枪支弹药", Category::Test, None), entry("出售枪支", Category::WeaponsTrade, None)];
    let changed = engine.with_changes(&[fraud], &added).unwrap();
    assert!(!heard(&changed, "强支蛋药") && heard(&changed, "出手强支") && !heard(&changed, "呆开发飘"));
    let bytes = engine.to_cache([0; 32]).unwrap();
    let cached = Engine::builder().build_cached([0; 32], &bytes).unwrap();
    assert_eq!(cached.left_out().collect::<Vec<_>>(), left_out);
    assert_eq!(cached.version(), engine.version());
}

#[test]
fn encodings_are_read_as_the_text_they_hold() {
    let block = |channel, text: &'static str| Some((channel, Action::Block, text));
    check("x\\u4ee3\\u5f00发票", OUTPUT, block(Channel::Json, "\\u4ee3\\u5f00发票"));
    check("x&#20195;&#x5f00;发票", OUTPUT, block(Channel::Html, "&#20195;&#x5f00;发票"));
    check("代&nbsp;开&nbsp;发&nbsp;票", OUTPUT, block(Channel::Compact, "代&nbsp;开&nbsp;发&nbsp;票"));
    check("&amp;#20195;开发票", OUTPUT, block(Channel::Html, "&amp;#20195;开发票"));
    check("%E4%BB%A3开发票", OUTPUT, block(Channel::Percent, "%E4%BB%A3开发票"));
    check("50%代开发票", OUTPUT, block(Channel::Strict, "代开发票"));
    let encoded = BASE64_STANDARD.encode("我要代开发票。");
    let verdict = disguised().check(&format!("解码 {encoded} 吧"), INPUT).verdict;
    assert_eq!((verdict.action, verdict.findings[0].channel), (Action::Block, Channel::Base64));
    assert!(!disguised().check(&encoded, OUTPUT).verdict.is_blocked());
    assert!(!disguised().check(&BASE64_STANDARD.encode("代开"), INPUT).verdict.is_blocked());
}

/// Only one of the lexicons' rules, without where they hit.
fn rules(verdict: &Verdict) -> Vec<(String, String)> {
    let lexicon =
        verdict.findings.iter().filter(|f| f.rule.starts_with("lexicon") && f.channel != Channel::Pinyin);
    let mut rules: Vec<(String, String)> = lexicon.map(|f| (f.rule.clone(), f.normalised.clone())).collect();
    rules.sort();
    rules.dedup();
    rules
}

/// Texts made of the beginnings, parts and disguises of the terms above.
fn disguises() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "代",
        "开",
        "发",
        "票",
        "枪",
        "支",
        "出售",
        "弹药",
        "禁止",
        "大",
        "财",
        "co",
        "c",
        "0",
        "o",
        "a",
        "ai",
        "i",
        "1",
        "!",
        "n",
        "e",
        "3",
        "p",
        "rn",
        "buy",
        "fentanyl",
        " ",
        "\n",
        "*",
        "，",
        ".",
        "-",
        "<b>",
        "</b>",
        "<",
        ">",
        "😀",
        "🔫",
        "💰",
        "亻弋",
        "亻",
        "木仓",
        "木",
        "仓",
        "氵",
        "讠身寸",
        "&#20195;",
        "&nbsp;",
        "&amp;",
        "&#",
        "%E4%BB%A3",
        "%E5",
        "%",
        "\\u5f00",
        "\\",
        "dai",
        "kai",
        "呆",
        "飘",
        "zhi",
        "票发开代",
        "\u{200B}",
        "\u{301}",
        "开发票",
        "6Luj5byA5Y+R56Wo5ZCn",
        "55yL",
        "=",
    ]);
    prop::collection::vec(pieces, 0..20).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn every_chunking_says_and_releases_the_same(text in disguises(), cuts in prop::collection::vec(any::<bool>(), 0..9)) {
        let engine = disguised();
        for direction in [INPUT, OUTPUT] {
            let run = |cuts: &[bool]| {
                let mut stream = engine.stream(direction);
                let (mut released, mut chunk) = (String::new(), String::new());
                for (i, c) in text.chars().enumerate() {
                    chunk.push(c);
                    if cuts.is_empty() || cuts[i % cuts.len()] {
                        stream.push(&chunk, &mut released);
                        chunk.clear();
                    }
                }
                stream.push(&chunk, &mut released);
                (stream.finish(&mut released), released)
            };
            let whole = run(&[false]);
            prop_assert_eq!(&run(&cuts), &whole);
            prop_assert_eq!(&run(&[]), &whole);
            let blocked_from = whole.0.blocking().map(|finding| finding.start).min();
            if let Some(from) = blocked_from {
                prop_assert!(whole.1.len() <= from);
            } else {
                prop_assert_eq!(&whole.1, &text);
            }
        }
    }

    #[test]
    fn nothing_of_a_blocked_span_leaves(text in disguises()) {
        let engine = disguised();
        for direction in [INPUT, OUTPUT] {
            let limit = engine.check(&text, direction).verdict.blocking().map(|f| f.start).min().unwrap_or(text.len());
            let mut stream = engine.stream(direction);
            let mut released = String::new();
            for c in text.chars() {
                stream.push(c.encode_utf8(&mut [0; 4]), &mut released);
                prop_assert!(stream.released() <= limit, "{} of {}", stream.released(), limit);
            }
        }
    }

    #[test]
    fn an_encoded_text_says_what_the_text_says(text in texts().prop_map(|text| text.replace(['\\', '\n', '\r', '\t'], ""))) {
        let engine = engine();
        let expected = rules(&engine.check(&text, OUTPUT).verdict);
        let html: String = text.chars().map(|c| format!("&#{};", u32::from(c))).collect();
        let percent = text.bytes().fold(String::new(), |mut all, byte| {
            let _ = write!(all, "%{byte:02x}");
            all
        });
        prop_assume!(!text.contains('\0'));
        for encoded in [html, percent] {
            // The digits and letters of the encoding may be a term themselves.
            let found = rules(&engine.check(&encoded, OUTPUT).verdict);
            prop_assert!(expected.iter().all(|rule| found.contains(rule)), "{} {:?} {:?}", encoded, found, expected);
        }
    }

    #[test]
    fn base64_says_what_the_text_in_it_says(text in texts().prop_map(|text| text.replace('\\', "").replace(|c: char| c.is_control(), ""))) {
        prop_assume!(text.len() >= 12);
        let engine = engine();
        let expected: Vec<(String, String)> = rules(&engine.check(&text, INPUT).verdict);
        for encoded in [BASE64_STANDARD.encode(&text), BASE64_URL_SAFE_NO_PAD.encode(&text)] {
            let found = rules(&engine.check(&encoded, INPUT).verdict);
            prop_assert_eq!(&found, &expected, "{}", encoded);
        }
    }

    #[test]
    fn a_text_backwards_holds_its_terms_backwards(head in "[天地]{0,3}", tail in "[天地]{0,3}", at in 0..TERMS.len()) {
        let term = &TERMS[at];
        prop_assume!(term.rule.is_some());
        let chars: Vec<char> = normalise(term.text).text.chars().collect();
        let backwards: String = chars.iter().rev().collect();
        let text = format!("{head}{backwards}{tail}");
        let verdict = engine().check(&text, INPUT).verdict;
        let is_found = verdict.findings.iter().any(|f| f.channel == Channel::Reversed && f.normalised == term.text);
        prop_assert_eq!(is_found, chars.len() >= 3, "{}", text);
    }
}

/// Much of one thing: a hold within its limit, and no more memory. The example `evasion` measures ten megabytes of each.
#[test]
fn long_runs_of_what_channels_wait_for_are_held_within_the_limit() {
    let engine = disguised();
    for (head, unit) in [
        ("代", "\u{301}"),
        ("代", "*"),
        ("代", " "),
        ("", "&#"),
        ("", "%"),
        ("", "%E4"),
        ("代", "<"),
        ("", "亻"),
        ("", "1"),
        ("", "!"),
        ("", "代 "),
        ("", "c."),
        ("", "\\"),
        ("", "&amp;"),
        ("", "dai"),
        ("", "5Luj"),
        ("", "🔫"),
        ("", "代*开*发*"),
        ("", "c0c41n"),
    ] {
        let text = format!("{head}{}", unit.repeat((1 << 16) / unit.len()));
        for direction in [INPUT, OUTPUT] {
            let mut stream = engine.stream(direction);
            let mut released = String::new();
            for c in text.chars() {
                stream.push(c.encode_utf8(&mut [0; 4]), &mut released);
                assert!(stream.held().len() <= safety::HOLD_BYTES_MAX + 4, "{unit}");
            }
            assert_eq!(stream.finish(&mut released), engine.check(&text, direction).verdict, "{unit}");
        }
    }
}

#[test]
fn the_shipped_lists_read_plain_texts_plainly() {
    for text in [
        "价格是 50%，详见 R&D 报告（第 3 章）。A、B、C 三项都要填写！",
        "I paid $5 for 2 tickets @ 8pm; it's 100% legit + fun! See https://example.com/a%20b?c=1&d=2.",
        "| 项目 | 数量 |\n|---|---|\n| 苹果 | 3 |\n\n**注意**：请在 2024-05-01 前提交。",
        "女子木材加工厂日月同辉，口味很好，石头、土豆、火车。",
    ] {
        for direction in [INPUT, OUTPUT] {
            assert_eq!(shipped().check(text, direction).verdict, Verdict::default(), "{text}");
        }
    }
    let (verdict, released) = stream(&shipped(), "普通的一句话。", &[]);
    assert_eq!((verdict, released.as_str()), (Verdict::default(), "普通的一句话。"));
}
