//! SCRAM-SHA-256 as a server speaks it (RFC 5802, 5 to 7; RFC 7677), with and without channel binding: the messages,
//! read and written. Whoever owns the stream knows the keys.

use super::ChannelBinding;
use super::sasl::{SaslCondition, is_own};
use crate::jid::{BareJid, Jid};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Longest message of a client, in base64.
const MESSAGE_LENGTH_MAX: usize = 8 * 1024;
/// Longest nonce of a client.
const NONCE_LENGTH_MAX: usize = 256;

/// What the server adds to an exchange.
#[derive(Debug, Clone)]
pub struct Salt {
    /// The salt of all passwords that this user may prove.
    pub salt: Vec<u8>,
    /// Iterations of PBKDF2, 4096 or more.
    pub iterations: u32,
    /// The server's part of the nonce: fresh, not to be guessed, printable and without comma.
    pub nonce: String,
}

/// What a client shows to prove that it knows a password.
#[derive(Debug, Clone)]
pub struct Proof {
    /// The AuthMessage: what was said so far, by both.
    pub message: String,
    /// The ClientProof: what only a password makes of it.
    pub proof: [u8; 32],
}

/// What the server offered of channel binding, and the client took.
#[derive(Debug, Clone, Copy)]
pub(super) enum Channel {
    /// Nothing was offered.
    Unknown,
    /// Something was offered, and the mechanism is one without it.
    Offered,
    /// The mechanism binds to this.
    Bound(ChannelBinding),
}

impl Channel {
    /// RFC 5802, 6: `n` cannot bind, `y` can and saw no offer, `p` binds. A `y` where there was an offer means that
    /// somebody took the offer away on its way.
    fn check(self, flag: &str) -> Result<(), SaslCondition> {
        match (self, flag) {
            (Self::Unknown, "n" | "y") | (Self::Offered, "n") => Ok(()),
            (Self::Offered, "y") => Err(SaslCondition::NotAuthorized),
            (Self::Bound(_), flag) if flag.strip_prefix("p=") == Some(ChannelBinding::TYPE) => Ok(()),
            _ => Err(SaslCondition::MalformedRequest),
        }
    }
}

/// The client's first message.
pub(super) struct ClientFirst {
    account: BareJid,
    channel: Channel,
    gs2_header: String,
    bare: String,
    nonce: String,
}

/// An exchange that was answered once.
pub(super) struct Exchange {
    account: BareJid,
    channel: Channel,
    gs2_header: String,
    client_first_bare: String,
    /// The client's nonce and the server's.
    nonce: String,
    server_first: String,
}

impl ClientFirst {
    /// Reads the message. The user name is a local part of `domain`.
    pub(super) fn read(encoded: &str, domain: &str, channel: Channel) -> Result<Self, SaslCondition> {
        let message = decode(encoded)?;
        let malformed = || SaslCondition::MalformedRequest;
        let (flag, rest) = message.split_once(',').ok_or_else(malformed)?;
        let (authzid, bare) = rest.split_once(',').ok_or_else(malformed)?;
        channel.check(flag)?;
        let mut parts = bare.split(',');
        // An `m` in the first place is an extension that must be understood, and none is (RFC 5802, 5.1).
        let username = parts.next().and_then(|part| part.strip_prefix("n=")).and_then(sasl_name);
        let nonce = parts.next().and_then(|part| part.strip_prefix("r=")).filter(|nonce| is_nonce(nonce));
        let (username, nonce) = username.zip(nonce).filter(|_| parts.all(is_extension)).ok_or_else(malformed)?;
        let authzid = match authzid {
            "" => String::new(),
            given => given.strip_prefix("a=").and_then(sasl_name).ok_or_else(malformed)?,
        };
        // A name that cannot exist is no secret.
        let jid = Jid::from_parts(Some(&username), domain, None).map_err(|_| SaslCondition::NotAuthorized)?;
        let account = jid.to_bare();
        if !is_own(&authzid, &username, &account) {
            return Err(SaslCondition::InvalidAuthzid);
        }
        let gs2_header = message[..message.len() - bare.len()].to_owned();
        Ok(Self { account, channel, gs2_header, nonce: nonce.to_owned(), bare: bare.to_owned() })
    }

