//! What every page shares: its language, its place in the navigation, and how it writes texts and times.

use std::fmt::Display;

use identity::Permission;
use terms::{ActorRole, Locale, Timestamp};

use crate::{
    assets,
    text::{self, AsKey, Key, key},
};

/// The part of the site that a page belongs to, for the mark in the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Section {
    /// None of the parts below.
    #[default]
    Elsewhere,
    /// The chat.
    Chat,
    /// The check of an id or a text.
    Verify,
    /// Complaints, reports and appeals.
    Cases,
    /// The rules.
    Rules,
    /// The console's queue and its cases.
    Queue,
    /// The console's list of people.
    Subjects,
    /// The console's list of decisions.
    Decisions,
    /// The console's view of the ledger.
    Ledger,
    /// The console's application keys.
    Keys,
    /// Who may be given things without a visible label.
    Grants,
    /// The console's operators.
    Operators,
    /// The console's tasks.
    Tasks,
    /// What the safety engine hit, in figures.
    Safety,
    /// The trial of a text.
    Try,
    /// The feature library.
    Lexicon,
    /// Changes to the feature library that wait for a second person.
    Proposals,
    /// The versions of the feature library.
    Versions,
    /// The feature library beside the floors of the standard.
    Coverage,
    /// What was hit wrongly.
    FalsePositives,
    /// Runs beside the rules in force.
    Shadow,
}

/// The operator whose console this is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorBadge {
    /// The name they sign in with.
    pub name: String,
    /// Their role.
    pub role: ActorRole,
}

/// What the frame around every page needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The language of the page.
    pub locale: Locale,
    /// Whether this deployment is a trial.
    pub trial: bool,
    /// Who provides the service.
    pub provider: String,
    /// How to reach them without this software.
    pub contact: String,
    /// The path of the request, for the language switch.
    pub path: String,
    /// Where in the navigation this is.
    pub section: Section,
    /// The operator who is signed in, on console pages.
    pub operator: Option<OperatorBadge>,
}

impl Page {
    /// The same page, in that part of the site.
    #[must_use]
    pub fn in_section(mut self, section: Section) -> Self {
        self.section = section;
        self
    }

    /// The text of that name.
    #[must_use]
    pub fn t(&self, key: impl AsKey) -> String {
        text::lookup(self.locale, key.name(), &[])
    }

    /// The text of that name with one argument.
    #[must_use]
    pub fn t1(&self, key: impl AsKey, name: &'static str, value: impl Display) -> String {
        text::lookup(self.locale, key.name(), &[(name, &value)])
    }

    /// The text of that name with two arguments.
    #[must_use]
    pub fn t2(
        &self,
        key: impl AsKey,
        name: &'static str,
        value: impl Display,
        other_name: &'static str,
        other_value: impl Display,
    ) -> String {
        text::lookup(self.locale, key.name(), &[(name, &value), (other_name, &other_value)])
    }

    /// Whether the operator who looks at the page may do what that word of the permission table names.
    #[must_use]
    pub fn may(&self, permission: &str) -> bool {
        let role = self.operator.as_ref().map(|operator| operator.role);
        role.zip(Permission::from_word(permission))
            .is_some_and(|(role, permission)| identity::permits(role, permission))
    }

    /// The language tag, for `lang`.
    #[must_use]
    pub fn lang(&self) -> &'static str {
        self.locale.tag()
    }

    /// Whether the page is in that language.
    #[must_use]
    pub fn speaks(&self, tag: &str) -> bool {
        self.locale.tag() == tag
    }

    /// The address of a static file, with the hash of its content.
    #[must_use]
    pub fn asset(&self, name: &str) -> String {
        assets::address(name)
    }

    /// This page in that language.
    #[must_use]
    pub fn in_language(&self, tag: &str) -> String {
        format!("{}?lang={tag}", self.path)
    }

    /// `aria-current` for a navigation link: `page` on the page's own section, else nothing.
    #[must_use]
    pub fn current(&self, section: &str) -> &'static str {
        if self.section.word() == section { "page" } else { "false" }
    }

    /// A point in time for people: date and minute in China's time zone, which the deadlines are counted in.
    #[must_use]
    pub fn time(&self, at: &Timestamp) -> String {
        let local = in_china(*at);
        match self.locale {
            Locale::ZhCn => local.strftime("%Y年%-m月%-d日 %H:%M").to_string(),
            Locale::En => local.strftime("%-d %b %Y, %H:%M").to_string(),
        }
    }

    /// A day for people, in China's time zone.
    #[must_use]
    pub fn day(&self, at: &Timestamp) -> String {
        let local = in_china(*at);
        match self.locale {
            Locale::ZhCn => local.strftime("%Y年%-m月%-d日").to_string(),
            Locale::En => local.strftime("%-d %B %Y").to_string(),
        }
    }

    /// When a time limit ends, for people: the last day of one that is counted in days, which ends with the midnight
    /// after it; the very moment of any other.
    #[must_use]
    pub fn due(&self, at: &Timestamp) -> String {
        let local = in_china(*at);
        if local.time() == jiff::civil::Time::midnight() {
            self.day(&Timestamp::from_micros_clamped(at.as_micros().saturating_sub(1)))
        } else {
            self.time(at)
        }
    }
}

