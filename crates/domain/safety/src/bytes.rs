//! Numbers and texts as bytes, little-endian, and back from bytes of unknown origin.

/// Appends to bytes.
#[derive(Debug, Default)]
pub(crate) struct Writer(pub(crate) Vec<u8>);

/// Reads from bytes; `None` where they end or hold what cannot be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'b>(pub(crate) &'b [u8]);

impl Writer {
    pub(crate) fn number(&mut self, number: u32) {
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    /// How many of something follow. What has more than 2^32 parts was refused when it was built.
    pub(crate) fn count(&mut self, count: usize) {
        self.number(u32::try_from(count).unwrap_or(u32::MAX));
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.count(text.len());
        self.0.extend_from_slice(text.as_bytes());
    }
}

impl<'b> Reader<'b> {
    pub(crate) fn bytes(&mut self, count: usize) -> Option<&'b [u8]> {
        let (bytes, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(bytes)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.bytes(N)?.try_into().ok()
    }

    pub(crate) fn number(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(crate) fn text(&mut self) -> Option<&'b str> {
        let length = self.number()? as usize;
        std::str::from_utf8(self.bytes(length)?).ok()
    }

    /// As many records of `N` bytes as the number before them says, each read by `read`. Nothing is set aside for more than
    /// the bytes hold.
    pub(crate) fn records<const N: usize, T>(
        &mut self,
        read: impl Fn([u8; N]) -> Option<T>,
    ) -> Option<Vec<T>> {
        let count = self.number()? as usize;
        let bytes = self.bytes(count.checked_mul(N)?)?;
        bytes.chunks_exact(N).map(|record| read(record.try_into().ok()?)).collect()
    }
}
