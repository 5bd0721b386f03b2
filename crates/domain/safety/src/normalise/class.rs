//! What a normalised character is good for beyond itself, known without a look-up of its own.

/// A set of classes. They tell where a reading that is not the strict one may part from it (see `channels`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Class(u16);

impl Class {
    /// None.
    pub(crate) const NONE: Self = Self(0);
    /// Stands between words or decorates: may be skipped.
    pub(crate) const SEPARATOR: Self = Self(1);
    /// A separator that ordinary prose puts between any two characters.
    pub(crate) const NATURAL: Self = Self(2);
    /// A digit or sign that is read as a letter.
    pub(crate) const LEET: Self = Self(4);
    /// A picture that is read as a word.
    pub(crate) const PICTURE: Self = Self(8);
    /// May be the first part of a character that is written as its parts.
    pub(crate) const PART: Self = Self(16);
    /// Those that may be read otherwise wherever they stand; a separator matters only behind the beginning of a term.
    pub(crate) const ALONE: Self = Self::LEET.and(Self::PICTURE).and(Self::PART);
    /// Of those the ones that no look at the terms rules out beforehand.
    pub(crate) const SIGN: Self = Self::LEET.and(Self::PICTURE);
    const BITS: u32 = 5;

    /// Those of both.
    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether any of `other` is among them.
    #[inline]
    pub(crate) const fn any(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether there is none.
    #[inline]
    pub(crate) const fn is_none(self) -> bool {
        self.0 == 0
    }
}

/// A normalised character with its classes, in one number: the table's entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Symbol(u32);

const CHAR_BITS: u32 = 21;
/// The bit behind those of the classes.
const LOUD: u32 = 1 << (CHAR_BITS + Class::BITS);

impl Symbol {
    pub(crate) const fn new(ch: char, class: Class) -> Self {
        Self(ch as u32 | (class.0 as u32) << CHAR_BITS)
    }

    /// The same, loud: a detector of personal data may begin with it or listen to it.
    pub(crate) const fn loud(self) -> Self {
        Self(self.0 | LOUD)
    }

    /// Whether a detector of personal data may begin with it or listen to it.
    #[inline]
    pub(crate) const fn is_loud(self) -> bool {
        self.0 & LOUD != 0
    }

    /// The entry of a table.
    pub(super) const fn from_code(code: u32) -> Self {
        Self(code)
    }

    pub(super) const fn code(self) -> u32 {
        self.0
    }

    #[inline]
    pub(crate) fn ch(self) -> char {
        // INVARIANT: made by `new` from a character, so that the replacement is never taken.
        char::from_u32(self.0 & ((1 << CHAR_BITS) - 1)).unwrap_or(char::REPLACEMENT_CHARACTER)
    }

    #[inline]
    pub(crate) const fn class(self) -> Class {
        Class((self.0 >> CHAR_BITS) as u16 & ((1 << Class::BITS) - 1))
    }
}
