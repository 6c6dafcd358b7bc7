//! The same stream framed by itself (RFC 6120, 4).

use super::*;

const HEADER: &str = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
    to='edge.test' version='1.0'>";
const END: &str = "</stream:stream>";

fn answer(number: u8) -> String {
    format!(
        r#"<?xml version="1.0"?><stream:stream xmlns:stream="http://etherx.jabber.org/streams" from="edge.test" id="s1-{number}" version="1.0" xml:lang="en" xmlns="jabber:client">"#
    )
}

impl Dialogue {
    fn of_bytes() -> Self {
        let carrier = Carrier { framing: Framing::Bytes, binding: None };
        let stream = Stream::new(Arc::new(StreamSettings::for_domain("edge.test")), carrier, "s1".to_owned(), START_MS);
        Self { stream, now_ms: START_MS }
    }

    fn header(&mut self, tag: &str) {
        self.silence();
        self.stream.handle_header(tag, self.now_ms);
    }

    fn bound_by_bytes() -> Self {
        let mut dialogue = Self::of_bytes();
        dialogue.header(HEADER);
        dialogue.server(&answer(1));
        dialogue.server(MECHANISMS);
        dialogue.client(&auth("\0a1b\0secret"));
        dialogue.asks_for_password("a1b", "secret");
        dialogue.stream.handle_authentication(Ok(()), START_MS);
        dialogue.server(SUCCESS);
        dialogue.header(HEADER);
        dialogue.server(&answer(2));
        dialogue.server(BINDING);
        // What inherits the namespace of the stream.
        dialogue.client(&bind("<resource>r</resource>").replace("xmlns='jabber:client' ", ""));
        dialogue.asks_to_bind("a1b@edge.test", Some("r"));
        dialogue.binds("a1b@edge.test/r");
        assert!(matches!(dialogue.next(), Output::Send(_)));
        dialogue
    }

    fn ends_bytes_with(&mut self, condition: &str) {
        let Output::Send(error) = self.next() else { panic!("expected the stream error {condition}") };
        assert!(error.contains(&format!("<{condition} xmlns")), "{error}");
        self.server(END);
        assert!(matches!(self.next(), Output::Close));
        self.header(HEADER);
        self.silence();
    }
}

#[test]
fn a_client_opens_talks_and_leaves_by_bytes_c1() {
    let mut dialogue = Dialogue::bound_by_bytes();
    dialogue.client("<message to='c@edge.test'><body>hi</body></message>");
    let message = dialogue.stanza();
    assert_eq!(message.child_text("body", namespace::CLIENT).as_deref(), Some("hi"));
    dialogue.stream.handle_end();
    dialogue.server(END);
    assert!(matches!(dialogue.next(), Output::Close));
}

#[test]
fn prefixes_of_the_header_hold_for_all_that_follows() {
    let mut dialogue = Dialogue::of_bytes();
    let with_sasl = HEADER.replace(" to=", &format!(" xmlns:s='{}' to=", namespace::SASL));
    dialogue.header(&with_sasl);
    dialogue.server(&answer(1));
    dialogue.server(MECHANISMS);
    let encoded = STANDARD.encode("\0a1b\0secret");
    dialogue.client(&format!("<s:auth mechanism='PLAIN'>{encoded}</s:auth>"));
    dialogue.asks_for_password("a1b", "secret");
}

#[test]
fn each_wrong_header_is_answered_by_ours_and_the_error() {
    for (tag, condition) in [
        (HEADER.replace("edge.test", "other.test"), "host-unknown"),
        (HEADER.replace("version='1.0'", ""), "unsupported-version"),
        (HEADER.replace("jabber:client", "jabber:server"), "invalid-namespace"),
        (HEADER.replace("xmlns='jabber:client'", ""), "invalid-namespace"),
        (HEADER.replace("etherx", "other"), "invalid-namespace"),
        (HEADER.replace("xmlns:stream=", "xmlns:other="), "not-well-formed"),
        (HEADER.replace(" to='edge.test'", " to='edge.test' to='edge.test'"), "not-well-formed"),
    ] {
        let mut dialogue = Dialogue::of_bytes();
        dialogue.header(&tag);
        dialogue.server(&answer(1));
        dialogue.ends_bytes_with(condition);
    }
    let mut framed = Dialogue::of_bytes();
    framed.client(OPEN);
    framed.server(&answer(1));
    framed.ends_bytes_with("invalid-namespace");
}

#[test]
fn a_header_where_none_is_due_ends_the_stream() {
    let mut dialogue = Dialogue::bound_by_bytes();
    dialogue.header(HEADER);
    dialogue.ends_bytes_with("policy-violation");
}
