//! An expression, checked, normalised and cut into the branches that the automaton is made of.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind, Look, Repetition};

use super::{EXPRESSION_BYTES_MAX, PATTERN_CHARS_MAX, PatternProblem};
use crate::normalise;

/// How deep groups may stand in each other.
const NEST_MAX: u32 = 64;

/// How many branches boundaries may cut an expression into.
const BRANCHES_MAX: usize = 256;

/// Classes of at most so many characters are normalised, such as `\p{Lu}`. Larger ones (`.`, `[^a]`, `\p{Han}`) stand as
/// they are written.
const CLASS_CHARS_MAX: usize = 4096;

/// A checked expression: any of its branches.
#[derive(Debug, Clone)]
pub(super) struct Expression {
    pub(super) branches: Vec<Branch>,
    /// The characters of the longest text it matches.
    pub(super) chars_max: usize,
}

/// An expression without boundaries inside.
#[derive(Debug, Clone)]
pub(super) struct Branch {
    pub(super) hir: Hir,
    /// No word may go on at its beginning, at its end.
    pub(super) bounded: (bool, bool),
}

impl Expression {
    pub(super) fn parse(source: &str) -> Result<Self, PatternProblem> {
        if source.len() > EXPRESSION_BYTES_MAX {
            return Err(PatternProblem::ExpressionTooLong(source.len()));
        }
        let hir = ParserBuilder::new().nest_limit(NEST_MAX).build().parse(source).map_err(syntax)?;
        if hir.properties().look_set().contains_anchor() {
            return Err(PatternProblem::Anchor);
        }
        let mut branches = Vec::new();
        split(hir, (false, false), &mut branches)?;
        let mut chars_max = 0;
        for branch in &mut branches {
            branch.hir = normalised(&branch.hir)?;
            match branch.hir.properties().minimum_len() {
                None => return Err(PatternProblem::Never),
                Some(0) => return Err(PatternProblem::Empty),
                Some(_) => {}
            }
            let chars = longest(&branch.hir).ok_or(PatternProblem::Unbounded)?;
            if chars > PATTERN_CHARS_MAX {
                return Err(PatternProblem::TooLong(chars));
            }
            chars_max = chars_max.max(chars);
        }
        Ok(Self { branches, chars_max })
    }
}

fn syntax(error: regex_syntax::Error) -> PatternProblem {
    let (reason, offset) = match &error {
        regex_syntax::Error::Parse(error) => (error.kind().to_string(), error.span().start.column),
        regex_syntax::Error::Translate(error) => (error.kind().to_string(), error.span().start.column),
        other => (other.to_string(), 1),
    };
    PatternProblem::Syntax { reason: reason.lines().next().unwrap_or_default().to_owned(), at: offset }
}

/// Cuts an expression at its alternatives where boundaries stand in them, and takes the boundaries off the edges.
///
/// What stands before and after alternatives goes into each: the parser takes common beginnings out, so that `\ba\b|\bab`
/// comes as `\ba(?:\b|b)`.
fn split(hir: Hir, bounded: (bool, bool), branches: &mut Vec<Branch>) -> Result<(), PatternProblem> {
    if branches.len() >= BRANCHES_MAX {
        return Err(PatternProblem::TooLarge);
    }
    if hir.properties().look_set().is_empty() {
        branches.push(Branch { hir, bounded });
        return Ok(());
    }
    match hir.into_kind() {
        HirKind::Capture(capture) => split(*capture.sub, bounded, branches),
        HirKind::Alternation(parts) => parts.into_iter().try_for_each(|part| split(part, bounded, branches)),
        HirKind::Concat(mut parts) => {
            if parts.first().is_some_and(is_boundary) {
                parts.remove(0);
                return split(Hir::concat(parts), (true, bounded.1), branches);
            }
            if parts.last().is_some_and(is_boundary) {
                parts.pop();
                return split(Hir::concat(parts), (bounded.0, true), branches);
            }
            let edges = [0, parts.len().saturating_sub(1)];
            let Some((at, choices)) = edges.into_iter().find_map(|at| Some((at, choices(parts.get(at)?)?)))
            else {
                return Err(PatternProblem::Boundary);
            };
            choices.into_iter().try_for_each(|choice| {
                let mut parts = parts.clone();
                if let Some(part) = parts.get_mut(at) {
                    *part = choice;
                }
                split(Hir::concat(parts), bounded, branches)
            })
        }
        _ => Err(PatternProblem::Boundary),
    }
}

