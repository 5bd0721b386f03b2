//! What we add to an answer: headers, the `aigc` label and the `cinnabar` member.

use operations::{DecisionNotice, Envelope, Generation, Notice, Operations};
use serde_json::{Map, Value, json};

/// Members for the top level of a body, without braces: `"aigc":{…},"cinnabar":{…}`. Empty where the key asks for headers alone
/// and no decision has to be told.
pub(crate) fn members(
    operations: &Operations,
    generation: &Generation,
    notices: &[&DecisionNotice],
) -> String {
    let mut ours = Map::new();
    ours.insert("produce_id".to_owned(), Value::String(generation.produce_id.to_string()));
    ours.insert(
        "verify_url".to_owned(),
        Value::String(operations.settings().url(&format!("/verify?id={}", generation.produce_id))),
    );
    if !notices.is_empty() {
        ours.insert("decisions".to_owned(), Value::Array(notices.iter().copied().map(decision).collect()));
    }
    let ours = Value::Object(ours);
    if generation.admitted.envelope() == Envelope::Headers {
        return if notices.is_empty() { String::new() } else { format!("\"cinnabar\":{ours}") };
    }
    format!("\"aigc\":{},\"cinnabar\":{ours}", operations.aigc_label(generation.produce_id).to_json())
}

/// `members` with the texts for the person, in the `cinnabar` member.
pub(crate) fn with_notices(members: &str, notices: &[Notice]) -> String {
    if notices.is_empty() {
        return members.to_owned();
    }
    let texts: Vec<Value> = notices.iter().map(notice).collect();
    // INVARIANT: `members` is empty or ends with the closing brace of `cinnabar`, which is never without a member.
    match members.strip_suffix('}') {
        Some(open) => format!("{open},\"notices\":{}}}", Value::Array(texts)),
        None => format!("\"cinnabar\":{}", json!({ "notices": texts })),
    }
}

/// What a refusal tells in its `cinnabar` member.
pub(crate) fn refusal(notice: &DecisionNotice) -> Value {
    let mut ours = json!({ "decisions": [decision(notice)] });
    if !notice.notices.is_empty()
        && let Some(members) = ours.as_object_mut()
    {
        members.insert("notices".to_owned(), notice.notices.iter().map(self::notice).collect());
    }
    ours
}

fn notice(notice: &Notice) -> Value {
    json!({ "id": notice.id, "kind": notice.kind.as_str(), "text": notice.text, "text_zh": notice.text_zh })
}

/// A decision as programs read it.
pub(crate) fn decision(notice: &DecisionNotice) -> Value {
    json!({
        "id": notice.decision_id.to_string(),
        "rule": notice.rule,
        "category": notice.category,
        "message": notice.message,
        "message_zh": notice.message_zh,
        "appeal_url": notice.appeal_url,
    })
}
