use super::*;

const FORM: &str = "--b0\r\nContent-Disposition: form-data; name=\"user\"\r\n\r\nalice\r\n\
    --b0\r\nContent-Disposition: form-data; name=\"image[]\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n\
    \u{fffd}PNG\r\n--b1\r\n\r\n\r\n\
    --b0\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\na red boat\r\n\
    --b0\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\n2\r\n--b0--\r\n";

#[test]
fn a_request_in_json_is_read_and_edited_where_it_must_be() {
    let json = r#"{"prompt":"a \u0072ed boat","n":3,"user":"alice","size":"64x64","style_note":["in oil"],"response_format":"url"}"#;
    let request = MediaRequest::parse_json(MediaKind::Pictures, json.as_bytes()).unwrap();
    assert_eq!((request.prompt(), request.items), ("a red boat", 3));
    assert_eq!((request.form, request.end_user()), (Some(PictureForm::Address), Some("alice")));
    let texts: Vec<&str> = request.texts.iter().map(|text| text.text.as_ref()).collect();
    assert_eq!(texts, ["a red boat", "in oil"]);
    let prompt = request.texts[0].place.clone();
    let edits = MediaEdits {
        model: Some("their"),
        sound: None,
        end_user: EndUser::Remove,
        texts: &[(prompt, "a \"boat\"".to_owned())],
    };
    let sent = String::from_utf8(request.to_upstream(&edits).unwrap()).unwrap();
    let expected = r#"{"prompt":"a \"boat\"","n":3,"size":"64x64","style_note":["in oil"],"response_format":"url","model":"their"}"#;
    assert_eq!(sent, expected);
}

#[test]
fn a_form_is_read_and_edited_where_it_must_be() {
    let request = MediaRequest::parse_form(MediaKind::Edits, FORM.as_bytes(), "b0").unwrap();
    assert_eq!((request.prompt(), request.items, request.pictures), ("a red boat", 2, 1));
    assert_eq!(request.end_user(), Some("alice"));
    assert_eq!(
        request.to_upstream(&MediaEdits { end_user: EndUser::Keep, ..MediaEdits::default() }).unwrap(),
        FORM.as_bytes()
    );
    let prompt = request.texts[0].place.clone();
    let texts = [(prompt, "a boat".to_owned())];
    let edits = MediaEdits { model: Some("their"), sound: None, end_user: EndUser::Remove, texts: &texts };
    let sent = request.to_upstream(&edits).unwrap();
    let again = MediaRequest::parse_form(MediaKind::Edits, &sent, "b0").unwrap();
    assert_eq!(again.model.as_ref().map(|model| model.text.as_ref()), Some("their"));
    assert_eq!((again.prompt(), again.end_user(), again.pictures), ("a boat", None, 1));
    let edits = MediaEdits { end_user: EndUser::Pseudonym("p-1"), ..MediaEdits::default() };
    let sent = request.to_upstream(&edits).unwrap();
    assert_eq!(MediaRequest::parse_form(MediaKind::Edits, &sent, "b0").unwrap().end_user(), Some("p-1"));
    // A text that would end its part is not sent.
    let texts = [(request.texts[0].place.clone(), "x\r\n--b0\r\n".to_owned())];
    assert!(request.to_upstream(&MediaEdits { texts: &texts, ..MediaEdits::default() }).is_err());
}