fn is_boundary(part: &Hir) -> bool {
    matches!(part.kind(), HirKind::Look(Look::WordUnicode | Look::WordAscii))
}

/// The alternatives of a part in which boundaries stand; none where it is no choice.
fn choices(part: &Hir) -> Option<Vec<Hir>> {
    if part.properties().look_set().is_empty() {
        return None;
    }
    match part.kind() {
        HirKind::Capture(capture) => Some(vec![(*capture.sub).clone()]),
        HirKind::Alternation(parts) => Some(parts.clone()),
        _ => None,
    }
}

/// The expression as normalised text is written, without groups.
fn normalised(hir: &Hir) -> Result<Hir, PatternProblem> {
    let each = |parts: &[Hir]| parts.iter().map(normalised).collect::<Result<Vec<Hir>, _>>();
    Ok(match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => hir.clone(),
        HirKind::Literal(literal) => {
            let text = String::from_utf8_lossy(&literal.0);
            let normal = normalise(&text).text;
            if normal.is_empty() {
                return Err(PatternProblem::Dropped(text.into_owned()));
            }
            Hir::literal(normal.into_bytes())
        }
        HirKind::Class(class) => normalised_class(class)?,
        HirKind::Repetition(repetition) => {
            let sub = Box::new(normalised(&repetition.sub)?);
            Hir::repetition(Repetition { sub, ..repetition.clone() })
        }
        HirKind::Capture(capture) => normalised(&capture.sub)?,
        HirKind::Concat(parts) => Hir::concat(each(parts)?),
        HirKind::Alternation(parts) => Hir::alternation(each(parts)?),
    })
}

fn normalised_class(class: &Class) -> Result<Hir, PatternProblem> {
    let class = match class {
        Class::Unicode(class) => class.clone(),
        // Without `u` only classes of ASCII are read, since an expression matches characters alone.
        Class::Bytes(class) => class.to_unicode_class().unwrap_or_else(ClassUnicode::empty),
    };
    let chars: usize = class.ranges().iter().map(ClassUnicodeRange::len).sum();
    if chars > CLASS_CHARS_MAX || chars == 0 {
        return Ok(Hir::class(Class::Unicode(class)));
    }
    let mut normal = ClassUnicode::empty();
    for c in class.ranges().iter().flat_map(|range| range.start()..=range.end()) {
        let text = normalise(c.encode_utf8(&mut [0; 4])).text;
        let mut folded = text.chars();
        match (folded.next(), folded.next()) {
            (Some(one), None) => normal.push(ClassUnicodeRange::new(one, one)),
            (None, _) => {}
            (Some(_), Some(_)) if chars <= u8::MAX.into() => return Err(PatternProblem::Expands(c)),
            // Of a class by property nobody writes the characters.
            (Some(_), Some(_)) => {}
        }
    }
    if normal.ranges().is_empty() {
        let shown = class.ranges().iter().map(ClassUnicodeRange::start).take(8).collect();
        return Err(PatternProblem::Dropped(shown));
    }
    Ok(Hir::class(Class::Unicode(normal)))
}

