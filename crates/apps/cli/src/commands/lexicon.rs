//! `cinnabar lexicon`: the feature library from the command line, beside a running service or without one.
//!
//! Reading needs no account: being on the machine is the permission. Changing needs one, since the two-person rule is about who
//! somebody is: `--as NAME`, with the password in a file or on standard input. A running service takes a change up within
//! seconds.

mod change;
mod show;

use std::{io::BufRead as _, path::PathBuf};

use anyhow::Context as _;
use operations::{LexiconDraft, LexiconFormat, OperationError, Operations};
use server::{Config, Use};
use terms::Actor;

use crate::{Finding, output::Misuse};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Lexicon {
    /// List proposals: those that wait for a second person, or those in another state.
    List {
        /// `proposed`, `approved`, `rejected`, `withdrawn` or `all`.
        #[arg(long, default_value = "proposed")]
        state: String,
        /// At most so many.
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// Find entries, the pack's and your own. Exit code 1 where there is none.
    Search {
        /// A part of the term; see `--exact` and `--prefix`. Without it all entries are listed.
        text: Option<String>,
        /// The text is the whole term.
        #[arg(long, conflicts_with = "prefix")]
        exact: bool,
        /// The text is the beginning of the term.
        #[arg(long)]
        prefix: bool,
        /// Only this category, such as `fraud` or `operator.competitors`.
        #[arg(long)]
        category: Option<String>,
        /// Only this state: `proposed`, `approved`, `rejected`, `retired`.
        #[arg(long)]
        state: Option<String>,
        /// Only what comes from there: `pack`, `file`, `operator`, `case`.
        #[arg(long)]
        source: Option<String>,
        /// Only what this proposal brings.
        #[arg(long, value_name = "PROPOSAL")]
        of: Option<String>,
        /// Go on behind this place, as the last page named it.
        #[arg(long, value_name = "PLACE")]
        after: Option<String>,
        /// At most so many.
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
    /// Propose an entry, or with `--retire` to take entries out.
    Propose {
        /// The terms; with `--retire` the ids of entries.
        #[arg(required = true)]
        terms: Vec<String>,
        /// Take these entries out.
        #[arg(long, conflicts_with_all = ["category", "measure", "direction", "audience", "from", "until", "note"])]
        retire: bool,
        #[command(flatten)]
        entry: EntryArgs,
        #[command(flatten)]
        by: By,
    },
    /// Make a file one proposal, or with `--preview` say what it would change. Exit code 1 where a preview refuses lines.
    Import {
        /// The file: CSV, TXT, XLSX or JSON lines, by its ending.
        file: PathBuf,
        /// Say what it would change, and change nothing.
        #[arg(long)]
        preview: bool,
        /// Leave out lines that cannot be taken.
        #[arg(long)]
        leave_out: bool,
        #[command(flatten)]
        entry: EntryArgs,
        #[command(flatten)]
        by: By,
    },
    /// Write a version of the library to a file or to standard output.
    Export {
        /// `csv`, `txt`, `xlsx`, `jsonl`, or `filing`: the keyword list of the filing dossier, as a workbook.
        #[arg(long, default_value = "csv")]
        format: String,
        /// The version; the newest without it.
        #[arg(long)]
        number: Option<u64>,
        /// The file.
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Approve what another person proposed. It is in force at once.
    Approve {
        /// The proposal.
        proposal: String,
        #[command(flatten)]
        by: By,
    },
    /// Reject what another person proposed, or withdraw what you did.
    Reject {
        /// The proposal.
        proposal: String,
        /// Withdraw a proposal of your own.
        #[arg(long)]
        withdraw: bool,
        #[command(flatten)]
        by: By,
    },
    /// List the versions.
    Versions {
        /// At most so many.
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// Say what changed between two versions. Exit code 1 where anything did.
    Diff {
        /// The earlier version; 0 is empty.
        from: u64,
        /// The later version.
        to: u64,
    },
    /// Propose to go back to an earlier version.
    Rollback {
        /// The version; 0 is empty.
        number: u64,
        #[command(flatten)]
        by: By,
    },
    /// Count the words for each class of risk beside what the standard asks for. Exit code 1 where words are missing.
    Coverage,
}

/// What an entry says beside its term; for a plain list what all its terms say.
#[derive(Debug, clap::Args)]
pub(crate) struct EntryArgs {
    /// The category, such as `fraud` or `operator.competitors`.
    #[arg(long, default_value = "")]
    category: String,
    /// `mask`, `warn`, `block`, `allow` (an allowed phrase), or nothing: the policy decides.
    #[arg(long, default_value = "")]
    measure: String,
    /// `input`, `output` or `both`.
    #[arg(long, default_value = "both")]
    direction: String,
    /// `adult`, `minor`, `verified`; may be repeated. Everybody without it.
    #[arg(long)]
    audience: Vec<String>,
    /// The first day.
    #[arg(long, default_value = "", value_name = "DAY")]
    from: String,
    /// The last day.
    #[arg(long, default_value = "", value_name = "DAY")]
    until: String,
    /// A note for people.
    #[arg(long, default_value = "")]
    note: String,
}

/// Who changes something, and why.
#[derive(Debug, clap::Args)]
pub(crate) struct By {
    /// Your operator account. Its password is read from `--password-file`, else from standard input.
    #[arg(long = "as", value_name = "NAME")]
    name: String,
    /// A file with the password on its first line.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// Why. It is kept with the change.
    #[arg(long, default_value = "")]
    reasons: String,
}

impl EntryArgs {
    fn draft(&self, term: &str) -> LexiconDraft {
        LexiconDraft {
            term: term.to_owned(),
            category: self.category.clone(),
            measure: self.measure.clone(),
            direction: self.direction.clone(),
            audiences: self.audience.clone(),
            valid_from: self.from.clone(),
            valid_until: self.until.clone(),
            note: self.note.clone(),
        }
    }
}

pub(crate) fn run(config: &Config, command: &Lexicon, as_json: bool) -> anyhow::Result<Finding> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let url = config.public_url.clone().unwrap_or_else(|| format!("http://{}", config.bind));
        let opened = server::open(config, &url, Vec::new(), Use::Beside).await?;
        let operations = &opened.operations;
        let found = match command {
            Lexicon::List { .. }
            | Lexicon::Search { .. }
            | Lexicon::Export { .. }
            | Lexicon::Versions { .. }
            | Lexicon::Diff { .. }
            | Lexicon::Coverage => show::run(operations, command, as_json).await,
            Lexicon::Propose { by, .. }
            | Lexicon::Import { by, .. }
            | Lexicon::Approve { by, .. }
            | Lexicon::Reject { by, .. }
            | Lexicon::Rollback { by, .. } => {
                let (actor, token) = sign_in(operations, by).await?;
                let done = change::run(operations, &actor, command, as_json).await;
                operations.sign_out(&token).await?;
                done
            }
        };
        found.map_err(misuse)
    })
}

/// The account, by its password.
async fn sign_in(operations: &Operations, by: &By) -> anyhow::Result<(Actor, String)> {
    let mut line = String::new();
    match &by.password_file {
        Some(path) => {
            let file = std::fs::File::open(path).with_context(|| format!("opening `{}`", path.display()))?;
            std::io::BufReader::new(file).read_line(&mut line)
        }
        None => std::io::stdin().lock().read_line(&mut line),
    }
    .context("reading the password")?;
    let password = line.trim_end_matches(['\r', '\n']);
    let session =
        operations.sign_in(&by.name, password, None).await.map_err(anyhow::Error::from).map_err(misuse)?;
    Ok((session.operator.actor(), session.token))
}

/// What the one who asked can put right is misuse, and said in the operation's own sentence.
fn misuse(error: anyhow::Error) -> anyhow::Error {
    match error.downcast::<OperationError>() {
        Ok(
            error @ (OperationError::Refused(_)
            | OperationError::NotFound { .. }
            | OperationError::Invalid { .. }
            | OperationError::Conflict { .. }),
        ) => Misuse(error.to_string()).into(),
        Ok(error) => error.into(),
        Err(error) => error,
    }
}

fn format(word: &str) -> Result<LexiconFormat, Misuse> {
    LexiconFormat::from_word(word).ok_or_else(|| {
        Misuse(format!("`{word}` is no form of a list: `csv`, `txt`, `xlsx`, `jsonl` or `filing`"))
    })
}

fn id<T: std::str::FromStr<Err = terms::IdError>>(text: &str) -> Result<T, Misuse> {
    text.parse().map_err(|error: terms::IdError| Misuse(error.to_string()))
}
