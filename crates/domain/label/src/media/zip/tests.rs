use super::*;

fn sample() -> Vec<u8> {
    archive(&[("a.xml", "<a/>"), ("b.xml", &"<b/>".repeat(100)), ("c.xml", "<c/>")])
}

fn unpacked(bytes: &[u8], name: &str) -> String {
    let archive = Archive::read(bytes).unwrap();
    let entry = archive.named(name).next().unwrap();
    String::from_utf8(entry.unpack(bytes, 1 << 20).unwrap()).unwrap()
}

#[test]
fn entries_are_put_in_place_and_added_and_the_others_stay() {
    let file = sample();
    let read = Archive::read(&file).unwrap();
    let b = read.named("B.XML").next().unwrap();
    let edits = read.change(&[(b, b"<new/>".to_vec())], &[("d/e.xml", b"<e/>".to_vec())]).unwrap();
    let changed = edits.apply(&file);
    for (name, expected) in [("a.xml", "<a/>"), ("b.xml", "<new/>"), ("c.xml", "<c/>"), ("d/e.xml", "<e/>")] {
        assert_eq!(unpacked(&changed, name), expected);
    }
    assert!(changed.ends_with(b"ok"));
    let again = Archive::read(&changed).unwrap();
    let c = |archive: &Archive| archive.named("c.xml").next().unwrap().local.clone();
    assert_eq!(file[c(&read)], changed[c(&again)]);
    // The directory is as long as it says.
    assert_eq!(again.start + again.size as usize, again.end);
}

#[test]
fn an_entry_whose_lengths_follow_goes_with_them() {
    let mut file = sample();
    let read = Archive::read(&file).unwrap();
    let (a, b) = (read.entries[0].clone(), read.entries[1].clone());
    // Twelve bytes of lengths after the first entry: everything behind it moves, the directory too.
    file[a.record.start + 8] |= 8;
    file.splice(a.local.end..a.local.end, [0; 12]);
    let by = |file: &mut Vec<u8>, at: usize| file[at] += 12;
    let records = read.entries[1..].iter().map(|entry| entry.record.start + 12 + 42);
    records.for_each(|at| by(&mut file, at));
    let end = file.len() - 24;
    let start = u32_at(&file, end + 16).unwrap() + 12;
    file[end + 16..end + 20].copy_from_slice(&start.to_le_bytes());

    let read = Archive::read(&file).unwrap();
    assert_eq!(read.entries[0].local.end, b.local.start + 12);
    let changed = read.change(&[(&read.entries[0], b"<x/>".to_vec())], &[]).unwrap().apply(&file);
    assert_eq!(unpacked(&changed, "a.xml"), "<x/>");
    assert_eq!(unpacked(&changed, "c.xml"), "<c/>");
    assert_eq!(changed.len() + 12, file.len());
}

#[test]
fn what_lies_about_itself_is_broken() {
    let file = sample();
    let read = Archive::read(&file).unwrap();
    let check = |at: usize, value: &[u8], is_unpacked: bool| {
        let mut changed = file.clone();
        changed[at..at + value.len()].copy_from_slice(value);
        match Archive::read(&changed) {
            Ok(archive) if is_unpacked => {
                assert!(archive.entries.iter().any(|entry| entry.unpack(&changed, 1 << 20).is_err()));
            }
            other => assert!(other.is_err(), "{at}"),
        }
    };
    let b = read.entries[1].record.start;
    check(b + 16, &[0; 4], true);
    check(b + 24, &[1, 0, 0, 0], true);
    check(b + 24, &[0xff; 4], true);
    check(b + 8, &[1], true);
    check(b + 10, &[99], true);
    // Two entries in one place, data beyond the directory, more entries than there are, ZIP64.
    check(b + 42, &[0; 4], false);
    check(b + 20, &[0xff, 0xff, 0, 0], false);
    check(read.end + 10, &[9, 0], false);
    check(read.end + 10, &[0xff, 0xff], false);
}

#[test]
fn a_bomb_is_not_unpacked() {
    let file = archive(&[("bomb.xml", &"0".repeat(1 << 20))]);
    assert!(file.len() < 1 << 12);
    let read = Archive::read(&file).unwrap();
    assert_eq!(
        read.entries[0].unpack(&file, 1 << 16),
        Err(Broken::Limit { what: "bytes of a ZIP entry", limit: 1 << 16 })
    );
}
