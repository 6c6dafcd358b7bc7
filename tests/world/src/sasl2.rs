//! SASL 2 as a client speaks it, with what it asks for in the same message (XEP-0388, XEP-0386, XEP-0484), written from the
//! XEPs and not from the server.

use crate::stanza::{bare, ns};
use crate::{Device, Element, scram};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

impl Device {
    /// Signs in with an application password and asks for all of this; the last answer.
    pub async fn prove_inline(&mut self, local: &str, password: &str, asked: &str) -> Element {
        let first = STANDARD.encode(scram::first(scram::UNBOUND, local));
        let answer = self.authenticate_inline("SCRAM-SHA-256", &first, asked).await;
        if answer.name != "challenge" {
            return answer;
        }
        let text = STANDARD.decode(&answer.text).expect("base64 in <challenge/>");
        let (last, signature) = scram::Challenge::read(&String::from_utf8_lossy(&text)).answer(local, password);
        self.send(&format!("<response xmlns='{}'>{}</response>", ns::SASL_2, STANDARD.encode(last))).await;
        let answer = self.expect_sasl_2().await;
        if answer.name == "success" {
            assert_eq!(String::from_utf8_lossy(&data(&answer)), signature, "the server knows the password too");
        }
        answer
    }

    /// Shows a token by this mechanism, bound to a channel of which the client knows this; the answer.
    pub async fn show_token(
        &mut self,
        (mechanism, channel): (&str, &[u8]),
        local: &str,
        token: &str,
        asked: &str,
    ) -> Element {
        let key = hmac::Key::new(hmac::HMAC_SHA256, token.as_bytes());
        let said = |who: &str| hmac::sign(&key, &[who.as_bytes(), channel].concat()).as_ref().to_vec();
        let message = STANDARD.encode([local.as_bytes(), b"\0", &said("Initiator")].concat());
        let answer = self.authenticate_inline(mechanism, &message, asked).await;
        if answer.name == "success" {
            assert_eq!(data(&answer), said("Responder"), "the server has the token too");
        }
        answer
    }

    /// One `<authenticate/>` with this first message, and what answers it.
    pub async fn authenticate_inline(&mut self, mechanism: &str, message: &str, asked: &str) -> Element {
        let sasl = ns::SASL_2;
        let first = format!("<initial-response>{message}</initial-response>");
        self.send(&format!("<authenticate xmlns='{sasl}' mechanism='{mechanism}'>{first}{asked}</authenticate>")).await;
        self.expect_sasl_2().await
    }

    async fn expect_sasl_2(&mut self) -> Element {
        let answer = self.expect("an answer of SASL 2", |e| e.xmlns == ns::SASL_2).await;
        if let Some(identity) = answer.child("authorization-identifier", ns::SASL_2) {
            assert!(!bare(&identity.text).is_empty(), "{answer:?}");
            self.jid.clone_from(&identity.text);
        }
        answer
    }
}

fn data(success: &Element) -> Vec<u8> {
    let data = success.child("additional-data", ns::SASL_2).unwrap_or_else(|| panic!("what proves it: {success:?}"));
    STANDARD.decode(&data.text).expect("base64")
}
