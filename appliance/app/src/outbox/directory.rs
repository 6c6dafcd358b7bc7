//! What a change inside a company means for the directory; each effect carries the whole newest state.

use super::unreadable;
use crate::bubble::{Stepped, tell_members};
use crate::relations::Shared;
use crate::{App, AppError, relay};
use domain::ids::{BubbleId, CompanyId, UserId};
use domain::relations::MemberFacts;
use domain::rights::Roles;
use domain::visibility::Visibility;
use serde::{Deserialize, Serialize};
use std::sync::{Arc, PoisonError};
use store::{bubble_members, companies, edges, file_grant, join_link, login, member, user};

/// The kind of its rows.
pub(super) const KIND: &str = "directory";

#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum DirectoryEffect {
    Member {
        user: UserId,
        /// `None`: the account is gone.
        state: Option<MemberState>,
    },
    /// The keyed hash of the company's new name, in hexadecimal digits.
    Name { name_hash: String },
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct MemberState {
    roles: Roles,
    active: bool,
    #[serde(default)]
    set_apart: Option<Visibility>,
}

impl DirectoryEffect {
    pub(crate) fn state_of(user: &user::User) -> Self {
        let state = MemberState { roles: user.roles, active: user.active, set_apart: user.set_apart };
        Self::Member { user: user.id.clone(), state: Some(state) }
    }

    pub(crate) fn removal_of(user: &UserId) -> Self {
        Self::Member { user: user.clone(), state: None }
    }

    pub(crate) fn name(hash: &[u8]) -> Self {
        Self::Name { name_hash: hash.iter().map(|byte| format!("{byte:02x}")).collect() }
    }
}

/// Applies one effect; idempotent.
pub(super) async fn apply(app: &App, company: &CompanyId, payload: &str) -> Result<(), AppError> {
    match serde_json::from_str(payload).map_err(|e| unreadable(&e))? {
        DirectoryEffect::Member { user, state: Some(state) } => {
            let MemberState { roles, active, set_apart } = state;
            put(app, user, MemberFacts { company: company.clone(), roles, active, set_apart }).await
        }
        DirectoryEffect::Member { user, state: None } => remove(app, user).await,
        DirectoryEffect::Name { name_hash } => rename(app, company.clone(), &name_hash).await,
    }
}

async fn put(app: &App, user: UserId, facts: MemberFacts) -> Result<(), AppError> {
    let (id, newest) = (user.clone(), facts.clone());
    let (desk, now_ms, life_s) = (Arc::clone(&app.relay), app.clock.now_ms(), app.credentials_live_s());
    let change = move |c: &store::Connection| {
        if !facts.active {
            // A closed account is not opened by a link that was made before, and is relayed nothing.
            join_link::remove_user(c, &user)?;
            relay::revoke(c, &user, now_ms, life_s)?;
        }
        Ok(member::put(c, &user, &facts)?)
    };
    app.change_directory(change, move |relations, ()| {
        if !newest.active {
            relay::told(&desk, &id, now_ms, life_s);
        }
        relations.write().unwrap_or_else(PoisonError::into_inner).put_member(id, newest);
    })
    .await
}

async fn remove(app: &App, user: UserId) -> Result<(), AppError> {
    let (gone, now_ms, live) = (user.clone(), app.clock.now_ms(), Arc::clone(&app.live));
    let (desk, life_s) = (Arc::clone(&app.relay), app.credentials_live_s());
    let change = move |c: &store::Connection| {
        login::remove_user(c, &user)?;
        edges::remove_user(c, &user)?;
        file_grant::forget_viewer(c, user.as_str())?;
        member::remove(c, &user)?;
        relay::revoke(c, &user, now_ms, life_s)?;
        // Bubbles of somebody who is gone pass to a co-organizer, or are archived (D4).
        let mut bubbles = Vec::new();
        for id in bubble_members::of_user(c, &user)? {
            let Some(before) = bubble_members::find(c, &id)? else { continue };
            let mut bubble = before.clone();
            let changed = bubble.forget_account(&user, now_ms);
            bubble_members::put(c, &id, &bubble, &changed)?;
            bubbles.push((id, Stepped { bubble, before, changed }));
        }
        Ok(bubbles)
    };
    let tell = move |relations: &Shared, bubbles: &Vec<(BubbleId, Stepped)>| {
        {
            let mut relations = relations.write().unwrap_or_else(PoisonError::into_inner);
            bubbles.iter().for_each(|(id, stepped)| relations.put_bubble(id, stepped.bubble.clone()));
            relations.remove_member(&gone);
        }
        relay::told(&desk, &gone, now_ms, life_s);
        bubbles.iter().for_each(|(id, stepped)| tell_members(&live, id, stepped));
    };
    app.change_directory(change, tell).await.map(|_| ())
}

async fn rename(app: &App, company: CompanyId, name_hash: &str) -> Result<(), AppError> {
    let digit = |at: usize| name_hash.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
    let hash: Vec<u8> = (0..name_hash.len()).step_by(2).filter_map(digit).collect();
    let (of, change) =
        (company.clone(), move |c: &store::Connection| Ok::<_, AppError>(companies::rename(c, &company, &hash)?));
    if !app.store.directory().write(change).await? {
        // The lane must go on; the console finds this company by its former name.
        tracing::error!(company = %of, "another company has taken this company's new name meanwhile");
    }
    Ok(())
}
