//! SASL 2 without IO: what is asked for inline is done in its order, and told in one answer (XEP-0388, XEP-0386, XEP-0484).

use super::*;

const FEATURES: &str = r#"<stream:features xmlns:stream="http://etherx.jabber.org/streams">"#;
const AGENT: &str = "<user-agent id='d4565fa7-4d72-4749-b3d3-740edbf87770'/>";
const BIND: &str = "<bind xmlns='urn:xmpp:bind:0'><tag>Phone</tag><enable xmlns='urn:xmpp:carbons:2'/>\
    <enable xmlns='urn:xmpp:sm:3' resume='1' max='60'/><inactive xmlns='urn:xmpp:csi:0'/></bind>";
const RESUME: &str = "<resume xmlns='urn:xmpp:sm:3' previd='t' h='1'/>";
const REQUEST: &str = "<request-token xmlns='urn:xmpp:fast:0' mechanism='HT-SHA-256-NONE'/>";
/// Of the installation's id.
const RESOURCE: &str = "Phone.e1b3062182d29a28";

fn authenticate(mechanism: &str, message: &[u8], asked: &str) -> String {
    let first = STANDARD.encode(message);
    format!(
        "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='{mechanism}'>\
         <initial-response>{first}</initial-response>{asked}</authenticate>"
    )
}

fn shown(hash: &[u8]) -> Vec<u8> {
    [b"a1b\0", hash].concat()
}

fn full() -> FullJid {
    FullJid::parse(&format!("a1b@edge.test/{RESOURCE}")).expect("a full JID")
}

impl Dialogue {
    fn offered_sasl_2() -> Self {
        let mut settings = StreamSettings::for_domain("edge.test");
        settings.sasl2 = true;
        let stream = Stream::new(Arc::new(settings), Carrier::default(), "s1".to_owned(), START_MS);
        let mut dialogue = Self { stream, now_ms: START_MS };
        dialogue.client(OPEN);
        dialogue.server(&open(1));
        dialogue.server(&format!(
            "{FEATURES}{}{}</stream:features>",
            r#"<mechanisms xmlns="urn:ietf:params:xml:ns:xmpp-sasl"><mechanism>PLAIN</mechanism></mechanisms>"#,
            r#"<authentication xmlns="urn:xmpp:sasl:2"><mechanism>PLAIN</mechanism><inline><sm xmlns="urn:xmpp:sm:3"/><bind xmlns="urn:xmpp:bind:0"><inline><feature var="urn:xmpp:carbons:2"/><feature var="urn:xmpp:csi:0"/><feature var="urn:xmpp:sm:3"/></inline></bind><fast xmlns="urn:xmpp:fast:0"><mechanism>HT-SHA-256-NONE</mechanism></fast></inline></authentication>"#,
        ));
        dialogue
    }

    fn asks(&mut self, asked: &str) {
        self.client(&authenticate("PLAIN", b"\0a1b\0secret", asked));
        self.asks_for_password("a1b", "secret");
    }

    fn shows_token(&mut self, asked: &str) {
        self.client(&authenticate("HT-SHA-256-NONE", &shown(&[1; 32]), asked));
    }

    fn asks_for_token(&mut self, due: bool) {
        let Output::VerifyToken { username, proof } = self.next() else { panic!("a token is checked") };
        assert_eq!((username.as_str(), proof.mechanism), ("a1b", TokenMechanism::Unbound));
        self.stream.handle_token_proof(proof.mechanism, Ok(([7; 32], due)), START_MS);
    }

    fn makes_token(&mut self) {
        assert!(matches!(self.next(), Output::MakeToken { mechanism: TokenMechanism::Unbound, .. }));
        let token = zeroize::Zeroizing::new("secret".to_owned());
        self.stream.handle_made_token(Some(&Token { token, expiry: "2030-01-01T00:00:00Z".to_owned() }));
    }

