use super::{TOKEN_BYTES, token_hash};
use crate::{App, AppError, Caller, people};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use domain::ids::UserId;
use domain::rights::Role;
use store::join_link::{self, JoinLink};
use store::password;
use zeroize::Zeroizing;

/// Life of a link: 7 days.
const LIFE_MS: i64 = 7 * 86_400_000;

/// A link that was just made; its token is told this once.
pub struct NewLink {
    /// Whoever holds it may choose the member's password.
    pub token: Zeroizing<String>,
    /// From then on it is void, in milliseconds since 1970.
    pub expires_ms: i64,
}

/// Makes a link by which a member joins, or chooses another password in place of one that was lost. An older one of the
/// member is void from now on. It needs what changing the member's password needs.
///
/// # Errors
/// Missing right, or an account that is disabled.
pub async fn make_link(app: &App, caller: &Caller, id: &UserId) -> Result<NewLink, AppError> {
    let (company, user) = people::changeable(app, caller, id).await?;
    let no = user.no;
    let replaces = move |c: &store::Connection| Ok::<_, AppError>(password::changed_ms(c, no)?);
    let replaces_ms = app.company(&company).await?.read(replaces).await?;
    let mut bytes = Zeroizing::new([0_u8; TOKEN_BYTES]);
    app.rng.fill(bytes.as_mut_slice());
    let token = Zeroizing::new(BASE64.encode(bytes.as_slice()));
    let now_ms = app.clock.now_ms();
    let expires_ms = now_ms.saturating_add(LIFE_MS);
    let by_owner = caller.roles.has(Role::SuperAdministrator);
    let link = JoinLink { user: user.id, company, replaces_ms, by_owner, expires_ms };
    let hash = token_hash(app, &token);
    let keep = move |c: &store::Connection| Ok::<_, AppError>(join_link::put(c, &hash, &link, now_ms)?);
    if !app.store.directory().write(keep).await? {
        return Err(AppError::invalid("isActive", "this account is disabled: activate it before somebody joins by it"));
    }
    Ok(NewLink { token, expires_ms })
}
