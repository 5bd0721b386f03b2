//! `/rules`: who provides this, what binds them, and in what time they answer.

use askama::Template;
use axum::{extract::State, response::Response};
use identity::IdentityLevel;
use operations::Operations;
use packs::{Obligation, ObligationState};
use terms::{Locale, ProduceId};

use super::{Samples, console::subjects};
use crate::{
    Key, Page, PortalState, Section, answer, convert,
    failure::Failure,
    page::{in_china, samples},
    text::key,
};

/// The rules.
#[derive(Template)]
#[template(path = "rules.html")]
pub struct RulesPage {
    /// The frame.
    pub page: Page,
    /// The provider's code, or `TRIAL`.
    pub provider_code: String,
    /// The models that answer here.
    pub models: Vec<String>,
    /// The visible label, with a sample id.
    pub label_sample: String,
    /// The level of identity that the chat needs, where it needs one.
    pub identity_level: Option<Key>,
    /// The published time limits.
    pub limits: Vec<LimitView>,
    /// The obligations, by instrument.
    pub groups: Vec<GroupView>,
    /// The pack they come from.
    pub pack: PackView,
}

/// A published time limit. The clock of a case reads the same datum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitView {
    /// What for.
    pub name: Key,
    /// In words.
    pub text: String,
}

/// The obligations of one instrument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupView {
    /// The instrument's title.
    pub title: String,
    /// Its obligations.
    pub rows: Vec<DutyView>,
}

/// One obligation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DutyView {
    /// The row's id in the pack.
    pub id: String,
    /// The article.
    pub article: String,
    /// The duty in a sentence.
    pub duty: String,
    /// For which services it applies, where it is not for every one.
    pub condition: Option<String>,
    /// What this service does about it, or will.
    pub controls: Vec<String>,
    /// Whether it does so already.
    pub state: DutyState,
    /// How sure the wording is.
    pub verification: Verification,
}

/// How much of a duty this version covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DutyState {
    /// All of it.
    Covered,
    /// Some of it.
    Partly,
    /// None yet.
    Planned,
    /// It is no work for software.
    NoControl,
}

/// How sure the wording of a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verification {
    /// Read in the official text.
    Primary,
    /// Read in a public rendering.
    Secondary,
    /// Not read.
    Memory,
}

/// What the control of that name does, in words.
#[must_use]
pub fn control_text(locale: Locale, name: &str) -> String {
    crate::lookup(locale, &format!("control-{}", name.replace('.', "-")), &[])
}

/// For which services a row with that scope flag applies, in words.
#[must_use]
pub fn condition_text(locale: Locale, flag: &str) -> String {
    crate::lookup(locale, &format!("scope-{}", flag.replace('.', "-")), &[])
}

/// Which pack is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackView {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: String,
    /// Its hash.
    pub hash: String,
}

impl DutyView {
    /// Its status in words.
    #[must_use]
    pub fn status(&self) -> Key {
        match self.state {
            DutyState::Covered => key!("rules-status-implemented"),
            DutyState::Partly => key!("rules-status-partly"),
            DutyState::Planned => key!("rules-status-planned"),
            DutyState::NoControl => key!("rules-status-none"),
        }
    }

    /// The look of its status.
    #[must_use]
    pub fn tone(&self) -> &'static str {
        match self.state {
            DutyState::Covered => "good",
            DutyState::Partly => "caution",
            DutyState::Planned | DutyState::NoControl => "plain",
        }
    }

    /// Its verification in words.
    #[must_use]
    pub fn verified(&self) -> Key {
        match self.verification {
            Verification::Primary => key!("rules-verified-primary"),
            Verification::Secondary => key!("rules-verified-secondary"),
            Verification::Memory => key!("rules-verified-memory"),
        }
    }
}

/// `GET /rules`
pub(crate) async fn show(State(state): State<PortalState>, page: Page) -> Result<Response, Failure> {
    let operations = &state.operations;
    let (settings, pack, locale) = (operations.settings(), operations.pack(), page.locale);
    answer::page(&RulesPage {
        provider_code: settings.provider_code.to_string(),
        models: settings.models.clone(),
        label_sample: operations.visible_label().render(&ProduceId::from_u128(SAMPLE_ID)),
        identity_level: Some(settings.admit.identity_level)
            .filter(|level| *level != IdentityLevel::None)
            .map(|level| subjects::level_name(level.as_str())),
        limits: convert::limits(operations, locale),
        groups: groups(operations, locale),
        pack: PackView {
            id: pack.id().to_owned(),
            version: pack.version().to_owned(),
            hash: hex::encode(pack.hash()),
        },
        page: page.in_section(Section::Rules),
    })
}

