//! Files of patterns: YAML, strict.

use std::collections::HashMap;

use serde::Deserialize;
use serde_saphyr::Spanned;

use super::{Pattern, PatternError, PatternProblem};
use crate::{Category, Measure, Scope};

/// The largest file that is read.
pub const FILE_BYTES_MAX: usize = 1 << 20;

/// Why a file was refused is cut to this: it may quote the file.
const REASON_CHARS_MAX: usize = 300;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    patterns: Vec<Spanned<Row>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    category: String,
    #[serde(default)]
    measure: Option<String>,
    #[serde(default)]
    direction: Option<String>,
    expression: String,
    /// For people.
    #[serde(default, rename = "note")]
    _note: Option<String>,
}

/// Reads a file of patterns. `path` is for messages alone.
///
/// ```yaml
/// patterns:
///   - id: ignore-instructions
///     category: jailbreak          # or operator.name
///     measure: warn+review         # where it is left out the policy decides
///     direction: input             # or output; both where it is left out
///     expression: '忽略.{0,8}(指令|提示)'
///     note: for people
/// ```
///
/// # Errors
/// The first thing that is not understood, with its line.
pub fn parse_yaml(path: &str, text: &str) -> Result<Vec<Pattern>, PatternError> {
    let refuse = |line: Option<u64>, id: Option<&str>, problem| {
        let place = line.map_or_else(|| path.to_owned(), |line| format!("{path}:{line}"));
        PatternError { place: Some(place), id: id.map(|id| id.chars().take(64).collect()), problem }
    };
    if text.len() > FILE_BYTES_MAX {
        return Err(refuse(None, None, PatternProblem::FileTooLarge(text.len())));
    }
    // Anchors, aliases and merge keys stay within the reader's default budget: an alias bomb is refused.
    let file: File = serde_saphyr::from_str(text).map_err(|error| {
        let reason = error.without_snippet().to_string();
        let reason = reason.lines().next().unwrap_or("not readable").chars().take(REASON_CHARS_MAX);
        let line = error.location().map(|at| at.line()).filter(|line| *line > 0);
        refuse(line, None, PatternProblem::Yaml(reason.collect()))
    })?;
    let mut patterns = Vec::with_capacity(file.patterns.len());
    let mut places: HashMap<String, String> = HashMap::new();
    for row in file.patterns {
        let line = row.referenced.line();
        let row = row.value;
        let fail = |problem| refuse(Some(line), Some(&row.id), problem);
        let place = format!("{path}:{line}");
        if let Some(first) = places.insert(row.id.clone(), place.clone()) {
            return Err(fail(PatternProblem::IdTwice(first)));
        }
        let category = Category::from_code(&row.category)
            .ok_or_else(|| fail(PatternProblem::Category(row.category.clone())))?;
        let measure = row.measure.as_ref().map(|words| {
            Measure::from_words(words).ok_or_else(|| fail(PatternProblem::Measure(words.clone())))
        });
        let word = row.direction.as_deref().unwrap_or("both");
        let scope = Scope::from_word(word).ok_or_else(|| fail(PatternProblem::Direction(word.to_owned())))?;
        let pattern = Pattern::new(&row.id, category, measure.transpose()?, scope, &row.expression)
            .map_err(|error| fail(error.problem))?;
        patterns.push(pattern.at(&place));
    }
    Ok(patterns)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(rows: &str) -> Result<Vec<Pattern>, PatternError> {
        parse_yaml("own.yaml", &format!("patterns:\n{rows}"))
    }

    #[test]
    fn rows_become_patterns() {
        let patterns = read(
            "  - id: one\n    category: operator.mine\n    measure: block+review\n    direction: input\n    expression: 'a.{1,3}'\n    note: why\n  - { id: two, category: test, expression: '甲' }\n",
        )
        .unwrap();
        assert_eq!((patterns[0].rule().as_str(), patterns[0].chars_max()), ("pattern.one", 4));
        assert_eq!(patterns[0].measure().unwrap().words(), "block+review");
        assert_eq!((patterns[1].measure(), patterns[1].scope()), (None, Scope::Both));
    }

    #[test]
    fn mistakes_are_named_with_their_line_and_pattern() {
        let check = |rows: &str, expected: &str| assert_eq!(read(rows).unwrap_err().to_string(), expected);
        check(
            "  - { id: a, category: test, expression: 'a*b' }",
            "own.yaml:2: pattern `a`: it has no greatest length: write `{0,50}` in place of `*`, `{1,50}` in place of `+`",
        );
        check(
            "  - { id: a, category: test, expression: 'a' }\n  - { id: a, category: test, expression: 'b' }",
            "own.yaml:3: pattern `a`: the id stands already at own.yaml:2: give each pattern its own",
        );
        check(
            "  - { id: A, category: test, expression: 'a' }",
            "own.yaml:2: pattern `A`: the id has 1 to 64 characters of `a-z`, `0-9` and `-`",
        );
        check(
            "  - { id: a, category: tset, expression: 'a' }",
            "own.yaml:2: pattern `a`: unknown category `tset`: a category of your own is written `operator.name`",
        );
        check(
            "  - { id: a, category: test, measure: kill, expression: 'a' }",
            "own.yaml:2: pattern `a`: unknown measure `kill`: `mask`, `warn`, `block` or `allow`, and what follows behind `+`, such as `warn+review`",
        );
        check(
            "  - { id: a, category: test, direction: up, expression: 'a' }",
            "own.yaml:2: pattern `a`: unknown direction `up`: `input`, `output` or `both` is expected",
        );
        check(
            "  - { id: a, category: test, expression: '((a?b?c?d?e?f?g?h?i?j?k?l?){20}x){4}' }",
            "own.yaml:2: pattern `a`: its automaton is too large, more than 4096 characters or 16384 steps: lower the counts in braces, or nest them less",
        );
        let unknown = read("  - { id: a, category: test, regex: 'a' }").unwrap_err().to_string();
        assert!(unknown.starts_with("own.yaml:2: unknown field `regex`"), "{unknown}");
        assert!(read("  - [").unwrap_err().to_string().starts_with("own.yaml:"));
        let large = parse_yaml("x", &" ".repeat(FILE_BYTES_MAX + 1)).unwrap_err().problem;
        assert_eq!(large, PatternProblem::FileTooLarge(FILE_BYTES_MAX + 1));
    }
}
