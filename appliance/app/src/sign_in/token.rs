//! Bearer tokens: JWTs signed with HMAC-SHA256 by keys of the box that rotate.
//!
//! One algorithm, one fixed header per key: there is nothing to negotiate, so nothing to confuse.

use crate::{AppError, Settings, Unauthenticated};
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use domain::clock::{Clock, Rng};
use domain::ids::{CompanyId, SessionId, UserId};
use serde::{Deserialize, Serialize};
use std::sync::{PoisonError, RwLock};
use store::signing_key::{self, SigningKey};
use store::{Store, StoreError};
use zeroize::Zeroizing;

/// Longest token that is looked at, in bytes.
const TOKEN_LENGTH_MAX: usize = 4096;

/// What a token says. `user`, `app`, `iat`, `exp`, `oauth` are read by Rainbow's SDK.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Claims {
    /// Tells two tokens of one second apart (RFC 7519, 4.1.7).
    pub(crate) jti: String,
    /// Made at, in seconds since 1970.
    pub(crate) iat: i64,
    /// Good until, in seconds since 1970.
    pub(crate) exp: i64,
    pub(crate) user: Id<UserId>,
    pub(crate) app: Option<Id<String>>,
    pub(crate) company: CompanyId,
    pub(crate) session: SessionId,
    pub(crate) oauth: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Id<T> {
    pub(crate) id: T,
}

#[derive(Serialize, Deserialize)]
struct Header {
    alg: String,
    typ: String,
    kid: String,
}

/// The keys in use, newest first.
pub(crate) struct TokenKeys {
    keys: RwLock<Vec<SigningKey>>,
    key_life_ms: i64,
    kept_ms: i64,
}

impl TokenKeys {
    pub(crate) async fn load(
        store: &Store,
        clock: &dyn Clock,
        rng: &dyn Rng,
        settings: &Settings,
    ) -> Result<Self, AppError> {
        let keys = store.directory().read(signing_key::all).await?;
        let key_life_ms = settings.signing_key_life_s.saturating_mul(1000);
        let kept_ms = key_life_ms.saturating_add(settings.token_life_s.saturating_mul(1000));
        let loaded = Self { keys: RwLock::new(keys), key_life_ms, kept_ms };
        loaded.rotate_if_due(store, clock, rng).await?;
        Ok(loaded)
    }

    /// Makes a new key when the newest is old; forgets those whose tokens have all expired.
    async fn rotate_if_due(&self, store: &Store, clock: &dyn Clock, rng: &dyn Rng) -> Result<(), StoreError> {
        let now_ms = clock.now_ms();
        let newest = self.keys.read().unwrap_or_else(PoisonError::into_inner).first().map(|key| key.created_ms);
        if newest.is_some_and(|made| now_ms.saturating_sub(made) < self.key_life_ms) {
            return Ok(());
        }
        let mut secret = Zeroizing::new(vec![0_u8; 32]);
        rng.fill(&mut secret);
        let mut name = [0_u8; 8];
        rng.fill(&mut name);
        let key = SigningKey { id: BASE64.encode(name), secret, created_ms: now_ms };
        let oldest_ms = now_ms.saturating_sub(self.kept_ms);
        let keys = store
            .directory()
            .write(move |c| {
                signing_key::rotate(c, &key, oldest_ms)?;
                signing_key::all(c)
            })
            .await?;
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
        Ok(())
    }

    pub(crate) async fn sign(
        &self,
        claims: &Claims,
        store: &Store,
        clock: &dyn Clock,
        rng: &dyn Rng,
    ) -> Result<String, AppError> {
        self.rotate_if_due(store, clock, rng).await?;
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let key = keys.first().ok_or(AppError::Busy)?;
        let header = Header { alg: String::from("HS256"), typ: String::from("JWT"), kid: key.id.clone() };
        let fault = |_| AppError::Store(StoreError::Fault(String::from("token")));
        let header = BASE64.encode(serde_json::to_vec(&header).map_err(fault)?);
        let signed = format!("{header}.{}", BASE64.encode(serde_json::to_vec(claims).map_err(fault)?));
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key.secret), signed.as_bytes());
        Ok(format!("{signed}.{}", BASE64.encode(tag)))
    }

    /// Checks signature (in constant time) and life.
    pub(crate) fn verify(&self, token: &str, now_ms: i64) -> Result<Claims, Unauthenticated> {
        let invalid = Unauthenticated::InvalidToken;
        if token.len() > TOKEN_LENGTH_MAX {
            return Err(invalid);
        }
        let (signed, tag) = token.rsplit_once('.').ok_or(invalid)?;
        let (header, claims) = signed.split_once('.').ok_or(invalid)?;
        let tag = BASE64.decode(tag).map_err(|_| invalid)?;
        let header: Header = BASE64
            .decode(header)
            .ok()
            .and_then(|json| serde_json::from_slice(&json).ok())
            .filter(|header: &Header| header.alg == "HS256" && header.typ == "JWT")
            .ok_or(invalid)?;
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let key = keys.iter().find(|key| key.id == header.kid).ok_or(invalid)?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, &key.secret);
        hmac::verify(&key, signed.as_bytes(), &tag).map_err(|_| invalid)?;
        let claims = BASE64.decode(claims).map_err(|_| invalid)?;
        let claims: Claims = serde_json::from_slice(&claims).map_err(|_| invalid)?;
        if claims.exp.saturating_mul(1000) <= now_ms { Err(Unauthenticated::Expired) } else { Ok(claims) }
    }
}