/// The characters of the longest text; `None` where there is none such, or it is past all counting.
fn longest(hir: &Hir) -> Option<usize> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(0),
        HirKind::Literal(literal) => Some(String::from_utf8_lossy(&literal.0).chars().count()),
        HirKind::Class(_) => Some(1),
        HirKind::Capture(capture) => longest(&capture.sub),
        HirKind::Repetition(repetition) => {
            longest(&repetition.sub)?.checked_mul(usize::try_from(repetition.max?).ok()?)
        }
        HirKind::Concat(parts) => parts.iter().try_fold(0_usize, |sum, part| sum.checked_add(longest(part)?)),
        HirKind::Alternation(parts) => parts.iter().try_fold(0, |most, part| Some(longest(part)?.max(most))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greatest_length_is_that_of_the_longest_text() {
        let check = |source: &str, chars: usize| {
            assert_eq!(Expression::parse(source).unwrap().chars_max, chars, "{source}");
        };
        check("忽略", 2);
        check("忽略.{0,20}指令", 24);
        check("(ab|c){2,3}d?", 7);
        check(r"\b(?:foo|quux)\b", 4);
        check(r"\bfoo|[甲乙]{5}\b", 5);
        check("½", 3);
    }

    #[test]
    fn boundaries_cut_an_expression_into_branches() {
        let check = |source: &str, expected: &[(&str, bool, bool)]| {
            let plain = |branch: &str| format!("{:?}", regex_syntax::parse(branch).unwrap());
            let found: Vec<_> = Expression::parse(source)
                .unwrap()
                .branches
                .iter()
                .map(|branch| (format!("{:?}", branch.hir), branch.bounded.0, branch.bounded.1))
                .collect();
            let expected: Vec<_> = expected.iter().map(|one| (plain(one.0), one.1, one.2)).collect();
            assert_eq!(found, expected, "{source}");
        };
        check(r"a\b|b", &[("a", false, true), ("b", false, false)]);
        check(r"\bab\b|\bac", &[("ab", true, true), ("ac", true, false)]);
        check(
            r"(?:\ba|b)c(?:d\b|e)",
            &[("acd", true, true), ("ace", true, false), ("bcd", false, true), ("bce", false, false)],
        );
    }

    #[test]
    fn expressions_are_normalised() {
        let text = |source: &str| format!("{:?}", Expression::parse(source).unwrap().branches[0].hir);
        for (written, normal) in
            [("DAN", "dan"), ("ＤＡＮ", "dan"), ("[A-Cx]", "[a-cx]"), (r"\p{Lu}\u{200B}x", r"\p{Lu}x")]
        {
            assert_eq!(text(written), text(normal), "{written}");
        }
        assert_eq!(text("[^A]"), text("[^A]"));
    }

    #[test]
    fn mistakes_say_what_to_do() {
        let check = |source: &str, expected: PatternProblem| {
            assert_eq!(Expression::parse(source).unwrap_err(), expected, "{source}");
        };
        check("^a", PatternProblem::Anchor);
        check("a$|b", PatternProblem::Anchor);
        check(r"a\bb", PatternProblem::Boundary);
        check(r"(\ba)?b", PatternProblem::Boundary);
        check(r"\Ba", PatternProblem::Boundary);
        check(r"a\b{end}", PatternProblem::Boundary);
        check("a?", PatternProblem::Empty);
        check("", PatternProblem::Empty);
        check(r"\b", PatternProblem::Boundary);
        check(r"\b|a", PatternProblem::Boundary);
        check(r"\b(\b)\b", PatternProblem::Boundary);
        check(r"[a&&b]", PatternProblem::Never);
        check("\u{200B}", PatternProblem::Dropped("\u{200B}".into()));
        check("[½x]", PatternProblem::Expands('½'));
        check("a*b", PatternProblem::Unbounded);
        check("a{2,}", PatternProblem::Unbounded);
        check("(a{999}){999}", PatternProblem::TooLong(998_001));
        check("a{1025}", PatternProblem::TooLong(1025));
        check(&"a".repeat(4097), PatternProblem::ExpressionTooLong(4097));
        let PatternProblem::Syntax { reason, at } = Expression::parse("甲(乙").unwrap_err() else {
            panic!("no syntax error");
        };
        assert_eq!((reason.as_str(), at), ("unclosed group", 2));
    }
}
