//! What the engine says about a text.

use crate::{Action, Category, Channel, FollowUps, Measure};

/// The findings that a verdict lists at most. Hits past it are acted on and counted, not listed: a text of ten
/// megabytes must not make a verdict of a million lines.
pub const FINDINGS_MAX: usize = 256;

/// The rule that blocks what would have to be held back for too long.
pub const HOLD_RULE: &str = "limit.hold";

/// One hit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule that hit: `lexicon.fraud`, `personal-data.resident-id`, `classifier.jailbreak`, `limit.hold`.
    pub rule: String,
    /// What it is about.
    pub category: Category,
    /// How the text was read where it was found.
    pub channel: Channel,
    /// What is done about it.
    pub action: Action,
    /// What follows from it.
    pub then: FollowUps,
    /// Where it starts: a byte offset in the original text of the whole channel.
    pub start: usize,
    /// Where it ends, exclusive, likewise.
    pub end: usize,
    /// The text that was matched, normalised. Personal data stands here masked, so that a finding can be logged. Empty for a
    /// passage that was scored as a whole.
    pub normalised: String,
}

/// The findings of a text and the strongest action among them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verdict {
    /// The strongest action, over listed and omitted hits alike.
    pub action: Action,
    /// All that follows, from listed and omitted hits alike.
    pub then: FollowUps,
    /// The hits by start, end and rule; at most [`FINDINGS_MAX`], a blocking one always among them.
    pub findings: Vec<Finding>,
    /// How many hits were acted on and are not listed. Past the limit, one that is found with and without the text's
    /// escape sequences read may count twice.
    pub omitted: usize,
}

/// The verdict on a whole text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// What was found.
    pub verdict: Verdict,
    /// The text with what asked for it masked; `None` where nothing changed, and where the text is blocked.
    pub text: Option<String>,
}

/// The verdict on a text in parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedParts {
    /// What was found; its places are those in the parts put together.
    pub verdict: Verdict,
    /// Each part with what asked for it masked; `None` where nothing changed, and where the text is blocked.
    pub texts: Vec<Option<String>>,
}

impl Verdict {
    /// Whether the text may not pass.
    #[must_use]
    pub fn is_blocked(&self) -> bool {
        self.action == Action::Block
    }

    /// The findings that block.
    pub fn blocking(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.action == Action::Block)
    }

    /// Adds a hit in its place, or counts it.
    pub(crate) fn record(&mut self, finding: impl FnOnce() -> Finding, measure: Measure) {
        self.action = self.action.max(measure.action);
        self.then = self.then.and(measure.then);
        if self.findings.len() >= FINDINGS_MAX && measure.action != Action::Block {
            self.omitted = self.omitted.saturating_add(1);
            return;
        }
        let finding = finding();
        let key = |f: &Finding| (f.start, f.end);
        let place = self
            .findings
            .partition_point(|f| (key(f), f.rule.as_str()) <= (key(&finding), finding.rule.as_str()));
        // The same hit in another reading of the text.
        if place.checked_sub(1).and_then(|before| self.findings.get(before)) != Some(&finding) {
            self.findings.insert(place, finding);
        }
    }
}
