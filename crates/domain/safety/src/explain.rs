//! Why a verdict is what it is: every hit with its rule, its place in the original, what was read there, on what ground
//! it is a hit and who decided what is done, as data and as sentences; and the terms that an allowed phrase exempts.

mod sentences;

use terms::Direction;

use crate::engine::Side;
use crate::matcher::kinds::side_of;
use crate::stream::Traced;
use crate::{
    Action, Category, Channel, Engine, Finding, FollowUps, HOLD_RULE, PersonalData, Situation, Verdict,
    normalise,
};

/// How many exempted terms an explanation lists at most.
pub const EXEMPTED_MAX: usize = 256;

/// A verdict with its reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// For whom, what for and which way the text was judged.
    pub situation: Situation,
    /// The version of the rules ([`Engine::version`]).
    pub engine_version: [u8; 32],
    /// The strongest action.
    pub action: Action,
    /// All that follows.
    pub then: FollowUps,
    /// The text with what asked for it masked; `None` where nothing changed, and where the text is blocked.
    pub text: Option<String>,
    /// The listed hits, as in [`Verdict::findings`].
    pub findings: Vec<Explained>,
    /// How many hits are not listed.
    pub omitted: usize,
    /// Terms that are no hits because an allowed phrase covers them; at most [`EXEMPTED_MAX`]. Looked for in the text as
    /// it stands, past a block too.
    pub exempted: Vec<Exempted>,
}

/// One hit with its reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// The hit; its places are bytes of the original text.
    pub finding: Finding,
    /// For each character of [`Finding::normalised`]: where the original it was read from starts and ends, in bytes.
    pub origins: Vec<(usize, usize)>,
    /// How the text was read where it was found.
    pub reading: ReadAs,
    /// On what ground it is a hit.
    pub ground: Ground,
    /// Who decided what is done.
    pub decider: Decider,
}

/// How a text was read where a hit was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReadAs {
    /// Exactly as it stands.
    Written,
    /// With characters folded: width, case, decorations, what is not seen.
    Folded,
    /// With JSON escape sequences read.
    Escapes,
    /// Otherwise undone, such as without separators.
    Undisguised,
    /// By its sound.
    Sound,
}

/// On what ground a hit is one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Ground {
    /// A term of a lexicon stands there.
    Term {
        /// The term as it is looked for.
        term: String,
    },
    /// Personal data: by its shape, and by what else is checked of that kind.
    PersonalData {
        /// The kind, such as `resident-id`.
        kind: String,
    },
    /// What could still become a hit grew past what may be held back.
    HoldLimit {
        /// How many bytes were waited for.
        bytes: usize,
    },
    /// The rule of another detector, by its name.
    Rule,
}

/// Who decided what is done about a hit.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Decider {
    /// The entry of the lexicon names the action.
    Entry,
    /// A row of the policy, or one of each of several packs.
    Row {
        /// Where it stands, such as `cn policy.yaml:12`; several are joined by commas.
        origin: String,
    },
    /// The default of the category.
    Default,
    /// The limit of what may be held back.
    Limit,
    /// The reading: what it finds may be chance, so that a person looks at it and nothing else is done.
    Hint,
}

/// A term that is no hit because an allowed phrase covers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exempted {
    /// The rule that would have hit.
    pub rule: String,
    /// Its category.
    pub category: Category,
    /// Where the term starts in the original text, in bytes.
    pub start: usize,
    /// Where it ends, exclusive.
    pub end: usize,
    /// The allowed phrase, normalised.
    pub phrase: String,
    /// Where the phrase starts in the original text, in bytes.
    pub phrase_start: usize,
    /// Where it ends, exclusive.
    pub phrase_end: usize,
}

impl ReadAs {
    /// The word used in data.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Written => "written",
            Self::Folded => "folded",
            Self::Escapes => "escapes",
            Self::Undisguised => "undisguised",
            Self::Sound => "sound",
        }
    }

    fn of(original: &str, finding: &Finding) -> Self {
        match finding.channel {
            Channel::Strict => {}
            Channel::Json | Channel::Html | Channel::Percent | Channel::Base64 => return Self::Escapes,
            Channel::Pinyin => return Self::Sound,
            Channel::Compact | Channel::Leet | Channel::Emoji | Channel::Decomposed | Channel::Reversed => {
                return Self::Undisguised;
            }
        }
        // Personal data stands masked in a finding, so that only its length can be compared.
        let read = &finding.normalised;
        let is = match finding.category.is_confidential() {
            true => original.chars().count() == read.chars().count(),
            false => original == read,
        };
        if is { Self::Written } else { Self::Folded }
    }
}

impl Ground {
    /// The word used in data.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Term { .. } => "term",
            Self::PersonalData { .. } => "personal-data",
            Self::HoldLimit { .. } => "hold-limit",
            Self::Rule => "rule",
        }
    }

    fn of(finding: &Finding) -> Self {
        if finding.rule == HOLD_RULE {
            return Self::HoldLimit { bytes: finding.end.saturating_sub(finding.start) };
        }
        match finding.rule.split_once('.') {
            // What was heard is not the term as it is written.
            Some(("lexicon", _)) if finding.channel == Channel::Pinyin => Self::Rule,
            Some(("lexicon", _)) => Self::Term { term: finding.normalised.clone() },
            Some(("personal-data" | "secrets", kind)) => Self::PersonalData { kind: kind.to_owned() },
            _ => Self::Rule,
        }
    }
}

