//! Several packs: what holds, and who disagrees.

use packs::{Limit, Pack, Unit, resolve};

use crate::edited;

/// The small pack under another name, with its parameter written anew.
fn pack(value: &str, unit: &str, merge: &str) -> Pack {
    let new = format!("value: {value}, {unit}merge: {merge}");
    let adjust = edited(
        "parameters.yaml",
        "value: 10, unit: days, merge: max, source: xx.1, set_by: law, adjust: up",
        &{ format!("{new}, source: xx.1, set_by: law, adjust: any") },
    );
    adjust.unwrap()
}

#[test]
fn max_min_union_and_equal_values_hold() {
    let max = resolve(&[pack("10", "unit: days, ", "max"), pack("30", "unit: days, ", "max")]).unwrap();
    assert_eq!(max.limit("keep"), Ok(Limit { amount: 30, unit: Unit::Days }));
    let min = resolve(&[pack("10", "unit: days, ", "min"), pack("30", "unit: days, ", "min")]).unwrap();
    assert_eq!(min.parameter::<u32>("keep"), Ok(10));
    let words = resolve(&[pack("[a, b]", "", "union"), pack("[b, c]", "", "union")]).unwrap();
    assert_eq!(words.parameter::<Vec<String>>("keep").unwrap(), ["a", "b", "c"]);
    let flag = resolve(&[pack("false", "", "union"), pack("true", "", "union")]).unwrap();
    assert_eq!(flag.parameter::<bool>("keep"), Ok(true));
    let same = resolve(&[pack("5", "", "conflict"), pack("5", "", "conflict")]).unwrap();
    assert_eq!(same.parameter::<u64>("keep"), Ok(5));
}

#[test]
fn a_conflict_names_both_rows() {
    let check = |one: Pack, other: Pack, reason: &str| {
        let error = resolve(&[one, other]).unwrap_err().to_string();
        assert_eq!(error, format!("parameter `keep`: `xx.1` of pack `xx` and `xx.1` of pack `xx` {reason}"));
    };
    check(pack("5", "", "conflict"), pack("6", "", "conflict"), "must be equal and are not");
    check(pack("5", "unit: days, ", "max"), pack("6", "unit: hours, ", "max"), "count in different units");
    check(pack("5", "", "max"), pack("6", "", "min"), "disagree on how they go together");
    check(pack("[a]", "", "union"), pack("true", "", "union"), "have values of different types");
}

#[test]
fn the_order_of_packs_changes_no_number() {
    let (a, b, c) = (pack("3", "", "max"), pack("9", "", "max"), pack("7", "", "max"));
    for order in [[&a, &b, &c], [&c, &b, &a], [&b, &a, &c]] {
        let packs: Vec<Pack> = order.into_iter().cloned().collect();
        assert_eq!(resolve(&packs).unwrap().parameter::<u64>("keep"), Ok(9));
    }
}
