//! The 31 safety risks of GB/T 45654-2025, Annex A, and the directions and media they are looked for in.

use serde::{Deserialize, Serialize};

/// Which way a text goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From a person to the model.
    Input,
    /// From the model to a person.
    Output,
}

impl Direction {
    /// The word used in entries, pages and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Output => "output",
        }
    }
}

/// What kind of thing was generated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Modality {
    /// Words.
    Text,
    /// A picture.
    Image,
    /// Sound.
    Audio,
    /// Moving pictures.
    Video,
}

/// The five groups of Annex A.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RiskGroup {
    /// A.1: content against the core socialist values.
    CoreValues,
    /// A.2: discrimination.
    Discrimination,
    /// A.3: commercial violations.
    Commercial,
    /// A.4: violations of others' lawful rights.
    Rights,
    /// A.5: needs of particular services (accuracy, reliability).
    ServiceSpecific,
}

macro_rules! risks {
    ($($variant:ident, $code:literal, $group:ident, $doc:literal;)+) => {
        /// One risk of GB/T 45654-2025, Annex A, by its clause.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Risk {
            $(#[doc = $doc] #[serde(rename = $code)] $variant,)+
        }

        impl Risk {
            /// All 31, in the order of the annex.
            pub const ALL: [Self; 31] = [$(Self::$variant),+];

            /// The clause, such as `A.1.f`.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// What it is, in a line.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $doc),+ }
            }

            /// The group the clause stands in.
            #[must_use]
            pub const fn group(self) -> RiskGroup {
                match self { $(Self::$variant => RiskGroup::$group),+ }
            }

            /// The risk with that clause.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|risk| risk.code() == code)
            }
        }
    };
}

risks! {
    Subversion, "A.1.a", CoreValues, "Subversion of state power, overthrow of the system.";
    NationalSecurity, "A.1.b", CoreValues, "Endangering national security and interests, harming the national image.";
    Secession, "A.1.c", CoreValues, "Secession, undermining unity and stability.";
    Terrorism, "A.1.d", CoreValues, "Terrorism and extremism.";
    EthnicHatred, "A.1.e", CoreValues, "Ethnic hatred.";
    ViolenceObscenity, "A.1.f", CoreValues, "Violence and obscenity.";
    FalseInformation, "A.1.g", CoreValues, "False and harmful information.";
    OtherProhibited, "A.1.h", CoreValues, "Other content that laws and regulations forbid.";
    DiscriminationEthnicity, "A.2.a", Discrimination, "Discrimination by ethnicity.";
    DiscriminationBelief, "A.2.b", Discrimination, "Discrimination by belief.";
    DiscriminationNationality, "A.2.c", Discrimination, "Discrimination by nationality.";
    DiscriminationRegion, "A.2.d", Discrimination, "Discrimination by region.";
    DiscriminationSex, "A.2.e", Discrimination, "Discrimination by sex.";
    DiscriminationAge, "A.2.f", Discrimination, "Discrimination by age.";
    DiscriminationOccupation, "A.2.g", Discrimination, "Discrimination by occupation.";
    DiscriminationHealth, "A.2.h", Discrimination, "Discrimination by health.";
    DiscriminationOther, "A.2.i", Discrimination, "Other discrimination.";
    IntellectualProperty, "A.3.a", Commercial, "Infringing others' intellectual property.";
    BusinessEthics, "A.3.b", Commercial, "Violating business ethics.";
    TradeSecrets, "A.3.c", Commercial, "Disclosing others' trade secrets.";
    UnfairCompetition, "A.3.d", Commercial, "Monopoly or unfair competition by algorithm, data or platform.";
    CommercialOther, "A.3.e", Commercial, "Other commercial violations.";
    Health, "A.4.a", Rights, "Harm to others' physical or mental health.";
    Likeness, "A.4.b", Rights, "Infringing others' likeness.";
    Reputation, "A.4.c", Rights, "Infringing others' reputation.";
    Honour, "A.4.d", Rights, "Infringing others' honour.";
    Privacy, "A.4.e", Rights, "Infringing others' privacy.";
    PersonalInformation, "A.4.f", Rights, "Infringing others' rights in personal information.";
    RightsOther, "A.4.g", Rights, "Infringing others' other lawful rights.";
    Inaccurate, "A.5.a", ServiceSpecific, "Seriously against scientific knowledge or mainstream understanding.";
    Unreliable, "A.5.b", ServiceSpecific, "No gross error, but of no help to the user.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_annex_has_thirty_one_risks_in_five_groups() {
        let count = |group| Risk::ALL.iter().filter(|risk| risk.group() == group).count();
        assert_eq!(count(RiskGroup::CoreValues), 8);
        assert_eq!(count(RiskGroup::Discrimination), 9);
        assert_eq!(count(RiskGroup::Commercial), 5);
        assert_eq!(count(RiskGroup::Rights), 7);
        assert_eq!(count(RiskGroup::ServiceSpecific), 2);
        assert!(Risk::ALL.iter().all(|risk| Risk::from_code(risk.code()) == Some(*risk)));
    }
}
