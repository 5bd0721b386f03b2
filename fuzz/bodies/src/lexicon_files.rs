//! Lexicons as CSV and TXT: what is read writes back to a file that reads the same.

use safety::{Category, Scope, parse_csv, parse_txt, write_csv, write_txt};

/// Runs the target.
pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Ok(entries) = parse_csv("fuzz.csv", &text) {
        let again = parse_csv("again.csv", &write_csv(&entries));
        assert_eq!(again.as_deref(), Ok(entries.as_slice()), "a CSV that was written reads otherwise");
    }
    let read = |text: &str| parse_txt("fuzz.txt", text, &Category::Test, None, Scope::Both);
    if let Ok(entries) = read(&text) {
        let again = read(&write_txt(&entries));
        assert_eq!(again.as_deref(), Ok(entries.as_slice()), "a TXT that was written reads otherwise");
    }
}
