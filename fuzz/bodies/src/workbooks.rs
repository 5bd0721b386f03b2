//! XLSX workbooks from strangers: an error or rows within the limits, and what was read writes to a workbook that reads the same.

use spreadsheet::{COLUMNS_MAX, Sheet, read, write};

/// Runs the target.
pub fn run(data: &[u8]) {
    let Ok((names, rows)) = read(data) else { return };
    for row in &rows {
        assert!(row.sheet < names.len() && row.number > 0, "a row that stands nowhere");
        assert!(row.fields.len() <= COLUMNS_MAX && row.fields.iter().any(|field| !field.is_empty()));
    }
    let fields: Vec<Vec<String>> = rows.into_iter().map(|row| row.fields).collect();
    // A text may be longer, or hold what the format has no place for.
    let Ok(bytes) = write(&[Sheet { name: "all", header: vec!["head"], rows: fields.clone() }]) else {
        return;
    };
    let Ok((_, again)) = read(&bytes) else { unreachable!("a workbook that was written can be read") };
    let again: Vec<Vec<String>> = again.into_iter().skip(1).map(|row| row.fields).collect();
    assert_eq!(again, fields, "a workbook that was written reads otherwise");
}
