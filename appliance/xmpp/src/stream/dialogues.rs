//! Whole dialogues: what the client says, what the server says.

mod bytes;
mod management;
mod sasl2;
mod scram;

use super::*;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

const OPEN: &str = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='edge.test' version='1.0'/>";
const CLOSE: &str = r#"<close xmlns="urn:ietf:params:xml:ns:xmpp-framing"/>"#;
const MECHANISMS: &str = r#"<stream:features xmlns:stream="http://etherx.jabber.org/streams"><mechanisms xmlns="urn:ietf:params:xml:ns:xmpp-sasl"><mechanism>PLAIN</mechanism></mechanisms></stream:features>"#;
const BINDING: &str = r#"<stream:features xmlns:stream="http://etherx.jabber.org/streams"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/><session xmlns="urn:ietf:params:xml:ns:xmpp-session"><optional/></session><sm xmlns="urn:xmpp:sm:3"/><csi xmlns="urn:xmpp:csi:0"/></stream:features>"#;
const SUCCESS: &str = r#"<success xmlns="urn:ietf:params:xml:ns:xmpp-sasl"/>"#;
const START_MS: u64 = 1_000_000;

/// A client on one side, the stream on the other.
struct Dialogue {
    stream: Stream,
    now_ms: u64,
}

impl Dialogue {
    fn connected() -> Self {
        let settings = Arc::new(StreamSettings::for_domain("Edge.Test"));
        Self { stream: Stream::new(settings, Carrier::default(), "s1".to_owned(), START_MS), now_ms: START_MS }
    }

    /// At `/xmpp-websocket`.
    fn opened_for_scram() -> Self {
        let settings = StreamSettings::for_domain("edge.test").for_application_passwords();
        let stream = Stream::new(Arc::new(settings), Carrier::default(), "s1".to_owned(), START_MS);
        let mut dialogue = Self { stream, now_ms: START_MS };
        dialogue.client(OPEN);
        dialogue.server(&open(1));
        let Output::Send(features) = dialogue.next() else { panic!("features") };
        assert!(features.contains("<mechanism>SCRAM-SHA-256</mechanism>") && !features.contains("PLAIN"), "{features}");
        dialogue
    }

    fn opened() -> Self {
        let mut dialogue = Self::connected();
        dialogue.client(OPEN);
        dialogue.server(&open(1));
        dialogue.server(MECHANISMS);
        dialogue
    }

    fn authenticated() -> Self {
        let mut dialogue = Self::opened();
        dialogue.client(&auth("\0a1b\0secret"));
        dialogue.asks_for_password("a1b", "secret");
        dialogue.stream.handle_authentication(Ok(()), START_MS);
        dialogue.server(SUCCESS);
        dialogue.client(OPEN);
        dialogue.server(&open(2));
        dialogue.server(BINDING);
        dialogue
    }

    fn bound() -> Self {
        let mut dialogue = Self::authenticated();
        dialogue.client(&bind("<resource>node_1</resource>"));
        dialogue.asks_to_bind("a1b@edge.test", Some("node_1"));
        dialogue.binds("a1b@edge.test/node_1");
        dialogue.server(
            r#"<iq xmlns="jabber:client" type="result" id="b"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"><jid>a1b@edge.test/node_1</jid></bind></iq>"#,
        );
        dialogue
    }

    fn client(&mut self, frame: &str) {
        self.silence();
        self.stream.handle_frame(frame, self.now_ms);
    }

    fn next(&mut self) -> Output {
        self.stream.poll_output().expect("the server has more to say")
    }

    fn server(&mut self, expected: &str) {
        match self.next() {
            Output::Send(frame) => assert_eq!(frame, expected),
            other => panic!("expected {expected}, got {other:?}"),
        }
    }

    fn silence(&mut self) {
        if let Some(output) = self.stream.poll_output() {
            panic!("nothing was expected, got {output:?}");
        }
    }

