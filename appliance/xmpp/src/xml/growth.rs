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

    /// Of an element within one of the namespace `outer`. One that declares its own came with it, but for the escapes.
    pub(super) fn element(&mut self, namespace: &str, outer: &str, is_own: bool) -> Result<(), ParseError> {
        let is_written = namespace != outer || namespace == namespace::STREAM;
        self.by(match (is_own, is_written) {
            (true, _) => escaped(namespace, of_value),
            (false, true) => namespace.len() + DECLARED_BYTES + escaped(namespace, of_value),
            (false, false) => namespace.len().saturating_sub(HELD_BYTES),
        })
    }

    /// Of an attribute, by its value as it came.
    pub(super) fn attribute(&mut self, namespace: &str, value: &str) -> Result<(), ParseError> {
        let declared = match namespace.len() {
            0 => 0,
            length => length + DECLARED_BYTES + escaped(namespace, of_value),
        };
        // What stands there as a reference came as one, and white space becomes blanks.
        self.by(declared
            + escaped(value, |byte| if matches!(byte, b'&' | b'\t' | b'\n' | b'\r') { 0 } else { of_value(byte) }))
    }

    /// Of text as it came, without references, or of CDATA.
    pub(super) fn text(&mut self, text: &str) -> Result<(), ParseError> {
        self.by(escaped(text, |byte| if matches!(byte, b'"' | b'\t' | b'\n' | b'\r') { 0 } else { of_value(byte) }))
    }

    fn by(&mut self, bytes: usize) -> Result<(), ParseError> {
        self.left_bytes = self.left_bytes.checked_sub(bytes).ok_or(ParseError::GrowsTooMuch)?;
        Ok(())
    }
}

/// What escapes add to a text, by what each adds.
fn escaped(text: &str, added: impl Fn(u8) -> usize) -> usize {
    text.bytes().map(added).sum()
}

/// In the value of an attribute.
fn of_value(byte: u8) -> usize {
    let written = match byte {
        b'<' | b'>' => "&lt;",
        b'&' => "&amp;",
        b'"' => "&quot;",
        b'\t' | b'\n' | b'\r' => "&#10;",
        _ => return 0,
    };
    written.len() - 1
}
