//! What is gone past together says the same as one character after the other: words and numbers of which nothing comes,
//! characters that the next one decides about, separators behind the beginning of a term.

use std::sync::LazyLock;

use proptest::prelude::*;
use safety::{Action, Category, Engine, Verdict};
use terms::Direction;

use crate::entry;
use crate::reference_data::doing;

/// Terms that go on with, begin with or end in what is gone past, over personal data that is masked or blocked.
fn engine(data: Action) -> Engine {
    let terms = [
        ("违禁", Action::Block),
        ("好人", Action::Mask),
        ("明天见", Action::Block),
        ("week", Action::Warn),
        ("well known", Action::Block),
        ("一甲", Action::Mask),
        ("甲乙丙丁", Action::Block),
        ("乙，丙", Action::Warn),
        ("京乙", Action::Block),
        ("a1", Action::Mask),
        ("甲 b", Action::Block),
        ("2025年", Action::Warn),
        ("日", Action::Warn),
        ("甲乙丙丁戊", Action::Allow),
    ];
    let entries = terms.map(|(term, action)| entry(term, Category::Test, Some(action)));
    doing(data).lexicon(entries).build().unwrap()
}

/// The same compiled, and with some of the terms as changes over the others.
static ENGINES: LazyLock<Vec<Engine>> = LazyLock::new(|| {
    let changed = [
        entry("一甲", Category::Test, Some(Action::Mask)),
        entry("b c", Category::Test, Some(Action::Block)),
    ];
    let masking = engine(Action::Mask);
    let over = masking.with_changes(&changed[..1], &changed[1..]).unwrap();
    vec![masking, engine(Action::Block), over]
});

fn texts() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "week",
        "well",
        "-known",
        " known",
        "a",
        "b",
        "b c",
        "a.b",
        "12:30",
        "2025",
        "年",
        "3.5",
        "138",
        " 0013",
        "8000",
        "-",
        "1",
        "零零",
        "一",
        "二三",
        "○",
        "京",
        "A1234",
        "北",
        "京市",
        "朝阳区",
        "路1号",
        "女",
        "子",
        "日",
        "月",
        "木",
        "目",
        "人",
        "天见",
        "，",
        "。",
        "：",
        "://",
        "“",
        "！",
        "!",
        " ",
        "\n",
        "\u{3000}",
        "/",
        "+",
        "@",
        "<",
        "的",
        "違",
        "禁",
        "违",
        "甲",
        "乙",
        "丙",
        "丁",
        "戊",
        "E1234567",
        "8",
        "password",
        ": ",
        "token",
        "card",
        "机构代码",
        "ABCDEFGHX",
        "(010)",
        "）",
        "（010）",
        "6234",
        "5678",
        "_",
        "\u{301}",
        "\u{200B}",
        "ﷺ",
        "é",
        "😀",
        "１",
        "ａ",
        "%4",
        "&",
        "4",
        "$",
        "0",
        "。。",
    ]);
    prop::collection::vec(pieces, 0..24).prop_map(|pieces| pieces.concat())
}

/// Pushes a text cut behind each character that `cuts` says, over and over; what was found, released and held.
fn read(engine: &Engine, direction: Direction, text: &str, cuts: &[bool]) -> (Verdict, String, String) {
    let mut stream = engine.stream(direction);
    let (mut released, mut chunk) = (String::new(), String::new());
    for (c, is_cut) in text.chars().zip(cuts.iter().cycle()) {
        chunk.push(c);
        if *is_cut {
            stream.push(&chunk, &mut released);
            chunk.clear();
        }
    }
    stream.push(&chunk, &mut released);
    let held = stream.held().to_owned();
    let is_blocked = stream.verdict().is_blocked();
    // What is held behind a block goes on to the end of the push, so that it is compared before one alone.
    (stream.finish(&mut released), released, if is_blocked { String::new() } else { held })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn what_is_gone_past_together_reads_as_one_by_one(text in texts(), cuts in prop::collection::vec(any::<bool>(), 1..9)) {
        for engine in ENGINES.iter() {
            for direction in [Direction::Input, Direction::Output] {
                let single = read(engine, direction, &text, &[true]);
                prop_assert_eq!(&read(engine, direction, &text, &[false]), &single);
                prop_assert_eq!(&read(engine, direction, &text, &cuts), &single);
            }
        }
    }
}