/// China has had one zone and no summer time since 1991, so a fixed offset is exact.
pub(crate) fn in_china(at: Timestamp) -> jiff::civil::DateTime {
    jiff::tz::Offset::constant(8).to_datetime(at.to_jiff())
}

impl Section {
    /// The word that templates use for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Elsewhere => "",
            Self::Chat => "chat",
            Self::Verify => "verify",
            Self::Cases => "cases",
            Self::Rules => "rules",
            Self::Queue => "queue",
            Self::Subjects => "subjects",
            Self::Decisions => "decisions",
            Self::Ledger => "ledger",
            Self::Keys => "keys",
            Self::Grants => "grants",
            Self::Operators => "operators",
            Self::Tasks => "tasks",
            Self::Safety => "safety",
            Self::Try => "try",
            Self::Lexicon => "lexicon",
            Self::Proposals => "proposals",
            Self::Versions => "versions",
            Self::Coverage => "coverage",
            Self::FalsePositives => "false-positives",
            Self::Shadow => "shadow",
        }
    }

    /// Whether it is one of the pages about the safety engine, which share a navigation of their own.
    #[must_use]
    pub const fn is_safety(self) -> bool {
        matches!(
            self,
            Self::Safety
                | Self::Try
                | Self::Lexicon
                | Self::Proposals
                | Self::Versions
                | Self::Coverage
                | Self::FalsePositives
                | Self::Shadow
        )
    }
}

impl OperatorBadge {
    /// The name of the role.
    #[must_use]
    pub fn role_name(&self) -> Key {
        role_name(self.role)
    }
}

/// The name of a role.
pub(crate) fn role_name(role: ActorRole) -> Key {
    match role {
        ActorRole::Administrator => key!("role-administrator"),
        ActorRole::Reviewer => key!("role-reviewer"),
        ActorRole::Compliance => key!("role-compliance"),
        ActorRole::Auditor => key!("role-auditor"),
        ActorRole::Service => key!("role-service"),
        ActorRole::Application => key!("role-application"),
        ActorRole::User => key!("role-user"),
        ActorRole::Anonymous => key!("role-anonymous"),
    }
}

/// Pages to render in tests and previews.
pub(crate) mod samples {
    use super::{OperatorBadge, Page, Section};
    use terms::{ActorRole, Locale, Timestamp};

    /// A public page of a trial.
    #[must_use]
    pub(crate) fn visitor(locale: Locale, path: &str, section: Section) -> Page {
        Page {
            locale,
            trial: true,
            provider: "Cinnabar".to_owned(),
            contact: "service@example.com".to_owned(),
            path: path.to_owned(),
            section,
            operator: None,
        }
    }

    /// A console page in service mode.
    #[must_use]
    pub(crate) fn operator(locale: Locale, path: &str, section: Section) -> Page {
        Page {
            trial: false,
            operator: Some(OperatorBadge { name: "lin.yue".to_owned(), role: ActorRole::Administrator }),
            ..visitor(locale, path, section)
        }
    }

    /// 2026-11-23 16:00 in Beijing, plus so many hours.
    #[must_use]
    pub(crate) fn hours_later(hours: u64) -> Timestamp {
        Timestamp::from_micros_clamped(1_795_420_800_000_000)
            .plus(std::time::Duration::from_secs(hours * 3600))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_for_beijing() {
        let at: Timestamp = "2026-11-23T16:30:00Z".parse().unwrap();
        let page = |locale| samples::visitor(locale, "/", Section::Elsewhere);
        assert_eq!(page(Locale::ZhCn).time(&at), "2026年11月24日 00:30");
        assert_eq!(page(Locale::En).day(&at), "24 November 2026");
    }

    #[test]
    fn a_limit_in_days_is_shown_by_its_last_day() {
        let page = |locale| samples::visitor(locale, "/", Section::Elsewhere);
        let filed: Timestamp = "2026-11-25T01:51:00Z".parse().unwrap();
        let limit = cases::Limit::calendar_days(9).unwrap();
        let due = limit.deadline(filed, 8, &cases::Calendar::default()).due;
        assert_eq!(page(Locale::ZhCn).due(&due), "2026年12月4日");
        assert_eq!(page(Locale::En).due(&due), "4 December 2026");
        let hours = cases::Limit::hours(48).unwrap().deadline(filed, 8, &cases::Calendar::default()).due;
        assert_eq!(page(Locale::ZhCn).due(&hours), "2026年11月27日 09:51");
    }
}
