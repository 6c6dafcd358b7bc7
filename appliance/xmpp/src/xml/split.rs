//! Bytes to pieces: where one element of a stream of bytes ends and the next one begins (RFC 6120, 4).
//!
//! Only as much of XML is looked at as that takes. What a piece holds is read by [`super::parse_in`], within the same
//! limits as a frame.

use super::{DEPTH_MAX, ParseError};
use std::ops::Range;

/// A part of a client's stream that can be read by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// The start tag of the stream, without its end.
    Header(String),
    /// One whole element: a stanza, or what negotiates the stream.
    Element(String),
    /// The end tag of the stream.
    End,
}

/// What the byte at hand stands in.
#[derive(Debug, Clone, Copy)]
enum Place {
    Text,
    /// After `<`, before it is known what begins.
    Markup,
    /// In a tag, and in a value that this quote ends.
    Tag(Option<u8>),
    CharacterData,
    Declaration,
}

const CHARACTER_DATA: &[u8] = b"<![CDATA[";
/// What a buffer without content may keep allocated.
const IDLE_BYTES: usize = 4 * 1024;

/// Cuts the bytes of one stream. Holds one unfinished piece, and what came with the end of the last one.
#[derive(Debug)]
pub struct Splitter {
    limit_bytes: usize,
    /// Begins with the piece at hand.
    buffer: Vec<u8>,
    scanned: usize,
    place: Place,
    /// Where the markup at hand begins.
    begin: usize,
    /// Names of the elements that are open, within the stream's own.
    open: Vec<Range<usize>>,
    /// Name of the stream's own element.
    root: Vec<u8>,
    /// An XML declaration came: only a header may follow.
    declared: bool,
}

impl Splitter {
    /// For pieces of this size at most.
    #[must_use]
    pub fn new(limit_bytes: usize) -> Self {
        Self {
            limit_bytes,
            buffer: Vec::new(),
            scanned: 0,
            place: Place::Text,
            begin: 0,
            open: Vec::new(),
            root: Vec::new(),
            declared: false,
        }
    }

    /// Takes what the client sent. Between two calls [`Self::next_piece`] is asked until it has nothing more.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next piece that is whole.
    ///
    /// # Errors
    /// [`ParseError`] as soon as the bytes can become no stream of XMPP; there is no reading on.
    pub fn next_piece(&mut self) -> Result<Option<Piece>, ParseError> {
        while let Some(byte) = self.buffer.get(self.scanned).copied() {
            let piece = self.byte(byte)?;
            self.scanned += 1;
            if self.scanned > self.limit_bytes && (piece.is_some() || !self.is_between()) {
                return Err(ParseError::TooLarge { size_bytes: self.scanned, limit_bytes: self.limit_bytes });
            }
            if piece.is_some() {
                self.forget();
                return Ok(piece);
            }
        }
        // White space keeps a silent connection alive (RFC 6120, 4.6.1) and must not fill the buffer.
        if self.is_between() {
            self.forget();
        }
        if self.buffer.is_empty() && self.buffer.capacity() > IDLE_BYTES {
            self.buffer = Vec::new();
        }
        Ok(None)
    }

    fn is_between(&self) -> bool {
        self.open.is_empty() && matches!(self.place, Place::Text)
    }

    /// Drops what was scanned: a piece, or what stands between two.
    fn forget(&mut self) {
        self.buffer.drain(..self.scanned);
        self.scanned = 0;
        self.begin = 0;
    }

    fn byte(&mut self, byte: u8) -> Result<Option<Piece>, ParseError> {
        match self.place {
            Place::Text if byte == b'<' => {
                if self.open.is_empty() {
                    self.forget();
                }
                self.begin = self.scanned;
                self.place = Place::Markup;
            }
            Place::Text if self.open.is_empty() && !byte.is_ascii_whitespace() => {
                return Err(ParseError::TrailingContent);
            }
            Place::Text => {}
            Place::Markup => self.place = self.markup(byte)?,
            Place::Tag(None) if byte == b'>' => {
                self.place = Place::Text;
                return self.tag();
            }
            Place::Tag(None) if matches!(byte, b'"' | b'\'') => self.place = Place::Tag(Some(byte)),
            Place::Tag(_) if byte == b'<' => return Err(ParseError::NotWellFormed("'<' in a tag")),
            Place::Tag(Some(quote)) if byte == quote => self.place = Place::Tag(None),
            Place::Tag(_) => {}
            Place::CharacterData => {
                let data = self.buffer.get(self.begin + CHARACTER_DATA.len()..=self.scanned);
                if data.is_some_and(|data| data.ends_with(b"]]>")) {
                    self.place = Place::Text;
                }
            }
            Place::Declaration if byte == b'>' => {
                self.declaration()?;
                self.place = Place::Text;
            }
            Place::Declaration => {}
        }
        Ok(None)
    }

