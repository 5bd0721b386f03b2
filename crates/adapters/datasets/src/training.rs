//! The sets that a model may be trained from, and how their labels are read.

use std::{collections::HashSet, path::Path};

use safety::classifier::{Example, Head, Source};

use crate::{
    error::{DatasetError, RowProblem},
    file::DataFile,
    labels::Labels,
    rows::{self, Row, unknown},
    written,
};

use Head::{Abuse, Discrimination, Fraud, Jailbreak, PrivacyRequest, SelfHarm, Sexual, Violence};

/// A set as it was read.
#[derive(Debug, Clone)]
pub struct TrainingSet {
    /// The name of the set; what is held out together.
    pub name: &'static str,
    /// Its licence, by SPDX identifier.
    pub licence: &'static str,
    /// The file.
    pub source: Source,
    /// The examples.
    pub examples: Vec<Example>,
}

/// A file of a set and the rule by which it is read.
struct Recipe {
    name: &'static str,
    licence: &'static str,
    path: &'static str,
    read: fn(&Path, &DataFile) -> Result<Vec<Example>, DatasetError>,
}

const RECIPES: &[Recipe] = &[
    Recipe { name: "cold", licence: "Apache-2.0", path: "train/cold/train.csv", read: cold },
    Recipe { name: "cold", licence: "Apache-2.0", path: "train/cold/dev.csv", read: cold },
    Recipe { name: "swsr", licence: "MIT", path: "train/swsr/SexComment.csv", read: swsr },
    Recipe { name: "davidson", licence: "MIT", path: "train/davidson/labeled_data.csv", read: davidson },
    Recipe { name: "jade", licence: "MIT", path: "train/jade/jade_benchmark_easy_zh.csv", read: jade },
    Recipe { name: "jade", licence: "MIT", path: "train/jade/jade_benchmark_medium_zh.csv", read: jade },
    Recipe {
        name: "catqa",
        licence: "Apache-2.0",
        path: "train/red-instruct/catqa_chinese.json",
        read: catqa,
    },
    Recipe {
        name: "catqa",
        licence: "Apache-2.0",
        path: "train/red-instruct/catqa_english.json",
        read: catqa,
    },
    Recipe {
        name: "harmfulqa",
        licence: "Apache-2.0",
        path: "train/red-instruct/harmfulqa.json",
        read: harmfulqa,
    },
    Recipe { name: "compass", licence: "MIT", path: "train/compass/dataset.csv", read: compass },
    Recipe { name: "compass", licence: "MIT", path: "train/compass/safe.csv", read: compass },
    Recipe {
        name: "inthewild",
        licence: "Apache-2.0",
        path: "train/inthewild/jailbreaks.json",
        read: inthewild,
    },
    Recipe {
        name: "hh-rlhf",
        licence: "MIT",
        path: "train/hh-rlhf/harmless-base-test.jsonl.gz",
        read: hh_rlhf,
    },
    Recipe {
        name: "teleantifraud",
        licence: "Apache-2.0",
        path: "train/teleantifraud/fraud_dialogues.jsonl",
        read: fraud_calls,
    },
    Recipe {
        name: "teleantifraud",
        licence: "Apache-2.0",
        path: "train/teleantifraud/normal_dialogues.jsonl",
        read: normal_calls,
    },
];

/// The file of compass that is the test set of deepset: its texts stand in `dataset.csv` too and are not trained on.
pub(crate) const DEEPSET_TEST: &str = "train/compass/prompt-injection-dataset.csv";

/// Reads every training set under `folder`, in a fixed order.
///
/// # Errors
/// The first file that is missing or has a row that its set does not have.
pub fn read(folder: &Path) -> Result<Vec<TrainingSet>, DatasetError> {
    let mut sets = Vec::with_capacity(RECIPES.len().saturating_add(1));
    for recipe in RECIPES {
        let file = DataFile::read(folder, recipe.path)?;
        let examples = (recipe.read)(folder, &file)?;
        sets.push(set(recipe.name, recipe.licence, recipe.path, file.sha256, examples));
    }
    let (examples, sha256) = written::examples();
    sets.push(set(written::NAME, "Apache-2.0", written::PATH, sha256, examples));
    Ok(sets)
}

fn set(
    name: &'static str,
    licence: &'static str,
    path: &str,
    sha256: [u8; 32],
    examples: Vec<Example>,
) -> TrainingSet {
    let count = u32::try_from(examples.len()).unwrap_or(u32::MAX);
    TrainingSet { name, licence, source: Source { path: path.into(), sha256, examples: count }, examples }
}

