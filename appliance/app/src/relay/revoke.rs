//! Shutting somebody out: what he was given is no longer good from the commit on.

use super::desk::Desk;
use super::hand_out::life_s;
use crate::{App, AppError};
use domain::ids::UserId;
use store::{Connection, relay_revoked};

/// In the transaction of the directory that closes or removes an account.
pub(crate) fn revoke(directory: &Connection, user: &UserId, now_ms: i64, life_s: i64) -> Result<(), AppError> {
    let expired_ms = now_ms.saturating_sub(life_s.saturating_mul(1_000));
    Ok(relay_revoked::put(directory, user, now_ms, expired_ms)?)
}

/// After it.
pub(crate) fn told(desk: &Desk, user: &UserId, now_ms: i64, life_s: i64) {
    let expired_ms = now_ms.saturating_sub(life_s.saturating_mul(1_000));
    let mut revoked = desk.revoked();
    revoked.retain(|_, at_ms| *at_ms >= expired_ms);
    revoked.insert(user.clone(), now_ms);
    drop(revoked);
    desk.changed.send_replace(());
}

impl App {
    /// How long what was given stays good.
    pub(crate) fn credentials_live_s(&self) -> i64 {
        life_s(&self.settings)
    }
}
