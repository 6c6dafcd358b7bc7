//! Bytes to pieces: where the network cuts them changes nothing, and no piece is larger than allowed.
//!
//! The first byte of the input says how long the parts are in which the rest comes.

use xmpp::xml::{ParseError, Piece, Scope, Splitter, parse_header, parse_in};

const LIMIT_BYTES: usize = 2 * 1024;

pub(crate) fn run(input: &[u8]) {
    let Some((length, bytes)) = input.split_first() else { return };
    let whole = pieces(bytes, bytes.len().max(1));
    assert_eq!(pieces(bytes, usize::from(*length).max(1)), whole, "cut into parts of {length} bytes");
    let mut scope = Scope::default();
    for piece in whole.0 {
        match piece {
            Piece::Header(tag) => {
                assert!(tag.len() <= LIMIT_BYTES);
                if let Ok((_, declared)) = parse_header(&tag) {
                    scope = declared;
                }
            }
            Piece::Element(text) => {
                assert!(text.len() <= LIMIT_BYTES);
                // A piece is one element or none: never two, and never a part of one.
                let read = parse_in(text.as_bytes(), LIMIT_BYTES, &scope);
                let cut = [ParseError::Unclosed, ParseError::TrailingContent, ParseError::Empty];
                assert!(!cut.iter().any(|error| read == Err(*error)), "{text:?}: {read:?}");
            }
            Piece::End => {}
        }
    }
}

/// What comes out of parts of this length, and what ended it.
fn pieces(bytes: &[u8], length: usize) -> (Vec<Piece>, Option<ParseError>) {
    let (mut splitter, mut pieces) = (Splitter::new(LIMIT_BYTES), Vec::new());
    for part in bytes.chunks(length) {
        splitter.feed(part);
        loop {
            match splitter.next_piece() {
                Ok(Some(Piece::End)) => {
                    pieces.push(Piece::End);
                    return (pieces, None);
                }
                Ok(Some(piece)) => pieces.push(piece),
                Ok(None) => break,
                Err(error) => return (pieces, Some(error)),
            }
        }
    }
    (pieces, None)
}
