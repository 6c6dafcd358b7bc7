//! SCRAM-SHA-256: the example of RFC 7677, and what clients may get wrong.

use super::*;
use crate::dice::Dice;

/// RFC 7677, 3.
const CLIENT_FIRST: &str = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
const SERVER_NONCE: &str = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
const SERVER_FIRST: &str = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
const CLIENT_FINAL: &str = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
    p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
const SIGNATURE: &str = "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

fn signature() -> [u8; 32] {
    STANDARD.decode(SIGNATURE).expect("base64").try_into().expect("32 bytes")
}

fn scram(element: &str, message: impl AsRef<[u8]>) -> String {
    let (sasl, encoded) = (namespace::SASL, STANDARD.encode(message));
    format!("<{element} xmlns='{sasl}' mechanism='SCRAM-SHA-256'>{encoded}</{element}>")
}

impl Dialogue {
    fn asks_for_salt(&mut self, expected: &str) {
        match self.next() {
            Output::FindSalt { username } => assert_eq!(username, expected),
            other => panic!("expected a question for a salt, got {other:?}"),
        }
    }

    fn salts(&mut self) {
        let salt = STANDARD.decode("W22ZaJ0SNY7soEsUEjb6gQ==").expect("base64");
        let salt = Salt { salt, iterations: 4096, nonce: SERVER_NONCE.to_owned() };
        self.stream.handle_salt(&salt, START_MS);
    }

