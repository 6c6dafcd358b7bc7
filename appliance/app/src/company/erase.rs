use super::receipt::{Erasure, Receipt, erasure, sign};
use crate::live::{Gone, Notice, Push, Standing};
use crate::{App, AppError, Caller, backup, relay};
use domain::clock::iso8601;
use domain::company::CompanyKind;
use domain::ids::CompanyId;
use domain::relations::Departed;
use domain::rights::{Area, Right, Role, Whose, allows};
use std::sync::{Arc, PoisonError};
use store::{company, erasure as rows};

/// What came of an erasure.
#[derive(Debug)]
pub struct Erased {
    /// What was destroyed, signed.
    pub receipt: Receipt,
    /// Whether each backup has forgotten the company's key; one that did not answer does with its next run.
    pub backups: Vec<backup::Outcome<()>>,
}

/// Receipts that are told at once.
const RECEIPTS_MAX: u32 = 50;

/// Erases a company on behalf of the box owner, or a customer on behalf of its business partner (R1).
///
/// # Errors
/// Missing right; [`AppError::Forbidden`] for the company of the box owner.
pub async fn erase(app: &App, caller: &Caller, id: &CompanyId) -> Result<Erased, AppError> {
    let whose = app.relations().whose(id, &caller.company);
    let partner =
        whose == Some(Whose::Customers) && allows(caller.roles, caller.kind, Area::CompanyAndMembers, Whose::Customers);
    if !partner {
        app.permit(caller, Right::OwnBox, id)?;
    }
    destroy(app, id).await
}

/// What erasing a company would destroy; changes nothing. For whoever holds the box's data folder.
///
/// # Errors
/// [`AppError::NotFound`], [`AppError::Forbidden`] for the company of the box owner.
pub async fn erasure_plan(app: &App, id: &CompanyId) -> Result<(String, Erasure), AppError> {
    erasable(app, id)?;
    Ok((app.company_name(id).await?, counted(app, id).await?))
}

/// Erases a company: its key is destroyed, and with it everything that was ever sealed under it, wherever copies lie. Its
/// people are signed out, its edges to others are gone; what others were told by its people stays with them, without a name.
///
/// # Errors
/// [`AppError::NotFound`], [`AppError::Forbidden`] for the company of the box owner; storage.
pub async fn destroy(app: &App, id: &CompanyId) -> Result<Erased, AppError> {
    let one_at_a_time = app.reserving.lock().await;
    erasable(app, id)?;
    let receipt = sign(app, counted(app, id).await?).await?;
    let told = serde_json::to_string(&receipt).map_err(|e| AppError::invalid("receipt", e))?;
    let (now_ms, gone, of) = (app.clock.now_ms(), id.clone(), id.clone());
    let (answer, departed) = tokio::sync::oneshot::channel();
    let (live, desk, life_s) = (Arc::clone(&app.live), Arc::clone(&app.relay), app.credentials_live_s());
    app.change_directory(
        move |c| {
            let erased = rows::erase(c, &gone, &told, now_ms)?;
            if erased { Ok(()) } else { Err(AppError::NotFound("company")) }
        },
        move |relations, ()| {
            let departed = relations.write().unwrap_or_else(PoisonError::into_inner).remove_company(&of);
            for member in &departed.members {
                relay::told(&desk, member, now_ms, life_s);
            }
            for (bubble, state) in &departed.bubbles {
                for user in state.members.keys().filter(|user| !departed.members.contains(user)) {
                    let status = Some(Standing::Nothing);
                    let notice = Notice::Member { bubble: bubble.clone(), user: user.clone(), status, role: None };
                    live.push_all(user, &Push::Notice(Arc::new(notice)));
                    live.put_out(bubble, user, Gone::Ended);
                }
            }
            // The caller waits for it.
            let _ = answer.send(departed);
        },
    )
    .await?;
    // From here on the company is gone; what is left is swept, now or at the next start.
    say_good_bye(app, departed.await.unwrap_or_default());
    app.forget_company_name(id);
    app.store.sweep(id).await?;
    drop(one_at_a_time);
    tracing::info!(company = %id, "a company was erased: its key is destroyed");
    Ok(Erased { receipt, backups: backup::forget(app, id).await })
}

fn say_good_bye(app: &App, departed: Departed) {
    for (contact, member) in departed.parted {
        app.live.push_all(&contact, &Push::Network { user: member, joined: false });
    }
    for member in departed.members {
        app.live.end_user(&member);
        app.names.forget(&member);
    }
}

/// The receipts of erased companies, the newest first, as they were signed.
///
/// # Errors
/// When the directory cannot be read.
pub async fn receipts(app: &App) -> Result<Vec<String>, AppError> {
    app.store.directory().read(|c| Ok::<_, AppError>(rows::receipts(c, RECEIPTS_MAX)?)).await
}

/// The owner's company is the box: without it nobody could administer the others.
fn erasable(app: &App, id: &CompanyId) -> Result<(), AppError> {
    let relations = app.relations();
    let facts = relations.company(id).ok_or(AppError::NotFound("a company of this id"))?;
    let owners = relations.members().any(|(_, of)| of.company == *id && of.roles.has(Role::SuperAdministrator));
    // New standalone people would have nowhere to go.
    if owners || facts.kind == CompanyKind::Default { Err(AppError::Forbidden) } else { Ok(()) }
}

async fn counted(app: &App, id: &CompanyId) -> Result<Erasure, AppError> {
    let census = app.company(id).await?.read(|c| Ok::<_, AppError>(company::census(c)?)).await?;
    let hash = app.store.wrapped_key_hash(id).await?;
    let erased_at = iso8601(app.clock.now_ms());
    Ok(Erasure {
        people: census.people,
        messages: census.messages,
        bubbles: census.bubbles,
        files: census.files,
        file_bytes: census.file_bytes,
        ..erasure(id.to_string(), app.domain(), erased_at, &hash)
    })
}
