//! Coverage: how many words stand for each class of risk, beside what the standard asks for (row `gbt.kw`).

use std::collections::{BTreeMap, HashMap, HashSet};

use identity::Permission;
use ledger::EventKind;
use safety::Category;
use serde::Serialize;
use store::LexiconCategoryRow;
use terms::{Actor, OperatorId, Risk, RiskGroup, Timestamp};

use super::content;
use crate::{OperationError, Operations, entries::Draft};

/// The words of one class of risk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RiskCoverage {
    /// The class.
    pub risk: Risk,
    /// Its words: normalised and counted once.
    pub terms: u64,
    /// How many the pack asks for; 0 for none.
    pub floor: u64,
}

/// What a category of the operator's stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LexiconCategoryRisks {
    /// The category's code.
    pub category: String,
    /// Its words in force.
    pub terms: u64,
    /// The classes of risk.
    pub risks: Vec<Risk>,
    /// The name of who said so last; `None` where nobody did.
    pub set_by: Option<String>,
    /// When.
    pub set_at: Option<Timestamp>,
}

/// How far the lexicons in force reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LexiconCoverage {
    /// All words: normalised and counted once, without allowed phrases and sample phrases.
    pub terms: u64,
    /// How many the pack asks for.
    pub floor: u64,
    /// Each class of risk.
    pub risks: Vec<RiskCoverage>,
    /// The operator's categories. One that stands for no risk counts for the whole alone.
    pub categories: Vec<LexiconCategoryRisks>,
    /// Whether every floor is reached.
    pub is_complete: bool,
}

#[derive(Serialize)]
struct CategoryPayload<'a> {
    category: &'a str,
    risks: &'a str,
    by: OperatorId,
}

impl Operations {
    /// Counts the words in force for each class of risk.
    ///
    /// # Errors
    /// Without the permission, or where the pack lacks a floor.
    pub async fn lexicon_coverage(&self, actor: &Actor) -> Result<LexiconCoverage, OperationError> {
        Self::authorise_any(actor, Permission::ViewLexicon)?;
        let mut categories: HashMap<String, HashSet<String>> = HashMap::new();
        let mut add = |category: &Category, normalised: &str| {
            if *category != Category::Test {
                categories.entry(category.code()).or_default().insert(normalised.to_owned());
            }
        };
        for entry in self.inner.rules.lists.iter().flat_map(|list| &list.entries) {
            if !entry.is_allowed_phrase() {
                add(entry.category(), entry.normalised());
            }
        }
        let day = super::live::day_of(self.now());
        for row in content::of_version(&self.inner.store, self.lexicon_newest().await?).await? {
            if row.measure != "allow"
                && content::is_valid_on(&row, day)
                && let Some(category) = Category::from_code(&row.category)
            {
                add(&category, &row.normalised);
            }
        }
        let names = self.operator_names().await?;
        let stored: BTreeMap<String, LexiconCategoryRow> = self
            .inner
            .store
            .lexicon_category_list()
            .await?
            .into_iter()
            .map(|row| (row.category.clone(), row))
            .collect();
        let mut by_risk: HashMap<Risk, HashSet<&str>> = HashMap::new();
        for (code, terms) in &categories {
            for risk in risks_of(code, stored.get(code)) {
                by_risk.entry(risk).or_default().extend(terms.iter().map(String::as_str));
            }
        }
        let all: HashSet<&str> = categories.values().flatten().map(String::as_str).collect();
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        let risks: Vec<RiskCoverage> = Risk::ALL
            .into_iter()
            .map(|risk| {
                Ok(RiskCoverage {
                    risk,
                    terms: by_risk.get(&risk).map_or(0, |terms| count(terms.len())),
                    floor: match risk.group() {
                        RiskGroup::CoreValues => self.lexicon_floor("lexicon.entries_min_core_values")?,
                        RiskGroup::Discrimination => {
                            self.lexicon_floor("lexicon.entries_min_discrimination")?
                        }
                        RiskGroup::Commercial | RiskGroup::Rights | RiskGroup::ServiceSpecific => 0,
                    },
                })
            })
            .collect::<Result<_, OperationError>>()?;
        let floor = self.lexicon_floor("lexicon.entries_min")?;
        let codes: std::collections::BTreeSet<&String> = categories
            .keys()
            .filter(|code| code.starts_with(safety::category::OPERATOR_PREFIX))
            .chain(stored.keys())
            .collect();
        let operators = codes
            .into_iter()
            .map(|code| {
                let row = stored.get(code);
                LexiconCategoryRisks {
                    category: code.clone(),
                    terms: categories.get(code).map_or(0, |terms| count(terms.len())),
                    risks: risks_of(code, row),
                    set_by: row.map(|row| names.of(row.set_by)),
                    set_at: row.map(|row| row.set_at),
                }
            })
            .collect();
        let terms = count(all.len());
        Ok(LexiconCoverage {
            is_complete: terms >= floor && risks.iter().all(|risk| risk.terms >= risk.floor),
            terms,
            floor,
            risks,
            categories: operators,
        })
    }

    fn lexicon_floor(&self, id: &'static str) -> Result<u64, OperationError> {
        self.inner
            .pack
            .parameter::<u64>(id)
            .map_err(|error| OperationError::internal("reading a floor of the lexicons")(Box::new(error)))
    }

    /// Says which classes of risk a category of the operator's stands for. It decides no verdict, only what coverage counts.
    ///
    /// # Errors
    /// Without the permission, or for a category that is not the operator's.
    pub async fn lexicon_set_category_risks(
        &self,
        actor: &Actor,
        category: &str,
        risks: &[Risk],
    ) -> Result<(), OperationError> {
        let by = Self::authorise(actor, Permission::ProposeLexicon)?;
        let Some(Category::Operator(_)) = Category::from_code(category) else {
            return Err(OperationError::invalid(
                "category",
                "lexicon-error-own-category",
                format!("`{category}` is no category of your own: write `operator.name`"),
            ));
        };
        let mut risks = risks.to_vec();
        risks.sort_unstable();
        risks.dedup();
        let risks: Vec<&str> = risks.into_iter().map(Risk::code).collect();
        let risks = risks.join(" ");
        let now = self.now();
        let draft = Draft::new(EventKind::LexiconChanged, actor.role(), now).about(category);
        let entry = self.entry(draft, &CategoryPayload { category, risks: &risks, by })?;
        let row = LexiconCategoryRow { category: category.to_owned(), risks, set_by: by, set_at: now };
        let mut tx = self.tx().await?;
        tx.lexicon_category_set(&row).await?;
        tx.entry_append(&entry).await?;
        Ok(tx.commit().await?)
    }
}

/// The risks of a category: the table's for the operator's, the engine's for the others.
pub(crate) fn risks_of(code: &str, row: Option<&LexiconCategoryRow>) -> Vec<Risk> {
    match row {
        Some(row) => row.risks.split_whitespace().filter_map(Risk::from_code).collect(),
        None => Category::from_code(code).map(|category| category.risks().to_vec()).unwrap_or_default(),
    }
}
