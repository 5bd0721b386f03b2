//! Writing a workbook.

use rust_xlsxwriter::{Format, Workbook, XlsxError};

/// Most rows of a sheet, its header included: the format's own limit. More go on a further sheet.
pub const ROWS_MAX: u32 = 1_048_576;

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet<'t> {
    /// Its name; further sheets of the same table get a number.
    pub name: &'t str,
    /// The names of its columns.
    pub header: Vec<&'t str>,
    /// Its rows.
    pub rows: Vec<Vec<String>>,
}

/// A workbook that cannot be written: a name or a text that the format does not take.
#[derive(Debug, thiserror::Error)]
#[error("the workbook cannot be written")]
pub struct WriteError(#[from] XlsxError);

/// A workbook with these tables.
///
/// # Errors
/// For a name or a text that the format does not take.
pub fn write(sheets: &[Sheet<'_>]) -> Result<Vec<u8>, WriteError> {
    let mut workbook = Workbook::new();
    let bold = Format::new().set_bold();
    let rows_in_sheet = usize::try_from(ROWS_MAX).unwrap_or(usize::MAX).saturating_sub(1);
    for sheet in sheets {
        let nothing: [&[Vec<String>]; 1] = [&[]];
        let pieces: Vec<&[Vec<String>]> =
            if sheet.rows.is_empty() { nothing.to_vec() } else { sheet.rows.chunks(rows_in_sheet).collect() };
        for (rows, piece) in pieces.into_iter().zip(1_usize..) {
            let name = if piece == 1 { sheet.name.to_owned() } else { format!("{} {piece}", sheet.name) };
            let page = workbook.add_worksheet();
            page.set_name(name)?;
            page.set_freeze_panes(1, 0)?;
            for (column, text) in (0_u16..).zip(&sheet.header) {
                page.write_string_with_format(0, column, *text, &bold)?;
            }
            for (row, fields) in (1_u32..).zip(rows) {
                for (column, text) in (0_u16..).zip(fields) {
                    if !text.is_empty() {
                        page.write_string(row, column, text)?;
                    }
                }
            }
        }
    }
    Ok(workbook.save_to_buffer()?)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::{Row, SheetError, read};

    fn fields(row: &[&str]) -> Vec<String> {
        row.iter().map(|&text| text.to_owned()).collect()
    }

    #[test]
    fn what_is_written_is_read_again() {
        let rows = vec![fields(&["代开发票", "", "=1+1"]), fields(&["\"a\"<b>", "x"])];
        let sheet = Sheet { name: "词", header: vec!["term", "category", "note"], rows: rows.clone() };
        let empty = Sheet { name: "空", header: vec!["term"], rows: Vec::new() };
        let (names, read) = read(&write(&[sheet, empty]).unwrap()).unwrap();
        assert_eq!(names, ["词", "空"]);
        let row = |sheet, number, fields| Row { sheet, number, fields };
        assert_eq!(
            read,
            [
                row(0, 1, fields(&["term", "category", "note"])),
                row(0, 2, rows[0].clone()),
                row(0, 3, rows[1].clone()),
                row(1, 1, fields(&["term"])),
            ]
        );
    }

    #[test]
    fn what_unpacks_to_too_much_is_refused_whatever_it_says_of_its_size() {
        let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default().large_file(true);
        archive.start_file("xl/workbook.xml", options).unwrap();
        let block = vec![b' '; 1 << 20];
        for _ in 0..=1024 {
            archive.write_all(&block).unwrap();
        }
        let mut bytes = archive.finish().unwrap().into_inner();
        assert!(bytes.len() < 4 << 20, "{}", bytes.len());
        assert!(matches!(read(&bytes), Err(SheetError::Unpacked)));
        // The stated size of the part, in the central directory: 4 bytes at 24 of its record.
        let record = bytes.windows(4).rposition(|window| window == b"PK\x01\x02").unwrap();
        bytes[record + 24..record + 28].copy_from_slice(&9_u32.to_le_bytes());
        assert!(read(&bytes).is_err());
    }

    #[test]
    fn a_lone_cell_in_the_last_corner_costs_one_row() {
        let mut workbook = Workbook::new();
        workbook.add_worksheet().write_string(ROWS_MAX - 1, 3, "x").unwrap();
        let (_, rows) = read(&workbook.save_to_buffer().unwrap()).unwrap();
        assert_eq!(rows, [Row { sheet: 0, number: ROWS_MAX, fields: fields(&["", "", "", "x"]) }]);
        let mut workbook = Workbook::new();
        workbook.add_worksheet().write_string(0, 16_383, "x").unwrap();
        let error = read(&workbook.save_to_buffer().unwrap()).unwrap_err();
        assert!(matches!(error, SheetError::Columns { row: 1, .. }), "{error}");
    }

    #[test]
    fn foreign_bytes_are_no_workbook() {
        for bytes in [&b""[..], b"PK", b"term,category\n", b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"]
        {
            assert!(read(bytes).is_err());
        }
    }
}
