//! What a mark carries: 48 bits, of which 8 say version and epoch and 40 are a key into the ledger, then a CRC-16.

use thiserror::Error;

/// The version of the mark's layout, in the top two bits of the header.
const VERSION: u8 = 1;

/// Epochs are numbered below this; an operator who needs more starts again at zero with another secret.
pub const EPOCHS: u8 = 64;

/// Bits of the header, the ledger key and the checksum.
const HEADER_BITS: u32 = 8;
const KEY_BITS: u32 = 40;
const CHECKSUM_BITS: u32 = 16;

/// Bits of a whole message.
pub(crate) const MESSAGE_BITS: usize = (HEADER_BITS + KEY_BITS + CHECKSUM_BITS) as usize;

/// The 40 bits of a ledger key that a mark carries. What they mean is the ledger's business: a mark is a hint where to look,
/// and counts only when the entry found there is of a picture that looks the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Payload(u64);

/// A number that does not fit into 40 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("`{0}` does not fit into the 40 bits of a mark")]
pub struct PayloadError(pub u64);

impl Payload {
    /// Takes a number below 2^40.
    ///
    /// # Errors
    ///
    /// [`PayloadError`] when it is larger.
    pub fn new(ledger_key: u64) -> Result<Self, PayloadError> {
        if ledger_key >> KEY_BITS == 0 { Ok(Self(ledger_key)) } else { Err(PayloadError(ledger_key)) }
    }

    /// The number.
    #[must_use]
    pub fn ledger_key(self) -> u64 {
        self.0
    }

    /// The whole message under an epoch, its first bit in the top bit.
    pub(crate) fn message(self, epoch: u8) -> u64 {
        let body = u64::from(header(epoch)) << KEY_BITS | self.0;
        body << CHECKSUM_BITS | u64::from(crc16(body))
    }

    /// The payload of a message, when its version, epoch and checksum are right: noise is let through once in 2^24.
    pub(crate) fn of_message(message: u64, epoch: u8) -> Option<Self> {
        let payload = Self(message >> CHECKSUM_BITS & ((1 << KEY_BITS) - 1));
        (payload.message(epoch) == message).then_some(payload)
    }
}

fn header(epoch: u8) -> u8 {
    VERSION << 6 | (epoch % EPOCHS)
}

/// CRC-16 with the polynomial 0x1021 from 0xFFFF (CRC-16/IBM-3740) over the 48 bits of a message's body.
fn crc16(body: u64) -> u16 {
    let mut crc = 0xFFFF_u16;
    for byte in (0..(HEADER_BITS + KEY_BITS) / 8).rev() {
        let [.., byte] = (body >> (8 * byte)).to_be_bytes();
        crc ^= u16::from(byte) << 8;
        for _ in 0..8 {
            crc = if crc & 0x8000 == 0 { crc << 1 } else { crc << 1 ^ 0x1021 };
        }
    }
    crc
}

#[cfg(test)]
mod tests {
    use super::{Payload, PayloadError, crc16};

    #[test]
    fn the_checksum_is_the_published_one() {
        // Computed apart with binascii.crc_hqx(bytes, 0xffff).
        assert_eq!(crc16(u64::from_be_bytes(*b"\0\x00123456")), 0x2EF4);
    }

    #[test]
    fn a_message_reads_back_under_its_epoch_alone() {
        let payload = Payload::new(0xFE_DCBA_9876).unwrap();
        let message = payload.message(7);
        assert_eq!(Payload::of_message(message, 7), Some(payload));
        assert_eq!(Payload::of_message(message, 8), None);
        for bit in 0..64 {
            assert_eq!(Payload::of_message(message ^ 1 << bit, 7), None, "bit {bit}");
        }
    }

    #[test]
    fn a_key_of_41_bits_is_refused() {
        assert_eq!(Payload::new(1 << 40), Err(PayloadError(1 << 40)));
        assert!(Payload::new((1 << 40) - 1).is_ok());
    }
}
