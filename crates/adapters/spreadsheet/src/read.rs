//! Reading a workbook.

use std::io::{Cursor, Read as _};

use calamine::{DataRef, Reader as _, Xlsx, XlsxError};

/// Largest workbook, in bytes: a million terms with their columns take about 40 MB.
pub const BYTES_MAX: usize = 64 << 20;
/// Most bytes of all its parts, unpacked. A million rows of eight columns take some 400 MB of XML.
pub const UNPACKED_BYTES_MAX: u64 = 1 << 30;
/// Most bytes of text in all its cells.
pub const TEXT_BYTES_MAX: usize = 256 << 20;
/// Most columns: what is read here has fewer than ten.
pub const COLUMNS_MAX: usize = 32;
/// Most parts of the archive: a workbook has one for each sheet and some ten more.
const PARTS_MAX: usize = 1_000;

/// A row that holds something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Which sheet, by its place.
    pub sheet: usize,
    /// Its number as the spreadsheet shows it, from 1.
    pub number: u32,
    /// Its cells; empty ones before the last are empty texts.
    pub fields: Vec<String>,
}

/// A workbook that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    /// It is too large.
    #[error("the workbook has more than {BYTES_MAX} bytes")]
    Bytes,
    /// It unpacks to too much.
    #[error(
        "the workbook unpacks to more than {UNPACKED_BYTES_MAX} bytes, or has more than {PARTS_MAX} parts"
    )]
    Unpacked,
    /// It is no archive.
    #[error("this is no XLSX workbook")]
    NoArchive(#[source] zip::result::ZipError),
    /// One of its parts cannot be unpacked.
    #[error("a part of the workbook cannot be unpacked")]
    Part(#[source] std::io::Error),
    /// It is no workbook.
    #[error("the workbook cannot be read")]
    NoWorkbook(#[source] XlsxError),
    /// A sheet cannot be read.
    #[error("sheet `{sheet}` cannot be read after row {row}")]
    Sheet {
        /// Its name.
        sheet: String,
        /// The last row that could.
        row: u32,
        /// Why.
        #[source]
        source: XlsxError,
    },
    /// A row has too many columns.
    #[error("sheet `{sheet}`, row {row}: more than {COLUMNS_MAX} columns")]
    Columns {
        /// The sheet.
        sheet: String,
        /// The row.
        row: u32,
    },
    /// The cells hold too much text.
    #[error("sheet `{sheet}`, row {row}: the cells hold more than {TEXT_BYTES_MAX} bytes of text")]
    Text {
        /// The sheet.
        sheet: String,
        /// The row.
        row: u32,
    },
}

/// A workbook's sheets and their rows.
///
/// # Errors
/// See [`SheetError`]; nothing is read in part.
pub fn read(bytes: &[u8]) -> Result<(Vec<String>, Vec<Row>), SheetError> {
    if bytes.len() > BYTES_MAX {
        return Err(SheetError::Bytes);
    }
    measure(bytes)?;
    let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(SheetError::NoWorkbook)?;
    let names = workbook.sheet_names();
    let mut rows: Vec<Row> = Vec::new();
    let mut text_bytes = 0_usize;
    for (sheet, name) in names.iter().enumerate() {
        let mut last = 0_u32;
        let broken = |row| move |source| SheetError::Sheet { sheet: name.clone(), row, source };
        let mut cells = workbook.worksheet_cells_reader(name).map_err(broken(0))?;
        while let Some(cell) = cells.next_cell().map_err(broken(last))? {
            let (row, column) = cell.get_position();
            let number = row.saturating_add(1);
            let text = text_of(cell.get_value());
            if text.is_empty() {
                continue;
            }
            last = number;
            let column = usize::try_from(column).unwrap_or(usize::MAX);
            if column >= COLUMNS_MAX {
                return Err(SheetError::Columns { sheet: name.clone(), row: number });
            }
            text_bytes = text_bytes.saturating_add(text.len());
            if text_bytes > TEXT_BYTES_MAX {
                return Err(SheetError::Text { sheet: name.clone(), row: number });
            }
            if rows.last().is_none_or(|row| row.sheet != sheet || row.number != number) {
                rows.push(Row { sheet, number, fields: Vec::new() });
            }
            let Some(row) = rows.last_mut() else { continue };
            if row.fields.len() <= column {
                row.fields.resize(column.saturating_add(1), String::new());
            }
            if let Some(field) = row.fields.get_mut(column) {
                *field = text;
            }
        }
    }
    Ok((names, rows))
}

/// Unpacks every part to nowhere: the sizes that an archive states are its own to invent.
fn measure(bytes: &[u8]) -> Result<(), SheetError> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(SheetError::NoArchive)?;
    if archive.len() > PARTS_MAX {
        return Err(SheetError::Unpacked);
    }
    let mut left = UNPACKED_BYTES_MAX;
    for number in 0..archive.len() {
        let part = archive.by_index(number).map_err(SheetError::NoArchive)?;
        let unpacked = std::io::copy(&mut part.take(left.saturating_add(1)), &mut std::io::sink())
            .map_err(SheetError::Part)?;
        left = left.checked_sub(unpacked).ok_or(SheetError::Unpacked)?;
    }
    Ok(())
}

fn text_of(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Empty | DataRef::Error(_) => String::new(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(value) => value.to_string(),
        DataRef::DateTime(time) => {
            let (year, month, day, ..) = time.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
    }
}
