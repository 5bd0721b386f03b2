//! The pages: what people see of Cinnabar, from the chat to the console.
//!
//! A handler extracts, calls one operation and renders; the text is in `locales/`, the markup in `templates/`, and neither
//! holds a rule. Every page works without JavaScript except live streaming, and no page carries inline scripts or styles.
//!
//! [`router`] serves everything. [`PortalState`] is what it needs: the operations, and a [`Talk`] for the chat of
//! people whose browser runs no script.

pub mod access;
mod answer;
mod assets;
mod convert;
pub mod cookies;
mod failure;
mod page;
pub mod pages;
pub mod reference;
mod routes;
mod security;
mod session;
mod talk;
mod text;
mod visit;

pub use page::{Page, Section};
pub use reference::ApiReference;
pub use routes::router;
pub use talk::{BlockNotice, ChatAnswer, ChatMessage, ChatRole, Talk};
pub use text::{Key, lookup};

use std::sync::Arc;

use operations::Operations;

/// What the pages need.
#[derive(Clone)]
pub struct PortalState {
    /// The use cases.
    pub operations: Operations,
    /// Answers a chat message as a whole, for browsers without JavaScript.
    pub talk: Arc<dyn Talk>,
    /// Our own API, for its page.
    pub reference: Arc<ApiReference>,
}
