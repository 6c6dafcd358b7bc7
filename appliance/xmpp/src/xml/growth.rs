//! How much larger a frame is than it came, once it is a tree and written again: a prefix of one letter may stand for a long
//! namespace, and a character of CDATA is written with five. Without a bound a frame of a stranger would fill the memory, and a
//! message be too large for whoever it is delivered to (E5).

use super::{ParseError, namespace};

/// What small frames may grow by.
const LEAST_BYTES: usize = 4 * 1024;
/// A namespace that an element shares with its parent is not written again. It is held again: what is longer than this counts.
const HELD_BYTES: usize = 64;
/// What is written around a namespace.
const DECLARED_BYTES: usize = 24;

pub(super) struct Growth {
    left_bytes: usize,
}

impl Growth {
    /// By half of the limit, as long as that is no less than what small frames may: who is sent a stanza takes twice
    /// the limit.
    pub(super) fn of(limit_bytes: usize) -> Self {
        Self { left_bytes: limit_bytes / 2 + LEAST_BYTES }
    }

    /// Of an element whose namespace is declared further out.
    pub(super) fn element(&mut self, namespace: &str, outer: &str) -> Result<(), ParseError> {
        let is_written = namespace != outer || namespace == namespace::STREAM;
        self.by(match is_written {
            true => namespace.len() + DECLARED_BYTES,
            false => namespace.len().saturating_sub(HELD_BYTES),
        })
    }

    /// Of an attribute, by its value as it came.
    pub(super) fn attribute(&mut self, namespace: &str, value: &str) -> Result<(), ParseError> {
        let declared = if namespace.is_empty() { 0 } else { namespace.len() + DECLARED_BYTES };
        self.by(declared + escaped(value, |byte| if byte == b'"' { "&quot;".len() - 1 } else { 0 }))
    }

    /// Of text as it came, without references, or of CDATA.
    pub(super) fn text(&mut self, text: &str) -> Result<(), ParseError> {
        self.by(escaped(text, |byte| if byte == b'&' { "&amp;".len() - 1 } else { 0 }))
    }

    fn by(&mut self, bytes: usize) -> Result<(), ParseError> {
        self.left_bytes = self.left_bytes.checked_sub(bytes).ok_or(ParseError::GrowsTooMuch)?;
        Ok(())
    }
}

/// What escapes add to a text; `other` beside those of `<` and `>`.
fn escaped(text: &str, other: impl Fn(u8) -> usize) -> usize {
    let added = |byte: u8| if matches!(byte, b'<' | b'>') { "&lt;".len() - 1 } else { other(byte) };
    text.bytes().map(added).sum()
}
