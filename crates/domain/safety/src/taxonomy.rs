//! The 31 risks of GB/T 45654-2025, Annex A, beside the classes that others use, so that a provider who evaluates by one of
//! them knows what it says about the others.
//!
//! The crosswalk is ours: no source maps them. A class is named where it is about the same content at least in part;
//! none where it is not, with the reason.
//!
//! Sources: the twelve hazard categories of MLCommons AILuminate 1.0, the API reference of OpenAI's
//! `omni-moderation-latest`, and NIST AI 600-1 (July 2024), section 2.

mod crosswalk;

use terms::Risk;

use crate::Category;

pub use crosswalk::{Crosswalk, crosswalk};

macro_rules! classes {
    ($(#[$doc:meta])* $name:ident { $($variant:ident, $code:literal, $title:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $(#[doc = $title] $variant,)+
        }

        impl $name {
            /// All of them, in the order of the source.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The code that the source uses.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// What the source calls it.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),+ }
            }
        }
    };
}

classes! {
    /// A hazard category of MLCommons AILuminate, by the number that Llama Guard 3 gives it; S13 and S14 are Llama Guard's
    /// own.
    Hazard {
        ViolentCrimes, "S1", "Violent crimes";
        NonViolentCrimes, "S2", "Non-violent crimes";
        SexCrimes, "S3", "Sex-related crimes";
        ChildExploitation, "S4", "Child sexual exploitation";
        Defamation, "S5", "Defamation";
        SpecializedAdvice, "S6", "Specialized advice";
        Privacy, "S7", "Privacy";
        IntellectualProperty, "S8", "Intellectual property";
        IndiscriminateWeapons, "S9", "Indiscriminate weapons";
        Hate, "S10", "Hate";
        SelfHarm, "S11", "Suicide and self-harm";
        SexualContent, "S12", "Sexual content";
        Elections, "S13", "Elections";
        CodeAbuse, "S14", "Code interpreter abuse";
    }
}

classes! {
    /// A category of OpenAI's moderation endpoint, by its name there.
    Moderation {
        Sexual, "sexual", "Sexual content";
        SexualMinors, "sexual/minors", "Sexual content with somebody under 18";
        Harassment, "harassment", "Harassing language";
        HarassmentThreatening, "harassment/threatening", "Harassment with violence or serious harm";
        Hate, "hate", "Hate based on a protected trait";
        HateThreatening, "hate/threatening", "Hate with violence or serious harm";
        Illicit, "illicit", "Advice on illicit acts";
        IllicitViolent, "illicit/violent", "Advice on illicit acts with violence or weapons";
        SelfHarm, "self-harm", "Content that depicts or promotes self-harm";
        SelfHarmIntent, "self-harm/intent", "Saying that one harms oneself or means to";
        SelfHarmInstructions, "self-harm/instructions", "Instructions for self-harm";
        Violence, "violence", "Death, violence or injury";
        ViolenceGraphic, "violence/graphic", "Death, violence or injury in graphic detail";
    }
}

classes! {
    /// A risk of NIST AI 600-1, the generative AI profile, by its number in section 2.
    ProfileRisk {
        Cbrn, "2.1", "CBRN information or capabilities";
        Confabulation, "2.2", "Confabulation";
        Dangerous, "2.3", "Dangerous, violent, or hateful content";
        DataPrivacy, "2.4", "Data privacy";
        Environmental, "2.5", "Environmental impacts";
        Bias, "2.6", "Harmful bias and homogenization";
        HumanAi, "2.7", "Human-AI configuration";
        InformationIntegrity, "2.8", "Information integrity";
        InformationSecurity, "2.9", "Information security";
        IntellectualProperty, "2.10", "Intellectual property";
        Obscene, "2.11", "Obscene, degrading, and/or abusive content";
        ValueChain, "2.12", "Value chain and component integration";
    }
}

impl Moderation {
    /// The categories of ours that flag it. A hit of any of them is no degree of certainty: a rule hits or does not.
    #[must_use]
    pub fn categories(self) -> Vec<Category> {
        Category::SHIPPED.into_iter().filter(|category| moderation_of(category).contains(&self)).collect()
    }
}

