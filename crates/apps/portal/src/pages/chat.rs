//! `/chat`: talking to the model, with or without JavaScript.

use askama::Template;
use axum::{
    Form, Json,
    body::Bytes,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode};
use operations::{Mode, OperationError, PersonView};
use serde::{Deserialize, Serialize};
use terms::{Locale, ProduceId};

use super::Samples;
use crate::{
    BlockNotice, ChatMessage, ChatRole, Key, Page, PortalState, Section, answer, convert, failure::Failure,
    page::samples, session::Person, text::key,
};

/// The chat.
#[derive(Template)]
#[template(path = "chat.html")]
pub struct ChatPage {
    /// The frame.
    pub page: Page,
    /// Whether this visitor may send: agreement accepted, nothing in the way.
    pub entry: Entry,
    /// What was said so far.
    pub turns: Vec<TurnView>,
    /// The same, for the hidden field.
    pub history: String,
    /// What the last message met instead of an answer.
    pub notice: Option<Notice>,
    /// A message that could not be sent and is handed back.
    pub draft: String,
    /// The name of the conversation, so that one that a rule ended is not taken up again.
    pub session: String,
    /// Prompts to try.
    pub examples: Vec<Example>,
    /// The model that answers.
    pub model: String,
    /// The visible label with `{produce_id}` in it, for the script.
    pub label_template: String,
}

/// What stands between this visitor and the first message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// Nothing.
    Open,
    /// The agreement, by its hash.
    Agreement {
        /// The hash of the text that is to be accepted.
        hash: String,
        /// Its version.
        version: String,
    },
    /// A suspension.
    Suspended {
        /// Until when; without an end when absent.
        until: Option<terms::Timestamp>,
        /// Where the reasons stand.
        appeal_url: Option<String>,
    },
    /// Chatting here needs a session that this deployment does not give out.
    Closed,
}

/// One thing that was said, for the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TurnView {
    /// Whether the model said it.
    pub by_model: bool,
    /// What.
    pub text: String,
    /// The label under it.
    pub label: Option<String>,
    /// The id under which it is recorded.
    pub produce_id: Option<String>,
    /// That it was stopped.
    pub blocked: Option<BlockNotice>,
}

/// A refusal in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What happened.
    pub message: String,
    /// The page that helps.
    pub page: Option<String>,
}

/// A prompt to try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Example {
    /// What the button says.
    pub name: Key,
    /// What is sent.
    pub prompt: Key,
}

impl Example {
    /// What the chat offers. The cues for the demo model are offered in a trial only.
    #[must_use]
    pub fn offered(trial: bool) -> Vec<Self> {
        let mut examples = vec![
            Self { name: key!("chat-example-label"), prompt: key!("chat-example-label-prompt") },
            Self { name: key!("chat-example-ledger"), prompt: key!("chat-example-ledger-prompt") },
        ];
        if trial {
            examples.push(Self {
                name: key!("chat-example-blocked"),
                prompt: key!("chat-example-blocked-prompt"),
            });
            examples
                .push(Self { name: key!("chat-example-drift"), prompt: key!("chat-example-drift-prompt") });
        }
        examples
    }
}

impl ChatPage {
    fn sample(locale: Locale, entry: Entry) -> Self {
        Self {
            page: samples::visitor(locale, "/chat", Section::Chat),
            entry,
            turns: Vec::new(),
            history: "[]".to_owned(),
            notice: None,
            draft: String::new(),
            session: "01KAR2XW5T8E3RPQ0V6HZM1N4C".to_owned(),
            examples: Example::offered(true),
            model: "cinnabar-demo".to_owned(),
            label_template: "（本内容由人工智能生成 AI-generated · {produce_id}）".to_owned(),
        }
    }
}

/// What the hidden field carries: the conversation is kept by the page and nowhere else.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Past {
    role: ChatRole,
    content: String,
    #[serde(default)]
    label: Option<String>,
    #[serde(default)]
    produce_id: Option<String>,
}

/// A message from a browser without script.
#[derive(Deserialize)]
pub(crate) struct Message {
    #[serde(default)]
    history: String,
    #[serde(default)]
    session: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    example: String,
}

/// Most turns that are carried along.
const TURNS_MAX: usize = 200;

/// `GET /chat`
pub(crate) async fn show(
    State(state): State<PortalState>,
    Person(person): Person,
    page: Page,
) -> Result<Response, Failure> {
    answer::page(&empty(&state, person.as_ref(), page).await?)
}

