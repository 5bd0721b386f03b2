//! Tests of the visible label and of the sniffer.

use proptest::prelude::*;
use terms::ProduceId;

use super::*;
use crate::Waiver;

const ID: &str = "01JD8Z0V7V8Q4YB0M2X3R5T6W9";

fn id() -> ProduceId {
    ID.parse().unwrap()
}

fn label() -> VisibleLabel {
    VisibleLabel::new(VisibleLabel::DEFAULT_TEMPLATE).unwrap()
}

#[test]
fn the_sentence_is_rendered() {
    assert_eq!(label().render(&id()), format!("（本内容由人工智能生成 AI-generated · {ID}）"));
    assert!(contains_elements(&label().render(&id())));
}

#[test]
fn templates_without_the_words_are_refused() {
    let check = |template: &str, expected: fn(&TemplateError) -> bool| {
        let error = VisibleLabel::new(template).unwrap_err();
        assert!(expected(&error), "{template}: {error}");
    };
    check("由模型生成 {produce_id}", |e| matches!(e, TemplateError::NoAiElement(_)));
    check("SAID 生成", |e| matches!(e, TemplateError::NoAiElement(_)));
    check("AI-generated {produce_id}", |e| matches!(e, TemplateError::NoGenerationElement(_)));
    check("生{produce_id}成 AI", |e| matches!(e, TemplateError::NoGenerationElement(_)));
    check("AI\n生成", |e| matches!(e, TemplateError::LineBreak(_)));
    check("AI生成{produce_id}{produce_id}", |e| matches!(e, TemplateError::IdTwice(_)));
    check(&format!("AI生成{}", "长".repeat(61)), |e| {
        matches!(e, TemplateError::TooLong { chars: 65, .. })
    });
    assert!(VisibleLabel::new("由OpenAI合成").is_ok());
}

#[test]
fn a_label_is_found_after_copy_and_paste() {
    let check = |text: &str| {
        let found = label().find(text).unwrap_or_else(|| panic!("not found in {text:?}"));
        assert_eq!(found.produce_id, Some(id()), "{text}");
        assert!(text.get(found.range).is_some());
    };
    let line = label().render(&id());
    check(&line);
    check(&format!("答案。\n\n{line}"));
    check(&format!("  > **{line}**  \n"));
    check(&format!("答案。 {line} 后来的话"));
    check(&line.replace(' ', "\n"));
    check(&line.replace(' ', ""));
    check(&line.replace(' ', "\u{a0}"));
    check(&line.to_lowercase());
    check(&line.replace('（', "(").replace('）', ")"));
    check(&line.replace("01JD8Z0V", "01JD8\n    Z0V"));
    check(&format!("（本内容由人工智能生成 AI-generated · 谁）\n{line}"));
}

#[test]
fn a_spoilt_id_is_still_our_label_but_is_not_taken_out() {
    let text = format!("x\n\n{}", label().render(&id()).replace("01JD", "??"));
    assert_eq!(label().find(&text).map(|found| found.produce_id), Some(None));
    assert_eq!(label().strip(&text), text);
    assert_eq!(label().find("本内容由人工智能生成"), None);
}

#[test]
fn labels_are_taken_out_of_history() {
    let line = label().render(&id());
    let check = |text: String, expected: &str| assert_eq!(label().strip(&text), expected, "{text:?}");
    check(format!("答案\n\n{line}"), "答案");
    check(format!("答案\r\n\r\n{line}\r\n"), "答案");
    check(format!("答案\n\n> *{line}*\n \n"), "答案");
    check(format!("答案 {line}"), "答案");
    check(format!("{line}\n\n答案"), "答案");
    check(format!("{line} 答案"), "答案");
    check(format!("一\n\n{line}\n\n二\n\n{line}"), "一\n\n二");
    check(line.clone(), "");
    check("没有".to_owned(), "没有");
}

#[test]
fn the_words_are_looked_for_at_the_edges() {
    let check = |text: &str, expected: bool| assert_eq!(contains_elements(text), expected, "{text}");
    let filler = "长".repeat(200);
    check("AI 生 成", true);
    check(&format!("人工智能合成{filler}"), true);
    check(&format!("{filler}AI生成"), true);
    check(&format!("{filler}AI生成{filler}"), false);
    check("AI", false);
    check("生成", false);
    check("", false);
}

fn sniff(text: &str) -> ShapeSniffer {
    let mut sniffer = ShapeSniffer::new();
    sniffer.push(text);
    sniffer
}

