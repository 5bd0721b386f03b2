//! Codes of letters and digits: what they begin with, and their check characters.

use super::shapes::is_province;

/// The characters of a social credit code in the order of their values (GB 32100-2015 §4.2.2): no I, O, S, V, Z.
const CREDIT_ALPHABET: &[u8] = b"0123456789abcdefghjklmnpqrtuwxy";

/// The departments that register, and the kinds of organisation that any of them knows (GB 32100-2015, table 1).
const fn is_credit_head(department: u8, kind: u8) -> bool {
    matches!(department, b'1'..=b'9' | b'a' | b'n' | b'y') && matches!(kind, b'1'..=b'5' | b'9')
}

/// Whether a social credit code can begin with these characters.
pub(super) fn begins_credit_code(chars: &[u8]) -> bool {
    let head = match chars {
        [] => true,
        [department] => is_credit_head(*department, b'1'),
        [department, kind, ..] => is_credit_head(*department, *kind),
    };
    let province = match (chars.get(2), chars.get(3)) {
        // 100000 stands for the national register.
        (Some(b'1'), Some(b'0')) => true,
        (Some(a), Some(b)) => is_province(*a, *b),
        _ => true,
    };
    chars.len() <= 18
        && head
        && province
        && chars.iter().skip(2).take(6).all(u8::is_ascii_digit)
        && chars.iter().all(|c| CREDIT_ALPHABET.contains(c))
}

/// GB 32100-2015: the check character; of digits alone also that of the organisation code within, since one random number
/// in thirty has the first one right.
pub(super) fn is_credit_code(chars: &[u8]) -> bool {
    const WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
    let value = |c: &u8| CREDIT_ALPHABET.iter().position(|one| one == c);
    let Some((body, [check])) = chars.split_at_checked(17) else { return false };
    if !begins_credit_code(chars) {
        return false;
    }
    let sum: usize =
        body.iter().zip(WEIGHTS).filter_map(|(c, weight)| Some(value(c)?.wrapping_mul(weight))).sum();
    let expected = (31_usize.wrapping_sub(sum % 31)) % 31;
    let is_number = chars.iter().all(u8::is_ascii_digit);
    value(check) == Some(expected) && (!is_number || chars.get(8..17).is_some_and(is_organisation_code))
}

/// GB 11714-1997: eight letters or digits and a check character.
pub(super) fn is_organisation_code(chars: &[u8]) -> bool {
    const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
    let Some((body, [check])) = chars.split_at_checked(8) else { return false };
    let value = |c: u8| char::from(c).to_digit(36).unwrap_or_default();
    let sum: u32 = body.iter().zip(WEIGHTS).map(|(c, weight)| value(*c).wrapping_mul(weight)).sum();
    let expected = match 11_u32.wrapping_sub(sum % 11) {
        10 => b'x',
        11 => b'0',
        digit => b'0'.wrapping_add(u8::try_from(digit).unwrap_or_default()),
    };
    *check == expected
}

/// Whether a passport can begin with these characters: `E` and eight digits, `E` with a letter and seven; with a word
/// near also the older, official and Hong Kong ones.
pub(super) fn begins_passport(chars: &[u8], is_near: bool) -> bool {
    let (letters, digits) = split(chars);
    let head = match letters {
        [] => chars.is_empty(),
        [b'e'] => true,
        [b'e', second] => !matches!(second, b'i' | b'o'),
        [b'g' | b'd' | b's' | b'p' | b'h' | b'k' | b'm'] => is_near,
        [b'd' | b's' | b'p' | b'h' | b'k' | b'm', b'a'..=b'z'] => is_near,
        _ => false,
    };
    head && chars.len() <= 9 && digits.iter().all(u8::is_ascii_digit)
}

/// Whether they are one.
pub(super) fn is_passport(chars: &[u8], is_near: bool) -> bool {
    chars.len() == 9 && begins_passport(chars, is_near) && split(chars).1.len() >= 7
}

/// Whether a travel permit can begin with these characters, where a word near says so: `H` or `M` and eight or ten digits,
/// `C`, `W`, `T`, `L` and eight digits or a letter and seven, eight digits alone (residents of Taiwan).
pub(super) fn begins_permit(chars: &[u8]) -> bool {
    let (letters, digits) = split(chars);
    let (head, most) = match letters {
        [] => (true, 8),
        [b'h' | b'm'] => (true, 10),
        [b'c' | b'w' | b't' | b'l'] => (true, 8),
        [b'c' | b'w', b'a'..=b'z'] => (true, 7),
        _ => (false, 0),
    };
    head && digits.len() <= most && digits.iter().all(u8::is_ascii_digit)
}

/// Whether they are one.
pub(super) fn is_permit(chars: &[u8]) -> bool {
    let (letters, digits) = split(chars);
    begins_permit(chars)
        && (digits.len() == 8 || digits.len() == 10 || (letters.len() == 2 && digits.len() == 7))
}

/// Whether these are the characters behind the city's letter of a number plate (GA 36-2018): five with at least three
/// digits, or six of a car with new energy.
pub(super) fn is_plate(chars: &[u8]) -> bool {
    let digits = chars.iter().filter(|c| c.is_ascii_digit()).count();
    let is_lettered = chars.iter().all(|c| !matches!(c, b'i' | b'o'));
    let new_energy = match chars {
        [b'a'..=b'k', second, rest @ ..] if rest.len() == 4 => {
            second.is_ascii_alphanumeric() && rest.iter().all(u8::is_ascii_digit)
        }
        [rest @ .., b'a'..=b'k'] if rest.len() == 5 => rest.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    is_lettered && ((chars.len() == 5 && digits >= 3) || new_energy)
}

/// The letters at the start, and the rest.
fn split(chars: &[u8]) -> (&[u8], &[u8]) {
    let letters = chars.iter().take_while(|c| c.is_ascii_alphabetic()).count();
    chars.split_at_checked(letters).unwrap_or_default()
}