/// `POST /chat`: a whole answer, for browsers without script.
pub(crate) async fn say(
    State(state): State<PortalState>,
    Person(person): Person,
    page: Page,
    Form(form): Form<Message>,
) -> Result<Response, Failure> {
    let locale = page.locale;
    let mut chat = empty(&state, person.as_ref(), page).await?;
    if let Some(session) = named(&form.session) {
        chat.session = session;
    }
    let mut past: Vec<Past> = serde_json::from_str(&form.history).unwrap_or_default();
    past.truncate(TURNS_MAX);
    chat.turns = past.iter().map(TurnView::of).collect();
    let prompt = convert::typed(&form.example).or_else(|| convert::typed(&form.message));
    let (Some(prompt), Some(person), Entry::Open) = (prompt, person, &chat.entry) else {
        chat.history = form.history;
        chat.draft = form.message;
        return answer::page(&chat);
    };
    let asked = Past { role: ChatRole::User, content: prompt, label: None, produce_id: None };
    let messages = past.iter().chain([&asked]).map(Past::message).collect();
    chat.turns.push(TurnView::of(&asked));
    match state.talk.answer(person.subject_id, Some(chat.session.clone()), locale, messages).await {
        Ok(answer) => {
            let label = |id: &ProduceId| state.operations.visible_label().render(id);
            let answered = Past {
                role: ChatRole::Assistant,
                content: state.operations.visible_label().strip(&answer.text).trim_end().to_owned(),
                label: answer.produce_id.as_ref().map(label),
                produce_id: answer.produce_id.map(|id| id.to_string()),
            };
            chat.turns.push(TurnView { blocked: answer.blocked.clone(), ..TurnView::of(&answered) });
            // A prompt whose answer a rule stopped is not sent again with the next one.
            if answer.blocked.is_none() {
                past.extend([asked, answered]);
            }
        }
        Err(OperationError::Refused(refusal)) => {
            let message = if locale == Locale::ZhCn { refusal.message_zh } else { refusal.message };
            match (refusal.decision, chat.turns.last_mut()) {
                (Some(decision), Some(turn)) => {
                    turn.blocked =
                        Some(BlockNotice { message: Some(message), appeal_url: decision.appeal_url });
                }
                _ => {
                    chat.turns.pop();
                    chat.draft = asked.content;
                    chat.notice = Some(Notice { message, page: refusal.page });
                }
            }
        }
        Err(error) => return Err(error.into()),
    }
    chat.history = serde_json::to_string(&past).map_err(|error| Failure::internal(&error))?;
    answer::page(&chat)
}

/// `POST /chat/stream`: the same in OpenAI's shape, for the script.
pub(crate) async fn stream(
    State(state): State<PortalState>,
    Person(person): Person,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let session = headers.get(SESSION).and_then(|name| named(name.to_str().ok()?));
    match person {
        Some(person) => state.talk.stream(person.subject_id, session, body).await,
        None => {
            let error = serde_json::json!({ "error": {
                "message": "accept the service agreement first",
                "message_zh": "请先同意服务协议",
                "type": "authentication_error",
                "code": "session_required",
                "page": "/chat",
            }});
            (StatusCode::UNAUTHORIZED, Json(error)).into_response()
        }
    }
}

/// The header by which the script names the conversation, as applications do.
const SESSION: &str = "x-cinnabar-session";

/// The name of a conversation as a page gave it out: what is none counts as no name.
fn named(session: &str) -> Option<String> {
    (1..=operations::SESSION_BYTES_MAX).contains(&session.len()).then(|| session.to_owned())
}

/// The chat before anything was said.
async fn empty(state: &PortalState, person: Option<&PersonView>, page: Page) -> Result<ChatPage, Failure> {
    let settings = state.operations.settings();
    let (entry, notice) = entry(state, person, &page).await?;
    Ok(ChatPage {
        entry,
        turns: Vec::new(),
        history: "[]".to_owned(),
        notice,
        draft: String::new(),
        session: state.operations.new_id(),
        examples: Example::offered(settings.mode == Mode::Trial),
        model: settings.models.first().cloned().unwrap_or_default(),
        label_template: label_template(state),
        page: page.in_section(Section::Chat),
    })
}

/// The label with a gap for the id, as the script fills it.
fn label_template(state: &PortalState) -> String {
    let blank = ProduceId::from_u128(0);
    state.operations.visible_label().render(&blank).replace(&blank.to_string(), "{produce_id}")
}