    fn binds_inline(&mut self) {
        match self.next() {
            Output::Bind { resource, prefix: None, copies: true, .. } => {
                assert_eq!(resource.as_deref(), Some(RESOURCE))
            }
            other => panic!("expected a resource with copies, got {other:?}"),
        }
        self.stream.handle_bound(Ok(full()));
        assert!(matches!(self.next(), Output::Enable { life_s: Some(60) }));
        self.stream.handle_enabled(Some(Ticket { id: "t2".to_owned(), life_s: 60 }));
    }

    fn failure_2(&mut self, condition: &str) {
        let sasl = namespace::SASL;
        self.server(&format!(r#"<failure xmlns="urn:xmpp:sasl:2"><{condition} xmlns="{sasl}"/></failure>"#));
    }
}

#[test]
fn everything_is_done_in_order_and_told_at_once_xep_0386() {
    let mut dialogue = Dialogue::offered_sasl_2();
    dialogue.asks(&format!("{BIND}{RESUME}{REQUEST}{AGENT}"));
    dialogue.silence();
    dialogue.stream.handle_authentication(Ok(()), START_MS);
    dialogue.makes_token();
    assert!(matches!(dialogue.next(), Output::Resume { previd } if previd == "t"));
    dialogue.stream.handle_resumed(Err(Some(3)));
    dialogue.binds_inline();
    dialogue.server(&format!(
        "{}<authorization-identifier>a1b@edge.test/{RESOURCE}</authorization-identifier>{}{}{}</success>",
        r#"<success xmlns="urn:xmpp:sasl:2">"#,
        r#"<token xmlns="urn:xmpp:fast:0" expiry="2030-01-01T00:00:00Z" token="secret"/>"#,
        r#"<failed xmlns="urn:xmpp:sm:3" h="3"><item-not-found xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></failed>"#,
        r#"<bound xmlns="urn:xmpp:bind:0"><enabled xmlns="urn:xmpp:sm:3" id="t2" resume="true" max="60"/></bound>"#,
    ));
    dialogue.server(&format!("{FEATURES}<csi xmlns=\"urn:xmpp:csi:0\"/></stream:features>"));
    dialogue.silence();
    assert!(dialogue.stream.is_inactive());
    dialogue.client("<presence xmlns='jabber:client'/>");
    dialogue.stanza();
    dialogue.client(OPEN);
    dialogue.ends_with("invalid-namespace");
}

#[test]
fn a_resumed_session_binds_nothing_and_repeats_what_was_lost_after_the_features_c1() {
    let mut dialogue = Dialogue::offered_sasl_2();
    dialogue.shows_token(&format!("{AGENT}{BIND}{RESUME}<fast xmlns='urn:xmpp:fast:0'/>"));
    dialogue.asks_for_token(false);
    assert!(matches!(dialogue.next(), Output::Resume { .. }));
    let mut lost = Dialogue::bound();
    lost.client("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
    lost.next();
    lost.stream.handle_enabled(Some(Ticket { id: "t".to_owned(), life_s: 60 }));
    for id in ["1", "2"] {
        lost.stream.deliver(&Element::client("message").with_attribute("id", id), None);
    }
    let management = lost.stream.take_management().expect("it was enabled");
    dialogue.stream.handle_resumed(Ok((full(), management)));
    dialogue.server(&format!(
        "{}<additional-data>{}</additional-data><authorization-identifier>a1b@edge.test/{RESOURCE}</authorization-identifier>{}</success>",
        r#"<success xmlns="urn:xmpp:sasl:2">"#,
        STANDARD.encode([7; 32]),
        r#"<resumed xmlns="urn:xmpp:sm:3" previd="t" h="0"/>"#,
    ));
    dialogue.server(&format!("{FEATURES}<csi xmlns=\"urn:xmpp:csi:0\"/></stream:features>"));
    dialogue.server(r#"<message xmlns="jabber:client" id="2"/>"#);
    dialogue.silence();
}

#[test]
fn a_token_that_is_due_is_replaced_unasked_a11() {
    let mut dialogue = Dialogue::offered_sasl_2();
    dialogue.shows_token(&format!("{AGENT}<fast xmlns='urn:xmpp:fast:0' count='3'/>"));
    dialogue.asks_for_token(true);
    dialogue.makes_token();
    let Output::Send(success) = dialogue.next() else { panic!("a success") };
    assert!(success.contains("token=\"secret\""), "{success}");
    let Output::Send(features) = dialogue.next() else { panic!("features") };
    assert!(features.contains("urn:ietf:params:xml:ns:xmpp-bind"), "nothing is bound yet: {features}");
}

#[test]
fn refusals_are_told_in_the_profile_of_the_attempt_and_nothing_asked_for_is_done_a2() {
    let mut dialogue = Dialogue::offered_sasl_2();
    dialogue.asks(&format!("{BIND}{REQUEST}{AGENT}"));
    dialogue.stream.handle_authentication(Err(AuthenticationRefusal::NotAuthorized), START_MS);
    dialogue.failure_2("not-authorized");
    dialogue.shows_token(&format!("{AGENT}<fast xmlns='urn:xmpp:fast:0'/>"));
    let Output::VerifyToken { proof, .. } = dialogue.next() else { panic!("a token is checked") };
    dialogue.stream.handle_token_proof(proof.mechanism, Err(AuthenticationRefusal::Expired), START_MS);
    dialogue.failure_2("credentials-expired");
    dialogue.client("<abort xmlns='urn:xmpp:sasl:2'/>");
    dialogue.failure_2("aborted");
    dialogue.client("<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
    dialogue.sasl_failure("malformed-request");
    dialogue.client("<next xmlns='urn:xmpp:sasl:2' task='x'/>");
    dialogue.failure_2("malformed-request");
    dialogue.ends_with("policy-violation");
}

#[test]
fn what_is_no_token_is_refused_before_anybody_is_asked_e5() {
    let fast = "<fast xmlns='urn:xmpp:fast:0'/>";
    let agent_of = |length: usize| format!("<user-agent id='{}'/>{fast}", "a".repeat(length));
    for (message, asked, condition) in [
        (shown(&[1; 32]), AGENT.to_owned(), "malformed-request"),
        (shown(&[1; 32]), fast.to_owned(), "malformed-request"),
        (shown(&[1; 32]), agent_of(65), "malformed-request"),
        (shown(&[1; 32]), format!("{AGENT}<fast xmlns='urn:xmpp:fast:0' count='-1'/>"), "malformed-request"),
        (shown(&[1; 31]), agent_of(64), "malformed-request"),
        (shown(&[1; 33]), agent_of(64), "malformed-request"),
        (b"a1b".to_vec(), agent_of(1), "malformed-request"),
        (vec![0; 5000], agent_of(1), "malformed-request"),
        ([b"\xff\0".as_slice(), &[1; 32]].concat(), agent_of(1), "malformed-request"),
        ([b"@\0".as_slice(), &[1; 32]].concat(), agent_of(1), "not-authorized"),
    ] {
        let mut dialogue = Dialogue::offered_sasl_2();
        dialogue.client(&authenticate("HT-SHA-256-NONE", &message, &asked));
        dialogue.failure_2(condition);
    }
    let mut dialogue = Dialogue::offered_sasl_2();
    dialogue.client(&authenticate("HT-SHA-256-EXPR", &shown(&[1; 32]), &agent_of(1)));
    dialogue.failure_2("invalid-mechanism");
}

#[test]
fn who_does_not_know_sasl_2_is_not_heard_in_it() {
    let mut dialogue = Dialogue::opened();
    dialogue.client(&authenticate("PLAIN", b"\0a1b\0secret", ""));
    dialogue.ends_with("invalid-namespace");
}
