use crate::{App, people};
use aws_lc_rs::{constant_time, hmac};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use domain::base32;
use domain::ids::BubbleId;
use store::Purpose;
use zeroize::Zeroizing;

/// Bytes of a password: eight symbols, which people type. Guessing is limited besides.
const PASSWORD_BYTES: usize = 5;

fn computed(app: &App, purpose: Purpose, id: &BubbleId, seed: &[u8]) -> Zeroizing<Vec<u8>> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, app.store.derive(purpose).expose());
    let mut context = hmac::Context::with_key(&key);
    context.update(id.as_str().as_bytes());
    context.update(seed);
    Zeroizing::new(context.sign().as_ref().to_vec())
}

/// The token of a link.
pub(super) fn token(app: &App, id: &BubbleId, seed: &[u8]) -> Zeroizing<String> {
    Zeroizing::new(BASE64.encode(computed(app, Purpose::BubbleLinkToken, id, seed).as_slice()))
}

/// The keyed hash under which the directory knows a link.
pub(super) fn token_hash(app: &App, token: &str) -> Vec<u8> {
    people::keyed_hash(app, Purpose::BubbleLinkLookup, token)
}

fn password_bytes(app: &App, id: &BubbleId, seed: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut bytes = computed(app, Purpose::BubblePassword, id, seed);
    bytes.truncate(PASSWORD_BYTES);
    bytes
}

/// The password of a bubble, as people read it.
pub(super) fn password(app: &App, id: &BubbleId, seed: &[u8]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(PASSWORD_BYTES * 2));
    base32::write(&password_bytes(app, id, seed), &mut text);
    text
}

/// Whether what somebody typed is the password of a bubble.
pub(super) fn is_password(app: &App, id: &BubbleId, seed: &[u8], typed: &str) -> bool {
    let mut shown = Zeroizing::new([0; PASSWORD_BYTES]);
    let readable = base32::read(typed, shown.as_mut_slice());
    let right = constant_time::verify_slices_are_equal(&password_bytes(app, id, seed), shown.as_slice()).is_ok();
    readable && right
}
