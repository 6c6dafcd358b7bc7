//! Secrets that change each day, and credentials made with them.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use media_contract::{Person, Secret, Secrets, Username};
use store::SecretKey;
use zeroize::Zeroizing;

/// A secret is the newest for so long, in seconds. Credentials live no longer, so the one before is enough to check them.
pub const SECRET_LIFE_S: i64 = 86_400;
/// Length of a key.
pub const KEY_BYTES: usize = 32;
/// Of the word for a person: no two people of a box share one.
const PERSON_BYTES: usize = 12;

/// What the secrets of all days are computed from. Whoever holds it agrees with everybody else who does, without a word
/// between them: so a relay at another site needs nothing but this and the time (J10).
#[derive(Clone)]
pub struct CredentialsKey(SecretKey);

/// What a person shows a relay.
#[derive(Clone)]
pub struct Credentials {
    /// `EXPIRY:PERSON`.
    pub username: String,
    /// base64(HMAC-SHA1(secret, user name)), as the TURN REST convention has it.
    pub password: Zeroizing<String>,
}

impl CredentialsKey {
    /// Of its bytes; `None` when there are not [`KEY_BYTES`] of them.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Option<Self> {
        Some(Self(SecretKey::copied(bytes.try_into().ok()?)))
    }

    /// What a node checks credentials with at this time.
    #[must_use]
    pub fn secrets(&self, now_ms: i64) -> Secrets {
        let day = day(now_ms);
        Secrets {
            current: self.secret(day),
            previous: Some(self.secret(day.saturating_sub(1))),
            next: Some(self.secret(day.saturating_add(1))),
        }
    }

    /// Credentials of whoever `id` means, from now on for `life_s` seconds.
    pub(super) fn credentials(&self, id: &str, now_ms: i64, life_s: i64) -> Credentials {
        let secret = self.secret(day(now_ms));
        let username = Username { expiry_s: expiry_s(now_ms, life_s), person: person(&secret, id) }.to_string();
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret.reveal().as_bytes());
        let password = Zeroizing::new(BASE64.encode(hmac::sign(&key, username.as_bytes())));
        Credentials { username, password }
    }

    /// The words for whoever `id` means in credentials that were made at `at_ms`, or less than [`SECRET_LIFE_S`] before.
    pub(super) fn persons(&self, id: &str, at_ms: i64) -> [Person; 2] {
        let day = day(at_ms);
        [day, day.saturating_sub(1)].map(|day| person(&self.secret(day), id))
    }

    fn secret(&self, day: i64) -> Secret {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.0.expose());
        let tag = hmac::sign(&key, format!("relay credentials of day {day}").as_bytes());
        Secret::new(BASE64.encode(tag))
    }
}

/// Seconds of Unix time at which credentials made now expire.
pub(super) fn expiry_s(now_ms: i64, life_s: i64) -> u64 {
    u64::try_from((now_ms / 1_000).saturating_add(life_s)).unwrap_or(0)
}

fn day(at_ms: i64) -> i64 {
    at_ms.div_euclid(SECRET_LIFE_S * 1_000)
}

fn person(secret: &Secret, id: &str) -> Person {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.reveal().as_bytes());
    let tag = hmac::sign(&key, format!("person {id}").as_bytes());
    let digits = tag.as_ref().iter().take(PERSON_BYTES).map(|byte| format!("{byte:02x}")).collect::<String>();
    Person::try_from(digits).expect("hexadecimal digits are such a word")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON_MS: i64 = 1_796_040_000_000;

    fn key(byte: u8) -> CredentialsKey {
        CredentialsKey::new(&[byte; KEY_BYTES]).expect("its length")
    }

    fn is_made_with(credentials: &Credentials, secret: &Secret) -> bool {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret.reveal().as_bytes());
        let tag = BASE64.decode(credentials.password.as_str()).expect("base64");
        hmac::verify(&key, credentials.username.as_bytes(), &tag).is_ok()
    }

    #[test]
    fn two_holders_of_a_key_agree_although_their_clocks_differ_and_no_other_does_j10() {
        let midnight_ms = day(NOON_MS) * SECRET_LIFE_S * 1_000;
        for at_ms in [NOON_MS, midnight_ms, midnight_ms - 1] {
            let made = key(1).credentials("anna", at_ms, 600);
            for clock_ms in [at_ms, at_ms + 600_000, at_ms - 600_000] {
                let Secrets { current, previous, next } = key(1).secrets(clock_ms);
                let known = [Some(current), previous, next];
                assert!(known.into_iter().flatten().any(|secret| is_made_with(&made, &secret)), "{clock_ms}");
            }
            assert!(!is_made_with(&made, &key(2).secrets(at_ms).current));
            let later = key(1).secrets(at_ms + 3 * SECRET_LIFE_S * 1_000);
            assert!(!is_made_with(&made, &later.current) && !later.previous.is_some_and(|s| is_made_with(&made, &s)));
        }
        assert!(CredentialsKey::new(&[1; 31]).is_none());
    }

    #[test]
    fn a_user_name_tells_until_when_and_not_who_a12_g1() {
        let made = key(1).credentials("d0000000000000000000ad01", NOON_MS, 600);
        let name: Username = made.username.parse().expect("of the convention");
        assert_eq!(i64::try_from(name.expiry_s), Ok(NOON_MS / 1_000 + 600));
        assert!(!made.username.contains("d0000000000000000000ad01"));
        let next_day = key(1).credentials("d0000000000000000000ad01", NOON_MS + SECRET_LIFE_S * 1_000, 600);
        let other: Username = next_day.username.parse().expect("of the convention");
        assert_ne!(name.person, other.person, "nobody is followed from day to day");
        let same = key(1).credentials("d0000000000000000000ad01", NOON_MS + 1_000, 600);
        assert_eq!(same.username.parse::<Username>().expect("of the convention").person, name.person);
        let words = key(1).persons("d0000000000000000000ad01", NOON_MS + SECRET_LIFE_S * 1_000);
        assert!(words.contains(&name.person) && words.contains(&other.person));
    }
}
