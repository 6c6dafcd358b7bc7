//! Hostile frames: never a panic, and what is accepted after all survives writing and reading.

use super::LIMIT_BYTES;
use crate::dice::Dice;
use crate::xml::parse;

const SEEDS: [&str; 7] = [
    r#"<message xmlns="jabber:client" to="a@b" id="1"><body xml:lang="en"><![CDATA[x < y]]></body></message>"#,
    r#"<iq xmlns="jabber:client" type="set" id="x"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/></iq>"#,
    r#"<stream:features xmlns:stream="http://etherx.jabber.org/streams"><a b='&#x41;&amp;'/></stream:features>"#,
    r#"<p:a xmlns:p="urn:one" xmlns="urn:two" p:k="1" k="2">text &lt; text<b/></p:a>"#,
    r#"<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>"#,
    "<?xml version='1.0'?><a><!-- c --><?pi?></a>",
    "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='edge.test' version='1.0'/>",
];
const PIECES: [&str; 18] = [
    "<",
    ">",
    "/>",
    "</",
    "&",
    ";",
    "&#x",
    "\"",
    "'",
    "=",
    "<![CDATA[",
    "]]>",
    "<!--",
    "-->",
    "<?",
    "xmlns",
    "xmlns:p",
    ":",
];

fn mutated(dice: &mut Dice) -> Vec<u8> {
    let mut frame = dice.pick(&SEEDS).as_bytes().to_vec();
    for _ in 0..=dice.below(6) {
        let at = dice.below(frame.len() + 1);
        let end = (at + dice.below(12)).min(frame.len());
        match dice.below(5) {
            0 => drop(frame.drain(at..end)),
            1 => drop(frame.splice(at..at, dice.pick(&PIECES).bytes())),
            2 => {
                let copy = frame[at..end].to_vec();
                drop(frame.splice(at..at, copy));
            }
            3 if at < frame.len() => frame[at] = dice.next().to_le_bytes()[0],
            _ => frame.truncate(at.max(1)),
        }
    }
    frame
}

fn random(dice: &mut Dice) -> Vec<u8> {
    let mut frame = b"<a".to_vec();
    for _ in 0..dice.below(40) {
        match dice.below(3) {
            0 => frame.push(dice.next().to_le_bytes()[0]),
            1 => frame.push(b" abc01"[dice.below(6)]),
            _ => frame.extend_from_slice(dice.pick(&PIECES).as_bytes()),
        }
    }
    frame
}

#[test]
fn no_frame_panics_and_an_accepted_one_is_stable_e5() {
    let mut dice = Dice::new(2026);
    let (mut accepted, mut refused) = (0, 0);
    for round in 0..60_000 {
        let frame = if round % 3 == 0 { random(&mut dice) } else { mutated(&mut dice) };
        match parse(&frame, LIMIT_BYTES) {
            Ok(element) => {
                accepted += 1;
                let again = parse(element.to_xml().as_bytes(), LIMIT_BYTES * 2);
                let shown = String::from_utf8_lossy(&frame);
                assert_eq!(again, Ok(element), "round {round}: {shown}");
            }
            Err(_) => refused += 1,
        }
    }
    // Both sides must be walked, or the test proves little.
    assert!(accepted > 500 && refused > 10_000, "{accepted} {refused}");
}
