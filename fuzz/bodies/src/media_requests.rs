//! Requests for pictures and speech, in JSON and as forms, and answers with pictures.
//!
//! What is read and sent on unedited is the same bytes. Edited, it reads as edited: the model and the prompt that were
//! put in are the ones that stand there, and the end user's name is gone. An answer with its own pictures put back is read
//! again with the same pictures.

use wire::{
    chat::EndUser,
    media::{MediaEdits, MediaKind, MediaRequest, PictureAnswer, PictureItem},
};

/// The boundary of the forms in the seeds.
const BOUNDARY: &str = "b";

/// Reads `data` as whatever it may be.
pub fn run(data: &[u8]) {
    for kind in [MediaKind::Pictures, MediaKind::Edits, MediaKind::Speech] {
        if let Ok(request) = MediaRequest::parse_json(kind, data) {
            check(&request, data, |sent| MediaRequest::parse_json(kind, sent).map(|read| seen(&read)).ok());
        }
        if let Ok(request) = MediaRequest::parse_form(kind, data, BOUNDARY) {
            check(&request, data, |sent| {
                MediaRequest::parse_form(kind, sent, BOUNDARY).map(|read| seen(&read)).ok()
            });
        }
    }
    let Ok(Some(answer)) = PictureAnswer::parse(data) else { return };
    let back = |item: &PictureItem<'_>| {
        let Ok(text) = answer.item(item, &item.place, &[], "") else { unreachable!("a picture goes back") };
        text
    };
    let items: Vec<String> = answer.items.iter().map(back).collect();
    let Ok(whole) = answer.with(&items, &[], "\"aigc\":{}") else {
        unreachable!("an answer takes its own pictures")
    };
    let again = PictureAnswer::parse(&whole);
    // A provider's own `aigc` would stand there twice, which is no answer.
    if let Ok(Some(again)) = again {
        let places = |answer: &PictureAnswer<'_>| -> Vec<String> {
            answer.items.iter().map(|item| format!("{:?}", item.place)).collect()
        };
        assert_eq!(places(&again), places(&answer));
    }
}

/// Model, prompt and end user.
fn seen(request: &MediaRequest<'_>) -> (Option<String>, String, Option<String>) {
    let model = request.model.as_ref().map(|model| model.text.clone().into_owned());
    (model, request.prompt().to_owned(), request.end_user().map(str::to_owned))
}

type Seen = (Option<String>, String, Option<String>);

fn check(request: &MediaRequest<'_>, data: &[u8], read: impl Fn(&[u8]) -> Option<Seen>) {
    let kept = MediaEdits { end_user: EndUser::Keep, ..MediaEdits::default() };
    assert_eq!(request.to_upstream(&kept).as_deref(), Ok(data));
    let Some(prompt) = request.texts.first() else { unreachable!("a request has a prompt") };
    let texts = [(prompt.place.clone(), "a \"boat\"".to_owned())];
    let edits = MediaEdits { model: Some("their"), sound: None, end_user: EndUser::Remove, texts: &texts };
    let Ok(sent) = request.to_upstream(&edits) else { unreachable!("fields lie apart") };
    assert_eq!(read(&sent), Some((Some("their".to_owned()), "a \"boat\"".to_owned(), None)));
}