/// What stands between a visitor and the first message: asked of the same admission that every request meets.
async fn entry(
    state: &PortalState,
    person: Option<&PersonView>,
    page: &Page,
) -> Result<(Entry, Option<Notice>), Failure> {
    let agreement = || {
        let agreement = state.operations.agreement(page.locale);
        Entry::Agreement { hash: agreement.hash, version: agreement.version }
    };
    let Some(person) = person else {
        let is_trial = state.operations.settings().mode == Mode::Trial;
        return Ok((if is_trial { agreement() } else { Entry::Closed }, None));
    };
    match state.operations.admit_person(person.subject_id).await {
        Ok(_) => Ok((Entry::Open, None)),
        Err(OperationError::Refused(refusal)) => match (&person.suspended, refusal.code) {
            (Some(penalty), _) => {
                Ok((Entry::Suspended { until: penalty.ends_at, appeal_url: refusal.page }, None))
            }
            (None, "agreement_required") => Ok((agreement(), None)),
            (None, _) => {
                let message = if page.locale == Locale::ZhCn { refusal.message_zh } else { refusal.message };
                Ok((Entry::Closed, Some(Notice { message, page: refusal.page })))
            }
        },
        Err(error) => Err(error.into()),
    }
}

impl Past {
    fn message(&self) -> ChatMessage {
        ChatMessage { role: self.role, content: self.content.clone() }
    }
}

impl TurnView {
    fn of(past: &Past) -> Self {
        Self {
            by_model: past.role == ChatRole::Assistant,
            text: past.content.clone(),
            label: past.label.clone(),
            produce_id: past.produce_id.clone(),
            blocked: None,
        }
    }
}

impl Samples for ChatPage {
    fn samples(locale: Locale) -> Vec<(&'static str, Self)> {
        let chinese = locale == Locale::ZhCn;
        let text = |zh: &str, en: &str| if chinese { zh.to_owned() } else { en.to_owned() };
        let id = "01KAR2XW5T8E3RPQ0V6HZM1N4B";
        let question = TurnView {
            by_model: false,
            text: text("生成的内容是怎样标识的？", "How is generated content labelled?"),
            label: None,
            produce_id: None,
            blocked: None,
        };
        let answer = TurnView {
            by_model: true,
            text: text(
                "每个回答的末尾都带有一行看得见的标识，其中含有本次生成的编号。\n\n凭这个编号，任何人都可以在“核验”页面查到它是否由本服务生成、何时生成、由哪个模型生成。",
                "Every answer ends with a visible label that carries the id of this generation.\n\nWith that id anyone can look up on the Verify page whether it was generated here, when, and by which model.",
            ),
            label: Some(format!("（本内容由人工智能生成 AI-generated · {id}）")),
            produce_id: Some(id.to_owned()),
            blocked: None,
        };
        let stopped = TurnView {
            text: text("好的，我先说第一点：", "Certainly. The first point is:"),
            blocked: Some(BlockNotice {
                message: Some(text(
                    "回答在这里被中止：其中一段文字命中了安全规则。",
                    "The answer was stopped here: a passage matched a safety rule.",
                )),
                appeal_url: "/appeals/6f1d2c3b4a5968770123456789abcdef".to_owned(),
            }),
            ..answer.clone()
        };
        let drift = TurnView {
            text: text("demo:drift 换个话题", "demo:drift another topic"),
            ..question.clone()
        };
        vec![
            (
                "chat-agreement",
                Self::sample(
                    locale,
                    Entry::Agreement { hash: "9f2c".repeat(16), version: "2026-11".to_owned() },
                ),
            ),
            ("chat", Self::sample(locale, Entry::Open)),
            (
                "chat-talk",
                Self { turns: vec![question, answer, drift, stopped], ..Self::sample(locale, Entry::Open) },
            ),
            (
                "chat-refused",
                Self {
                    notice: Some(Notice {
                        message: text(
                            "请求过于频繁，请稍后再试。",
                            "Too many requests. Please wait a moment.",
                        ),
                        page: Some("/rules".to_owned()),
                    }),
                    draft: text("再问一次", "Ask again"),
                    ..Self::sample(locale, Entry::Open)
                },
            ),
            (
                "chat-suspended",
                Self::sample(
                    locale,
                    Entry::Suspended {
                        until: Some(samples::hours_later(48)),
                        appeal_url: Some("/appeals/6f1d2c3b4a5968770123456789abcdef".to_owned()),
                    },
                ),
            ),
            ("chat-closed", Self::sample(locale, Entry::Closed)),
        ]
    }
}
