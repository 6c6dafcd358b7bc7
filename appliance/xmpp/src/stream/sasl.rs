//! SASL (RFC 6120, 6) and the mechanism PLAIN (RFC 4616).

use crate::jid::{BareJid, Jid};
use crate::xml::{Element, namespace};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// A way to authenticate that the server offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mechanism {
    Plain,
    ScramSha256,
    /// Bound to its channel.
    ScramSha256Plus,
}

impl Mechanism {
    /// The registered name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::ScramSha256 => "SCRAM-SHA-256",
            Self::ScramSha256Plus => "SCRAM-SHA-256-PLUS",
        }
    }

    /// Whether it binds to the channel.
    pub(super) fn binds(self) -> bool {
        self == Self::ScramSha256Plus
    }
}

/// Why an attempt failed (RFC 6120, 6.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SaslCondition {
    Aborted,
    AccountDisabled,
    CredentialsExpired,
    IncorrectEncoding,
    InvalidAuthzid,
    InvalidMechanism,
    MalformedRequest,
    NotAuthorized,
    TemporaryAuthFailure,
}

impl SaslCondition {
    fn element_name(self) -> &'static str {
        match self {
            Self::Aborted => "aborted",
            Self::AccountDisabled => "account-disabled",
            Self::CredentialsExpired => "credentials-expired",
            Self::IncorrectEncoding => "incorrect-encoding",
            Self::InvalidAuthzid => "invalid-authzid",
            Self::InvalidMechanism => "invalid-mechanism",
            Self::MalformedRequest => "malformed-request",
            Self::NotAuthorized => "not-authorized",
            Self::TemporaryAuthFailure => "temporary-auth-failure",
        }
    }

    /// In the profile of this namespace; the condition itself has the old one in both (XEP-0388, 2.6.2).
    pub(super) fn to_element(self, profile: &'static str) -> Element {
        Element::new("failure", profile).with_child(Element::new(self.element_name(), namespace::SASL))
    }
}

/// What a PLAIN message claims.
pub(super) struct Credentials {
    pub(super) jid: BareJid,
    pub(super) password: Zeroizing<String>,
}

/// Reads `authzid NUL authcid NUL password` in base64. The authcid is a local part of `domain`.
pub(super) fn plain(encoded: &str, domain: &str) -> Result<Credentials, SaslCondition> {
    let message = STANDARD.decode(encoded.trim()).map(Zeroizing::new).map_err(|_| SaslCondition::IncorrectEncoding)?;
    let text = std::str::from_utf8(&message).map_err(|_| SaslCondition::MalformedRequest)?;
    let mut parts = text.split('\0');
    let (Some(authzid), Some(authcid), Some(password), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(SaslCondition::MalformedRequest);
    };
    if authcid.is_empty() || password.is_empty() {
        return Err(SaslCondition::MalformedRequest);
    }
    // A name that cannot exist is answered like one that does not.
    let jid = Jid::from_parts(Some(authcid), domain, None).map_err(|_| SaslCondition::NotAuthorized)?.to_bare();
    if !is_own(authzid, authcid, &jid) {
        return Err(SaslCondition::InvalidAuthzid);
    }
    Ok(Credentials { jid, password: Zeroizing::new(password.to_owned()) })
}

/// Acting for somebody else is not offered: an authzid only repeats who one is.
pub(super) fn is_own(authzid: &str, authcid: &str, jid: &BareJid) -> bool {
    authzid.is_empty() || authzid == authcid || BareJid::parse(authzid).is_ok_and(|claimed| claimed == *jid)
}
