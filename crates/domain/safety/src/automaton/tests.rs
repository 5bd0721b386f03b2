use proptest::prelude::*;

use super::*;

fn automaton(patterns: &[&str]) -> Automaton {
    Automaton::build(patterns).unwrap()
}

#[test]
fn all_patterns_that_end_are_found_the_longest_first() {
    let automaton = automaton(&["ab", "abc", "b", "bc", "中", "中国"]);
    let mut state = automaton.start();
    let mut found = Vec::new();
    for c in "xabc中国".chars() {
        state = automaton.next(state, c);
        found.push((automaton.depth(state), automaton.outputs(state).collect::<Vec<u32>>()));
        assert_eq!(automaton.has_outputs(state), !found.last().unwrap().1.is_empty());
    }
    assert_eq!(
        found,
        [(0, vec![]), (1, vec![]), (2, vec![0, 2]), (3, vec![1, 3]), (1, vec![4]), (2, vec![5])]
    );
    assert_eq!(automaton.find("abc"), Some(1));
    assert_eq!(automaton.find("a"), None);
    assert_eq!(automaton.find("abcd"), None);
    assert_eq!(automaton.find(""), None);
}

#[test]
fn what_is_no_list_of_patterns_is_refused() {
    let long = "a".repeat(PATTERN_CHARS_MAX + 1);
    let check = |patterns: &[&str], expected| assert_eq!(Automaton::build(patterns).unwrap_err(), expected);
    check(&["", "a"], AutomatonError::Empty(0));
    check(&["a", "a"], AutomatonError::Order(1));
    check(&["b", "a"], AutomatonError::Order(1));
    check(&[&long], AutomatonError::TooLong(0));
    assert!(Automaton::build(&[&long[1..]]).is_ok());
    assert_eq!(automaton(&[]).next(State::START, 'a'), State::START);
}

#[test]
fn a_beginning_counts_on_the_sides_it_leads_to() {
    let mut automaton = automaton(&["abcd", "abx", "bc"]);
    automaton.extend("abcd", Sides::one(0));
    automaton.extend("bc", Sides::one(5));
    let state = "abc".chars().fold(automaton.start(), |state, c| automaton.next(state, c));
    assert_eq!(automaton.depth_on(state, Sides::one(0)), 3);
    assert_eq!(automaton.depth_on(state, Sides::one(5)), 2);
    assert_eq!(automaton.depth_on(state, Sides::one(0).or(Sides::one(5))), 3);
    let state = "abx".chars().fold(automaton.start(), |state, c| automaton.next(state, c));
    assert_eq!((automaton.depth(state), automaton.depth_on(state, Sides::one(0).or(Sides::one(5)))), (3, 0));
}

/// Patterns over a few characters, so that they share beginnings, ends and insides.
fn patterns() -> impl Strategy<Value = Vec<String>> {
    let pattern = prop_oneof!["[ab]{1,5}", "[abc中国人]{1,4}", "[a-z]{1,9}", "\\PC{1,3}"];
    prop::collection::btree_set(pattern, 0..60).prop_map(|set| set.into_iter().collect())
}

proptest! {
    #[test]
    fn the_automaton_agrees_with_comparing_at_every_place(
        patterns in patterns(),
        text in "[abc中国人]{0,24}|[a-z]{0,24}|\\PC{0,12}",
    ) {
        let borrowed: Vec<&str> = patterns.iter().map(String::as_str).collect();
        let automaton = automaton(&borrowed);
        let mut state = automaton.start();
        for (at, c) in text.char_indices() {
            state = automaton.next(state, c);
            let read = &text[..at + c.len_utf8()];
            let begins = |tail: &str| patterns.iter().any(|pattern| pattern.starts_with(tail));
            let tails: Vec<&str> = read.char_indices().map(|(start, _)| &read[start..]).collect();
            let depth = tails.iter().find(|tail| begins(tail)).map_or(0, |tail| tail.chars().count());
            prop_assert_eq!(automaton.depth(state) as usize, depth);
            let expected: Vec<u32> = tails
                .iter()
                .filter_map(|tail| patterns.iter().position(|pattern| pattern == tail))
                .map(|number| u32::try_from(number).unwrap())
                .collect();
            prop_assert_eq!(automaton.outputs(state).collect::<Vec<u32>>(), expected);
        }
        for (number, pattern) in patterns.iter().enumerate() {
            prop_assert_eq!(automaton.find(pattern), u32::try_from(number).ok());
        }
    }
}
