//! Credentials that need no table: the user name says who and until when, the password is its code under a secret that whoever
//! hands credentials out shares with the server. The form is the one browsers, coturn and its tools have in common.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;
use zeroize::Zeroizing;

/// Longest user name, in bytes: ten digits, a colon, a person's id.
const USERNAME_BYTES_MAX: usize = 128;
/// Secrets known at once: the new one, and those whose credentials may still be about. Each costs a code a request.
const SECRETS_MAX: usize = 4;

/// Why a credential is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CredentialError {
    /// Not `EXPIRY:PERSON`.
    #[error("the user name has another form")]
    Form,
    /// Its time is over.
    #[error("the credential has expired")]
    Expired,
}

/// What credentials are made with.
#[derive(Clone)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// A password as it is sent to a client. Wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(Zeroizing<String>);

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(..)")
    }
}

impl Password {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Secret {
    /// Takes it over.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The password that belongs to a user name.
    #[must_use]
    pub fn password(&self, username: &str) -> Password {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.0);
        Password(Zeroizing::new(STANDARD.encode(hmac::sign(&key, username.as_bytes()))))
    }
}

/// The secrets that hold now, the newest first.
#[derive(Debug, Clone, Default)]
pub struct Secrets(Vec<Secret>);

impl Secrets {
    /// At most four: older ones are left out.
    #[must_use]
    pub fn new(secrets: impl IntoIterator<Item = Secret>) -> Self {
        Self(secrets.into_iter().take(SECRETS_MAX).collect())
    }

    /// Passwords that belong to a user name, the likeliest first.
    pub(crate) fn passwords(&self, username: &str) -> impl Iterator<Item = Password> {
        self.0.iter().map(move |secret| secret.password(username))
    }
}

/// What a user name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Username<'a> {
    pub(crate) expires_unix_s: u64,
    pub(crate) person: &'a str,
}

impl<'a> Username<'a> {
    pub(crate) fn read(text: &'a str) -> Result<Self, CredentialError> {
        let (expiry, person) = text.split_once(':').ok_or(CredentialError::Form)?;
        let digits = !expiry.is_empty() && expiry.bytes().all(|byte| byte.is_ascii_digit());
        if !digits || person.is_empty() || text.len() > USERNAME_BYTES_MAX {
            return Err(CredentialError::Form);
        }
        let expires_unix_s = expiry.parse().map_err(|_| CredentialError::Form)?;
        Ok(Self { expires_unix_s, person })
    }

    pub(crate) fn holds(&self, unix_s: u64) -> Result<(), CredentialError> {
        if self.expires_unix_s > unix_s { Ok(()) } else { Err(CredentialError::Expired) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_what_coturn_and_openssl_make_of_the_user_name_g1() {
        // printf '1700000000:ada' | openssl dgst -sha1 -hmac north -binary | base64
        let password = Secret::new(b"north".to_vec()).password("1700000000:ada");
        assert_eq!(password.as_str(), "ndZ88ryT1whVxdkcRLepT9D1MpM=");
    }

    #[test]
    fn user_names_of_another_form_are_none_e5() {
        for wrong in ["", "ada", ":ada", "1:", "-1:ada", "+1:ada", "1a:ada", "99999999999999999999999:ada"] {
            assert_eq!(Username::read(wrong), Err(CredentialError::Form), "{wrong}");
        }
        assert_eq!(Username::read(&format!("1:{}", "a".repeat(USERNAME_BYTES_MAX))), Err(CredentialError::Form));
        let read = Username::read("1700000000:ada:x").unwrap();
        assert_eq!(read, Username { expires_unix_s: 1_700_000_000, person: "ada:x" });
        assert_eq!(read.holds(1_700_000_000), Err(CredentialError::Expired));
        assert_eq!(read.holds(1_699_999_999), Ok(()));
    }
}