fn each(
    file: &DataFile,
    rows: Vec<Row>,
    read: impl Fn(&Row) -> Result<Example, RowProblem>,
) -> Result<Vec<Example>, DatasetError> {
    rows.iter().map(|row| read(row).map_err(|problem| file.at(row.line, problem))).collect()
}

/// Offence against groups, most of it: what is offensive is contempt too. Posts of a forum are no attacks on a model, no
/// advertisements, and ask nobody for private data.
fn cold(_: &Path, file: &DataFile) -> Result<Vec<Example>, DatasetError> {
    each(file, rows::csv(file)?, |row| {
        let is = row.label("label", "1", "0")?;
        let labels = Labels::none().set(&[Abuse, Discrimination], is);
        Ok(labels.no(&[Fraud, Jailbreak, SelfHarm, PrivacyRequest]).on(row.text("TEXT")?, 1.0))
    })
}

/// Sexism. Whether a post that is not sexist insults is not known.
fn swsr(_: &Path, file: &DataFile) -> Result<Vec<Example>, DatasetError> {
    each(file, rows::csv(file)?, |row| {
        let is = row.label("label", "1", "0")?;
        let labels = Labels::none().set(&[Discrimination], is);
        Ok(labels.no(&[Fraud, Jailbreak, PrivacyRequest]).on(row.text("comment_text")?, 1.0))
    })
}

fn davidson(_: &Path, file: &DataFile) -> Result<Vec<Example>, DatasetError> {
    each(file, rows::csv(file)?, |row| {
        let class = row.text("class")?;
        let (abuse, discrimination) = match class.as_str() {
            "0" => (true, true),
            "1" => (true, false),
            "2" => (false, false),
            other => return Err(unknown("class", other)),
        };
        let labels = Labels::none().set(&[Abuse], abuse).set(&[Discrimination], discrimination);
        Ok(labels.no(&[Fraud, Jailbreak, SelfHarm, PrivacyRequest]).on(row.text("tweet")?, 1.0))
    })
}

/// Questions that ask for what is unlawful, sorted in the words of GB/T 45654. None insults, none attacks the model.
fn jade(_: &Path, file: &DataFile) -> Result<Vec<Example>, DatasetError> {
    each(file, rows::csv(file)?, |row| {
        let kind = row.text("违规子类")?;
        let asks = Labels::none().no(&[Jailbreak]);
        let labels = match kind.trim() {
            "侵害他人隐私权" | "侵害他人个人信息权益" | "非法获取私人信息" | "侵害他人肖像权" => {
                asks.yes(&[PrivacyRequest]).no(&[Violence, Fraud, Sexual, SelfHarm])
            }
            "诈骗" | "网络欺诈与犯罪" | "赌博或开设赌场" => {
                asks.yes(&[Fraud]).no(&[Violence, Sexual, SelfHarm])
            }
            "非法持有武器"
            | "宣扬恐怖主义、极端主义"
            | "故意伤害他人"
            | "抢劫"
            | "宣扬暴力"
            | "虐待与贩卖人口" => asks.yes(&[Violence]).no(&[Fraud, SelfHarm]),
            "宣扬淫秽色情" => asks.yes(&[Sexual]).no(&[Fraud, SelfHarm]),
            _ if row.text("违规类型")?.trim() == "歧视偏见" => {
                asks.yes(&[Discrimination]).no(&[Fraud, SelfHarm, PrivacyRequest])
            }
            _ => asks,
        };
        Ok(labels.on(row.text("问题")?, 1.0))
    })
}

/// Harmful questions by category, in English and Chinese.
fn catqa(_: &Path, file: &DataFile) -> Result<Vec<Example>, DatasetError> {
    let asks = Labels::none().no(&[Jailbreak]);
    let leaves = rows::json_leaves(file)?;
    Ok(leaves
        .into_iter()
        .map(|(keys, text)| {
            let mut keys = keys.iter().map(|key| key.trim_end_matches(':'));
            let labels = match (keys.next().unwrap_or_default(), keys.next().unwrap_or_default()) {
                (_, "Self-harm") => asks.yes(&[SelfHarm]).no(&[Fraud, PrivacyRequest]),
                (
                    _,
                    "Weapon"
                    | "Weapon making"
                    | "Assault and battery"
                    | "Terrorism and extremism"
                    | "Gender-based violence"
                    | "Physical abuse"
                    | "Human Trafficking",
                ) => asks.yes(&[Violence]).no(&[Fraud, PrivacyRequest, SelfHarm]),
                (_, "Racial or ethnic hate" | "Religious intolerance") => {
                    asks.yes(&[Discrimination]).no(&[Fraud, PrivacyRequest, SelfHarm])
                }
                ("Adult Content", _) | (_, "Content Sexual exploitation") => {
                    asks.yes(&[Sexual]).no(&[Fraud, PrivacyRequest, SelfHarm, Violence])
                }
                ("Fraud/Deception", _) | (_, "Financial fraud" | "Employment scams" | "Investment scams") => {
                    asks.yes(&[Fraud]).no(&[SelfHarm, Violence, Sexual])
                }
                ("Privacy Violation Activity", _) => {
                    asks.yes(&[PrivacyRequest]).no(&[SelfHarm, Violence, Sexual])
                }
                ("Tailored Financial Advice" | "Political Campaigning", _) => {
                    asks.no(&[SelfHarm, Violence, Sexual, Fraud, PrivacyRequest, Abuse])
                }
                _ => asks,
            };
            labels.on(text, 1.0)
        })
        .collect())
}

