//! The few forms of DER that a time stamp is written in (X.690, section 10).

/// A value of the type `tag`.
pub(crate) fn value(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match u8::try_from(content.len()) {
        Ok(short) if short < 0x80 => out.push(short),
        _ => {
            let bytes = content.len().to_be_bytes();
            let significant: Vec<u8> = bytes.into_iter().skip_while(|byte| *byte == 0).collect();
            // INVARIANT: a length has at most eight bytes, so that their number is one byte below 0x80.
            out.push(0x80 | u8::try_from(significant.len()).unwrap_or(8));
            out.extend(significant);
        }
    }
    out.extend_from_slice(content);
    out
}

/// `SEQUENCE` of these.
pub(crate) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    value(0x30, &parts.concat())
}

/// `SET OF` these: in the order of their bytes (X.690, 11.6).
pub(crate) fn set_of(mut parts: Vec<Vec<u8>>) -> Vec<u8> {
    parts.sort();
    value(0x31, &parts.concat())
}

/// `OBJECT IDENTIFIER`, whose content is given.
pub(crate) fn oid(content: &[u8]) -> Vec<u8> {
    value(0x06, content)
}

/// `OCTET STRING`.
pub(crate) fn octets(content: &[u8]) -> Vec<u8> {
    value(0x04, content)
}

/// `INTEGER` that is not negative, of big-endian bytes.
pub(crate) fn unsigned(bytes: &[u8]) -> Vec<u8> {
    let mut content: Vec<u8> = bytes.iter().copied().skip_while(|byte| *byte == 0).collect();
    if content.first().is_none_or(|first| first & 0x80 != 0) {
        content.insert(0, 0);
    }
    value(0x02, &content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_the_standard_says() {
        assert_eq!(value(0x04, &[]), [0x04, 0]);
        assert_eq!(value(0x04, &[7; 127])[..2], [0x04, 127]);
        assert_eq!(value(0x04, &[7; 128])[..3], [0x04, 0x81, 128]);
        assert_eq!(value(0x04, &[7; 300])[..4], [0x04, 0x82, 1, 44]);
        assert_eq!(unsigned(&[0, 0, 0x7f]), [0x02, 1, 0x7f]);
        assert_eq!(unsigned(&[0x80]), [0x02, 2, 0, 0x80]);
        assert_eq!(unsigned(&[]), [0x02, 1, 0]);
        assert_eq!(set_of(vec![octets(&[2]), octets(&[1])]), [0x31, 6, 4, 1, 1, 4, 1, 2]);
        assert_eq!(sequence(&[&octets(&[1]), &octets(&[2])]), [0x30, 6, 4, 1, 1, 4, 1, 2]);
    }
}
