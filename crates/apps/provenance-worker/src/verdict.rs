//! From the codes of the C2PA specification (section 15.2) to a verdict.

use c2pa::{
    Ingredient,
    validation_results::{StatusCodes, ValidationResults},
};
use provenance::{
    State, Trust,
    report::{Finding, Stamp},
};

/// The certificate was not valid, now or when it was stamped.
const EXPIRED: &str = "signingCredential.expired";
/// No list that is configured leads to it: that is about trust, not about the asset.
const UNTRUSTED: &str = "signingCredential.untrusted";
/// A list leads to it.
const TRUSTED: &str = "signingCredential.trusted";
/// An authority that is trusted stamped it.
const STAMP_TRUSTED: &str = "timeStamp.trusted";

/// What was changed after it was signed shows as one of these.
const TAMPERED: [&str; 9] = [
    "assertion.bmffHash.mismatch",
    "assertion.boxesHash.mismatch",
    "assertion.boxesHash.unknownBox",
    "assertion.collectionHash.mismatch",
    "assertion.dataHash.mismatch",
    "assertion.hashedURI.mismatch",
    "assertion.missing",
    "claimSignature.mismatch",
    "hashedURI.mismatch",
];

/// Findings in a report.
const FINDINGS_MAX: usize = 32;

/// The verdict on the active manifest.
#[derive(Debug)]
pub(crate) struct Verdict {
    pub(crate) state: State,
    pub(crate) trust: Trust,
    pub(crate) is_stamped: bool,
    /// Whether there is a stamp of any kind.
    pub(crate) has_stamp: bool,
    pub(crate) findings: Vec<Finding>,
}

/// The verdict of these results on the active manifest.
pub(crate) fn judge(results: &ValidationResults) -> Verdict {
    let Some(codes) = results.active_manifest() else {
        return Verdict {
            state: State::Faulty,
            trust: Trust::Untrusted,
            is_stamped: false,
            has_stamp: false,
            findings: Vec::new(),
        };
    };
    let of_stamps = |code: &str| code.starts_with("timeStamp.");
    let is_stamped = codes.success().iter().any(|status| status.code() == STAMP_TRUSTED);
    let informational = codes.informational().iter().chain(codes.failure());
    let has_stamp = is_stamped || informational.clone().any(|status| of_stamps(status.code()));
    let findings = codes
        .failure()
        .iter()
        .chain(codes.informational().iter().filter(|status| of_stamps(status.code())))
        .filter(|status| status.code() != UNTRUSTED)
        .take(FINDINGS_MAX)
        .map(|status| Finding {
            code: crate::read::short(status.code()),
            explanation: status.explanation().map(crate::read::short),
        })
        .collect();
    let state = state(codes, is_stamped);
    Verdict { state, trust: trust(codes), is_stamped, has_stamp, findings }
}

fn state(codes: &StatusCodes, is_stamped: bool) -> State {
    let failures = || codes.failure().iter().map(c2pa::validation_status::ValidationStatus::code);
    if failures().any(|code| TAMPERED.contains(&code)) {
        return State::Tampered;
    }
    // With a stamp that is trusted, the certificate was not valid when it signed.
    if failures().any(|code| code != UNTRUSTED && (code != EXPIRED || is_stamped)) {
        return State::Faulty;
    }
    if failures().any(|code| code == EXPIRED) { State::Expired } else { State::Intact }
}

/// By whose anchors. The library says so in words alone; a test holds them.
fn trust(codes: &StatusCodes) -> Trust {
    let trusted = codes.success().iter().find(|status| status.code() == TRUSTED);
    match trusted.and_then(|status| status.explanation()) {
        Some(words) if words.contains("System") => Trust::Listed,
        Some(words) if words.contains("User") || words.contains("EndEntity") => Trust::Own,
        _ => Trust::Untrusted,
    }
}

/// The verdict on what an asset was made from, as its maker recorded it and as it reads now.
pub(crate) fn judge_ingredient(ingredient: &Ingredient) -> State {
    if ingredient.active_manifest().is_none() {
        return State::Absent;
    }
    match ingredient.validation_results() {
        Some(results) => judge(results).state,
        None if ingredient.validation_status().is_none_or(<[_]>::is_empty) => State::Intact,
        None => State::Faulty,
    }
}

impl Verdict {
    /// When it was signed, where `time` is what the stamp says.
    pub(crate) fn stamp(&self, time: Option<String>) -> Stamp {
        match time {
            Some(time) if self.is_stamped => Stamp::Trusted { time },
            _ if self.has_stamp => Stamp::Untrusted,
            _ => Stamp::None,
        }
    }
}