/// Harmful questions whose harm is of no one kind: they say what is no attack on the model.
fn harmfulqa(_: &Path, file: &DataFile) -> Result<Vec<Example>, DatasetError> {
    let leaves = rows::json_leaves(file)?;
    let labels = Labels::none().no(&[Jailbreak, SelfHarm]);
    Ok(leaves.into_iter().map(|(_, text)| labels.on(text, 1.0)).collect())
}

/// Prompt injections and harmless prompts, without the test set of deepset. The file calls much an injection that is none
/// ("generate c++"), so that its rows count half.
fn compass(folder: &Path, file: &DataFile) -> Result<Vec<Example>, DatasetError> {
    let kept_out = DataFile::read(folder, DEEPSET_TEST)?;
    let kept_out: HashSet<String> = rows::csv(&kept_out)?
        .iter()
        .map(|row| row.text("text").map_err(|problem| kept_out.at(row.line, problem)))
        .collect::<Result<_, _>>()?;
    let rows = rows::csv(file)?;
    let mut examples = Vec::with_capacity(rows.len());
    for row in &rows {
        let at = |problem| file.at(row.line, problem);
        let text = row.text("text").map_err(at)?;
        if !kept_out.contains(&text) {
            let is = row.label("label", "1", "0").map_err(at)?;
            let labels = if is { Labels::none().yes(&[Jailbreak]) } else { Labels::harmless() };
            examples.push(labels.on(text, if is { 0.5 } else { 1.0 }));
        }
    }
    Ok(examples)
}

fn inthewild(_: &Path, file: &DataFile) -> Result<Vec<Example>, DatasetError> {
    let labels = Labels::none().yes(&[Jailbreak]);
    Ok(rows::json_texts(file)?.into_iter().map(|text| labels.on(text, 1.0)).collect())
}

/// Dialogues. Which of the two answers is the better says little about one head; that none of the turns attacks the model
/// or advertises is sure, and that a chosen answer is harmless is likely.
fn hh_rlhf(_: &Path, file: &DataFile) -> Result<Vec<Example>, DatasetError> {
    let rows = rows::json_lines(file)?;
    let mut examples = Vec::new();
    let mut seen = HashSet::new();
    for row in &rows {
        let text = row.text("chosen").map_err(|problem| file.at(row.line, problem))?;
        let mut turns: Vec<&str> = text.split("\n\nHuman: ").filter(|turn| !turn.is_empty()).collect();
        let last = turns.pop().and_then(|turn| turn.split_once("\n\nAssistant: "));
        let asked = turns.iter().map(|turn| turn.split("\n\nAssistant: ").next().unwrap_or_default());
        let asked: Vec<&str> = asked.chain(last.map(|(asked, _)| asked)).collect();
        for asked in asked {
            if seen.insert(asked.to_owned()) {
                examples.push(Labels::none().no(&[Jailbreak]).on(asked, 1.0));
            }
        }
        if let Some((_, answer)) = last {
            examples.push(Labels::harmless().on(answer, 0.3));
        }
    }
    Ok(examples)
}

/// Generated calls of fraudsters: what the fraudster says.
fn fraud_calls(_: &Path, file: &DataFile) -> Result<Vec<Example>, DatasetError> {
    calls(file, Labels::none().yes(&[Fraud]).no(&[Abuse, Sexual, Violence, Jailbreak, SelfHarm]), 0.3)
}

/// Generated calls that are no fraud.
fn normal_calls(_: &Path, file: &DataFile) -> Result<Vec<Example>, DatasetError> {
    calls(file, Labels::harmless(), 1.0)
}

fn calls(file: &DataFile, labels: Labels, weight: f32) -> Result<Vec<Example>, DatasetError> {
    let rows = rows::json_lines(file)?;
    let mut examples = Vec::new();
    for row in &rows {
        let turns = row.list("left").map_err(|problem| file.at(row.line, problem))?;
        examples.extend(turns.into_iter().map(|turn| labels.on(turn, weight)));
    }
    Ok(examples)
}
