//! The key pair by which push services know the box (RFC 8292): made on first use, kept in the directory.

use crate::{App, AppError, Caller};
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use domain::rights::Right;
use std::sync::Arc;
use store::{StoreError, box_key as keys};
use zeroize::Zeroizing;

const PURPOSE: &str = "web push";
const SECRET_LENGTH: usize = 32;
/// One draw in about four thousand million is no key.
const DRAWS_MAX: u32 = 8;

/// The box's key pair on P-256.
pub struct BoxKey {
    /// The private key, 32 bytes.
    pub secret: Zeroizing<Vec<u8>>,
    /// The public key, an uncompressed point: 65 bytes.
    pub public: Vec<u8>,
}

/// What a browser subscribes with, in base64url (RFC 8292, 3.2); `None` when the box pushes to nobody.
///
/// # Errors
/// When the directory cannot be read or written.
pub async fn public_key(app: &App, caller: &Caller) -> Result<Option<String>, AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    if app.settings.push_hosts.is_none() {
        return Ok(None);
    }
    Ok(Some(BASE64.encode(&box_key(app).await?.public)))
}

/// The key pair, for whoever signs with it.
///
/// # Errors
/// When the directory cannot be read or written.
pub async fn box_key(app: &App) -> Result<Arc<BoxKey>, AppError> {
    app.push_key.get_or_try_init(|| enter(app)).await.cloned()
}

async fn enter(app: &App) -> Result<Arc<BoxKey>, AppError> {
    let directory = app.store.directory();
    let stored = directory.read(|c| Ok::<_, AppError>(keys::find(c, PURPOSE)?)).await?;
    let secret = match stored {
        Some(secret) => secret,
        None => {
            let (fresh, now_ms) = (draw(app)?, app.clock.now_ms());
            directory.write(move |c| Ok::<_, AppError>(keys::enter(c, PURPOSE, &fresh, now_ms)?)).await?
        }
    };
    let public = public_of(&secret).ok_or_else(fault)?;
    Ok(Arc::new(BoxKey { secret, public }))
}

fn draw(app: &App) -> Result<Zeroizing<Vec<u8>>, AppError> {
    let mut secret = Zeroizing::new(vec![0_u8; SECRET_LENGTH]);
    for _ in 0..DRAWS_MAX {
        app.rng.fill(&mut secret);
        if public_of(&secret).is_some() {
            return Ok(secret);
        }
    }
    Err(fault())
}

fn public_of(secret: &[u8]) -> Option<Vec<u8>> {
    let key = PrivateKey::from_private_key(&ECDH_P256, secret).ok()?;
    Some(key.compute_public_key().ok()?.as_ref().to_vec())
}

fn fault() -> AppError {
    AppError::Store(StoreError::Row { table: "box_key", what: String::from("not a private key on P-256") })
}