#[test]
fn the_first_characters_tell_the_shape() {
    let check = |text: &str, expected: Option<Shape>| assert_eq!(sniff(text).shape(), expected, "{text:?}");
    check("", None);
    check(" \n\u{feff}", None);
    check(" {", Some(Shape::Structured));
    check("[", Some(Shape::Structured));
    check("``", None);
    check("```", Some(Shape::Structured));
    check("~~~py", Some(Shape::Structured));
    check("``x", Some(Shape::Prose));
    check("`~`", Some(Shape::Prose));
    check("你好", Some(Shape::Prose));
}

#[test]
fn the_end_takes_a_label_unless_it_is_code_or_json() {
    let label = |closing: &str| Ending::Label(closing.to_owned());
    let structured = || Ending::Waive(Waiver::Structured);
    let check = |text: &str, expected: Ending| assert_eq!(sniff(text).ending(), expected, "{text:?}");
    check(" \n", Ending::Waive(Waiver::Empty));
    check("你好", label(""));
    check(r#"{"a": [1, true, {"b": "}\"]"}], "c": null}"#, structured());
    check(r#"{"a": [1, "cut o"#, structured());
    check("{\"a\":1}\n{\"a\":2}\n", structured());
    check("[]", structured());
    check("[1] 见第三页", label(""));
    check("[注] 这是", label(""));
    check("{name}，你好", label(""));
    check("[链接](https://example.org)", label(""));
    check("```json\n{}\n```", structured());
    check("```json\n{}\n```\n\n~~~\nx\n~~~\n", structured());
    check("```rust\nfn main() {", structured());
    check("看：\n```rust\nfn main() {\n```\n好", label(""));
    check("看：\n```rust\nfn main() {", label("\n```"));
    check("看：\n```rust\nfn main() {\n", label("```"));
    check("看：\n````\n```\nx", label("\n````"));
    check("看：\n~~~\n```\nx", label("\n~~~"));
    check("1. 看：\n    ```\n    x", label("\n    ```"));
    check("看 ```x``` 好", label(""));
    check("看：\n```a`b", label(""));
    check("看：\n```\nx\n```", label(""));
    check("看：\n```\nx\n``` y", label("\n```"));
}

#[test]
fn deep_nesting_has_a_limit() {
    assert_eq!(sniff(&"[".repeat(100_000)).ending(), Ending::Waive(Waiver::Structured));
}

/// Text made of the things that matter here.
fn odd_text() -> impl Strategy<Value = String> {
    proptest::collection::vec(
        prop_oneof![
            Just("（本内容由人工智能生成 AI-generated · "),
            Just(ID),
            Just("）"),
            Just("\n"),
            Just("\r\n"),
            Just("```"),
            Just("~~~"),
            Just("{"),
            Just("}"),
            Just("\""),
            Just("["),
            Just("> **"),
            Just(" "),
            Just("AI"),
            Just("生成"),
            Just("x"),
        ],
        0..24,
    )
    .prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn stripping_undoes_rendering(text in prop_oneof![any::<String>(), odd_text()], bits: u128) {
        let (label, id) = (label(), ProduceId::from_u128(bits));
        if !label.find_all(&text).is_empty() {
            return Ok(());
        }
        let after = format!("{text}{}", label.render_suffix(&id));
        prop_assert_eq!(label.find(&after).and_then(|found| found.produce_id), Some(id));
        prop_assert_eq!(label.strip(&after), text.as_str());
        let before = format!("{}{text}", label.render_prefix(&id));
        if !text.chars().all(is_insignificant) {
            prop_assert_eq!(label.strip(&before), text.as_str());
        }
    }

    #[test]
    fn hostile_text_never_panics(text in prop_oneof![any::<String>(), odd_text()]) {
        let _ = VisibleLabel::new(&text);
        let _ = contains_elements(&text);
        let stripped = label().strip(&text).into_owned();
        prop_assert!(stripped.len() <= text.len());
        for found in label().find_all(&text) {
            prop_assert!(text.get(found.range).is_some());
        }
    }

    #[test]
    fn chunking_does_not_matter(parts in proptest::collection::vec(odd_text(), 0..6)) {
        let whole = sniff(&parts.concat());
        let mut pieces = ShapeSniffer::new();
        for part in &parts {
            pieces.push(part);
        }
        prop_assert_eq!(whole.shape(), pieces.shape());
        prop_assert_eq!(whole.ending(), pieces.ending());
    }
}