/// An id that no generation can have: its time is 1970.
const SAMPLE_ID: u128 = 0x0123_4567_89ab_cdef;

/// The obligations in force, by instrument, in the order of the pack.
fn groups(operations: &Operations, locale: Locale) -> Vec<GroupView> {
    let today = in_china(operations.now()).date();
    let mut groups: Vec<GroupView> = Vec::new();
    for obligation in operations.pack().obligations().filter(|row| row.is_in_force(today)) {
        let title = obligation.instrument.title.get(locale);
        let row = DutyView::of(obligation, locale);
        match groups.iter_mut().find(|group| group.title == title) {
            Some(group) => group.rows.push(row),
            None => groups.push(GroupView { title: title.to_owned(), rows: vec![row] }),
        }
    }
    groups
}

impl DutyView {
    fn of(obligation: &Obligation, locale: Locale) -> Self {
        Self {
            id: obligation.id.clone(),
            article: obligation.article_in(locale).to_owned(),
            duty: obligation.duty.get(locale).to_owned(),
            condition: obligation.applies_if.as_deref().map(|flag| condition_text(locale, flag)),
            controls: obligation
                .control
                .iter()
                .map(|control| control_text(locale, control.as_str()))
                .collect(),
            state: match obligation.state() {
                ObligationState::Covered => DutyState::Covered,
                ObligationState::Partly => DutyState::Partly,
                ObligationState::Planned => DutyState::Planned,
                ObligationState::NoControl => DutyState::NoControl,
            },
            verification: match obligation.verification {
                packs::Verification::Primary => Verification::Primary,
                packs::Verification::Secondary => Verification::Secondary,
                packs::Verification::Memory => Verification::Memory,
            },
        }
    }
}

impl Samples for RulesPage {
    fn samples(locale: Locale) -> Vec<(&'static str, Self)> {
        let chinese = locale == Locale::ZhCn;
        let text = |zh: &str, en: &str| if chinese { zh.to_owned() } else { en.to_owned() };
        let duty = |id: &str, article: &str, duty: String, controls: &[&str], state, verification| DutyView {
            id: id.to_owned(),
            article: article.to_owned(),
            duty,
            condition: (id == "cn.ds.11").then(|| condition_text(locale, "service.public-opinion")),
            controls: controls.iter().map(|name| control_text(locale, name)).collect(),
            state,
            verification,
        };
        vec![(
            "rules",
            Self {
                page: samples::visitor(locale, "/rules", Section::Rules),
                provider_code: "TRIAL".to_owned(),
                models: vec!["cinnabar-demo".to_owned()],
                label_sample: "（本内容由人工智能生成 AI-generated · 01KAR2XW5T8E3RPQ0V6HZM1N4B）".to_owned(),
                identity_level: Some(key!("level-phone")),
                limits: vec![
                    LimitView {
                        name: key!("case-kind-appeal"),
                        text: text("15 个工作日内", "within 15 working days"),
                    },
                    LimitView {
                        name: key!("case-kind-complaint"),
                        text: text("15 个工作日内", "within 15 working days"),
                    },
                    LimitView {
                        name: key!("case-kind-report"),
                        text: text("10 个工作日内", "within 10 working days"),
                    },
                ],
                groups: vec![
                    GroupView {
                        title: text(
                            "生成式人工智能服务管理暂行办法",
                            "Interim Measures for Generative AI Services",
                        ),
                        rows: vec![
                            duty(
                                "cn.genai.4.1",
                                "4(1)",
                                text(
                                    "不得生成法律、行政法规禁止的内容",
                                    "Generate no content that the law forbids",
                                ),
                                &["gateway.input-check", "gateway.stream-guard"],
                                DutyState::Covered,
                                Verification::Secondary,
                            ),
                            duty(
                                "cn.genai.15",
                                "15",
                                text(
                                    "设置便捷的投诉、举报入口，公布处理流程和反馈时限",
                                    "Offer an easy way to complain; publish process and time limit",
                                ),
                                &["cases.complaint", "portal.rules"],
                                DutyState::Partly,
                                Verification::Secondary,
                            ),
                        ],
                    },
                    GroupView {
                        title: text("互联网信息服务深度合成管理规定", "Provisions on Deep Synthesis"),
                        rows: vec![duty(
                            "cn.ds.11",
                            "11",
                            text(
                                "发现利用服务传播虚假信息的，及时辟谣",
                                "Refute rumours spread through the service",
                            ),
                            &["safety.refute"],
                            DutyState::Planned,
                            Verification::Memory,
                        )],
                    },
                ],
                pack: PackView {
                    id: "cn".to_owned(),
                    version: "2026.11".to_owned(),
                    hash: "3b8e0d".repeat(10) + "77aa",
                },
            },
        )]
    }
}
