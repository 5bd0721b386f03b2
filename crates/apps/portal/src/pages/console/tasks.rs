//! `/console/tasks`: what the software cannot do alone and asks an operator for.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use operations::{ReferralKind, TaskView};
use terms::{Locale, TaskId, Timestamp};

use crate::{
    Page, PortalState, Section, answer, failure::Failure, page::samples, pages::Samples, session::Operator,
    text::key,
};

/// The tasks.
#[derive(Template)]
#[template(path = "console/tasks.html")]
pub struct TasksPage {
    /// The frame.
    pub page: Page,
    /// The tasks, the oldest first.
    pub rows: Vec<TaskRow>,
    /// Whether this operator may close them.
    pub can_change: bool,
}

/// A task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskRow {
    /// Its id.
    pub task_id: String,
    /// What it is about, in a sentence.
    pub title: String,
    /// What to do.
    pub detail: String,
    /// Since when.
    pub raised_at: Timestamp,
    /// The page with its evidence, where there is one.
    pub page: Option<String>,
}

/// `GET /console/tasks`
pub(crate) async fn show(
    State(state): State<PortalState>,
    operator: Operator,
    page: Page,
) -> Result<Response, Failure> {
    let tasks = state.operations.task_list(&operator.actor).await?;
    answer::page(&TasksPage {
        rows: tasks.into_iter().map(|task| TaskRow::of(task, &state, &page)).collect(),
        can_change: page.may("resolve_tasks"),
        page: page.in_section(Section::Tasks),
    })
}

/// `POST /console/tasks/{id}/resolve`
pub(crate) async fn resolve(
    State(state): State<PortalState>,
    operator: Operator,
    Path(id): Path<TaskId>,
) -> Result<Response, Failure> {
    state.operations.task_resolve(&operator.actor, id).await?;
    Ok(answer::see_other("/console/tasks"))
}

impl TaskRow {
    fn of(task: TaskView, state: &PortalState, page: &Page) -> Self {
        let (title, detail) = match task.kind.as_str() {
            "calendar_missing" => (key!("task-calendar-missing-title"), key!("task-calendar-missing-text")),
            "calendar_unverified" => {
                (key!("task-calendar-unverified-title"), key!("task-calendar-unverified-text"))
            }
            "disk_full" => (key!("task-disk-full-title"), key!("task-disk-full-text")),
            "review" => (key!("task-review-title"), key!("task-review-text")),
            "crisis" => (key!("task-crisis-title"), key!("task-crisis-text")),
            _ => (key!("task-other-title"), key!("task-other-text")),
        };
        let referred = ReferralKind::from_word(&task.kind).and(task.detail.split_once(' '));
        let about = referred.map(|(category, _)| state.operations.category_name(category, page.locale));
        Self {
            page: referred.map(|_| format!("/console/tasks/{}", task.task_id)),
            task_id: task.task_id.to_string(),
            title: page.t1(title, "detail", about.as_deref().unwrap_or(&task.detail)),
            detail: page.t(detail),
            raised_at: task.created_at,
        }
    }
}

impl Samples for TasksPage {
    fn samples(locale: Locale) -> Vec<(&'static str, Self)> {
        let text = |zh: &str, en: &str| if locale == Locale::ZhCn { zh.to_owned() } else { en.to_owned() };
        let row = || TaskRow {
            task_id: "01KAR2YF8N2Q6ZT0M5B7WJ4C9D".to_owned(),
            title: text("缺少 2027 年的工作日历", "The working-day calendar of 2027 is missing"),
            detail: text(
                "2027 年的期限暂按每日计算。",
                "Time limits that reach into 2027 count every day for now.",
            ),
            raised_at: samples::hours_later(0),
            page: None,
        };
        let referral = TaskRow {
            title: text("待复核：诈骗", "To review: Fraud"),
            page: Some("/console/tasks/01KAR2YF8N2Q6ZT0M5B7WJ4C9D".to_owned()),
            ..row()
        };
        let page = |rows| Self {
            page: samples::operator(locale, "/console/tasks", Section::Tasks),
            rows,
            can_change: true,
        };
        vec![("console-tasks", page(vec![row(), referral])), ("console-tasks-none", page(Vec::new()))]
    }
}
