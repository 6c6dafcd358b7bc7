//! What a change of an account means for the directory: an effect in the company's outbox (decision 8), applied at
//! least once, each carrying the whole newest state.

use crate::{App, AppError};
use domain::ids::{CompanyId, UserId};
use domain::rights::Roles;
use serde::{Deserialize, Serialize};
use store::member::{self, Member};
use store::{Connection, StoreError, login, outbox, user};

const KIND: &str = "directory.member";

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct DirectoryEffect {
    user: UserId,
    /// `None`: the account is gone.
    state: Option<MemberState>,
}

#[derive(Debug, Serialize, Deserialize)]
struct MemberState {
    roles: Roles,
    active: bool,
}

impl DirectoryEffect {
    pub(super) fn state_of(user: &user::User) -> Self {
        Self { user: user.id.clone(), state: Some(MemberState { roles: user.roles, active: user.active }) }
    }

    pub(super) fn removal_of(user: &UserId) -> Self {
        Self { user: user.clone(), state: None }
    }
}

/// Adds an effect to the transaction that causes it.
pub(super) fn add(
    content: &Connection,
    company: &CompanyId,
    effect: &DirectoryEffect,
    now_ms: i64,
) -> Result<(), StoreError> {
    let payload =
        serde_json::to_string(effect).map_err(|e| StoreError::Row { table: "outbox", what: e.to_string() })?;
    outbox::add(content, company.as_str(), KIND, &payload, now_ms).map(|_| ())
}

/// Applies what the company's outbox holds, in order.
pub(super) async fn drain(app: &App, company: &CompanyId) -> Result<(), AppError> {
    let database = app.company(company).await?;
    loop {
        let lane = company.to_string();
        let next = database.read(move |c| Ok::<_, AppError>(outbox::first(c, &lane)?)).await?;
        let Some(effect) = next else { return Ok(()) };
        if effect.kind == KIND {
            apply(app, company, &effect.payload).await?;
        } else {
            tracing::error!(%company, kind = effect.kind, "the outbox holds an effect that nobody handles");
            return Ok(());
        }
        let lane = company.to_string();
        database.write(move |c| Ok::<_, AppError>(outbox::delivered(c, &lane, effect.seq)?)).await?;
    }
}

async fn apply(app: &App, company: &CompanyId, payload: &str) -> Result<(), AppError> {
    let effect: DirectoryEffect =
        serde_json::from_str(payload).map_err(|e| StoreError::Row { table: "outbox", what: e.to_string() })?;
    let company = company.clone();
    app.store
        .directory()
        .write(move |c| {
            let user = effect.user;
            match effect.state {
                Some(MemberState { roles, active }) => member::put(c, &Member { user, company, roles, active })?,
                None => {
                    login::remove_user(c, &user)?;
                    member::remove(c, &user)?;
                }
            }
            Ok::<_, AppError>(())
        })
        .await
}

/// After an unclean end: applies what the outboxes of the recovered companies still hold.
pub(crate) async fn drain_all(app: &App) {
    for recovered in app.store.recovered() {
        let Ok(company) = CompanyId::parse(&recovered.database) else { continue };
        // A damaged company must not keep the others from being served.
        if let Err(failure) = drain(app, &company).await {
            tracing::error!(%company, %failure, "what this company owes the directory could not be delivered");
        }
    }
}
