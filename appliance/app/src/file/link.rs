use super::open::open_of;
use super::{Download, FILE, look};
use crate::{App, AppError, Caller};
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use domain::ids::FileId;
use store::{Purpose, file_grant};

/// How long a link leads to its file, in milliseconds.
const LIFE_MS: i64 = 5 * 60 * 1000;
/// Bytes of the MAC that a link carries (128 bits).
const MAC_BYTES: usize = 16;

/// A link by which a file can be had without a sign-in, for a short time.
#[derive(Debug, Clone)]
pub struct Link {
    /// What stands in the address: who has it, has the file.
    pub token: String,
    /// Until when, in milliseconds since 1970.
    pub until_ms: i64,
}

/// Makes a link to a file that the caller sees. The file must be passed on.
///
/// # Errors
/// As [`super::open`].
pub async fn link(app: &App, caller: &Caller, id: &FileId) -> Result<Link, AppError> {
    let shared = look(app, caller, id).await?;
    open_of(app, &shared.company, id).await?;
    let until_ms = app.clock.now_ms().saturating_add(LIFE_MS);
    Ok(Link { token: signed(app, format!("{id}.{until_ms:x}")), until_ms })
}

/// Opens the file that a link leads to.
///
/// # Errors
/// [`AppError::NotFound`] for every link that was not made here, is over, or whose file is gone.
pub async fn follow(app: &App, token: &str) -> Result<Download, AppError> {
    let id = checked(app, token).ok_or(AppError::NotFound(FILE))?;
    let of = id.clone();
    let found = app.store.directory().read(move |c| Ok::<_, AppError>(file_grant::find(c, &of)?)).await?;
    open_of(app, &found.ok_or(AppError::NotFound(FILE))?.company, &id).await
}

fn checked(app: &App, token: &str) -> Option<FileId> {
    let (id, until) = said(app, token)?.split_once('.')?;
    let until_ms = i64::from_str_radix(until, 16).ok()?;
    (app.clock.now_ms() <= until_ms).then(|| FileId::parse(id).ok())?
}

/// What a token says, with a MAC that nobody else makes.
pub(super) fn signed(app: &App, said: String) -> String {
    let mac = BASE64.encode(&mac(app, &said)[..MAC_BYTES]);
    said + "." + &mac
}

/// What a token that was made here says.
pub(super) fn said<'a>(app: &App, token: &'a str) -> Option<&'a str> {
    let (said, shown) = token.rsplit_once('.')?;
    let shown = BASE64.decode(shown).ok()?;
    let right = aws_lc_rs::constant_time::verify_slices_are_equal(&mac(app, said)[..MAC_BYTES], &shown).is_ok();
    right.then_some(said)
}

fn mac(app: &App, said: &str) -> [u8; 32] {
    let key = hmac::Key::new(hmac::HMAC_SHA256, app.store.derive(Purpose::FileLinks).expose());
    let tag = hmac::sign(&key, said.as_bytes());
    let mut bytes = [0; 32];
    bytes.copy_from_slice(tag.as_ref());
    bytes
}
