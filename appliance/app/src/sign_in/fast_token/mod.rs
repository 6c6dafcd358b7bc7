//! Tokens by which a standard client signs in again without its application password (XEP-0484; A2, A11): each is a MAC over
//! its row, so it can be computed again at any time and is never stored, and it ends with the application password.

mod make;
mod show;

pub use make::{MadeToken, make_fast_token};
pub use show::{Accepted, ShownToken, authenticate_by_fast_token};

use crate::App;
use aws_lc_rs::{digest, hmac};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use store::Purpose;
use store::fast_token::FastToken;
use zeroize::Zeroizing;

/// A client that does not come for so long shows its application password again.
const LIFE_MS: i64 = 14 * 86_400_000;
/// A token with less than this left is replaced when it is used.
const RENEWED_BELOW_MS: i64 = LIFE_MS / 2;
/// Tokens of one application password: more installations than a person has with one.
const TOKENS_MAX: u32 = 20;

fn secret(app: &App, token: &FastToken) -> Zeroizing<String> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, app.store.derive(Purpose::FastToken).expose());
    let tag = hmac::sign(&key, format!("{}|{}|{}", token.password, token.id, token.expires_ms).as_bytes());
    Zeroizing::new(BASE64.encode(tag))
}

/// What is kept of the id of an installation.
fn hashed(agent: &str) -> Vec<u8> {
    digest::digest(&digest::SHA256, agent.as_bytes()).as_ref()[..16].to_vec()
}