/// What a hit of a category says in OpenAI's terms: empty where they have no class for it.
#[must_use]
pub const fn moderation_of(category: &Category) -> &'static [Moderation] {
    match category {
        Category::Pornography | Category::SexualContent => &[Moderation::Sexual],
        Category::Gambling | Category::Fraud | Category::Drugs => &[Moderation::Illicit],
        Category::WeaponsTrade => &[Moderation::Illicit, Moderation::IllicitViolent],
        Category::Abuse => &[Moderation::Harassment],
        Category::Discrimination => &[Moderation::Hate],
        Category::Violence => &[Moderation::Violence],
        Category::SelfHarm => &[Moderation::SelfHarm],
        Category::AdvertisingLaw
        | Category::Jailbreak
        | Category::LabelRemoval
        | Category::PrivacyRequest
        | Category::PersonalData
        | Category::Secrets
        | Category::Test
        | Category::HoldLimit
        | Category::Operator(_) => &[],
    }
}

/// Why a shipped category stands for no risk of the annex; none where it stands for some.
#[must_use]
pub const fn no_risk(category: &Category) -> Option<&'static str> {
    match category {
        Category::Jailbreak => Some("an attack on the rules, whatever it is after"),
        Category::LabelRemoval => Some("a duty of its own: article 10 of the Labelling Measures"),
        Category::Test => Some("sample phrases that mean nothing"),
        Category::HoldLimit => Some("what could not be judged, whatever it is about"),
        Category::Operator(_) => Some("the operator says what it is about"),
        _ => None,
    }
}

/// The shipped categories that look for a risk.
pub fn categories_of(risk: Risk) -> impl Iterator<Item = Category> {
    Category::SHIPPED.into_iter().filter(move |category| category.risks().contains(&risk))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_risk_is_mapped_or_says_why_not() {
        for risk in Risk::ALL {
            let row = crosswalk(risk);
            let is_somewhere =
                !row.hazards.is_empty() && !row.moderation.is_empty() && !row.profile.is_empty();
            assert!(is_somewhere || !row.note.is_empty(), "{}", risk.code());
        }
    }

    #[test]
    fn every_class_of_the_sources_is_reached_or_known_to_have_no_risk() {
        let all = Risk::ALL.map(crosswalk);
        let hazards: BTreeSet<Hazard> = all.iter().flat_map(|row| row.hazards).copied().collect();
        let missing: Vec<&Hazard> = Hazard::ALL.iter().filter(|one| !hazards.contains(one)).collect();
        assert_eq!(missing, [&Hazard::CodeAbuse], "the annex knows no attack on a code interpreter");
        let moderation: BTreeSet<Moderation> = all.iter().flat_map(|row| row.moderation).copied().collect();
        assert_eq!(moderation.len(), Moderation::ALL.len());
        let profile: BTreeSet<ProfileRisk> = all.iter().flat_map(|row| row.profile).copied().collect();
        let missing: Vec<&ProfileRisk> =
            ProfileRisk::ALL.iter().filter(|one| !profile.contains(one)).collect();
        let outside = [
            &ProfileRisk::Environmental,
            &ProfileRisk::HumanAi,
            &ProfileRisk::InformationSecurity,
            &ProfileRisk::ValueChain,
        ];
        assert_eq!(missing, outside, "these are of the system, not of what it says");
    }

    #[test]
    fn every_category_of_ours_stands_for_a_risk_or_says_why_not() {
        for category in Category::SHIPPED {
            assert_ne!(category.risks().is_empty(), no_risk(&category).is_none(), "{category}");
            for class in moderation_of(&category) {
                let is_of_a_risk = |risk: &Risk| crosswalk(*risk).moderation.contains(class);
                assert!(category.risks().iter().any(is_of_a_risk), "{category} as {}", class.code());
            }
        }
    }

    #[test]
    fn the_numbers_are_those_of_the_sources() {
        assert_eq!((Hazard::ALL.len(), Moderation::ALL.len(), ProfileRisk::ALL.len()), (14, 13, 12));
    }
}
