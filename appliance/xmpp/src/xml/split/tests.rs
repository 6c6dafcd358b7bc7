use super::*;
use crate::dice::Dice;

const LIMIT_BYTES: usize = 200;
const HEADER: &str = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='a>b'>";

/// All pieces of these bytes, fed in parts of this size, and the error that ends them.
fn pieces(bytes: &[u8], part: usize) -> (Vec<Piece>, Option<ParseError>) {
    let mut splitter = Splitter::new(LIMIT_BYTES);
    let mut pieces = Vec::new();
    for part in bytes.chunks(part) {
        splitter.feed(part);
        loop {
            match splitter.next_piece() {
                Ok(Some(piece)) => pieces.push(piece),
                Ok(None) => break,
                Err(error) => return (pieces, Some(error)),
            }
        }
    }
    (pieces, None)
}

fn element(text: &str) -> Piece {
    Piece::Element(text.to_owned())
}

#[test]
fn a_stream_is_cut_into_its_pieces_however_the_bytes_arrive_e5() {
    let stanzas = ["<a/>", "<b x='>' y=\"/\">t<c><d /></c><![CDATA[</b> ]] > <]]></b >", "<ü>ä</ü>"];
    let text =
        format!("<?xml version='1.0'?>\n{HEADER} {}\n{}  \t{}</stream:stream>", stanzas[0], stanzas[1], stanzas[2]);
    let mut expected = vec![Piece::Header(HEADER.to_owned())];
    expected.extend(stanzas.map(element));
    expected.push(Piece::End);
    for part in [1, 2, 3, 7, 50, text.len()] {
        assert_eq!(pieces(text.as_bytes(), part), (expected.clone(), None), "parts of {part}");
    }
}

#[test]
fn a_stream_may_begin_again_and_a_declaration_stands_before_its_header_only() {
    let again = format!("{HEADER}<a/><?xml version='1.0' encoding=\"UTF-8\"?>{HEADER}<b/>");
    let (cut, error) = pieces(again.as_bytes(), 9);
    assert_eq!((cut.len(), error), (4, None), "{cut:?}");
    for (text, expected) in [
        ("<?xml version='1.0'?><a/>", ParseError::ProcessingInstruction),
        ("<?xml version='1.0'?><?xml version='1.0'?>", ParseError::ProcessingInstruction),
        ("<?php ?>", ParseError::ProcessingInstruction),
        ("<?xml version='1.0' encoding='UTF-16'?>", ParseError::NotUtf8),
        ("<a><?xml version='1.0'?></a>", ParseError::ProcessingInstruction),
    ] {
        assert_eq!(pieces(text.as_bytes(), 5).1, Some(expected), "{text}");
    }
}

#[test]
fn what_can_become_no_stream_is_refused_before_it_is_whole_e5() {
    for (text, expected) in [
        ("<a></b>", ParseError::MismatchedTag),
        ("<a><b></a>", ParseError::MismatchedTag),
        ("</stream:stream>", ParseError::MismatchedTag),
        ("</>", ParseError::MismatchedTag),
        ("x", ParseError::TrailingContent),
        ("<a/>&lt;", ParseError::TrailingContent),
        ("<![CDATA[x", ParseError::TrailingContent),
        ("<!DOCTYPE a", ParseError::DocumentType),
        ("<a><!--", ParseError::Comment),
        ("<a><b", ParseError::TooLarge { size_bytes: 201, limit_bytes: 200 }),
        ("<a b='<'", ParseError::NotWellFormed("'<' in a tag")),
        ("<>", ParseError::NotWellFormed("an empty tag")),
        ("<\u{ff}>", ParseError::TooLarge { size_bytes: 201, limit_bytes: 200 }),
    ] {
        let endless = text.len() < 7 && matches!(expected, ParseError::TooLarge { .. });
        let text = if endless { format!("{text}{}", " ".repeat(300)) } else { text.to_owned() };
        assert_eq!(pieces(text.as_bytes(), 4).1, Some(expected), "{text}");
    }
    assert_eq!(pieces("<a>".repeat(33).as_bytes(), 10).1, Some(ParseError::TooDeep));
    assert_eq!(pieces(b"<a>\xff</a>", 10).1, Some(ParseError::NotUtf8));
}

#[test]
fn white_space_keeps_alive_and_fills_nothing_e5() {
    let mut splitter = Splitter::new(LIMIT_BYTES);
    for _ in 0..10_000 {
        splitter.feed(b" \n");
        assert_eq!(splitter.next_piece(), Ok(None));
        assert!(splitter.buffer.is_empty());
    }
    splitter.feed(b"<a/>");
    assert_eq!(splitter.next_piece(), Ok(Some(element("<a/>"))));
}

#[test]
fn no_bytes_make_it_panic_or_keep_more_than_a_piece_e5() {
    let alphabet = b"<>/?!-[]CDAT'\" ab:=\xc3\xa4&;x";
    let mut dice = Dice::new(7);
    for _ in 0..20_000 {
        let length = dice.below(120);
        let bytes: Vec<u8> = (0..length).map(|_| alphabet[dice.below(alphabet.len())]).collect();
        let whole = pieces(&bytes, bytes.len().max(1));
        let in_parts = pieces(&bytes, 1 + dice.below(5));
        assert_eq!(whole, in_parts, "{:?}", String::from_utf8_lossy(&bytes));
    }
}
