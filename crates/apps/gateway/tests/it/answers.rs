//! Whole answers: what goes in, what comes out.

use gateway::guard::{GuardError, whole};
use label::text::Placement;
use operations::LabelOutcome;

use crate::guarded::{operations, prefix, stream_setup, suffix};

/// Guards a body whose label is written `LABEL` (after) or `PREFIX` (before) in `expected`.
fn check(placement: Placement, body: &str, expected: &str, label: LabelOutcome, blocked: &[u32]) {
    let answer = whole(operations(), &stream_setup(placement, 1), &[], body.as_bytes()).unwrap();
    assert_eq!(answer.label, label, "{body}");
    let found: Vec<u32> = answer.blocked.iter().map(|found| found.choice).collect();
    assert_eq!(found, blocked, "{body}");
    let escaped = |text: String| serde_json::to_string(&text).unwrap().trim_matches('"').to_owned();
    let expected = expected.replace("LABEL", &escaped(suffix())).replace("PREFIX", &escaped(prefix()));
    assert_eq!(String::from_utf8(answer.into_body("").unwrap()).unwrap(), expected);
}

const BLOCKED: &str = r#"{"index":0,"message":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":"content_filter"}"#;

#[test]
fn each_answer_is_guarded_and_labelled_where_it_is_prose() {
    use LabelOutcome::{InText, Interface, Nothing, Structured};
    use Placement::{Interface as AtInterface, Prefix, Suffix};
    let message = |text: &str| format!(r#"{{"choices":[{{"index":0,"message":{{"content":{text}}}}}]}}"#);
    let at = |placement, text: &str, expected: &str, label| {
        check(placement, &message(text), &message(expected), label, &[]);
    };
    at(Suffix, r#""你好""#, r#""你好LABEL""#, InText);
    at(Prefix, r#""你好""#, r#""PREFIX你好""#, InText);
    at(Prefix, r#""  你好""#, r#""PREFIX  你好""#, InText);
    at(AtInterface, r#""你好""#, r#""你好""#, Interface);
    at(Suffix, r#""{\"a\":1}""#, r#""{\"a\":1}""#, Structured);
    at(Prefix, r#""[1] 参见""#, r#""[1] 参见""#, Structured);
    at(Suffix, r#""[1] 参见""#, r#""[1] 参见LABEL""#, InText);
    at(Suffix, r#""```\nlet x;\n```""#, r#""```\nlet x;\n```""#, Structured);
    at(Suffix, r#""如下：\n```\nlet x;""#, r#""如下：\n```\nlet x;\n```LABEL""#, InText);
    at(Suffix, "null", "null", Nothing);
    at(Suffix, r#""电话 13800138000。""#, r#""电话 138****8000。LABEL""#, InText);
    at(
        Suffix,
        r#"[{"type":"text","text":"一"},{"type":"text","text":"二"}]"#,
        r#"[{"type":"text","text":"一"},{"type":"text","text":"二LABEL"}]"#,
        InText,
    );
    at(
        Prefix,
        r#"[{"type":"text","text":"一"},{"type":"text","text":"二"}]"#,
        r#"[{"type":"text","text":"PREFIX一"},{"type":"text","text":"二"}]"#,
        InText,
    );
    // Blocked: the choice is replaced, another one stays.
    let blocked = format!(r#"{{"choices":[{BLOCKED}]}}"#);
    check(Suffix, &message(r#""可代开发票""#), &blocked, Nothing, &[0]);
    let reasoning = r#"{"choices":[{"index":0,"message":{"reasoning_content":"出售冰毒","content":"好"}}]}"#;
    check(Suffix, reasoning, &blocked, Nothing, &[0]);
    check(
        Suffix,
        r#"{"choices":[{"index":0,"message":{"content":"代开发票"}},{"index":1,"message":{"content":"好"}}]}"#,
        &format!(r#"{{"choices":[{BLOCKED},{{"index":1,"message":{{"content":"好LABEL"}}}}]}}"#),
        InText,
        &[0],
    );
}

#[test]
fn a_waiver_is_recorded_where_another_choice_has_its_label() {
    check(
        Placement::Suffix,
        r#"{"choices":[{"index":0,"message":{"content":"好"}},{"index":1,"message":{"content":"{}"}}]}"#,
        r#"{"choices":[{"index":0,"message":{"content":"好LABEL"}},{"index":1,"message":{"content":"{}"}}]}"#,
        LabelOutcome::Structured,
        &[],
    );
}

#[test]
fn an_answer_that_is_repeated_has_its_label_in_each_place() {
    let body = |content: &str, text: &str, delta: &str| {
        format!(
            r#"{{"choices":[{{"index":0,"message":{{"content":"{content}"}},"text":"{text}","delta":{{"content":"{delta}"}}}}]}}"#
        )
    };
    let said = body("好", "好", "好");
    let (after, before) = (body("好LABEL", "好LABEL", "好LABEL"), body("PREFIX好", "PREFIX好", "PREFIX好"));
    check(Placement::Suffix, &said, &after, LabelOutcome::InText, &[]);
    check(Placement::Prefix, &said, &before, LabelOutcome::InText, &[]);
    // One that is none of prose is a waiver, whatever stands beside it.
    let (said, after) = (body("{}", "好", "```\\na\\n```"), body("{}", "好LABEL", "```\\na\\n```"));
    check(Placement::Suffix, &said, &after, LabelOutcome::Structured, &[]);
}

#[test]
fn two_choices_of_one_index_are_not_passed_on() {
    // A choice without an index has that of its place.
    for (first, second) in [(r#""index":0,"#, r#""index":0,"#), (r#""index":1,"#, "")] {
        let body = format!(
            r#"{{"choices":[{{{first}"message":{{"content":"a"}}}},{{{second}"message":{{"content":"b"}}}}]}}"#
        );
        let answer = whole(operations(), &stream_setup(Placement::Suffix, 3), &[], body.as_bytes());
        assert!(matches!(answer, Err(GuardError::Unreadable(_))), "{body}");
    }
}

#[test]
fn tool_arguments_stay_json_or_are_blocked() {
    let call = |arguments: &str| {
        format!(
            r#"{{"choices":[{{"index":0,"message":{{"tool_calls":[{{"function":{{"name":"look_up","arguments":"{arguments}"}}}}]}}}}]}}"#
        )
    };
    check(
        Placement::Suffix,
        &call(r#"{\"q\":\"13800138000\"}"#),
        &call(r#"{\"q\":\"138****8000\"}"#),
        LabelOutcome::Structured,
        &[],
    );
    let blocked = format!(r#"{{"choices":[{BLOCKED}]}}"#);
    check(Placement::Suffix, &call(r#"{\"q\":13800138000}"#), &blocked, LabelOutcome::Nothing, &[0]);
}

#[test]
fn repetitions_leave_with_their_text_alone() {
    let body = |text: &str, logprobs: &str| {
        format!(r#"{{"choices":[{{"index":0,"message":{{"content":{text}}},"logprobs":{logprobs}}}]}}"#)
    };
    let tokens = r#"{"content":[{"token":"13800138000"}]}"#;
    check(
        Placement::Suffix,
        &body(r#""13800138000""#, tokens),
        &body(r#""138****8000LABEL""#, "null"),
        LabelOutcome::InText,
        &[],
    );
    // Beside no text nothing guards them.
    check(Placement::Interface, &body("null", tokens), &body("null", "null"), LabelOutcome::Nothing, &[]);
    // Those of the whole answer go with a blocked choice.
    check(
        Placement::Suffix,
        r#"{"prompt_logprobs":["代开发票"],"choices":[{"index":0,"message":{"content":"代开发票"}}]}"#,
        &format!(r#"{{"prompt_logprobs":null,"choices":[{BLOCKED}]}}"#),
        LabelOutcome::Nothing,
        &[0],
    );
}

#[test]
fn what_cannot_be_read_is_not_passed_on() {
    for body in
        ["", "[]", "{", r#"{"a":1,"a":2}"#, r#"{"choices":[{"message":{"content":"a","content":"b"}}]}"#]
    {
        let answer = whole(operations(), &stream_setup(Placement::Suffix, 1), &[], body.as_bytes());
        assert!(matches!(answer, Err(GuardError::Unreadable(_))), "{body}");
    }
}

#[test]
fn more_than_can_be_recorded_is_not_passed_on() {
    let guarded =
        |body: &str| whole(operations(), &stream_setup(Placement::Suffix, 1), &[], body.as_bytes()).err();
    let choices = |count: usize| {
        let all: Vec<_> =
            (0..count).map(|index| format!(r#"{{"index":{index},"message":{{"content":"a"}}}}"#)).collect();
        format!(r#"{{"choices":[{}]}}"#, all.join(","))
    };
    assert_eq!(guarded(&choices(128)), None);
    assert_eq!(guarded(&choices(129)), Some(GuardError::TooManyChoices));
    let fields = |count: usize| {
        let all: Vec<_> = (0..count).map(|at| format!(r#""f{at}":"a""#)).collect();
        format!(r#"{{"choices":[{{"index":0,"message":{{{}}}}}]}}"#, all.join(","))
    };
    assert_eq!(guarded(&fields(256)), None);
    assert_eq!(guarded(&fields(257)), Some(GuardError::TooManyChannels));
}
