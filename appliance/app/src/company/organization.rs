use super::add::checked_name;
use crate::{App, AppError, Caller};
use domain::ids::OrganizationId;
use domain::rights::Right;
use store::organization::{self, Organization};

/// Makes an organization (B4): the box owner alone. Companies come into it by [`super::change`].
///
/// # Errors
/// Missing right; a name that cannot be one or is in use.
pub async fn add_organization(app: &App, caller: &Caller, name: &str) -> Result<Organization, AppError> {
    app.permit(caller, Right::OwnBox, &caller.company)?;
    let id = OrganizationId::random(app.rng.as_ref());
    let new = Organization { id, name: checked_name(name)?, created_ms: app.clock.now_ms() };
    let row = new.clone();
    let added = app.store.directory().write(move |c| Ok::<_, AppError>(organization::insert(c, &row)?)).await?;
    if added { Ok(new) } else { Err(AppError::Exists("an organization of this name")) }
}

/// Every organization of the box: for its owner alone.
///
/// # Errors
/// Missing right.
pub async fn list_organizations(app: &App, caller: &Caller) -> Result<Vec<Organization>, AppError> {
    app.permit(caller, Right::OwnBox, &caller.company)?;
    app.store.directory().read(|c| Ok::<_, AppError>(organization::all(c)?)).await
}