    fn challenged() -> Self {
        let mut dialogue = Self::opened_for_scram();
        dialogue.client(&scram("auth", CLIENT_FIRST));
        dialogue.asks_for_salt("user");
        dialogue.salts();
        let sasl = namespace::SASL;
        dialogue.server(&format!(r#"<challenge xmlns="{sasl}">{}</challenge>"#, STANDARD.encode(SERVER_FIRST)));
        dialogue
    }

    fn asks_to_verify(&mut self) -> Proof {
        match self.next() {
            Output::Verify { username, proof } => {
                assert_eq!(username, "user");
                *proof
            }
            other => panic!("expected a proof to check, got {other:?}"),
        }
    }
}

#[test]
fn the_example_of_rfc_7677_comes_to_a_signed_success_a2() {
    let mut dialogue = Dialogue::challenged();
    dialogue.client(&scram("response", CLIENT_FINAL));
    let proof = dialogue.asks_to_verify();
    let without_proof = CLIENT_FINAL.split(",p=").next().expect("the final message without its proof");
    assert_eq!(proof.message, format!("n=user,r=rOprNGfwEbeRWgbNEkqO,{SERVER_FIRST},{without_proof}"));
    assert_eq!(STANDARD.encode(proof.proof), "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
    dialogue.stream.handle_proof(Ok(signature()), START_MS);
    let (sasl, data) = (namespace::SASL, STANDARD.encode(format!("v={SIGNATURE}")));
    dialogue.server(&format!(r#"<success xmlns="{sasl}">{data}</success>"#));
    dialogue.client(OPEN);
    dialogue.server(&open(2));
    dialogue.server(BINDING);
    dialogue.client(&bind("<resource>phone</resource>"));
    dialogue.asks_to_bind("user@edge.test", Some("phone"));
}

#[test]
fn the_first_message_may_answer_an_empty_challenge() {
    let mut dialogue = Dialogue::opened_for_scram();
    dialogue.client("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-256'/>");
    dialogue.server(r#"<challenge xmlns="urn:ietf:params:xml:ns:xmpp-sasl"/>"#);
    dialogue.client(&scram("response", CLIENT_FIRST));
    dialogue.asks_for_salt("user");
}

#[test]
fn a_client_that_could_bind_channels_and_one_that_repeats_its_name_are_served() {
    for (first, username) in [
        ("y,,n=user,r=abc", "user"),
        ("n,a=user,n=user,r=abc", "user"),
        ("n,a=User@Edge.Test,n=user,r=abc", "user"),
        ("n,,n=USER,r=abc,x=whatever,y=more", "user"),
        ("n,,n=a=3Db=2Cc,r=abc", "a=b,c"),
    ] {
        let mut dialogue = Dialogue::opened_for_scram();
        dialogue.client(&scram("auth", first));
        dialogue.asks_for_salt(username);
    }
}

#[test]
fn each_bad_first_message_is_refused_and_may_be_repeated_a2() {
    let long = format!("n,,n=user,r={}", "x".repeat(257));
    let huge = format!("n,,n=user,r=abc,x={}", "x".repeat(8192));
    let cases = [
        ("", "malformed-request"),
        ("n", "malformed-request"),
        ("n,", "malformed-request"),
        ("n,,", "malformed-request"),
        ("n,,n=user", "malformed-request"),
        ("n,,r=abc,n=user", "malformed-request"),
        ("n,,n=,r=abc", "malformed-request"),
        ("n,,n=user,r=", "malformed-request"),
        ("n,,n=user,r=a b", "malformed-request"),
        ("n,,n=user,r=\u{e9}", "malformed-request"),
        (&long, "malformed-request"),
        (&huge, "malformed-request"),
        // Only what is written as RFC 5802 says.
        ("n,,n=us=er,r=abc", "malformed-request"),
        ("n,,n=user=2,r=abc", "malformed-request"),
        ("n,,n=user=2c,r=abc", "malformed-request"),
        ("n,,n=user\0,r=abc", "malformed-request"),
        // Channel binding was not offered, and no extension must be understood.
        ("p=tls-unique,,n=user,r=abc", "malformed-request"),
        ("q,,n=user,r=abc", "malformed-request"),
        ("n,,m=ext,n=user,r=abc", "malformed-request"),
        ("n,,n=user,r=abc,x", "malformed-request"),
        ("n,,n=user,r=abc,", "malformed-request"),
        ("n,user,n=user,r=abc", "malformed-request"),
        ("n,a=,n=user,r=abc", "malformed-request"),
        // Nobody acts for somebody else, and a name that cannot be is nobody's.
        ("n,a=boss,n=user,r=abc", "invalid-authzid"),
        ("n,a=user@other.test,n=user,r=abc", "invalid-authzid"),
        ("n,,n=user@edge.test,r=abc", "not-authorized"),
    ];
    for (first, condition) in cases {
        let mut dialogue = Dialogue::opened_for_scram();
        // An empty element would ask for an empty challenge: a blank stands for a message of nothing.
        let frame = scram("auth", first).replace("></auth>", "> </auth>");
        dialogue.client(&frame);
        dialogue.sasl_failure(condition);
        dialogue.client(&scram("auth", CLIENT_FIRST));
        dialogue.asks_for_salt("user");
    }
    let mut dialogue = Dialogue::opened_for_scram();
    dialogue.client(&scram("auth", b"n,,n=\xff,r=abc"));
    dialogue.sasl_failure("malformed-request");
    dialogue.client(&format!("<auth xmlns='{}' mechanism='SCRAM-SHA-256'>!!!</auth>", namespace::SASL));
    dialogue.sasl_failure("incorrect-encoding");
}

#[test]
fn each_bad_final_message_is_refused_and_ends_the_exchange_a2() {
    let swap = |from: &str, to: &str| CLIENT_FINAL.replace(from, to);
    let cases = [
        (String::new(), "malformed-request"),
        (swap(",p=", ",q="), "malformed-request"),
        (swap("p=dHzb", "p=dHz"), "malformed-request"),
        (swap("p=dHzbZapW", "p="), "malformed-request"),
        (swap("c=biws,", ""), "malformed-request"),
        (swap(",p=", ",x,p="), "malformed-request"),
        // The header that is signed is not the one that was sent: somebody changed it on the way.
        (swap("c=biws", "c=eSws"), "not-authorized"),
        (swap("c=biws", "c=biwsAA=="), "not-authorized"),
        // A proof from another exchange.
        (swap("hNlF$k0", "hNlF$k1"), "not-authorized"),
        (swap("rOprNGfwEbeRWgbNEkqO%hv", "rOprNGfwEbeRWgbNEkqO"), "not-authorized"),
    ];
    for (last, condition) in cases {
        let mut dialogue = Dialogue::challenged();
        dialogue.client(&scram("response", last));
        dialogue.sasl_failure(condition);
        dialogue.client(&scram("response", CLIENT_FINAL));
        dialogue.sasl_failure("malformed-request");
    }
    let mut dialogue = Dialogue::challenged();
    dialogue.client("<abort xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
    dialogue.sasl_failure("aborted");
}

#[test]
fn wrong_proofs_end_the_stream_at_the_fifth_a5() {
    let mut dialogue = Dialogue::opened_for_scram();
    for attempt in 1..=5 {
        dialogue.client(&scram("auth", CLIENT_FIRST));
        dialogue.asks_for_salt("user");
        dialogue.salts();
        assert!(matches!(dialogue.next(), Output::Send(_)), "the challenge");
        dialogue.client(&scram("response", CLIENT_FINAL));
        dialogue.asks_to_verify();
        dialogue.stream.handle_proof(Err(AuthenticationRefusal::NotAuthorized), START_MS);
        dialogue.sasl_failure("not-authorized");
        assert_eq!(dialogue.stream.is_closed(), attempt == 5);
    }
    dialogue.ends_with("policy-violation");
}

#[test]
fn each_endpoint_knows_its_own_mechanism_only_a2() {
    let mut dialogue = Dialogue::opened_for_scram();
    dialogue.client(&auth("\0user\0secret"));
    dialogue.sasl_failure("invalid-mechanism");
    dialogue.client(&scram("auth", CLIENT_FIRST).replace("SHA-256", "SHA-256-PLUS"));
    dialogue.sasl_failure("invalid-mechanism");
    let mut dialogue = Dialogue::opened();
    dialogue.client(&scram("auth", CLIENT_FIRST));
    dialogue.sasl_failure("invalid-mechanism");
}

#[test]
fn answers_to_another_question_let_nobody_in_a2() {
    let mut dialogue = Dialogue::opened_for_scram();
    dialogue.salts();
    dialogue.stream.handle_proof(Ok(signature()), START_MS);
    dialogue.silence();
    dialogue.client(&scram("auth", CLIENT_FIRST));
    dialogue.asks_for_salt("user");
    dialogue.stream.handle_proof(Ok(signature()), START_MS);
    dialogue.stream.handle_authentication(Ok(()), START_MS);
    dialogue.silence();
    dialogue.salts();
    assert!(matches!(dialogue.next(), Output::Send(_)), "the challenge");
    dialogue.client(&scram("response", CLIENT_FINAL));
    dialogue.asks_to_verify();
    dialogue.stream.handle_authentication(Ok(()), START_MS);
    dialogue.salts();
    dialogue.silence();
    dialogue.client(&scram("response", CLIENT_FINAL));
    dialogue.ends_with("policy-violation");
    dialogue.stream.handle_proof(Ok(signature()), START_MS);
    dialogue.silence();
}

#[test]
fn a_client_that_never_proves_anything_is_cut_after_thirty_seconds_e5() {
    let mut dialogue = Dialogue::challenged();
    dialogue.stream.handle_timeout(START_MS + 30_000);
    dialogue.ends_with("connection-timeout");
}

#[test]
fn mutated_messages_are_answered_or_asked_about_and_never_let_anybody_in_e1() {
    let mut dice = Dice::new(7677);
    let mut asked = 0;
    for _ in 0..20_000 {
        let of_first = dice.below(2) == 0;
        let mut message = if of_first { CLIENT_FIRST } else { CLIENT_FINAL }.as_bytes().to_vec();
        for _ in 0..=dice.below(3) {
            let at = dice.below(message.len());
            match dice.below(3) {
                0 => drop(message.remove(at)),
                1 => message.insert(at, *dice.pick(&[b",", b"=", b"p", b"\0", b"\xff", b"n"]).first().expect("one")),
                _ => message[at] = u8::try_from(dice.below(256)).expect("a byte"),
            }
        }
        let mut dialogue = if of_first { Dialogue::opened_for_scram() } else { Dialogue::challenged() };
        dialogue.client(&scram(if of_first { "auth" } else { "response" }, &message));
        match dialogue.next() {
            Output::Send(frame) => assert!(frame.contains("<failure"), "{frame}"),
            Output::FindSalt { .. } | Output::Verify { .. } => asked += 1,
            other => panic!("{message:?}: {other:?}"),
        }
    }
    assert!((1000..19_000).contains(&asked), "{asked}");
}

const BINDING_VALUE: [u8; 32] = [7; 32];

impl Dialogue {
    /// Where TLS can be bound to.
    fn opened_for_binding() -> Self {
        let settings = Arc::new(StreamSettings::for_domain("edge.test").for_application_passwords());
        let carrier = Carrier { framing: Framing::Message, binding: Some(ChannelBinding(BINDING_VALUE)) };
        let mut dialogue = Self { stream: Stream::new(settings, carrier, "s1".to_owned(), START_MS), now_ms: START_MS };
        dialogue.client(OPEN);
        dialogue.server(&open(1));
        let mechanisms = "<mechanism>SCRAM-SHA-256-PLUS</mechanism><mechanism>SCRAM-SHA-256</mechanism>";
        let offered = format!(
            r#"{mechanisms}</mechanisms><authentication xmlns="urn:xmpp:sasl:2">{mechanisms}<inline><sm xmlns="urn:xmpp:sm:3"/><bind xmlns="urn:xmpp:bind:0"><inline><feature var="urn:xmpp:carbons:2"/><feature var="urn:xmpp:csi:0"/><feature var="urn:xmpp:sm:3"/></inline></bind><fast xmlns="urn:xmpp:fast:0"><mechanism>HT-SHA-256-EXPR</mechanism><mechanism>HT-SHA-256-NONE</mechanism></fast></inline></authentication><sasl-channel-binding xmlns="urn:xmpp:sasl-cb:0"><channel-binding type="tls-exporter"/></sasl-channel-binding>"#
        );
        dialogue.server(&MECHANISMS.replace("<mechanism>PLAIN</mechanism></mechanisms>", &offered));
        dialogue
    }
}

fn plus(message: impl AsRef<[u8]>) -> String {
    scram("auth", message).replace("SCRAM-SHA-256", "SCRAM-SHA-256-PLUS")
}

#[test]
fn a_proof_by_plus_names_the_channel_that_both_see_e2() {
    for (value, is_right) in [(&BINDING_VALUE[..], true), (&[8; 32][..], false), (&[][..], false)] {
        let mut dialogue = Dialogue::opened_for_binding();
        dialogue.client(&plus("p=tls-exporter,,n=user,r=rOprNGfwEbeRWgbNEkqO"));
        dialogue.asks_for_salt("user");
        dialogue.salts();
        assert!(matches!(dialogue.next(), Output::Send(challenge) if challenge.starts_with("<challenge ")));
        let seen = STANDARD.encode([b"p=tls-exporter,,", value].concat());
        dialogue.client(&scram("response", CLIENT_FINAL.replace("biws", &seen)));
        if is_right {
            dialogue.asks_to_verify();
        } else {
            dialogue.sasl_failure("not-authorized");
        }
    }
}

#[test]
fn a_client_that_missed_the_offer_of_binding_is_refused_e2() {
    let mut dialogue = Dialogue::opened_for_binding();
    dialogue.client(&scram("auth", "y,,n=user,r=abc"));
    dialogue.sasl_failure("not-authorized");
    dialogue.client(&scram("auth", "p=tls-exporter,,n=user,r=abc"));
    dialogue.sasl_failure("malformed-request");
    dialogue.client(&plus("n,,n=user,r=abc"));
    dialogue.sasl_failure("malformed-request");
    dialogue.client(&plus("p=tls-unique,,n=user,r=abc"));
    dialogue.sasl_failure("malformed-request");
    let mut unbound = Dialogue::opened_for_scram();
    unbound.client(&plus("p=tls-exporter,,n=user,r=abc"));
    unbound.sasl_failure("invalid-mechanism");
}
