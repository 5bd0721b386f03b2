//! The sets that a model is measured on and never trained from.

use std::{collections::HashSet, path::Path};

use safety::classifier::Head;

use crate::{
    error::{DatasetError, RowProblem},
    file::DataFile,
    rows::{self, Row, unknown},
    training::{self, DEEPSET_TEST},
};

/// A text and what should be said about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// The text.
    pub text: String,
    /// Whether it is what the set is about.
    pub is: bool,
}

/// A set as it was read, for one head.
#[derive(Debug, Clone)]
pub struct EvaluationSet {
    /// The name of the set, with what it is about where it has several labels.
    pub name: &'static str,
    /// The head that is measured; `None` for texts that no head may block or ask about.
    pub head: Option<Head>,
    /// The texts.
    pub cases: Vec<Case>,
}

/// Reads every evaluation set under `folder`, without the texts that stand in a training set too.
///
/// # Errors
/// The first file that is missing or has a row that its set does not have.
pub fn read(folder: &Path) -> Result<Vec<EvaluationSet>, DatasetError> {
    let mut sets = vec![
        set("cold test", Some(Head::Abuse), cold(folder)?),
        set("deepset test", Some(Head::Jailbreak), deepset(folder)?),
        set("bipia test", Some(Head::Jailbreak), bipia(folder)?),
        set("surge", Some(Head::Abuse), surge(folder)?),
    ];
    for (name, head, keys) in OPENAI {
        sets.push(set(name, Some(*head), openai(folder, keys)?));
    }
    for (name, head, kinds) in FLAMES {
        sets.push(set(name, Some(*head), flames(folder, kinds)?));
    }
    sets.push(set("xstest", Some(Head::Violence), xstest(folder, false)?));
    sets.push(set("xstest safe", None, xstest(folder, true)?));
    sets.push(set("alignbench", None, alignbench(folder)?));
    sets.push(set("cvalues", None, cvalues(folder)?));
    sets.push(set("mitre-frr", None, mitre(folder)?));
    let training = training::read(folder)?;
    let known: HashSet<&str> =
        training.iter().flat_map(|set| &set.examples).map(|example| example.text.as_str()).collect();
    for set in &mut sets {
        set.cases.retain(|case| !known.contains(case.text.as_str()));
    }
    Ok(sets)
}

fn set(name: &'static str, head: Option<Head>, cases: Vec<Case>) -> EvaluationSet {
    EvaluationSet { name, head, cases }
}

fn each(
    file: &DataFile,
    rows: Vec<Row>,
    read: impl Fn(&Row) -> Result<Option<Case>, RowProblem>,
) -> Result<Vec<Case>, DatasetError> {
    let cases = rows.iter().map(|row| read(row).map_err(|problem| file.at(row.line, problem)));
    cases.filter_map(Result::transpose).collect()
}

fn cold(folder: &Path) -> Result<Vec<Case>, DatasetError> {
    let file = DataFile::read(folder, "eval/cold/test.csv")?;
    each(&file, rows::csv(&file)?, |row| {
        Ok(Some(Case { text: row.text("TEXT")?, is: row.label("label", "1", "0")? }))
    })
}

fn deepset(folder: &Path) -> Result<Vec<Case>, DatasetError> {
    let file = DataFile::read(folder, DEEPSET_TEST)?;
    each(&file, rows::csv(&file)?, |row| {
        Ok(Some(Case { text: row.text("text")?, is: row.label("label", "1", "0")? }))
    })
}

/// Instructions for hiding in a document. All of them are attacks there; most would be harmless as a prompt.
fn bipia(folder: &Path) -> Result<Vec<Case>, DatasetError> {
    let file = DataFile::read(folder, "eval/bipia/text_attack_test.json")?;
    Ok(rows::json_leaves(&file)?.into_iter().map(|(_, text)| Case { text, is: true }).collect())
}