impl Decider {
    /// The word used in data.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Entry => "entry",
            Self::Row { .. } => "policy",
            Self::Default => "default",
            Self::Limit => "limit",
            Self::Hint => "hint",
        }
    }
}

impl Explanation {
    pub(crate) fn of(engine: &Engine, side: &Side, text: &str, situation: Situation) -> Self {
        let mut stream = engine.stream(situation).traced();
        let mut released = String::with_capacity(text.len());
        stream.push(text, &mut released);
        let Verdict { action, then, findings, omitted } = stream.finish(&mut released);
        let trace = stream.take_trace();
        let is_changed = action != Action::Block && released != text;
        let findings = findings.into_iter().map(|finding| {
            let traced = trace.iter().find(|traced| traced.is_of(&finding));
            Explained {
                origins: traced.map(|traced| traced.origins.clone()).unwrap_or_default(),
                reading: ReadAs::of(text.get(finding.start..finding.end).unwrap_or_default(), &finding),
                ground: Ground::of(&finding),
                decider: decider(engine, traced, &finding, situation),
                finding,
            }
        });
        Self {
            situation,
            engine_version: engine.version(),
            action,
            then,
            text: is_changed.then_some(released),
            findings: findings.collect(),
            omitted,
            exempted: exempted(side, text, situation),
        }
    }

    /// Prompt or answer.
    #[must_use]
    pub const fn direction(&self) -> Direction {
        self.situation.direction
    }
}

fn decider(engine: &Engine, traced: Option<&Traced>, finding: &Finding, situation: Situation) -> Decider {
    if finding.rule == HOLD_RULE {
        return Decider::Limit;
    }
    if traced.is_some_and(|traced| traced.is_hint) {
        return Decider::Hint;
    }
    if traced.is_some_and(|traced| traced.named.is_some()) {
        return Decider::Entry;
    }
    let rows = engine.policy().decide(&finding.rule, &finding.category, situation).rows;
    if rows.is_empty() {
        return Decider::Default;
    }
    let origins: Vec<&str> = rows.iter().map(|row| row.origin.as_str()).collect();
    Decider::Row { origin: origins.join(", ") }
}

/// The terms of the text as it stands that an allowed phrase covers.
fn exempted(side: &Side, text: &str, situation: Situation) -> Vec<Exempted> {
    let Some(matcher) = &side.matcher else { return Vec::new() };
    let normal = normalise(text);
    let chars: Vec<char> = normal.text.chars().collect();
    let place = |start: usize, end: usize| {
        let first = normal.origins.get(start)?.0;
        let last = normal.origins.get(end.checked_sub(1)?)?.1;
        Some((first, last))
    };
    let covered = matcher.exempted(&chars, side_of(situation)).into_iter().filter_map(|exemption| {
        let rule = side.rules.get(exemption.rule as usize)?;
        if rule.measure(situation).is_nothing() {
            return None;
        }
        let (start, end) = place(exemption.term.0, exemption.term.1)?;
        let (phrase_start, phrase_end) = place(exemption.phrase.0, exemption.phrase.1)?;
        Some(Exempted {
            rule: rule.name.clone(),
            category: rule.category.clone(),
            start,
            end,
            phrase: chars.get(exemption.phrase.0..exemption.phrase.1)?.iter().collect(),
            phrase_start,
            phrase_end,
        })
    });
    covered.take(EXEMPTED_MAX).collect()
}

/// Which checks a kind of personal data passes beside its shape, for the sentences: nothing where the shape is all.
pub(crate) fn checks(kind: &str) -> Option<(&'static str, &'static str)> {
    let known = |one: PersonalData| one.rule().split_once('.').is_some_and(|(_, name)| name == kind);
    let kind = PersonalData::ALL.into_iter().find(|one| known(*one))?;
    Some(match kind {
        PersonalData::ResidentId => (
            "出生日期有效，校验码符合 GB 11643-1999",
            "its date of birth exists and its check character fits GB 11643-1999",
        ),
        PersonalData::BankCard => {
            ("通过 Luhn 校验（ISO/IEC 7812）", "it passes the Luhn check of ISO/IEC 7812")
        }
        PersonalData::SocialCreditCode => {
            ("校验码符合 GB 32100-2015", "its check character fits GB 32100-2015")
        }
        PersonalData::OrganisationCode => (
            "前文有提示词，校验码符合 GB 11714-1997",
            "a word before it says so and its check character fits GB 11714-1997",
        ),
        PersonalData::NumberPlate => {
            ("字母与数字的个数符合 GA 36-2018", "its letters and digits fit GA 36-2018")
        }
        PersonalData::IpAddress => ("是公网地址", "the address is public"),
        PersonalData::TravelPermit
        | PersonalData::Name
        | PersonalData::Token
        | PersonalData::Password
        | PersonalData::PrivateKey
        | PersonalData::ConnectionString => ("前文有提示词", "a word before it says so"),
        PersonalData::Passport
        | PersonalData::MobilePhone
        | PersonalData::Landline
        | PersonalData::Email
        | PersonalData::Address
        | PersonalData::ApiKey => return None,
    })
}
