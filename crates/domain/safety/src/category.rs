//! What a hit is about.
//!
//! The categories that ship are neutral: what is unlawful to offer or to say anywhere in trade and daily life. A
//! provider's own lists, political ones included, bring their own categories with the prefix `operator.`.

use std::{fmt, sync::Arc};

use terms::{Direction, Risk};

use crate::Action;

/// The prefix of the categories that an operator names.
pub const OPERATOR_PREFIX: &str = "operator.";

/// What a hit is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// Pornography and sexual services.
    Pornography,
    /// Gambling and its promotion.
    Gambling,
    /// Fraud, forged documents, trade in accounts.
    Fraud,
    /// Trade in weapons and explosives, instructions for making them.
    WeaponsTrade,
    /// Trade in narcotics.
    Drugs,
    /// Insults.
    Abuse,
    /// Words that the Advertising Law forbids in advertisements.
    AdvertisingLaw,
    /// Contempt for a group of people.
    Discrimination,
    /// Sexual content.
    SexualContent,
    /// Violence, and help to hurt others.
    Violence,
    /// Attempts to set a model's rules aside, injected ones too.
    Jailbreak,
    /// Asking to take the mark off what was generated.
    LabelRemoval,
    /// A person may be about to harm themself.
    SelfHarm,
    /// Asking for what is private about somebody.
    PrivacyRequest,
    /// Personal data.
    PersonalData,
    /// Keys, tokens and passwords.
    Secrets,
    /// The harmless sample phrases of the documentation and the tests.
    Test,
    /// More text would have to be held back than the limit allows.
    HoldLimit,
    /// A category of the operator's own, by its name without the prefix.
    Operator(Arc<str>),
}

impl Category {
    /// Every category that is not an operator's.
    pub const SHIPPED: [Self; 18] = [
        Self::Pornography,
        Self::Gambling,
        Self::Fraud,
        Self::WeaponsTrade,
        Self::Drugs,
        Self::Abuse,
        Self::AdvertisingLaw,
        Self::Discrimination,
        Self::SexualContent,
        Self::Violence,
        Self::Jailbreak,
        Self::LabelRemoval,
        Self::SelfHarm,
        Self::PrivacyRequest,
        Self::PersonalData,
        Self::Secrets,
        Self::Test,
        Self::HoldLimit,
    ];

    /// The name used in lexicons and rules; of an operator's category the part after `operator.`.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Pornography => "pornography",
            Self::Gambling => "gambling",
            Self::Fraud => "fraud",
            Self::WeaponsTrade => "weapons-trade",
            Self::Drugs => "drugs",
            Self::Abuse => "abuse",
            Self::AdvertisingLaw => "advertising-law",
            Self::Discrimination => "discrimination",
            Self::SexualContent => "sexual-content",
            Self::Violence => "violence",
            Self::Jailbreak => "jailbreak",
            Self::LabelRemoval => "label-removal",
            Self::SelfHarm => "self-harm",
            Self::PrivacyRequest => "privacy-request",
            Self::PersonalData => "personal-data",
            Self::Secrets => "secrets",
            Self::Test => "test",
            Self::HoldLimit => "hold-limit",
            Self::Operator(name) => name,
        }
    }

    /// The full code, such as `fraud` or `operator.competitors`.
    #[must_use]
    pub fn code(&self) -> String {
        self.to_string()
    }

    /// The category with that code. An operator's name has 1 to 64 characters of `a-z`, `0-9` and `-`.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        if let Some(name) = code.strip_prefix(OPERATOR_PREFIX) {
            let fits = !name.is_empty()
                && name.len() <= 64
                && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
            return fits.then(|| Self::Operator(name.into()));
        }
        Self::SHIPPED.into_iter().find(|category| category.name() == code)
    }

    /// The risks of GB/T 45654-2025, Annex A, that the category stands for.
    #[must_use]
    pub const fn risks(&self) -> &'static [Risk] {
        match self {
            Self::Pornography => &[Risk::ViolenceObscenity],
            Self::Gambling | Self::Drugs => &[Risk::OtherProhibited],
            Self::Fraud => &[Risk::OtherProhibited, Risk::BusinessEthics],
            Self::WeaponsTrade => &[Risk::OtherProhibited, Risk::ViolenceObscenity],
            Self::Abuse => &[Risk::Honour, Risk::Health],
            Self::AdvertisingLaw => &[Risk::CommercialOther],
            Self::Discrimination => &[
                Risk::DiscriminationEthnicity,
                Risk::DiscriminationBelief,
                Risk::DiscriminationNationality,
                Risk::DiscriminationRegion,
                Risk::DiscriminationSex,
                Risk::DiscriminationAge,
                Risk::DiscriminationOccupation,
                Risk::DiscriminationHealth,
                Risk::DiscriminationOther,
                Risk::EthnicHatred,
            ],
            Self::SexualContent => &[Risk::ViolenceObscenity],
            Self::Violence => &[Risk::ViolenceObscenity, Risk::Terrorism, Risk::Health],
            Self::SelfHarm => &[Risk::Health],
            Self::PrivacyRequest | Self::PersonalData => &[Risk::PersonalInformation, Risk::Privacy],
            Self::Secrets => &[Risk::Privacy, Risk::TradeSecrets],
            Self::Jailbreak | Self::LabelRemoval | Self::Test | Self::HoldLimit | Self::Operator(_) => &[],
        }
    }

    /// Whether what is found stands masked in a finding, so that a finding can be logged.
    #[must_use]
    pub const fn is_confidential(&self) -> bool {
        matches!(self, Self::PersonalData | Self::Secrets)
    }

    /// What is done by default about a hit of this category whose entry names no action.
    #[must_use]
    pub const fn default_action(&self, direction: Direction) -> Action {
        match (self, direction) {
            (Self::PersonalData | Self::Secrets, _) | (Self::Abuse, Direction::Output) => Action::Mask,
            (Self::AdvertisingLaw, _) | (Self::Abuse, Direction::Input) => Action::Warn,
            // To talk about it is no more than that; to ask for it where a picture is made is another thing, which the policy says.
            (Self::LabelRemoval | Self::SelfHarm, _) => Action::Allow,
            _ => Action::Block,
        }
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if matches!(self, Self::Operator(_)) {
            f.write_str(OPERATOR_PREFIX)?;
        }
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_round_trip_and_typing_errors_are_refused() {
        for category in Category::SHIPPED {
            assert_eq!(Category::from_code(&category.code()), Some(category));
        }
        assert_eq!(
            Category::from_code("operator.competitors"),
            Some(Category::Operator("competitors".into()))
        );
        for wrong in ["pornograpy", "", "operator.", "operator.Ä", "operator.a b"] {
            assert_eq!(Category::from_code(wrong), None, "{wrong}");
        }
    }
}
