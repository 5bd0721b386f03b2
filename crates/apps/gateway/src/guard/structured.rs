//! Whether a mask leaves JSON text JSON: a mask may change the inside of a string, and nothing else (design 9.9).

/// Follows JSON text as it is delivered, just far enough to know whether a place lies inside a string.
///
/// Our masks write `*`, which is a character of JSON inside strings only. So a `*` outside one is a mask that broke a number, a key
/// word or the space between.
#[derive(Debug, Default)]
pub(crate) struct JsonText {
    in_string: bool,
    escaped: bool,
}

impl JsonText {
    /// Whether JSON that begins like `text` is inside a string at its end.
    pub(crate) fn ends_in_string(text: &str) -> bool {
        let mut json = Self::default();
        json.push(text) && json.in_string
    }

    /// Takes the next piece. False where a mask stands outside a string.
    pub(super) fn push(&mut self, piece: &str) -> bool {
        for byte in piece.bytes() {
            if self.escaped {
                self.escaped = false;
            } else if self.in_string {
                match byte {
                    b'\\' => self.escaped = true,
                    b'"' => self.in_string = false,
                    _ => {}
                }
            } else if byte == b'"' {
                self.in_string = true;
            } else if byte == b'*' {
                return false;
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_is_allowed_inside_strings_only() {
        let check = |text: &str, expected: bool| {
            assert_eq!(JsonText::default().push(text), expected, "{text}");
            // The same for every chunking.
            let mut stepwise = JsonText::default();
            assert_eq!(text.chars().all(|c| stepwise.push(&c.to_string())), expected, "{text}");
        };
        check(r#"{"phone":"138****5678"}"#, true);
        check(r#"{"phone":138****5678}"#, false);
        check(r#"{"a":"\"*"}"#, true);
        check(r#"{"a":"\\"*}"#, false);
        check(r#"{"a*":1}"#, true);
    }
}
