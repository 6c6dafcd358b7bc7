//! Tokens in place of a password (XEP-0484), shown by the HT mechanisms (draft-schmaus-kitten-sasl-ht-09): one message, and
//! what answers it. Whoever owns the stream knows the tokens.

use super::sasl::SaslCondition;
use super::{ChannelBinding, Output, Phase, Stream};
use crate::jid::{BareJid, Jid};
use crate::xml::{Element, namespace as ns};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Longest message of a client, in base64.
const MESSAGE_LENGTH_MAX: usize = 4 * 1024;

/// How a token is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenMechanism {
    /// Bound to the channel.
    Exporter,
    /// By clients that cannot see their TLS.
    Unbound,
}

impl TokenMechanism {
    /// The strongest first.
    const ALL: [Self; 2] = [Self::Exporter, Self::Unbound];

    /// The registered name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Exporter => "HT-SHA-256-EXPR",
            Self::Unbound => "HT-SHA-256-NONE",
        }
    }
}

/// What a client shows to prove that it has a token.
#[derive(Debug, Clone)]
pub struct TokenProof {
    /// What it calls its installation.
    pub agent: String,
    /// How it shows it.
    pub mechanism: TokenMechanism,
    /// What both must have seen of the channel; empty where the mechanism does not bind to it.
    pub channel: Vec<u8>,
    /// The hash that only the token makes of it.
    pub hash: [u8; 32],
    /// How often the client has shown the token, if it counts.
    pub count: Option<u32>,
    /// The client will not show it again.
    pub invalidate: bool,
}

/// A token for the client.
pub struct Token {
    /// The token itself.
    pub token: zeroize::Zeroizing<String>,
    /// Its last moment, as XEP-0082 writes it.
    pub expiry: String,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Token").field("expiry", &self.expiry).finish_non_exhaustive()
    }
}

impl Token {
    pub(super) fn to_element(&self) -> Element {
        Element::new("token", ns::FAST)
            .with_attribute("expiry", self.expiry.as_str())
            .with_attribute("token", self.token.as_str())
    }
}

impl Stream {
    /// The ways to show a token that the carrier knows.
    pub(super) fn token_mechanisms(&self) -> impl Iterator<Item = TokenMechanism> + use<> {
        let can_bind = self.carrier.binding.is_some();
        TokenMechanism::ALL.into_iter().filter(move |mechanism| can_bind || *mechanism == TokenMechanism::Unbound)
    }

    /// A first and only message by one of them; `asked`: the `<authenticate/>` that it came with.
    pub(super) fn handle_token(&mut self, mechanism: TokenMechanism, asked: &Element) {
        match self.read_token(mechanism, asked) {
            Err(condition) => self.refuse_attempt(condition),
            Ok((account, proof)) => {
                let username = account.local().unwrap_or_default().to_owned();
                self.phase = Phase::Verifying(account);
                self.outputs.push_back(Output::VerifyToken { username, proof: Box::new(proof) });
            }
        }
    }

    fn read_token(&self, mechanism: TokenMechanism, asked: &Element) -> Result<(BareJid, TokenProof), SaslCondition> {
        let malformed = || SaslCondition::MalformedRequest;
        let fast = asked.child("fast", ns::FAST).ok_or_else(malformed)?;
        let agent = super::sasl2::agent(asked).ok_or_else(malformed)?;
        let count = fast.attribute("count").map(|count| count.parse::<u32>().map_err(|_| malformed())).transpose()?;
        let invalidate = matches!(fast.attribute("invalidate"), Some("true" | "1"));
        let message = asked.child_text("initial-response", ns::SASL_2).ok_or_else(malformed)?;
        let (account, hash) = read(&message, &self.settings.domain)?;
        let channel = match (mechanism, self.carrier.binding) {
            (TokenMechanism::Exporter, Some(ChannelBinding(value))) => value.to_vec(),
            _ => Vec::new(),
        };
        Ok((account, TokenProof { agent, mechanism, channel, hash, count, invalidate }))
    }
}

/// Reads `authcid NUL hash`. The authcid is a local part of `domain`.
fn read(encoded: &str, domain: &str) -> Result<(BareJid, [u8; 32]), SaslCondition> {
    let encoded = encoded.trim();
    if encoded.len() > MESSAGE_LENGTH_MAX {
        return Err(SaslCondition::MalformedRequest);
    }
    let message = STANDARD.decode(encoded).map_err(|_| SaslCondition::IncorrectEncoding)?;
    let end = message.iter().position(|byte| *byte == 0).ok_or(SaslCondition::MalformedRequest)?;
    let (username, hash) = (message.get(..end).unwrap_or_default(), message.get(end + 1..).unwrap_or_default());
    let username = std::str::from_utf8(username).map_err(|_| SaslCondition::MalformedRequest)?;
    let hash = <[u8; 32]>::try_from(hash).map_err(|_| SaslCondition::MalformedRequest)?;
    // A name that cannot exist is answered like one that does not.
    let jid = Jid::from_parts(Some(username), domain, None).map_err(|_| SaslCondition::NotAuthorized)?.to_bare();
    Ok((jid, hash))
}
