//! The slot of a guard model: a second opinion where a row of the policy asks for one.
//!
//! A prompt and a whole answer wait for it, [`ASK_TIME`] at most. A stream does not: what has left cannot be taken back,
//! so what holds without a guard ([`Unjudged`]) holds for streams. No provider of judgements is wired in this version.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use safety::{Finding, FollowUps, Situation, Verdict};

/// How long a guard may take. Past that it counts as absent.
pub const ASK_TIME: Duration = Duration::from_secs(3);

/// What a guard says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judgement {
    /// The text passes.
    Pass,
    /// It passes, and a person looks at it later.
    Review,
    /// It may not pass.
    Block,
}

/// What holds where a guard is asked for and none answers: there is none, it fails, or takes too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unjudged {
    /// The text passes.
    Pass,
    /// It passes, and a person looks at it later.
    #[default]
    Review,
    /// It may not pass.
    Block,
}

/// What a guard is asked.
#[derive(Debug, Clone, Copy)]
pub struct Question<'q> {
    /// The text.
    pub text: &'q str,
    /// Which way it goes, for whom and what for.
    pub situation: Situation,
    /// The hits that ask for a judgement.
    pub findings: &'q [Finding],
}

/// A guard that gave no judgement. Its cause is logged where the guard lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the guard gave no judgement")]
pub struct NoJudgement;

/// The answer of a guard on its way.
pub type Judging<'q> = Pin<Box<dyn Future<Output = Result<Judgement, NoJudgement>> + Send + 'q>>;

/// Something that judges texts: a guard model behind an interface, or several.
pub trait Guard: Send + Sync {
    /// Judges one text.
    fn judge<'q>(&'q self, question: Question<'q>) -> Judging<'q>;
}

/// The guard, if there is one, and what holds without.
#[derive(Clone, Default)]
pub struct SecondStage {
    /// The guard.
    pub guard: Option<Arc<dyn Guard>>,
    /// What holds where it gives no judgement.
    pub unjudged: Unjudged,
}

impl SecondStage {
    /// Judges a text whose verdict asks for it; [`Judgement::Pass`] where it does not.
    pub(crate) async fn judge(&self, text: &str, situation: Situation, verdict: &Verdict) -> Judgement {
        if !verdict.then.contains(FollowUps::ASK_GUARD) {
            return Judgement::Pass;
        }
        let findings: Vec<Finding> = asking(&verdict.findings).cloned().collect();
        let Some(guard) = &self.guard else { return self.unjudged.into() };
        let question = Question { text, situation, findings: &findings };
        match tokio::time::timeout(ASK_TIME, guard.judge(question)).await {
            Ok(Ok(judgement)) => judgement,
            Ok(Err(NoJudgement)) => self.unjudged.into(),
            Err(_) => {
                tracing::warn!(limit_s = ASK_TIME.as_secs(), "the guard took too long");
                self.unjudged.into()
            }
        }
    }
}

impl From<Unjudged> for Judgement {
    fn from(unjudged: Unjudged) -> Self {
        match unjudged {
            Unjudged::Pass => Self::Pass,
            Unjudged::Review => Self::Review,
            Unjudged::Block => Self::Block,
        }
    }
}

/// The hits that ask for a judgement.
pub(crate) fn asking(findings: &[Finding]) -> impl Iterator<Item = &Finding> {
    findings.iter().filter(|finding| finding.then.contains(FollowUps::ASK_GUARD))
}

/// The hits after which something follows, those that asked for a judgement marked for a look where it says so.
pub(crate) fn followed(findings: &[Finding], judgement: Judgement) -> Vec<Finding> {
    let mut followed: Vec<Finding> =
        findings.iter().filter(|finding| finding.then != FollowUps::NONE).cloned().collect();
    if judgement == Judgement::Review {
        for finding in followed.iter_mut().filter(|finding| finding.then.contains(FollowUps::ASK_GUARD)) {
            finding.then = finding.then.and(FollowUps::REVIEW);
        }
    }
    followed
}
