use super::close;
use crate::bubble;
use crate::outbox::{self, DirectoryEffect};
use crate::{App, AppError, file};
use domain::ids::{BubbleId, CompanyId, UserId};
use std::collections::BTreeSet;
use std::sync::Weak;
use std::time::Duration;
use store::{Connection, user};

/// How often is looked for guests whose time is over. What they may do ends on the dot: signing in asks.
const EVERY: Duration = Duration::from_secs(60);
/// A closed account without a bubble is kept for so long after its last use.
const HOMELESS_MS: i64 = 3_600_000;

/// From now on: guests who were not there for the set time are put out, and accounts of those whose bubble is gone removed.
pub(crate) async fn sweep(app: Weak<App>) {
    loop {
        tokio::time::sleep(EVERY).await;
        let Some(app) = app.upgrade() else { return };
        if let Err(failure) = put_out_absent(&app).await {
            tracing::error!(%failure, "guests could not be looked at");
        }
    }
}

/// Puts out every guest who was not there for the set time, and removes closed accounts of whom nothing is left.
///
/// # Errors
/// When the store fails.
pub async fn put_out_absent(app: &App) -> Result<(), AppError> {
    let companies: BTreeSet<CompanyId> = {
        let relations = app.relations();
        let guests = relations.members().filter(|(_, member)| member.roles.is_guest());
        guests.map(|(_, member)| member.company.clone()).collect()
    };
    for company in companies {
        let guests = app.company(&company).await?.read(|c| Ok::<_, AppError>(user::guests(c)?)).await?;
        for guest in guests {
            look_at(app, &company, guest).await?;
        }
    }
    Ok(())
}

async fn look_at(app: &App, company: &CompanyId, guest: user::Guest) -> Result<(), AppError> {
    let unused_ms = app.clock.now_ms().saturating_sub(guest.last_used_ms);
    let (homeless, hosts): (bool, Vec<BubbleId>) = {
        let relations = app.relations();
        let of = relations.bubbles_of(&guest.id).chain(relations.waits_at(&guest.id));
        (!relations.has_to_do_with_bubbles(&guest.id), of.map(|(id, _)| id.clone()).collect())
    };
    if unused_ms > app.settings.guest_life_s.saturating_mul(1000) {
        for bubble in &hosts {
            bubble::put_out_guest(app, &guest.id, bubble).await?;
        }
        close(app, &guest.id).await?;
    }
    if homeless && !guest.active && unused_ms > HOMELESS_MS {
        remove(app, company, &guest.id).await?;
    }
    Ok(())
}

/// Nothing that he said is left anywhere: neither is he.
async fn remove(app: &App, company: &CompanyId, id: &UserId) -> Result<(), AppError> {
    close(app, id).await?;
    let (gone, now_ms, kind) = (id.clone(), app.clock.now_ms(), app.kind_of(company)?);
    let delete = move |c: &Connection| {
        let Some(guest) = user::find(c, &gone)?.filter(|user| user.roles.is_guest()) else { return Ok(()) };
        file::leave(c, guest.no, kind, now_ms)?;
        user::delete(c, guest.no)?;
        outbox::to_directory(c, &DirectoryEffect::removal_of(&gone), now_ms)
    };
    app.company(company).await?.write(delete).await?;
    app.settle_directory(company).await
}
