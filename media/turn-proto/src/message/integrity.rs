//! MESSAGE-INTEGRITY and MESSAGE-INTEGRITY-SHA256 (RFC 8489, sections 9.2, 14.5 and 14.6).

use aws_lc_rs::{digest, hmac};
use md5::{Digest, Md5};
use zeroize::Zeroizing;

/// How a key is made of a password (RFC 8489, section 18.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// As RFC 5389 did, and all browsers do.
    Md5,
    /// Of clients that know RFC 8489.
    Sha256,
}

impl Algorithm {
    /// Number on the wire.
    #[must_use]
    pub fn number(self) -> u16 {
        match self {
            Self::Md5 => 1,
            Self::Sha256 => 2,
        }
    }
}

/// Which attribute shows that a message is unchanged and by whom it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Integrity {
    /// MESSAGE-INTEGRITY.
    Sha1,
    /// MESSAGE-INTEGRITY-SHA256.
    Sha256,
}

impl Integrity {
    /// Bytes of a whole value.
    #[must_use]
    pub fn bytes(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }

    fn algorithm(self) -> hmac::Algorithm {
        match self {
            Self::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => hmac::HMAC_SHA256,
        }
    }
}

/// What both sides know, as HMAC takes it. Wiped when dropped.
#[derive(Clone)]
pub struct Key(Zeroizing<Vec<u8>>);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(..)")
    }
}

impl Key {
    /// Of a long-term credential (RFC 8489, section 9.2.2). The texts are taken as they are: ours have no letters that a
    /// preparation would change.
    #[must_use]
    pub fn long_term(algorithm: Algorithm, username: &str, realm: &str, password: &str) -> Self {
        let text = Zeroizing::new([username, ":", realm, ":", password].concat());
        Self(Zeroizing::new(match algorithm {
            Algorithm::Md5 => Md5::digest(text.as_bytes()).to_vec(),
            Algorithm::Sha256 => digest::digest(&digest::SHA256, text.as_bytes()).as_ref().to_vec(),
        }))
    }

    /// The password itself (RFC 8489, section 9.1.1).
    #[must_use]
    pub fn short_term(password: &str) -> Self {
        Self(Zeroizing::new(password.as_bytes().to_vec()))
    }

    /// The code of parts that follow one another.
    pub(super) fn code(&self, integrity: Integrity, parts: &[&[u8]]) -> hmac::Tag {
        let mut context = hmac::Context::with_key(&hmac::Key::new(integrity.algorithm(), &self.0));
        parts.iter().for_each(|part| context.update(part));
        context.sign()
    }
}