    fn asks_for_password(&mut self, expected: &str, expected_password: &str) {
        match self.next() {
            Output::Authenticate { username, password } => {
                assert_eq!((username.as_str(), password.reveal()), (expected, expected_password));
            }
            other => panic!("expected a question for a password, got {other:?}"),
        }
    }

    fn asks_to_bind(&mut self, expected: &str, expected_resource: Option<&str>) {
        match self.next() {
            Output::Bind { account, resource, .. } => {
                assert_eq!((account.as_str(), resource.as_deref()), (expected, expected_resource));
            }
            other => panic!("expected a request to bind, got {other:?}"),
        }
    }

    fn binds(&mut self, jid: &str) {
        self.stream.handle_bound(Ok(FullJid::parse(jid).expect("a full JID")));
    }

    fn stanza(&mut self) -> Element {
        match self.next() {
            Output::Stanza(stanza) => *stanza,
            other => panic!("expected a stanza, got {other:?}"),
        }
    }

    fn sasl_failure(&mut self, condition: &str) {
        let sasl = namespace::SASL;
        self.server(&format!(r#"<failure xmlns="{sasl}"><{condition}/></failure>"#));
    }

    /// A stream error, `<close/>`, the end; and after that the stream is deaf and dumb.
    fn ends_with(&mut self, condition: &str) {
        let Output::Send(frame) = self.next() else {
            panic!("expected the stream error {condition}");
        };
        let error = xml::parse(frame.as_bytes(), 10_000).expect("a well-formed error");
        assert!(error.is("error", namespace::STREAM), "{frame}");
        assert!(error.child(condition, namespace::STREAM_ERRORS).is_some(), "{frame}");
        assert!(error.child_text("text", namespace::STREAM_ERRORS).is_some(), "{frame}");
        self.ends();
    }

    fn ends(&mut self) {
        self.server(CLOSE);
        assert!(matches!(self.next(), Output::Close));
        assert!(self.stream.is_closed() && self.stream.poll_timeout().is_none());
        self.client(OPEN);
        self.stream.handle_timeout(u64::MAX);
        self.silence();
    }

    fn iq_error(&mut self, kind: &str, condition: &str) {
        let Output::Send(frame) = self.next() else {
            panic!("expected the error {condition}");
        };
        let iq = xml::parse(frame.as_bytes(), 10_000).expect("a well-formed error");
        let error = iq.child("error", namespace::CLIENT).expect("an error");
        assert_eq!(iq.attribute("type"), Some("error"));
        assert_eq!(error.attribute("type"), Some(kind));
        assert!(error.child(condition, namespace::STANZA_ERRORS).is_some(), "{frame}");
        let text = error.child_text("text", namespace::STANZA_ERRORS);
        assert!(text.is_some_and(|text| !text.is_empty()), "{frame}");
    }
}

fn open(number: u8) -> String {
    format!(
        r#"<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" from="edge.test" id="s1-{number}" version="1.0" xml:lang="en"/>"#
    )
}

fn auth(message: &str) -> String {
    let sasl = namespace::SASL;
    let encoded = STANDARD.encode(message);
    format!("<auth xmlns='{sasl}' mechanism='PLAIN'>{encoded}</auth>")
}

fn bind(inside: &str) -> String {
    let namespace = namespace::BIND;
    format!("<iq xmlns='jabber:client' type='set' id='b'><bind xmlns='{namespace}'>{inside}</bind></iq>")
}

#[test]
fn a_client_opens_authenticates_binds_talks_and_leaves() {
    let mut dialogue = Dialogue::bound();
    assert_eq!(dialogue.stream.jid().map(|jid| jid.as_str()), Some("a1b@edge.test/node_1"));
    assert_eq!(dialogue.stream.poll_timeout(), None);

    dialogue.client("<presence xmlns='jabber:client' id='p'/>");
    assert_eq!(dialogue.stanza().attribute("from"), Some("a1b@edge.test/node_1"));
    dialogue.client("<message xmlns='jabber:client' to='c@edge.test'><body>hi</body></message>");
    let message = dialogue.stanza();
    assert_eq!(message.child_text("body", namespace::CLIENT).as_deref(), Some("hi"));

    dialogue.client(CLOSE);
    dialogue.ends();
}

#[test]
fn a_standard_client_speaks_for_nobody_else_rfc_6120_8_1_2_1() {
    let settings = StreamSettings { checks_from: true, ..StreamSettings::for_domain("edge.test") };
    for (from, is_own) in [
        ("a1b@edge.test", true),
        ("A1B@Edge.Test/node_1", true),
        ("", true),
        ("boss@edge.test", false),
        ("a1b@edge.test/node_2", false),
        ("edge.test", false),
        ("@", false),
    ] {
        let mut dialogue = Dialogue::bound();
        dialogue.stream.settings = Arc::new(settings.clone());
        dialogue.client(&format!("<message xmlns='jabber:client' from='{from}' to='c@edge.test'/>"));
        if is_own {
            assert_eq!(dialogue.stanza().attribute("from"), Some("a1b@edge.test/node_1"), "{from}");
        } else {
            let Output::Send(error) = dialogue.next() else { panic!("an error: {from}") };
            assert!(error.contains("<invalid-from"), "{from}: {error}");
            assert!(dialogue.stream.is_closed());
        }
    }
}

#[test]
fn a_sender_is_who_it_is_whatever_from_says() {
    let mut dialogue = Dialogue::bound();
    for from in ["a1b@edge.test", "boss@edge.test/x", ""] {
        dialogue.client(&format!("<message xmlns='jabber:client' from='{from}' to='c@edge.test'/>"));
        assert_eq!(dialogue.stanza().attribute("from"), Some("a1b@edge.test/node_1"));
    }
}

#[test]
fn the_old_session_request_is_answered() {
    let mut dialogue = Dialogue::bound();
    let session = namespace::SESSION;
    dialogue.client(&format!(
        "<iq xmlns='jabber:client' type='set' id='s' to='edge.test'><session xmlns='{session}'/></iq>"
    ));
    dialogue.server(r#"<iq xmlns="jabber:client" type="result" id="s" from="edge.test" to="a1b@edge.test/node_1"/>"#);
}

#[test]
fn a_resource_is_made_up_when_none_is_asked_for() {
    for asked in ["", "<resource/>"] {
        let mut dialogue = Dialogue::authenticated();
        dialogue.client(&bind(asked));
        dialogue.asks_to_bind("a1b@edge.test", None);
        dialogue.binds("a1b@edge.test/made-up");
        let Output::Send(frame) = dialogue.next() else {
            panic!("expected the answer to bind");
        };
        assert!(frame.contains("<jid>a1b@edge.test/made-up</jid>"), "{frame}");
    }
}

#[test]
fn a_refused_bind_can_be_tried_again() {
    let refusals = [
        (BindRefusal::Conflict, "modify", "conflict"),
        (BindRefusal::ResourceConstraint, "wait", "resource-constraint"),
        (BindRefusal::InternalServerError, "wait", "internal-server-error"),
    ];
    let mut dialogue = Dialogue::authenticated();
    for (refusal, kind, condition) in refusals {
        dialogue.client(&bind("<resource>node_1</resource>"));
        dialogue.asks_to_bind("a1b@edge.test", Some("node_1"));
        dialogue.stream.handle_bound(Err(refusal));
        dialogue.iq_error(kind, condition);
    }
    dialogue.client(&bind("<resource>&#10;</resource>"));
    dialogue.iq_error("modify", "bad-request");
    dialogue.client(&bind("<resource>node_2</resource>"));
    dialogue.asks_to_bind("a1b@edge.test", Some("node_2"));
    dialogue.binds("someone-else@edge.test/node_2");
    dialogue.iq_error("wait", "internal-server-error");
    assert!(dialogue.stream.jid().is_none());
}

#[test]
fn plain_may_answer_an_empty_challenge() {
    let mut dialogue = Dialogue::opened();
    dialogue.client("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'/>");
    dialogue.server(r#"<challenge xmlns="urn:ietf:params:xml:ns:xmpp-sasl"/>"#);
    dialogue.client(&auth("\0a1b\0secret").replace("auth", "response"));
    dialogue.asks_for_password("a1b", "secret");
}

#[test]
fn an_authzid_may_only_repeat_who_one_is_a2() {
    for authzid in ["a1b", "A1B@edge.test"] {
        let mut dialogue = Dialogue::opened();
        dialogue.client(&auth(&format!("{authzid}\0a1b\0secret")));
        dialogue.asks_for_password("a1b", "secret");
    }
    for authzid in ["boss", "boss@edge.test", "a1b@other.test", "a1b@edge.test/node_1"] {
        let mut dialogue = Dialogue::opened();
        dialogue.client(&auth(&format!("{authzid}\0a1b\0secret")));
        dialogue.sasl_failure("invalid-authzid");
    }
}

#[test]
fn each_bad_authentication_has_its_own_failure_and_may_be_repeated() {
    let sasl = namespace::SASL;
    let cases = [
        (auth("a1b\0secret"), "malformed-request"),
        (auth("\0a1b\0sec\0ret"), "malformed-request"),
        (auth("\0\0secret"), "malformed-request"),
        (auth("\0a1b\0"), "malformed-request"),
        (auth("\0a@b\0secret"), "not-authorized"),
        (format!("<auth xmlns='{sasl}' mechanism='PLAIN'>=</auth>"), "incorrect-encoding"),
        (format!("<auth xmlns='{sasl}' mechanism='PLAIN'>/w==</auth>"), "malformed-request"),
        (format!("<auth xmlns='{sasl}' mechanism='SCRAM-SHA-1'>AA==</auth>"), "invalid-mechanism"),
        (format!("<auth xmlns='{sasl}'>AA==</auth>"), "invalid-mechanism"),
        (format!("<abort xmlns='{sasl}'/>"), "aborted"),
        (format!("<response xmlns='{sasl}'>AA==</response>"), "malformed-request"),
    ];
    for (frame, condition) in cases {
        let mut dialogue = Dialogue::opened();
        dialogue.client(&frame);
        dialogue.sasl_failure(condition);
        dialogue.client(&auth("\0a1b\0secret"));
        dialogue.asks_for_password("a1b", "secret");
    }
}

#[test]
fn wrong_passwords_end_the_stream_at_the_fifth_a5() {
    let mut dialogue = Dialogue::opened();
    for attempt in 1..=5 {
        dialogue.client(&auth("\0a1b\0wrong"));
        dialogue.asks_for_password("a1b", "wrong");
        let refusal = Err(AuthenticationRefusal::NotAuthorized);
        dialogue.stream.handle_authentication(refusal, START_MS);
        dialogue.sasl_failure("not-authorized");
        assert_eq!(dialogue.stream.is_closed(), attempt == 5);
    }
    dialogue.ends_with("policy-violation");
}

#[test]
fn a_server_that_cannot_tell_counts_no_attempt() {
    let mut dialogue = Dialogue::opened();
    for _ in 0..10 {
        dialogue.client(&auth("\0a1b\0secret"));
        dialogue.asks_for_password("a1b", "secret");
        let refusal = Err(AuthenticationRefusal::TemporaryFailure);
        dialogue.stream.handle_authentication(refusal, START_MS);
        dialogue.sasl_failure("temporary-auth-failure");
    }
    dialogue.client(&auth("\0a1b\0secret"));
    dialogue.asks_for_password("a1b", "secret");
    let refusal = Err(AuthenticationRefusal::AccountDisabled);
    dialogue.stream.handle_authentication(refusal, START_MS);
    dialogue.sasl_failure("account-disabled");
}

#[test]
fn a_wrong_first_frame_gets_an_open_then_the_error() {
    let framing = namespace::FRAMING;
    let cases = [
        (OPEN.replace("edge.test", "other.test"), "host-unknown"),
        (OPEN.replace("to='edge.test'", ""), "host-unknown"),
        (OPEN.replace("edge.test", "a@edge.test"), "host-unknown"),
        (OPEN.replace("1.0", "2.0"), "unsupported-version"),
        (OPEN.replace("1.0", "1"), "unsupported-version"),
        (OPEN.replace("version='1.0'", ""), "unsupported-version"),
        (OPEN.replace("framing", "other"), "invalid-namespace"),
        (format!("<other xmlns='{framing}'/>"), "policy-violation"),
        ("<message xmlns='jabber:client'/>".to_owned(), "invalid-namespace"),
        (
            "<stream:stream xmlns:stream='http://etherx.jabber.org/streams' to='edge.test' version='1.0'>".to_owned(),
            "not-well-formed",
        ),
        ("<!DOCTYPE a><a/>".to_owned(), "restricted-xml"),
        (format!("<a>{}</a>", "x".repeat(262_144)), "policy-violation"),
    ];
    for (frame, condition) in cases {
        let mut dialogue = Dialogue::connected();
        dialogue.client(&frame);
        dialogue.server(&open(1));
        dialogue.ends_with(condition);
    }
}

#[test]
fn the_domain_is_compared_without_case() {
    let mut dialogue = Dialogue::connected();
    dialogue.client(&OPEN.replace("edge.test", "EDGE.test"));
    dialogue.server(&open(1));
    dialogue.server(MECHANISMS);
}

#[test]
fn stanzas_before_authentication_and_binding_are_refused_a2() {
    let message = "<message xmlns='jabber:client' to='c@edge.test'/>";
    let mut opened = Dialogue::opened();
    opened.client(message);
    opened.ends_with("not-authorized");

    let mut succeeded = Dialogue::opened();
    succeeded.client(&auth("\0a1b\0secret"));
    succeeded.asks_for_password("a1b", "secret");
    succeeded.stream.handle_authentication(Ok(()), START_MS);
    succeeded.server(SUCCESS);
    succeeded.client(message);
    succeeded.ends_with("not-authorized");

    let mut unbound = Dialogue::authenticated();
    unbound.client(message);
    unbound.ends_with("not-authorized");

    let mut bind_first = Dialogue::opened();
    bind_first.client(&bind(""));
    bind_first.ends_with("not-authorized");
}

#[test]
fn a_client_that_does_not_await_the_answer_is_cut() {
    let mut dialogue = Dialogue::opened();
    dialogue.client(&auth("\0a1b\0wrong"));
    dialogue.asks_for_password("a1b", "wrong");
    dialogue.client(&auth("\0a1b\0secret"));
    dialogue.ends_with("policy-violation");
    // The late answer revives nothing.
    dialogue.stream.handle_authentication(Ok(()), START_MS);
    dialogue.silence();
    assert!(dialogue.stream.jid().is_none());
}

#[test]
fn answers_that_nobody_asked_for_change_nothing_a2() {
    let mut dialogue = Dialogue::opened();
    dialogue.stream.handle_authentication(Ok(()), START_MS);
    dialogue.binds("a1b@edge.test/node_1");
    dialogue.silence();
    dialogue.client("<presence xmlns='jabber:client'/>");
    dialogue.ends_with("not-authorized");

    let mut unbound = Dialogue::authenticated();
    unbound.stream.handle_authentication(Ok(()), START_MS);
    unbound.silence();
}

#[test]
fn a_client_must_be_bound_within_thirty_seconds_e5() {
    let mut dialogue = Dialogue::authenticated();
    let due_ms = dialogue.stream.poll_timeout().expect("a deadline");
    assert_eq!(due_ms, START_MS + 30_000);
    dialogue.stream.handle_timeout(due_ms - 1);
    dialogue.silence();
    dialogue.stream.handle_timeout(due_ms);
    dialogue.ends_with("connection-timeout");
}

#[test]
fn a_frame_after_the_deadline_comes_too_late_e5() {
    let mut dialogue = Dialogue::connected();
    dialogue.now_ms += 30_000;
    dialogue.client(OPEN);
    dialogue.server(&open(1));
    dialogue.ends_with("connection-timeout");
}

#[test]
fn a_bound_client_is_not_timed_out() {
    let mut dialogue = Dialogue::bound();
    dialogue.now_ms = u64::MAX;
    dialogue.client("<presence xmlns='jabber:client'/>");
    assert_eq!(dialogue.stanza().name(), "presence");
}

#[test]
fn what_is_no_stanza_ends_a_bound_stream() {
    let cases = [
        ("<message/>", "invalid-namespace"),
        ("<message xmlns='jabber:server'/>", "invalid-namespace"),
        (OPEN, "invalid-namespace"),
        ("<other xmlns='jabber:client'/>", "unsupported-stanza-type"),
        ("<message xmlns='jabber:client'>", "not-well-formed"),
        ("<message xmlns='jabber:client'>&nbsp;</message>", "restricted-xml"),
        ("", "not-well-formed"),
    ];
    for (frame, condition) in cases {
        let mut dialogue = Dialogue::bound();
        dialogue.client(frame);
        dialogue.ends_with(condition);
    }
}

#[test]
fn a_faulty_iq_is_answered_and_the_stream_goes_on() {
    let mut dialogue = Dialogue::bound();
    for attributes in ["type='get'", "id='' type='get'", "id='1'", "id='1' type='ask'"] {
        dialogue.client(&format!("<iq xmlns='jabber:client' {attributes}><ping xmlns='urn:xmpp:ping'/></iq>"));
        dialogue.iq_error("modify", "bad-request");
    }
    dialogue.client("<iq xmlns='jabber:client' id='1' type='get'/>");
    dialogue.iq_error("modify", "bad-request");
    dialogue.client("<iq xmlns='jabber:client' id='1' type='set'><a/><b/></iq>");
    dialogue.iq_error("modify", "bad-request");
    // Errors and results are never answered, not even faulty ones.
    dialogue.client("<iq xmlns='jabber:client' type='error'/>");
    dialogue.client("<iq xmlns='jabber:client' id='1' type='result'><a/><b/></iq>");
    dialogue.client("<iq xmlns='jabber:client' id='1' type='get'><ping xmlns='urn:xmpp:ping'/></iq>");
    assert!(dialogue.stanza().child("ping", "urn:xmpp:ping").is_some());
}

#[test]
fn the_server_can_end_a_stream_for_its_own_reasons() {
    let cases = [
        (StreamCondition::Conflict, "conflict"),
        (StreamCondition::SystemShutdown, "system-shutdown"),
        (StreamCondition::ResourceConstraint, "resource-constraint"),
        (StreamCondition::PolicyViolation, "policy-violation"),
    ];
    for (condition, name) in cases {
        let mut dialogue = Dialogue::bound();
        dialogue.stream.fail(condition, "a reason");
        dialogue.ends_with(name);
    }
    let mut dialogue = Dialogue::bound();
    dialogue.stream.close();
    dialogue.ends();
}

#[test]
fn an_error_reply_turns_the_addresses_and_always_has_a_text() {
    let message = Element::client("message")
        .with_attribute("id", "1")
        .with_attribute("from", "a@x/1")
        .with_attribute("to", "b@x");
    let error = stanza_error(&message, ErrorType::Cancel, Condition::ItemNotFound, "no such user");
    assert_eq!(
        error.expect("a message is answered").to_xml(),
        r#"<message xmlns="jabber:client" type="error" id="1" from="b@x" to="a@x/1"><error type="cancel"><item-not-found xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/><text xmlns="urn:ietf:params:xml:ns:xmpp-stanzas" xml:lang="en">no such user</text></error></message>"#
    );
    for (name, kind) in [("message", "error"), ("iq", "error"), ("iq", "result")] {
        let stanza = Element::client(name).with_attribute("type", kind);
        assert!(stanza_error(&stanza, ErrorType::Wait, Condition::Conflict, "x").is_none());
    }
}

#[test]
fn a_password_is_not_shown_by_debug_a2() {
    let mut dialogue = Dialogue::opened();
    dialogue.client(&auth("\0a1b\0secret"));
    assert!(!format!("{:?}", dialogue.next()).contains("secret"));
}
