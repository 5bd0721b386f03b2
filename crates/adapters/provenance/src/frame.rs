//! The frame of a message: a prefix of sixteen bytes, a head in JSON, a body of bytes.
//!
//! | bytes | |
//! |---|---|
//! | 0–3 | [`MAGIC`], which also names the version |
//! | 4–7 | length of the head, big endian |
//! | 8–15 | length of the body, big endian |
//!
//! The reader looks at both lengths before it takes a byte of either.

/// How every frame begins. A change of the protocol changes the last character.
pub const MAGIC: [u8; 4] = *b"CNP1";

/// How long a prefix is, in bytes.
pub const PREFIX_BYTES: usize = 16;

/// The longest head. A report of the largest manifest that is told has under 200 KB, since its lists are limited.
pub const HEAD_BYTES_MAX: u32 = 1024 * 1024;

/// The lengths that a frame begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prefix {
    /// Of the head, in bytes.
    pub head_bytes: u32,
    /// Of the body, in bytes.
    pub body_bytes: u64,
}

/// Why a frame is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Something else speaks there, or another version.
    #[error("what begins with `{0:02x?}` is no frame of this version")]
    Magic([u8; 4]),
    /// The head is longer than any.
    #[error("a head of {0} bytes is longer than {HEAD_BYTES_MAX}")]
    Head(u32),
    /// The body is longer than the reader takes.
    #[error("a body of {bytes} bytes is longer than {limit}")]
    Body {
        /// How long it is.
        bytes: u64,
        /// The longest that is taken.
        limit: u64,
    },
}

impl Prefix {
    /// The prefix of a frame with this head and this length of body.
    ///
    /// # Errors
    /// [`FrameError::Head`] where the head is too long.
    pub fn new(head: &[u8], body_bytes: u64) -> Result<Self, FrameError> {
        match u32::try_from(head.len()) {
            Ok(head_bytes) if head_bytes <= HEAD_BYTES_MAX => Ok(Self { head_bytes, body_bytes }),
            other => Err(FrameError::Head(other.unwrap_or(u32::MAX))),
        }
    }

    /// Its bytes.
    #[must_use]
    pub fn to_bytes(self) -> [u8; PREFIX_BYTES] {
        let [a, b, c, d] = MAGIC;
        let [e, f, g, h] = self.head_bytes.to_be_bytes();
        let [i, j, k, l, m, n, o, p] = self.body_bytes.to_be_bytes();
        [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p]
    }

    /// Reads a prefix whose body has at most `body_bytes_max` bytes.
    ///
    /// # Errors
    /// [`FrameError`]; then nothing after it can be read.
    pub fn parse(bytes: [u8; PREFIX_BYTES], body_bytes_max: u64) -> Result<Self, FrameError> {
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = bytes;
        let magic = [a, b, c, d];
        if magic != MAGIC {
            return Err(FrameError::Magic(magic));
        }
        let head_bytes = u32::from_be_bytes([e, f, g, h]);
        if head_bytes > HEAD_BYTES_MAX {
            return Err(FrameError::Head(head_bytes));
        }
        let body_bytes = u64::from_be_bytes([i, j, k, l, m, n, o, p]);
        if body_bytes > body_bytes_max {
            return Err(FrameError::Body { bytes: body_bytes, limit: body_bytes_max });
        }
        Ok(Self { head_bytes, body_bytes })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_prefix_reads_back(head in 0..=HEAD_BYTES_MAX, body: u64) {
            let prefix = Prefix { head_bytes: head, body_bytes: body };
            prop_assert_eq!(Prefix::parse(prefix.to_bytes(), u64::MAX), Ok(prefix));
        }

        #[test]
        fn any_sixteen_bytes_are_a_prefix_within_the_limits_or_an_error(bytes: [u8; PREFIX_BYTES], limit: u64) {
            if let Ok(prefix) = Prefix::parse(bytes, limit) {
                prop_assert!(prefix.body_bytes <= limit && prefix.head_bytes <= HEAD_BYTES_MAX);
                prop_assert_eq!(prefix.to_bytes(), bytes);
            }
        }
    }

    #[test]
    fn what_is_too_long_is_refused_before_a_byte_of_it_is_read() {
        let long = Prefix { head_bytes: 2, body_bytes: 11 }.to_bytes();
        assert_eq!(Prefix::parse(long, 10), Err(FrameError::Body { bytes: 11, limit: 10 }));
        let head = Prefix { head_bytes: u32::MAX, body_bytes: 0 }.to_bytes();
        assert_eq!(Prefix::parse(head, 10), Err(FrameError::Head(u32::MAX)));
        assert_eq!(Prefix::parse(*b"GET / HTTP/1.1\r\n", 10), Err(FrameError::Magic(*b"GET ")));
    }
}