fn surge(folder: &Path) -> Result<Vec<Case>, DatasetError> {
    let file = DataFile::read(folder, "eval/surge/toxicity_en.csv")?;
    each(&file, rows::csv(&file)?, |row| {
        Ok(Some(Case { text: row.text("text")?, is: row.label("is_toxic", "Toxic", "Not Toxic")? }))
    })
}

const OPENAI: &[(&str, Head, &[&str])] = &[
    ("openai-moderation sexual", Head::Sexual, &["S", "S3"]),
    ("openai-moderation hate", Head::Discrimination, &["H", "H2"]),
    ("openai-moderation harassment", Head::Abuse, &["HR"]),
    ("openai-moderation violence", Head::Violence, &["V", "V2"]),
    ("openai-moderation self-harm", Head::SelfHarm, &["SH"]),
];

/// Rows without a label for the category are passed over.
fn openai(folder: &Path, keys: &[&str]) -> Result<Vec<Case>, DatasetError> {
    let file = DataFile::read(folder, "eval/openai-moderation/samples-1680.jsonl.gz")?;
    each(&file, rows::json_lines(&file)?, |row| {
        let labels: Vec<String> = keys.iter().filter_map(|key| row.get(key)).collect();
        if labels.is_empty() {
            return Ok(None);
        }
        Ok(Some(Case { text: row.text("prompt")?, is: labels.iter().any(|label| label == "1") }))
    })
}

const FLAMES: &[(&str, Head, &[&str])] = &[
    ("flames discrimination", Head::Discrimination, &["Bias and discrimination"]),
    ("flames abuse", Head::Abuse, &["Toxic language"]),
    ("flames self-harm", Head::SelfHarm, &["Physical harm"]),
    ("flames privacy", Head::PrivacyRequest, &["Personal data", "Sensitive information"]),
];

/// Adversarial prompts: those of the kinds against the others.
fn flames(folder: &Path, kinds: &[&str]) -> Result<Vec<Case>, DatasetError> {
    let file = DataFile::read(folder, "eval/flames/Flames_1k_Chinese.jsonl")?;
    each(&file, rows::json_lines(&file)?, |row| {
        let kind = row.text("subcomponent")?;
        Ok(Some(Case { text: row.text("prompt")?, is: kinds.contains(&kind.as_str()) }))
    })
}

fn xstest(folder: &Path, safe_only: bool) -> Result<Vec<Case>, DatasetError> {
    let file = DataFile::read(folder, "eval/xstest/xstest_prompts.csv")?;
    each(&file, rows::csv(&file)?, |row| {
        let is = row.label("label", "unsafe", "safe")?;
        Ok((!(safe_only && is)).then_some(Case { text: row.text("prompt")?, is }))
    })
}

fn harmless(folder: &Path, path: &str, field: &str) -> Result<Vec<Case>, DatasetError> {
    let file = DataFile::read(folder, path)?;
    each(&file, rows::json_lines(&file)?, |row| Ok(Some(Case { text: row.text(field)?, is: false })))
}

fn alignbench(folder: &Path) -> Result<Vec<Case>, DatasetError> {
    harmless(folder, "eval/alignbench/data_v1.1_release.jsonl", "question")
}

fn cvalues(folder: &Path) -> Result<Vec<Case>, DatasetError> {
    harmless(folder, "eval/cvalues/cvalues_responsibility_prompts.jsonl", "prompt")
}

/// Prompts about security that sound dangerous and are not.
fn mitre(folder: &Path) -> Result<Vec<Case>, DatasetError> {
    let file = DataFile::read(folder, "eval/mitre-frr/mitre_frr.json")?;
    each(&file, rows::json_rows(&file)?, |row| {
        let is = row.label("is_malicious", "true", "false")?;
        if is {
            Err(unknown("is_malicious", "true"))
        } else {
            Ok(Some(Case { text: row.text("mutated_prompt")?, is }))
        }
    })
}
