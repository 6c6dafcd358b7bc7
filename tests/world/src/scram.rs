//! The client's side of SCRAM-SHA-256, with and without channel binding (RFC 5802, RFC 7677, RFC 9266), written from the RFCs and not from the server.

use aws_lc_rs::{digest, hmac, pbkdf2};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::num::NonZeroU32;

/// A nonce that any client may have.
pub const NONCE: &str = "fyko+d2lbbFgONRv9qkxdawL";

/// The header of a client without channel binding.
pub const UNBOUND: &str = "n,,";
/// The header of a client that binds to its TLS connection.
pub const BOUND: &str = "p=tls-exporter,,";

/// The first message of a client after this header.
pub fn first(header: &str, user: &str) -> String {
    format!("{header}n={user},r={NONCE}")
}

/// What a server asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// The message as it came.
    pub text: String,
    pub nonce: String,
    pub salt: Vec<u8>,
    pub iterations: u32,
}

impl Challenge {
    /// Reads the server's first message, which must go on with the nonce of this client.
    pub fn read(text: &str) -> Self {
        let part = |at: usize, key: &str| {
            let part = text.split(',').nth(at).and_then(|part| part.strip_prefix(key));
            part.unwrap_or_else(|| panic!("no {key} in {text}")).to_owned()
        };
        let nonce = part(0, "r=");
        assert!(
            nonce.starts_with(NONCE) && nonce.len() > NONCE.len() + 15,
            "the server adds a nonce of its own: {text}"
        );
        let salt = STANDARD.decode(part(1, "s=")).expect("a salt in base64");
        Self { nonce, salt, iterations: part(2, "i=").parse().expect("a number of iterations"), text: text.to_owned() }
    }

    /// The final message that proves this password, and the server's signature that must come back.
    pub fn answer(&self, user: &str, password: &str) -> (String, String) {
        self.answer_bound(UNBOUND, &[], user, password)
    }

    /// The same bound to a channel of which the client knows this.
    pub fn answer_bound(&self, header: &str, channel: &[u8], user: &str, password: &str) -> (String, String) {
        self.answer_salted(header, channel, user, &salted(password, &self.salt, self.iterations))
    }

    /// The same by who has salted the password before.
    pub fn answer_salted(&self, header: &str, channel: &[u8], user: &str, salted: &[u8; 32]) -> (String, String) {
        let client_key = mac(salted, b"Client Key");
        let stored_key = digest::digest(&digest::SHA256, &client_key);
        let seen = STANDARD.encode([header.as_bytes(), channel].concat());
        let without_proof = format!("c={seen},r={}", self.nonce);
        let message = format!("n={user},r={NONCE},{},{without_proof}", self.text);
        let signature = mac(stored_key.as_ref(), message.as_bytes());
        let proof: Vec<u8> = client_key.iter().zip(&signature).map(|(key, signature)| key ^ signature).collect();
        let of_server = mac(&mac(salted, b"Server Key"), message.as_bytes());
        (format!("{without_proof},p={}", STANDARD.encode(proof)), format!("v={}", STANDARD.encode(of_server)))
    }
}

/// The salted password (RFC 5802, 3): what takes long.
pub fn salted(password: &str, salt: &[u8], iterations: u32) -> [u8; 32] {
    let iterations = NonZeroU32::new(iterations).expect("at least one iteration");
    let mut salted = [0; 32];
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, iterations, salt, password.as_bytes(), &mut salted);
    salted
}

/// What a server keeps of a password: StoredKey and ServerKey (RFC 5802, 3).
pub fn kept(salted: &[u8; 32]) -> ([u8; 32], [u8; 32]) {
    let stored = digest::digest(&digest::SHA256, &mac(salted, b"Client Key"));
    let sized = |bytes: &[u8]| bytes.try_into().expect("SHA-256 makes 32 bytes");
    (sized(stored.as_ref()), sized(&mac(salted, b"Server Key")))
}

fn mac(key: &[u8], text: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text).as_ref().to_vec()
}
