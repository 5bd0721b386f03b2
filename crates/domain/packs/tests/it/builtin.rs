//! The built-in `cn` pack keeps what the crate promises.

use packs::{Pack, embedded_cn};
use terms::Locale;

fn cn() -> Pack {
    Pack::load(embedded_cn()).unwrap()
}

#[test]
fn the_built_in_pack_loads() {
    let pack = cn();
    assert_eq!(pack.id(), "cn");
    assert_eq!(pack.limit("case.appeal.answer_limit").unwrap().words(Locale::En), "7 working days");
    assert_eq!(pack.calendars().len(), 2);
}
