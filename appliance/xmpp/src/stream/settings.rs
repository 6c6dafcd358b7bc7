use super::Mechanism;
use crate::xml::Element;

/// What all streams of one listener share.
#[derive(Debug, Clone)]
pub struct StreamSettings {
    /// The XMPP domain served, in lower case. Not always the host's name.
    pub domain: String,
    /// Largest frame accepted.
    pub stanza_limit_bytes: usize,
    /// Offered in this order; what binds to the channel only where the carrier knows it.
    pub mechanisms: Vec<Mechanism>,
    /// Whether they are offered by SASL 2 too, with tokens and what comes inline (XEP-0388).
    pub sasl2: bool,
    /// Whether a stanza may say only of its own client that it is from there; else what it says is overwritten.
    pub checks_from: bool,
    /// What else is offered to who has signed in.
    pub features: Vec<Element>,
    /// Failed attempts after which the stream is closed.
    pub authentication_attempts_max: u8,
    /// Time from the first byte to a bound resource.
    pub authentication_timeout_ms: u64,
    /// How long a session outlives a connection that was lost (XEP-0198).
    pub resumption_life_s: u64,
    /// Time that a client has to acknowledge what it was sent, once it said that it would.
    pub acknowledgement_timeout_ms: u64,
}

impl StreamSettings {
    /// The settings of `/websocket`: PLAIN only (the password is a token of the sign-in session), 5 attempts,
    /// 30 seconds, frames of 256 KiB.
    #[must_use]
    pub fn for_domain(domain: &str) -> Self {
        Self {
            domain: domain.to_ascii_lowercase(),
            stanza_limit_bytes: 256 * 1024,
            mechanisms: vec![Mechanism::Plain],
            sasl2: false,
            checks_from: false,
            features: Vec::new(),
            authentication_attempts_max: 5,
            authentication_timeout_ms: 30_000,
            resumption_life_s: 300,
            acknowledgement_timeout_ms: 60_000,
        }
    }

    /// The same for standard clients: SCRAM-SHA-256 only, with application passwords, and by SASL 2 tokens in their place.
    #[must_use]
    pub fn for_application_passwords(&self) -> Self {
        let mechanisms = vec![Mechanism::ScramSha256Plus, Mechanism::ScramSha256];
        Self { mechanisms, sasl2: true, checks_from: true, ..self.clone() }
    }
}
