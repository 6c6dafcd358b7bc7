//! `parse(write(tree)) == tree`, over trees of a seeded generator.

use super::LIMIT_BYTES;
use crate::dice::Dice;
use crate::xml::{Element, namespace, parse, parse_children};

const NAMES: [&str; 7] = ["message", "body", "x", "a", "long-name.1", "_u", "\u{e9}t\u{e9}"];
const ATTRIBUTE_NAMES: [&str; 5] = ["id", "to", "xml:lang", "type", "data-x"];
const NAMESPACES: [&str; 6] =
    ["", namespace::CLIENT, namespace::STREAM, "urn:xmpp:receipts", "urn:x?a=1&b=\"2\"", "urn:<other>"];
const TEXTS: [&str; 10] =
    ["a", "<", "&amp;", "]]>", "\r\n\t ", "\"'", "\u{1F600}", "\u{fffd}", "\u{7f}\u{85}\u{2028}", "&#0;"];

fn text(dice: &mut Dice) -> String {
    (0..dice.below(4)).map(|_| dice.pick(&TEXTS)).collect()
}

/// At most 4 levels of at most 4 nodes: far inside the limits.
fn tree(dice: &mut Dice, levels: usize) -> Element {
    let mut element = Element::new(dice.pick(&NAMES), dice.pick(&NAMESPACES));
    for _ in 0..dice.below(3) {
        let value = text(dice);
        element.set_attribute(dice.pick(&ATTRIBUTE_NAMES), value);
    }
    for _ in 0..dice.below(4) {
        if levels > 0 && dice.below(2) == 0 {
            element.push_child(tree(dice, levels - 1));
        } else {
            let text = text(dice);
            element.push_text(&text);
        }
    }
    element
}

#[test]
fn whatever_is_written_is_read_back_the_same() {
    let mut dice = Dice::new(6120);
    for round in 0..20_000 {
        let written = tree(&mut dice, 3);
        let xml = written.to_xml();
        let read = parse(xml.as_bytes(), LIMIT_BYTES);
        assert_eq!(read.as_ref(), Ok(&written), "round {round}: {xml}");
    }
}

#[test]
fn whatever_is_stored_is_read_back_the_same() {
    let mut dice = Dice::new(7395);
    for round in 0..20_000 {
        let mut written = Element::client("message");
        for _ in 0..3 {
            written.push_text(&text(&mut dice));
            written.push_child(tree(&mut dice, 2));
        }
        let stored = written.children_to_xml();
        let read = parse_children(stored.as_bytes(), namespace::CLIENT, LIMIT_BYTES);
        assert_eq!(read.as_deref(), Ok(written.nodes()), "round {round}: {stored}");
        let embedded = Element::client("message").with_raw(stored.into()).to_xml();
        assert_eq!(parse(embedded.as_bytes(), LIMIT_BYTES), Ok(written), "round {round}");
    }
}
