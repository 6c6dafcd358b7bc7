//! SASL: PLAIN and SCRAM as a client may write them. What the box checks is what the client wrote, and nothing is checked
//! that was not written as RFC 4616 and RFC 5802 have it.
//!
//! The first byte of the input chooses the mechanism; the rest is the first message up to the first line feed, and the
//! final one behind it, in which `NONCE` stands for the nonces of both.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::sync::Arc;
use xmpp::stream::{AuthenticationRefusal, Carrier, ChannelBinding, Framing, Output, Salt, Stream, StreamSettings};
use xmpp::xml::{Element, namespace};

const OPEN: &str = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='edge.test' version='1.0'/>";
const MECHANISMS: [&str; 3] = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"];
const SERVER_NONCE: &str = "3rfcNHYJY1ZVvWVs7j";
const ATTEMPTS_MAX: usize = 5;

pub(crate) fn run(input: &[u8]) {
    let Some((choice, rest)) = input.split_first() else { return };
    let mechanism = MECHANISMS[usize::from(*choice) % MECHANISMS.len()];
    let (first, last) = match rest.iter().position(|byte| *byte == b'\n') {
        Some(at) => (&rest[..at], &rest[at + 1..]),
        None => (rest, &rest[rest.len()..]),
    };
    if first.is_empty() {
        return;
    }
    let mut stream = opened(mechanism);
    for attempt in 1..=ATTEMPTS_MAX {
        let auth = Element::new("auth", namespace::SASL).with_attribute("mechanism", mechanism);
        let outcome = exchange(&mut stream, auth.with_text(&STANDARD.encode(first)), mechanism, (first, last));
        assert!(outcome == Outcome::Refused, "nothing here is right");
        assert_eq!(stream.is_closed(), attempt == ATTEMPTS_MAX, "guesses are counted");
    }
}

#[derive(PartialEq)]
enum Outcome {
    Refused,
    Accepted,
}

fn opened(mechanism: &str) -> Stream {
    let settings = StreamSettings::for_domain("edge.test");
    let settings = if mechanism == "PLAIN" { settings } else { settings.for_application_passwords() };
    let carrier = Carrier { framing: Framing::Message, binding: Some(ChannelBinding([9; 32])) };
    let mut stream = Stream::new(Arc::new(settings), carrier, String::from("stream"), 0);
    stream.handle_frame(OPEN, 0);
    while stream.poll_output().is_some() {}
    stream
}

/// One attempt; whatever is asked is answered with no.
fn exchange(stream: &mut Stream, auth: Element, mechanism: &str, (first, last): (&[u8], &[u8])) -> Outcome {
    stream.handle_frame(&auth.to_xml(), 0);
    let mut outcome = None;
    while let Some(output) = stream.poll_output() {
        match output {
            Output::Send(frame) if frame.starts_with("<challenge") => {
                let text = crate::text(first).expect("who is challenged wrote text");
                let client_nonce = text.split(",r=").nth(1).and_then(|rest| rest.split(',').next()).unwrap_or_default();
                let last = String::from_utf8_lossy(last).replace("NONCE", &format!("{client_nonce}{SERVER_NONCE}"));
                let answer = Element::new("response", namespace::SASL).with_text(&STANDARD.encode(&last));
                stream.handle_frame(&answer.to_xml(), 0);
            }
            Output::Send(frame) if frame.starts_with("<failure") => outcome = Some(Outcome::Refused),
            Output::Send(frame) if frame.starts_with("<success") => outcome = Some(Outcome::Accepted),
            Output::Authenticate { username, password } => {
                let parts: Vec<&[u8]> = first.split(|byte| *byte == 0).collect();
                let [authzid, authcid, shown] = parts.as_slice() else { panic!("three parts, not {parts:?}") };
                assert_eq!(mechanism, "PLAIN");
                assert_eq!(
                    (username.as_bytes(), password.reveal().as_bytes()),
                    (authcid.to_ascii_lowercase().as_slice(), *shown)
                );
                assert!(authzid.is_empty() || authzid.to_ascii_lowercase().starts_with(&authcid.to_ascii_lowercase()));
                stream.handle_authentication(Err(AuthenticationRefusal::NotAuthorized), 0);
            }
            Output::FindSalt { username } => {
                let text = crate::text(first).expect("what was read is text");
                let written = username.replace('=', "=3D").replace(',', "=2C");
                assert!(
                    text.to_ascii_lowercase().contains(&format!("n={}", written.to_ascii_lowercase())),
                    "{text}: {username}"
                );
                let salt = Salt { salt: vec![5; 16], iterations: 4096, nonce: SERVER_NONCE.to_owned() };
                stream.handle_salt(&salt, 0);
            }
            Output::Verify { proof, .. } => {
                let text = crate::text(first).expect("what was read is text");
                let bare = text.splitn(3, ',').nth(2).expect("behind the header");
                assert!(proof.message.starts_with(&format!("{bare},r=")), "{}: {bare}", proof.message);
                assert!(proof.message.matches(SERVER_NONCE).count() >= 2, "{}", proof.message);
                stream.handle_proof(Err(AuthenticationRefusal::NotAuthorized), 0);
            }
            _ => {}
        }
    }
    outcome.unwrap_or(Outcome::Refused)
}
