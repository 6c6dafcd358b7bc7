//! A stanza about a call (XEP-0166, XEP-0353), as a device sends it: what is passed on means to the other device what the box took it
//! for.
//!
//! What holds, looked for in another way than the box looks: whatever brings media into a session has a fingerprint of DTLS for each
//! way (E3); nothing but RTP is described, so no file goes by (C6); nothing else travels beside what was looked at; it is
//! read the same when it is written again.

use app::call::{Act, Step};
use domain::call::Medium;
use xmpp::jingle;
use xmpp::xml::{Element, parse};

const LIMIT_BYTES: usize = 16 * 1024;
const JINGLE: &str = "urn:xmpp:jingle:1";
const RTP: &str = "urn:xmpp:jingle:apps:rtp:1";
const SIGNALS: &str = "urn:xmpp:jingle-message:0";
const DTLS: &str = "urn:xmpp:jingle:apps:dtls:0";

pub(crate) fn run(input: &[u8]) {
    let Ok(stanza) = parse(input, LIMIT_BYTES) else { return };
    let again = parse(stanza.to_xml().as_bytes(), usize::MAX).expect("what was written reads");
    if let Some(said) = jingle::signal(&stanza)
        && let Ok(act) = jingle::act(&stanza, said)
    {
        let same = jingle::signal(&again).map(|said| jingle::act(&again, said));
        assert!(same.is_some_and(|same| same.is_ok_and(|same| same == act)), "{act:?} reads as another");
        let words = stanza.children().filter(|child| child.namespace() == SIGNALS).count();
        assert_eq!(words, 1, "a word that nobody looked at, and no pace holds back");
        if let Act::Propose(medium) = act {
            looks_as_proposed(said, medium);
        }
    }
    if let Some(asked) = jingle::request(&stanza)
        && let Ok(step) = jingle::step(&stanza, asked)
    {
        let same = jingle::request(&again).map(|asked| jingle::step(&again, asked));
        assert!(same.is_some_and(|same| same.is_ok_and(|same| same == step)), "{step:?} reads as another");
        is_a_call_and_encrypted(&stanza, asked, step);
    }
}

fn looks_as_proposed(said: &Element, medium: Medium) {
    let described = all_below(said).into_iter().filter(|one| one.name() == "description" && is_direct(said, one));
    let described: Vec<&Element> = described.collect();
    assert!(!described.is_empty() && described.iter().all(|one| one.namespace() == RTP), "a call and nothing else");
    let pictures = described.iter().any(|one| one.attribute("media") == Some("video"));
    assert_eq!(medium == Medium::Video, pictures);
}

fn is_a_call_and_encrypted(stanza: &Element, asked: &Element, step: Step) {
    let said: Vec<&Element> = stanza.children().filter(|child| child.namespace() == JINGLE).collect();
    assert_eq!((said.len(), stanza.children().count()), (1, 1), "something travels beside what was looked at");
    let action = asked.attribute("action").unwrap_or_default();
    let contents: Vec<&Element> = all_below(asked).into_iter().filter(|one| is_content(asked, one)).collect();
    for content in &contents {
        for described in content.children().filter(|child| child.name() == "description") {
            assert_eq!(described.namespace(), RTP, "no file and no screen by another way");
        }
    }
    let brings_media = ["session-initiate", "session-accept", "content-add", "content-accept", "transport-replace"];
    if !brings_media.contains(&action) {
        assert!(!matches!(step, Step::Initiate(_) | Step::Accept), "{action} begins a call");
        return;
    }
    assert!(!contents.is_empty(), "a session about nothing");
    for content in contents {
        let ways: Vec<&Element> = content.children().filter(|child| child.name() == "transport").collect();
        assert!(!ways.is_empty(), "media without a way");
        for way in ways {
            let keyed = way.children().any(|one| one.name() == "fingerprint" && one.namespace() == DTLS);
            assert!(keyed, "media that nobody encrypts: {}", way.to_xml());
        }
    }
}

fn is_content(asked: &Element, one: &Element) -> bool {
    one.name() == "content" && one.namespace() == JINGLE && is_direct(asked, one)
}

fn is_direct(parent: &Element, one: &Element) -> bool {
    parent.children().any(|child| std::ptr::eq(child, one))
}

/// Elements below one, to any depth that the parser lets through.
fn all_below(element: &Element) -> Vec<&Element> {
    element.children().flat_map(|child| std::iter::once(child).chain(all_below(child))).collect()
}
