//! Characters and references of XML 1.0, in both directions.

use super::ParseError;
use std::borrow::Cow;

/// `Char` of XML 1.0 (2.2); surrogates are no `char` to begin with.
pub(super) fn is_legal(character: char) -> bool {
    !matches!(character,
        '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

/// Refuses text with a character that XML 1.0 forbids.
pub(super) fn check_legal(text: &str) -> Result<(), ParseError> {
    // Bytes first: nearly all frames end here, without decoding a character.
    let suspicious = |byte: &u8| (*byte < 0x20 && !matches!(byte, 9 | 10 | 13)) || *byte == 0xEF;
    if text.as_bytes().iter().any(suspicious) && !text.chars().all(is_legal) {
        return Err(ParseError::IllegalCharacter);
    }
    Ok(())
}

/// `NCName` (Namespaces in XML 1.0, 3).
pub(super) fn is_name(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(is_name_start) && characters.all(is_name_part)
}

fn is_name_start(character: char) -> bool {
    character.is_ascii_alphabetic()
        || character == '_'
        || matches!(character,
            '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}' | '\u{370}'..='\u{37d}'
            | '\u{37f}'..='\u{1fff}' | '\u{200c}'..='\u{200d}' | '\u{2070}'..='\u{218f}'
            | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}'
            | '\u{fdf0}'..='\u{fffd}' | '\u{10000}'..='\u{effff}')
}

fn is_name_part(character: char) -> bool {
    is_name_start(character)
        || character.is_ascii_digit()
        || matches!(character,
            '-' | '.' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}')
}

/// The character that a reference means; `name` is what stands between `&` and `;`.
pub(super) fn reference(name: &str) -> Result<char, ParseError> {
    let code = match name {
        "lt" => return Ok('<'),
        "gt" => return Ok('>'),
        "amp" => return Ok('&'),
        "quot" => return Ok('"'),
        "apos" => return Ok('\''),
        numeric => numeric.strip_prefix('#').ok_or(ParseError::UndefinedEntity)?,
    };
    let number = match code.strip_prefix('x') {
        Some(hexadecimal) => number(hexadecimal, 16)?,
        None => number(code, 10)?,
    };
    char::from_u32(number).filter(|character| is_legal(*character)).ok_or(ParseError::IllegalCharacter)
}

fn number(digits: &str, radix: u32) -> Result<u32, ParseError> {
    // `from_str_radix` would take a sign.
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return Err(ParseError::UndefinedEntity);
    }
    u32::from_str_radix(digits, radix).map_err(|_| ParseError::IllegalCharacter)
}

/// An attribute's value: references resolved, literal white space made spaces (XML 1.0, 3.3.3).
pub(super) fn attribute_value(raw: &str) -> Result<String, ParseError> {
    if raw.contains('<') {
        return Err(ParseError::NotWellFormed("'<' in an attribute value"));
    }
    let mut value = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find(['&', '\t', '\n', '\r']) {
        value.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix('&') {
            let end = after.find(';').ok_or(ParseError::UndefinedEntity)?;
            value.push(reference(&after[..end])?);
            rest = &after[end + 1..];
        } else {
            value.push(' ');
            rest = rest.strip_prefix("\r\n").unwrap_or(&rest[1..]);
        }
    }
    value.push_str(rest);
    Ok(value)
}

/// Appends `text` as character data.
pub(super) fn push_text(out: &mut String, text: &str) {
    push_escaped(out, text, |byte| match byte {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'>' => Some("&gt;"),
        // A parser would make a line feed of it.
        b'\r' => Some("&#13;"),
        _ => None,
    });
}

/// Appends `value` for use between double quotes.
pub(super) fn push_attribute(out: &mut String, value: &str) {
    push_escaped(out, value, |byte| match byte {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'>' => Some("&gt;"),
        b'"' => Some("&quot;"),
        // A parser would make spaces of them.
        b'\t' => Some("&#9;"),
        b'\n' => Some("&#10;"),
        b'\r' => Some("&#13;"),
        _ => None,
    });
}

/// Only ASCII is replaced, so that the slices between are whole characters.
fn push_escaped(out: &mut String, text: &str, replacement: impl Fn(u8) -> Option<&'static str>) {
    let text = without_illegal(text);
    let mut copied_until = 0;
    for (at, byte) in text.bytes().enumerate() {
        if let Some(escaped) = replacement(byte) {
            out.push_str(&text[copied_until..at]);
            out.push_str(escaped);
            copied_until = at + 1;
        }
    }
    out.push_str(&text[copied_until..]);
}

/// What XML cannot carry at all, not even as a reference, is dropped: one stray control character must not cost
/// the receiver its stream.
fn without_illegal(text: &str) -> Cow<'_, str> {
    if check_legal(text).is_ok() {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.chars().filter(|character| is_legal(*character)).collect())
    }
}
