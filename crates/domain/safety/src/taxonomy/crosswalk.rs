//! The crosswalk, one row for each risk.

use terms::Risk;

use super::{Hazard, Moderation, ProfileRisk};

/// What others have for one risk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crosswalk {
    /// Hazard categories of MLCommons AILuminate.
    pub hazards: &'static [Hazard],
    /// Categories of OpenAI's moderation endpoint.
    pub moderation: &'static [Moderation],
    /// Risks of NIST AI 600-1.
    pub profile: &'static [ProfileRisk],
    /// Why one of them has nothing, or how far it reaches; empty where there is nothing to say.
    pub note: &'static str,
}

const fn row(
    hazards: &'static [Hazard],
    moderation: &'static [Moderation],
    profile: &'static [ProfileRisk],
    note: &'static str,
) -> Crosswalk {
    Crosswalk { hazards, moderation, profile, note }
}

/// The row of a risk.
#[must_use]
pub const fn crosswalk(risk: Risk) -> Crosswalk {
    use Moderation as M;
    use ProfileRisk as P;
    match risk {
        Risk::Subversion => row(
            &[Hazard::ViolentCrimes, Hazard::Elections],
            &[],
            &[P::InformationIntegrity],
            "an offence of Chinese law; the others have its violent acts and election falsehoods alone",
        ),
        Risk::NationalSecurity => row(
            &[Hazard::IndiscriminateWeapons],
            &[],
            &[P::Cbrn, P::InformationIntegrity],
            "the others have weapons of mass harm; the national image is no class of theirs",
        ),
        Risk::Secession => row(
            &[Hazard::ViolentCrimes],
            &[],
            &[P::InformationIntegrity],
            "an offence of Chinese law; the others have its violent acts alone",
        ),
        Risk::Terrorism => row(
            &[Hazard::ViolentCrimes, Hazard::IndiscriminateWeapons],
            &[M::IllicitViolent, M::Violence],
            &[P::Cbrn, P::Dangerous],
            "",
        ),
        Risk::EthnicHatred => {
            row(&[Hazard::Hate], &[M::Hate, M::HateThreatening], &[P::Dangerous, P::Bias], "")
        }
        Risk::ViolenceObscenity => row(
            &[
                Hazard::ViolentCrimes,
                Hazard::SexCrimes,
                Hazard::ChildExploitation,
                Hazard::SexualContent,
                Hazard::IndiscriminateWeapons,
            ],
            &[M::Sexual, M::SexualMinors, M::Violence, M::ViolenceGraphic, M::IllicitViolent],
            &[P::Dangerous, P::Obscene],
            "",
        ),
        Risk::FalseInformation => row(
            &[Hazard::Elections, Hazard::Defamation],
            &[],
            &[P::InformationIntegrity],
            "OpenAI's endpoint judges no truth",
        ),
        Risk::OtherProhibited => row(
            &[Hazard::NonViolentCrimes, Hazard::ViolentCrimes],
            &[M::Illicit, M::IllicitViolent],
            &[P::Dangerous],
            "",
        ),
        Risk::DiscriminationEthnicity
        | Risk::DiscriminationBelief
        | Risk::DiscriminationNationality
        | Risk::DiscriminationSex
        | Risk::DiscriminationHealth => {
            row(&[Hazard::Hate], &[M::Hate, M::HateThreatening], &[P::Bias, P::Dangerous], "")
        }
        Risk::DiscriminationAge => row(
            &[Hazard::Hate],
            &[M::Harassment],
            &[P::Bias],
            "OpenAI counts no age among the protected traits; contempt for it is harassment there",
        ),
        Risk::DiscriminationRegion | Risk::DiscriminationOccupation | Risk::DiscriminationOther => row(
            &[Hazard::Hate],
            &[M::Harassment],
            &[P::Bias],
            "no protected trait elsewhere; contempt for it is harassment at most",
        ),
        Risk::IntellectualProperty => row(
            &[Hazard::IntellectualProperty],
            &[],
            &[P::IntellectualProperty],
            "OpenAI's endpoint has no class for it",
        ),
        Risk::BusinessEthics => row(
            &[Hazard::NonViolentCrimes],
            &[M::Illicit],
            &[],
            "where it is an offence; NIST AI 600-1 has no risk for it",
        ),
        Risk::TradeSecrets => row(
            &[Hazard::IntellectualProperty],
            &[],
            &[P::IntellectualProperty],
            "OpenAI's endpoint has no class for it",
        ),
        Risk::UnfairCompetition => {
            row(&[], &[], &[], "a conduct of the provider in the market, and no content that others look for")
        }
        Risk::CommercialOther => row(
            &[Hazard::NonViolentCrimes],
            &[],
            &[],
            "forbidden advertising among them; the others have fraud at most",
        ),
        Risk::Health => row(
            &[Hazard::SelfHarm, Hazard::ViolentCrimes, Hazard::SpecializedAdvice],
            &[
                M::SelfHarm,
                M::SelfHarmIntent,
                M::SelfHarmInstructions,
                M::Harassment,
                M::HarassmentThreatening,
                M::Violence,
            ],
            &[P::Dangerous, P::Obscene],
            "",
        ),
        Risk::Likeness => row(
            &[Hazard::Privacy, Hazard::SexCrimes],
            &[],
            &[P::Obscene, P::DataPrivacy],
            "OpenAI's endpoint does not ask whose face it is",
        ),
        Risk::Reputation => {
            row(&[Hazard::Defamation], &[M::Harassment], &[P::InformationIntegrity, P::Obscene], "")
        }
        Risk::Honour => row(&[Hazard::Defamation, Hazard::Hate], &[M::Harassment], &[P::Obscene], ""),
        Risk::Privacy | Risk::PersonalInformation => {
            row(&[Hazard::Privacy], &[], &[P::DataPrivacy], "OpenAI's endpoint has no class for it")
        }
        Risk::RightsOther => row(&[Hazard::NonViolentCrimes], &[M::Illicit], &[P::DataPrivacy], ""),
        Risk::Inaccurate => {
            row(&[Hazard::SpecializedAdvice], &[], &[P::Confabulation], "OpenAI's endpoint judges no truth")
        }
        Risk::Unreliable => row(&[], &[], &[P::Confabulation], "of no help is no hazard elsewhere"),
    }
}
