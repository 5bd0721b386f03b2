//! Streams: the cases that once went wrong, and the ones that decide how a client feels.

use gateway::guard::GuardError;
use label::text::Placement;
use operations::LabelOutcome;

use crate::guarded::{DECIDED, prefix, run, stream_setup, suffix};

fn stream(events: &[&str]) -> Vec<u8> {
    events.iter().map(|data| format!("data: {data}\n\n")).collect::<String>().into_bytes()
}

fn content(text: &str) -> String {
    format!(r#"{{"id":"c","choices":[{{"index":0,"delta":{{"content":"{text}"}}}}]}}"#)
}

fn with_logprobs(text: &str) -> String {
    format!(
        r#"{{"id":"c","choices":[{{"index":0,"delta":{{"content":"{text}"}},"logprobs":{{"content":[{{"token":"{text}"}}]}}}}]}}"#
    )
}

const ROLE: &str = r#"{"id":"c","choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}"#;
const STOP: &str = r#"{"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;

#[test]
fn untouched_frames_are_the_bytes_that_came() {
    let texts = ["你好", "晴朗", "散步"].map(content);
    let run = run(
        stream_setup(Placement::Suffix, 1),
        &stream(&[ROLE, &texts[0], &texts[1], &texts[2], STOP, "[DONE]"]),
        &[1000],
    );
    for (frame, text) in run.out[1..].iter().zip(&texts) {
        assert_eq!(frame, format!("data: {text}\n\n").as_bytes());
    }
    assert_eq!(run.out.len(), 5, "the role, three texts and the label");
    assert_eq!(run.text(0, "content"), format!("你好晴朗散步{}", suffix()));
    assert_eq!(run.tail.label, LabelOutcome::InText);
    run.check_hashes();
    run.check_order();
}

#[test]
fn a_label_before_the_answer_is_committed_to_in_that_order() {
    for first in ["  ", "\\n", ""] {
        let events = [content(first), content("你好"), STOP.to_owned()];
        let events: Vec<&str> = events.iter().map(String::as_str).collect();
        let run = run(stream_setup(Placement::Prefix, 1), &stream(&events), &[1000]);
        let space = first.replace("\\n", "\n");
        assert_eq!(run.text(0, "content"), format!("{}{space}你好", prefix()));
        run.check_hashes();
        run.check_order();
    }
}

#[test]
fn a_block_at_the_finish_has_one_finish() {
    // The last characters decide only when nothing follows: `代开发票` is whole, the frame that ends says `stop`.
    let last = r#"{"id":"c","choices":[{"index":0,"delta":{"content":"票"},"finish_reason":"stop"}]}"#;
    let run = run(
        stream_setup(Placement::Suffix, 1),
        &stream(&[ROLE, &content("可以代开发"), last, "[DONE]"]),
        &[1000],
    );
    assert_eq!(run.finishes(), [(0, "content_filter".to_owned())]);
    assert_eq!(run.blocked.len(), 1);
    assert!(!run.text(0, "content").contains('票'));
    assert!(String::from_utf8_lossy(run.tail.frames.last().unwrap()).contains(DECIDED));
    run.check_hashes();
    run.check_order();
}

#[test]
fn a_blocked_choice_stays_silent_while_another_goes_on() {
    let two = |first: &str, second: &str| {
        format!(r#"{{"id":"c","choices":[{{"index":0,"delta":{first}}},{{"index":1,"delta":{second}}}]}}"#)
    };
    let ends = r#"{"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;
    let ends_too = r#"{"id":"c","choices":[{"index":1,"delta":{},"finish_reason":"stop"}]}"#;
    let run = run(
        stream_setup(Placement::Suffix, 2),
        &stream(&[
            &two(r#"{"reasoning_content":"手机 1380013"}"#, r#"{"content":"天"}"#),
            &two(r#"{"content":"代开发票"}"#, r#"{"content":"气"}"#),
            &two(r#"{"content":"更多"}"#, r#"{"content":"好"}"#),
            ends,
            ends_too,
            "[DONE]",
        ]),
        &[1000],
    );
    assert_eq!(run.finishes(), [(0, "content_filter".to_owned()), (1, "stop".to_owned())]);
    assert_eq!(run.text(1, "content"), format!("天气好{}", suffix()));
    assert_eq!(run.text(0, "content"), "");
    assert_eq!(run.text(0, "reasoning_content"), "手机 ", "what was held when the choice was blocked stays");
    run.check_hashes();
    run.check_order();
}

#[test]
fn the_end_of_one_choice_does_not_keep_back_the_text_of_another() {
    let both = r#"{"id":"c","choices":[{"index":0,"delta":{"content":"一"}},{"index":1,"delta":{},"finish_reason":"stop"}]}"#;
    let run = run(
        stream_setup(Placement::Suffix, 2),
        &stream(&[ROLE, both, &content("二"), STOP, "[DONE]"]),
        &[1000],
    );
    assert_eq!(run.text(0, "content"), format!("一二{}", suffix()));
    assert_eq!(run.finishes(), [(1, "stop".to_owned()), (0, "stop".to_owned())]);
    run.check_hashes();
    run.check_order();
}

#[test]
fn text_waiting_with_log_probabilities_is_neither_lost_nor_reordered() {
    let check = |events: &[String], expected: &str| {
        let events: Vec<&str> = events.iter().map(String::as_str).collect();
        let run = run(stream_setup(Placement::Interface, 1), &stream(&events), &[1000]);
        assert_eq!(run.text(0, "content"), expected, "{events:?}");
        run.check_hashes();
        run.check_order();
        run
    };
    let role = || ROLE.to_owned();
    // A chunk with both leaves as it came once its text may leave.
    let held = with_logprobs("天代开");
    let run = check(&[role(), held.clone(), with_logprobs("发布会"), STOP.to_owned()], "天代开发布会");
    assert!(run.out.iter().any(|frame| *frame == format!("data: {held}\n\n").as_bytes()));
    // A chunk without them comes in between.
    check(
        &[role(), with_logprobs("天代开"), content("发布会"), with_logprobs("好"), STOP.to_owned()],
        "天代开发布会好",
    );
    // The chunk that ends carries text.
    let last = r#"{"id":"c","choices":[{"index":0,"delta":{"content":"发布"},"finish_reason":"stop"}]}"#;
    check(&[role(), with_logprobs("天代开"), last.to_owned()], "天代开发布");
    // A block: what stands before the span was released, and its chunk never leaves.
    let run = check(&[role(), with_logprobs("天代开"), with_logprobs("发票"), STOP.to_owned()], "天");
    assert!(!run.out.iter().any(|frame| frame.windows(5).any(|part| part == b"token")));
    // A mask.
    check(
        &[role(), with_logprobs("1380013"), with_logprobs("8000"), with_logprobs(" 好"), STOP.to_owned()],
        "138****8000 好",
    );
}

#[test]
fn repetitions_without_text_are_blanked() {
    let bare =
        r#"{"id":"c","choices":[{"index":0,"delta":{},"logprobs":{"content":[{"token":"代开发票"}]}}]}"#;
    let empty = r#"{"id":"c","choices":[{"index":0,"delta":{"content":""},"logprobs":{"content":[]}}]}"#;
    let run = run(stream_setup(Placement::Suffix, 1), &stream(&[ROLE, bare, empty, STOP]), &[1000]);
    assert!(!String::from_utf8(run.out.concat()).unwrap().contains("发票"));
    assert_eq!(run.out[2], format!("data: {empty}\n\n").as_bytes(), "an empty list is left alone");
}

#[test]
fn an_error_in_mid_stream_passes_after_the_label_and_ends_it() {
    let error = r#"{"error":{"message":"overloaded, call 13800138000","code":529}}"#;
    let run = run(
        stream_setup(Placement::Suffix, 1),
        &stream(&[ROLE, &content("你好"), error, &content("再见")]),
        &[1000],
    );
    assert_eq!(run.text(0, "content"), format!("你好{}", suffix()));
    assert_eq!(run.chunks.last().unwrap()["error"]["message"], "overloaded, call 138****8000");
    assert!(run.finishes().is_empty());
    run.check_hashes();
}

#[test]
fn vendor_fields_of_the_envelope_are_guarded_to_their_end() {
    let note = |text: &str| format!(r#"{{"id":"c","note":"{text}","choices":[]}}"#);
    let run = run(
        stream_setup(Placement::Suffix, 1),
        &stream(&[ROLE, &content("你好"), &note("电话 1380013"), STOP, &note("8000"), "[DONE]"]),
        &[1000],
    );
    assert_eq!(run.text(0, "note"), "电话 138****8000");
    run.check_hashes();
    run.check_order();
}

#[test]
fn parts_of_an_answer_are_labelled_once_after_the_last() {
    let part = |index: u32, text: &str| {
        format!(
            r#"{{"id":"c","choices":[{{"index":0,"delta":{{"content":[{{"index":{index},"type":"text","text":"{text}"}}]}}}}]}}"#
        )
    };
    let run =
        run(stream_setup(Placement::Suffix, 1), &stream(&[&part(0, "一"), &part(1, "二"), STOP]), &[1000]);
    assert_eq!(run.text(0, "content[0].text"), "一");
    assert_eq!(run.text(0, "content[1].text"), format!("二{}", suffix()));
    run.check_hashes();
}

#[test]
fn json_code_and_tool_calls_get_no_label() {
    let check = |event: &str, expected: LabelOutcome| {
        for placement in [Placement::Suffix, Placement::Prefix] {
            let run = run(stream_setup(placement, 1), &stream(&[event, STOP]), &[1000]);
            assert_eq!(run.tail.label, expected, "{event}");
            run.check_hashes();
            run.check_order();
        }
    };
    check(&content("{\\\"a\\\":1}"), LabelOutcome::Structured);
    check(&content("```\\nx\\n```"), LabelOutcome::Structured);
    check(
        r#"{"id":"c","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"name":"look_up","arguments":"{}"}}]}}]}"#,
        LabelOutcome::Structured,
    );
    check(&content(""), LabelOutcome::Nothing);
}

#[test]
fn a_stream_without_end_after_its_end_is_cut_off() {
    let usage = format!(r#"{{"id":"c","choices":[]{}}}"#, " ".repeat(900_000));
    let run = run(
        stream_setup(Placement::Suffix, 1),
        &stream(&[&content("你好"), STOP, &usage, &usage, &usage, &usage, &usage]),
        &[100_000],
    );
    assert_eq!(run.error, Some(gateway::guard::GuardError::TailTooLong));
}

#[test]
fn an_answer_that_is_repeated_has_its_label_in_each_place() {
    let both = |text: &str| {
        format!(r#"{{"id":"c","choices":[{{"index":0,"delta":{{"content":"{text}"}},"text":"{text}"}}]}}"#)
    };
    let last = r#"{"id":"c","choices":[{"index":0,"delta":{},"message":{"content":"你好"},"finish_reason":"stop"}]}"#;
    for (placement, said) in
        [(Placement::Suffix, format!("你好{}", suffix())), (Placement::Prefix, format!("{}你好", prefix()))]
    {
        let run = run(
            stream_setup(placement, 1),
            &stream(&[ROLE, &both("你"), &both("好"), last, "[DONE]"]),
            &[1000],
        );
        for place in ["/choices/0/delta/content", "/choices/0/text", "/choices/0/message/content"] {
            let texts = run.chunks.iter().filter_map(|chunk| chunk.pointer(place)?.as_str());
            assert_eq!(texts.collect::<String>(), said, "{place}");
        }
        assert_eq!(run.tail.label, LabelOutcome::InText);
        run.check_order();
    }
}

#[test]
fn what_is_recorded_of_a_stream_that_is_cut_off_is_what_left() {
    let fields: Vec<String> = (0..300).map(|at| format!(r#""f{at}":"a""#)).collect();
    let many = format!(
        r#"{{"id":"c","choices":[{{"index":0,"delta":{{"content":"再见",{}}}}}]}}"#,
        fields.join(",")
    );
    let run = run(stream_setup(Placement::Suffix, 1), &stream(&[ROLE, &content("你好"), &many]), &[1000]);
    assert_eq!(run.error, Some(GuardError::TooManyChannels));
    assert_eq!(run.text(0, "content"), format!("你好{}", suffix()));
    run.check_hashes();
}