#[test]
fn speech_that_names_no_format_is_asked_for_as_one_that_takes_a_label() {
    let check = |json: &str, expected: &str| {
        let request = MediaRequest::parse_json(MediaKind::Speech, json.as_bytes()).unwrap();
        let edits = MediaEdits { model: Some("m"), sound: Some("wav"), ..MediaEdits::default() };
        assert_eq!(String::from_utf8(request.to_upstream(&edits).unwrap()).unwrap(), expected);
    };
    check(r#"{"input":"a"}"#, r#"{"input":"a","model":"m","response_format":"wav"}"#);
    check(r#"{"input":"a","response_format":"mp3"}"#, r#"{"input":"a","response_format":"mp3","model":"m"}"#);
}

#[test]
fn what_cannot_be_served_is_refused_by_name() {
    let check = |kind, json: &str, code: &str, param: Option<&str>| {
        let error = MediaRequest::parse_json(kind, json.as_bytes()).unwrap_err();
        assert_eq!((error.code(), error.param()), (code, param), "{json}");
    };
    use MediaKind::{Edits, Pictures, Speech};
    check(Pictures, r#"{"n":1}"#, "missing_required_parameter", Some("prompt"));
    check(Pictures, r#"{"prompt":" "}"#, "missing_required_parameter", Some("prompt"));
    check(Pictures, r#"{"prompt":["a"]}"#, "invalid_type", Some("prompt"));
    check(Pictures, r#"{"prompt":"a","n":11}"#, "invalid_value", Some("n"));
    check(Pictures, r#"{"prompt":"a","n":0}"#, "invalid_value", Some("n"));
    check(Pictures, r#"{"prompt":"a","n":"x"}"#, "invalid_type", Some("n"));
    check(Pictures, r#"{"prompt":"a","stream":true}"#, "invalid_type", Some("stream"));
    check(Pictures, r#"{"prompt":"a","response_format":"file"}"#, "invalid_type", Some("response_format"));
    check(Pictures, r#"{"prompt":"a","prompt":"b"}"#, "duplicate_key", None);
    check(Pictures, r#"{"prompt":"a","Prompt":"b"}"#, "key_in_other_case", Some("prompt"));
    check(Pictures, r#"{"prompt":"a","model":{}}"#, "invalid_type", Some("model"));
    check(Edits, r#"{"prompt":"a"}"#, "missing_required_parameter", Some("image"));
    check(Speech, r#"{"prompt":"a"}"#, "missing_required_parameter", Some("input"));
    check(Speech, r#"{"input":"a","stream_format":"sse"}"#, "invalid_type", Some("stream"));
    check(Speech, "[]", "invalid_type", Some("request body"));
    let part = "--b0\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\na\r\n";
    let twice = format!("{part}{part}--b0--\r\n");
    let error = MediaRequest::parse_form(Pictures, twice.as_bytes(), "b0").unwrap_err();
    assert_eq!(error.code(), "duplicate_key");
    let file = part.replace("\"prompt\"", "\"prompt\"; filename=\"a.txt\"");
    let error = MediaRequest::parse_form(Pictures, format!("{file}--b0--\r\n").as_bytes(), "b0").unwrap_err();
    assert_eq!((error.code(), error.param()), ("invalid_type", Some("prompt")));
}

#[test]
fn an_answer_keeps_all_but_its_pictures() {
    let json = r#"{"created":7,"data":[{"b64_json":"QUI=","revised_prompt":"a boat"},{"url":"https:\/\/x\/y","b64_json":null}],"size":"64x64"}"#;
    let answer = PictureAnswer::parse(json.as_bytes()).unwrap().unwrap();
    assert_eq!(answer.items[0].place, PicturePlace::Base64("QUI=".into()));
    assert_eq!(answer.items[1].place, PicturePlace::Address("https://x/y".into()));
    assert_eq!(answer.items[0].texts[0].1, "a boat");
    assert_eq!(answer.texts[0].1, "64x64");
    let said = answer.items[0].texts[0].0.clone();
    let first = answer.item(
        &answer.items[0],
        &PicturePlace::Address("http://us/1".into()),
        &[(said, "a b".to_owned())],
        "\"c\":1",
    );
    assert_eq!(first.as_deref(), Ok(r#"{"url":"http://us/1","revised_prompt":"a b","c":1}"#));
    let second = answer.item(&answer.items[1], &PicturePlace::Base64("QQ==".into()), &[], "").unwrap();
    assert_eq!(second, r#"{"url":null,"b64_json":"QQ=="}"#);
    let whole = answer.with(&[second], &[], "\"aigc\":{}").unwrap();
    let expected = r#"{"created":7,"data":[{"url":null,"b64_json":"QQ=="}],"size":"64x64","aigc":{}}"#;
    assert_eq!(String::from_utf8(whole).unwrap(), expected);
    for other in ["{}", r#"{"data":[{"x":1}]}"#, r#"{"data":{},"data":[]}"#, r#"{"data":[{"b64_json":""}]}"#]
    {
        assert!(PictureAnswer::parse(other.as_bytes()).unwrap().is_none(), "{other}");
    }
    assert!(PictureAnswer::parse(b"\xff").is_err());
}