    /// What the markup at hand is, once `byte` tells.
    fn markup(&self, byte: u8) -> Result<Place, ParseError> {
        let so_far = self.buffer.get(self.begin..=self.scanned).unwrap_or_default();
        match so_far.get(1) {
            Some(b'?') if self.open.is_empty() && !self.declared => Ok(Place::Declaration),
            Some(b'?') => Err(ParseError::ProcessingInstruction),
            Some(b'!') if so_far == CHARACTER_DATA && self.open.is_empty() => Err(ParseError::TrailingContent),
            Some(b'!') if so_far == CHARACTER_DATA => Ok(Place::CharacterData),
            Some(b'!') if CHARACTER_DATA.starts_with(so_far) => Ok(Place::Markup),
            Some(b'!') if so_far.starts_with(b"<!-") => Err(ParseError::Comment),
            Some(b'!') => Err(ParseError::DocumentType),
            _ if byte == b'>' || byte == b'<' => Err(ParseError::NotWellFormed("an empty tag")),
            _ => Ok(Place::Tag(None)),
        }
    }

    /// RFC 6120, 11.6: the one encoding is UTF-8.
    fn declaration(&mut self) -> Result<(), ParseError> {
        let text = self.buffer.get(self.begin..=self.scanned).unwrap_or_default().to_ascii_lowercase();
        let is_declaration = text.starts_with(b"<?xml ") && text.ends_with(b"?>");
        if !is_declaration {
            return Err(ParseError::ProcessingInstruction);
        }
        let text = String::from_utf8(text).map_err(|_| ParseError::NotUtf8)?;
        let encoding = text.split_once("encoding").map(|(_, rest)| rest.trim_start_matches([' ', '=', '"', '\'']));
        if encoding.is_some_and(|encoding| !encoding.starts_with("utf-8")) {
            return Err(ParseError::NotUtf8);
        }
        self.declared = true;
        Ok(())
    }

    /// A tag is whole: it opens an element, or ends one, and with it maybe a piece.
    fn tag(&mut self) -> Result<Option<Piece>, ParseError> {
        let inside = self.begin + 1..self.scanned;
        let text = self.buffer.get(inside.clone()).unwrap_or_default();
        if let Some(named) = text.strip_prefix(b"/") {
            return self.end_tag(named.trim_ascii_end().to_vec());
        }
        let is_empty = text.ends_with(b"/");
        let ends_name = |byte: &u8| byte.is_ascii_whitespace() || *byte == b'/';
        let length = text.iter().position(ends_name).unwrap_or(text.len());
        let name = text.get(..length).unwrap_or_default();
        let local = name.rsplit(|byte| *byte == b':').next().unwrap_or_default();
        if self.open.is_empty() {
            if local == b"stream" && !is_empty {
                self.root = name.to_vec();
                self.declared = false;
                return self.piece(Piece::Header).map(Some);
            }
            if self.declared {
                return Err(ParseError::ProcessingInstruction);
            }
        }
        if !is_empty {
            if self.open.len() == DEPTH_MAX {
                return Err(ParseError::TooDeep);
            }
            self.open.push(inside.start..inside.start + length);
        } else if self.open.is_empty() {
            return self.piece(Piece::Element).map(Some);
        }
        Ok(None)
    }

    fn end_tag(&mut self, named: Vec<u8>) -> Result<Option<Piece>, ParseError> {
        match self.open.pop() {
            None if !named.is_empty() && named == self.root => Ok(Some(Piece::End)),
            Some(name) if self.buffer.get(name.clone()) == Some(&named) => {
                if self.open.is_empty() {
                    self.piece(Piece::Element).map(Some)
                } else {
                    Ok(None)
                }
            }
            _ => Err(ParseError::MismatchedTag),
        }
    }

    fn piece(&self, kind: impl FnOnce(String) -> Piece) -> Result<Piece, ParseError> {
        let bytes = self.buffer.get(..=self.scanned).unwrap_or_default();
        String::from_utf8(bytes.to_vec()).map(kind).map_err(|_| ParseError::NotUtf8)
    }
}

#[cfg(test)]
mod tests;