    pub(super) fn account(&self) -> &BareJid {
        &self.account
    }

    /// Goes on with this salt.
    pub(super) fn answer(self, salt: &Salt) -> Exchange {
        let nonce = format!("{}{}", self.nonce, salt.nonce);
        let server_first = format!("r={nonce},s={},i={}", STANDARD.encode(&salt.salt), salt.iterations);
        let Self { account, channel, gs2_header, bare, .. } = self;
        Exchange { account, channel, gs2_header, client_first_bare: bare, nonce, server_first }
    }
}

impl Exchange {
    /// The server's first message, in base64.
    pub(super) fn challenge(&self) -> String {
        STANDARD.encode(&self.server_first)
    }

    /// Reads the client's final message.
    pub(super) fn proof(&self, encoded: &str) -> Result<Proof, SaslCondition> {
        let message = decode(encoded)?;
        let malformed = || SaslCondition::MalformedRequest;
        let (without_proof, proof) = message.rsplit_once(",p=").ok_or_else(malformed)?;
        let proof = STANDARD.decode(proof).ok().and_then(|proof| <[u8; 32]>::try_from(proof).ok());
        let proof = proof.ok_or_else(malformed)?;
        let mut parts = without_proof.split(',');
        let binding = parts.next().and_then(|part| part.strip_prefix("c="));
        let nonce = parts.next().and_then(|part| part.strip_prefix("r="));
        let (binding, nonce) = binding.zip(nonce).filter(|_| parts.all(is_extension)).ok_or_else(malformed)?;
        // What was said at first and what is signed now must be the same (RFC 5802, 6), and said in this exchange.
        let expected = STANDARD.encode(self.channel_data());
        if verify_slices_are_equal(expected.as_bytes(), binding.as_bytes()).is_err() || self.nonce != nonce {
            return Err(SaslCondition::NotAuthorized);
        }
        let message = format!("{},{},{without_proof}", self.client_first_bare, self.server_first);
        Ok(Proof { message, proof })
    }

    /// What both must have seen of the channel: the header, and the value of TLS behind it.
    fn channel_data(&self) -> Vec<u8> {
        let mut data = self.gs2_header.clone().into_bytes();
        if let Channel::Bound(ChannelBinding(value)) = &self.channel {
            data.extend_from_slice(value);
        }
        data
    }

    pub(super) fn into_account(self) -> BareJid {
        self.account
    }
}

/// The server's final message, in base64: by it the client knows that the server knows the password too.
pub(super) fn server_final(signature: &[u8; 32]) -> String {
    STANDARD.encode(format!("v={}", STANDARD.encode(signature)))
}

fn decode(encoded: &str) -> Result<String, SaslCondition> {
    let encoded = encoded.trim();
    if encoded.len() > MESSAGE_LENGTH_MAX {
        return Err(SaslCondition::MalformedRequest);
    }
    let message = STANDARD.decode(encoded).map_err(|_| SaslCondition::IncorrectEncoding)?;
    String::from_utf8(message).map_err(|_| SaslCondition::MalformedRequest)
}

/// RFC 5802, 5.1: a comma is written `=2C`, an equals sign `=3D`, and no other equals sign may stand there.
fn sasl_name(written: &str) -> Option<String> {
    let mut pieces = written.split('=');
    let mut name = pieces.next()?.to_owned();
    for piece in pieces {
        let (code, rest) = piece.split_at_checked(2)?;
        name.push(match code {
            "2C" => ',',
            "3D" => '=',
            _ => return None,
        });
        name.push_str(rest);
    }
    (!name.is_empty() && !name.contains('\0')).then_some(name)
}

fn is_nonce(nonce: &str) -> bool {
    (1..=NONCE_LENGTH_MAX).contains(&nonce.len()) && nonce.bytes().all(|byte| byte.is_ascii_graphic())
}

/// An attribute that may be there and changes nothing (RFC 5802, 5.1).
fn is_extension(part: &str) -> bool {
    let mut letters = part.chars();
    letters.next().is_some_and(|letter| letter.is_ascii_alphabetic())
        && letters.next() == Some('=')
        && letters.next().is_some()
        && !part.contains('\0')
}
