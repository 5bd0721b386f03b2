//! From the rows of packs and of the operator to the policy of the safety engine.

use packs::{Pack, PolicyLine, Problem};
use safety::{
    Audience, Capability, Category, EngineBuilder, FollowUps, Measure, PersonalData, Policy, PolicyRow,
};

/// A row of a policy that cannot be used, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{origin}: {problem}")]
pub struct PolicyError {
    /// The file and line, or the number of the row.
    pub origin: String,
    /// What is wrong and what to do.
    pub problem: PolicyProblem,
}

/// What can be wrong with a row of a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyProblem {
    /// No such category.
    #[error("unknown category `{0}`: a category of your own is written `operator.name`")]
    Category(String),
    /// No such rule.
    #[error("unknown rule `{0}`: a kind of personal data is written `personal-data.email`")]
    Rule(String),
    /// No such audience.
    #[error("unknown audience `{0}`: `adult`, `minor` or `verified` is expected")]
    Audience(String),
    /// No such capability.
    #[error("unknown capability `{0}`: `text`, `tool`, `image` or `speech` is expected")]
    Capability(String),
    /// No such measure.
    #[error(
        "unknown measure `{0}`: `allow`, `warn`, `mask` or `block`, and after a `+` `attach`, `review`, `crisis`, `ask-guard` or `end-session`"
    )]
    Measure(String),
    /// A text is to be attached, and none is named.
    #[error("the measure `{0}` gives a text: name it with `text`")]
    NoText(String),
    /// A text is named, and none is attached.
    #[error("the measure `{0}` gives no text: add `attach`, or strike `text`")]
    IdleText(String),
    /// A session ends by the decision about a block, which says why and can be appealed.
    #[error("`end-session` goes with `block`: the decision about the block says why, and can be appealed")]
    EndWithoutBlock,
    /// What is blocked anyway asks nobody.
    #[error("`ask-guard` does not go with `block`: what is blocked anyway asks nobody")]
    AskAndBlock,
    /// The text cannot be attached.
    #[error(transparent)]
    Text(#[from] Problem),
    /// Later rows cover everything it is for.
    #[error("the row has no effect: later rows cover all that it is for; strike it, or move it below them")]
    Covered,
}

/// Adds the policy of `pack` and the rows of the operator's to an engine.
///
/// # Errors
/// [`PolicyError`] at the first row that cannot be used.
pub fn with_policy(
    builder: EngineBuilder,
    pack: &Pack,
    operator: &[PolicyLine],
) -> Result<EngineBuilder, PolicyError> {
    let rows = pack.policy().iter().map(|(place, line)| row(pack, line, format!("{} {place}", pack.id())));
    let rows: Vec<PolicyRow> = rows.collect::<Result<_, _>>()?;
    refuse_covered(rows.iter().cloned())?;
    let own = operator.iter().zip(1..);
    let own = own.map(|(line, number)| row(pack, line, format!("`[[policy]]` row {number}")));
    let own: Vec<PolicyRow> = own.collect::<Result<_, _>>()?;
    refuse_covered(own.iter().cloned())?;
    Ok(own.into_iter().fold(builder.pack_policy(rows), EngineBuilder::policy))
}

fn row(pack: &Pack, line: &PolicyLine, origin: String) -> Result<PolicyRow, PolicyError> {
    match checked(pack, line) {
        Ok(row) => Ok(PolicyRow { origin, ..row }),
        Err(problem) => Err(PolicyError { origin, problem }),
    }
}

fn checked(pack: &Pack, line: &PolicyLine) -> Result<PolicyRow, PolicyProblem> {
    let category = word(line.category.as_deref(), Category::from_code, PolicyProblem::Category)?;
    let audience = word(line.audience.as_deref(), Audience::from_word, PolicyProblem::Audience)?;
    let capability = word(line.capability.as_deref(), Capability::from_word, PolicyProblem::Capability)?;
    if let Some(rule) = &line.rule
        && rule.starts_with("personal-data.")
        && PersonalData::from_rule(rule).is_none()
    {
        return Err(PolicyProblem::Rule(rule.clone()));
    }
    let words = || line.measure.clone();
    let measure = Measure::from_words(&line.measure).ok_or_else(|| PolicyProblem::Measure(words()))?;
    let is_blocked = measure.action == safety::Action::Block;
    if measure.then.contains(FollowUps::END_SESSION) && !is_blocked {
        return Err(PolicyProblem::EndWithoutBlock);
    }
    if measure.then.contains(FollowUps::ASK_GUARD) && is_blocked {
        return Err(PolicyProblem::AskAndBlock);
    }
    let gives_text = measure.then.contains(FollowUps::ATTACH) || measure.then.contains(FollowUps::CRISIS);
    match &line.text {
        None if gives_text => return Err(PolicyProblem::NoText(words())),
        Some(_) if !gives_text => return Err(PolicyProblem::IdleText(words())),
        Some(id) => {
            pack.attached_text(id)?;
        }
        None => {}
    }
    Ok(PolicyRow {
        category,
        rule: line.rule.clone(),
        direction: line.direction,
        audience,
        capability,
        measure,
        text: line.text.clone(),
        origin: String::new(),
    })
}

fn word<T>(
    word: Option<&str>,
    parse: impl Fn(&str) -> Option<T>,
    problem: impl Fn(String) -> PolicyProblem,
) -> Result<Option<T>, PolicyProblem> {
    word.map(|word| parse(word).ok_or_else(|| problem(word.to_owned()))).transpose()
}

/// Every row must decide something.
fn refuse_covered(rows: impl Iterator<Item = PolicyRow>) -> Result<(), PolicyError> {
    let mut policy = Policy::new();
    rows.for_each(|row| policy.push(row));
    match policy.covered() {
        Some(row) => Err(PolicyError { origin: row.origin.clone(), problem: PolicyProblem::Covered }),
        None => Ok(()),
    }
}
