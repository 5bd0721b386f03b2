//! Tables in XLSX workbooks: rows of text in, rows of text out.
//!
//! What is read comes from strangers: a workbook is unpacked once for measuring before anything of it is kept, its cells are read
//! one by one and never as a rectangle (a lone cell in the last corner would make one of seventeen thousand million), and the text
//! of all cells together has a limit, since many cells may name one long shared string. Formulas are not computed: the value that
//! was stored with one is read. What is written is text, so that a term that begins with `=` stays one.

mod read;
mod write;

pub use read::{BYTES_MAX, COLUMNS_MAX, Row, SheetError, TEXT_BYTES_MAX, UNPACKED_BYTES_MAX, read};
pub use write::{ROWS_MAX, Sheet, WriteError, write};
