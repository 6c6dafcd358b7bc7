//! Nonces that nobody has to remember (RFC 8489, section 9.2): when and for whom, under a code. Whoever shows one has received
//! what was sent to his address, so it was not made up.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::net::SocketAddr;

use crate::{Client, Now};

/// "Nonce cookie", and the features behind it as 24 bits in base64: bit 0, the lowest, says that password algorithms may be chosen
/// (RFC 8489, sections 9.2 and 18.1).
const BEGINNING: &str = "obMatJos2AAAB";
/// For so long a client may go on with one; then it is told a new one.
const LIFETIME_S: u32 = 3_600;
const TIME_BYTES: usize = 4;
const CODE_BYTES: usize = 8;
const WHOLE_BYTES: usize = TIME_BYTES + CODE_BYTES;

/// What nonces are made with: random, of this process, shared by all its servers.
#[derive(Clone)]
pub struct NonceKey(hmac::Key);

impl std::fmt::Debug for NonceKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NonceKey(..)")
    }
}

impl NonceKey {
    /// Of 32 random bytes.
    #[must_use]
    pub fn new(random: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, random))
    }

    pub(crate) fn nonce(&self, client: &Client, now: Now) -> String {
        let time = seconds(now).to_be_bytes();
        let mut whole = [0; WHOLE_BYTES];
        whole[..TIME_BYTES].copy_from_slice(&time);
        whole[TIME_BYTES..].copy_from_slice(&self.code(client, time));
        BEGINNING.to_owned() + &STANDARD.encode(whole)
    }

    /// Whether it is one of ours, of this client, and not too old.
    pub(crate) fn holds(&self, nonce: &[u8], client: &Client, now: Now) -> bool {
        let Some(text) = nonce.strip_prefix(BEGINNING.as_bytes()) else { return false };
        let mut whole = [0; WHOLE_BYTES];
        if STANDARD.decode_slice(text, &mut whole) != Ok(WHOLE_BYTES) {
            return false;
        }
        let Some((time, code)) = whole.split_first_chunk::<TIME_BYTES>() else { return false };
        let fresh = seconds(now).checked_sub(u32::from_be_bytes(*time)).is_some_and(|age| age < LIFETIME_S);
        fresh && verify_slices_are_equal(&self.code(client, *time), code).is_ok()
    }

    fn code(&self, client: &Client, time: [u8; TIME_BYTES]) -> [u8; CODE_BYTES] {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(&time);
        match client.remote() {
            SocketAddr::V4(remote) => context.update(&remote.ip().octets()),
            SocketAddr::V6(remote) => context.update(&remote.ip().octets()),
        }
        context.update(&client.remote().port().to_be_bytes());
        let mut code = [0; CODE_BYTES];
        code.copy_from_slice(&context.sign().as_ref()[..CODE_BYTES]);
        code
    }

    /// The next of a row of numbers that nobody can foretell: which port is tried first.
    pub(crate) fn unforeseen(&self, count: u64) -> u32 {
        let tag = hmac::sign(&self.0, &[&b"port"[..], &count.to_be_bytes()].concat());
        tag.as_ref().first_chunk().map_or(0, |bytes| u32::from_be_bytes(*bytes))
    }
}

fn seconds(now: Now) -> u32 {
    u32::try_from(now.since_start.as_secs()).unwrap_or(u32::MAX)
}
