use super::add::{TAKEN, checked_name};
use super::{CompanyPage, find_administered, find_by_name};
use crate::outbox::{self, DirectoryEffect};
use crate::people::company_name_hash;
use crate::{App, AppError, Caller};
use domain::company::CompanyKind;
use domain::ids::{CompanyId, OrganizationId};
use domain::rights::{Area, Right};
use domain::visibility::Visibility;
use std::sync::PoisonError;
use store::{companies, company, organization};

/// What of a company is to change; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct CompanyChange {
    /// Its name.
    pub name: Option<String>,
    /// Its mode (B2).
    pub visibility: Option<Visibility>,
    /// The organization that it belongs to, or none; only the box owner says so (B4).
    pub organization: Option<Option<OrganizationId>>,
    /// The business partner whose customer it is, or none; only the box owner says so (R1).
    pub partner: Option<Option<CompanyId>>,
    /// Its people may share files (C7).
    pub shares_files: Option<bool>,
}

/// Changes a company, on behalf of who administers it.
///
/// # Errors
/// Missing right; a name that is in use; an organization or partner that does not exist.
pub async fn change(
    app: &App,
    caller: &Caller,
    id: &CompanyId,
    change: CompanyChange,
) -> Result<CompanyPage, AppError> {
    app.permit(caller, Right::In(Area::CompanyAndMembers), id)?;
    if change.organization.is_some() || change.partner.is_some() {
        app.permit(caller, Right::OwnBox, id)?;
    }
    check_partner(app, id, change.partner.as_ref().and_then(Option::as_ref))?;
    if let Some(name) = &change.name {
        checked_name(name)?;
        let holder = find_by_name(app, name).await?;
        if holder.is_some_and(|holder| holder != *id) {
            return Err(TAKEN);
        }
    }
    let (name, shares_files) = (change.name.clone(), change.shares_files);
    change_facts(app, id, change).await?;
    if let Some(name) = name {
        rename(app, id, &name).await?;
    }
    if let Some(shares) = shares_files {
        let set = move |c: &store::Connection| Ok::<_, AppError>(company::set_shares_files(c, shares)?);
        app.company(id).await?.write(set).await?;
    }
    find_administered(app, caller, id).await
}

fn check_partner(app: &App, id: &CompanyId, partner: Option<&CompanyId>) -> Result<(), AppError> {
    let Some(partner) = partner else { return Ok(()) };
    let kind = app.relations().company(partner).map(|facts| facts.kind);
    if kind == Some(CompanyKind::Partner) && partner != id {
        return Ok(());
    }
    Err(AppError::invalid("bpId", "expected the id of a business partner's company"))
}

async fn rename(app: &App, id: &CompanyId, name: &str) -> Result<(), AppError> {
    let name = checked_name(name)?;
    let _one_at_a_time = app.reserving.lock().await;
    match find_by_name(app, &name).await? {
        Some(other) if other != *id => return Err(TAKEN),
        _ => {}
    }
    let (effect, now_ms) = (DirectoryEffect::name(&company_name_hash(app, &name)), app.clock.now_ms());
    let database = app.company(id).await?;
    database
        .write(move |c| {
            company::rename(c, &name)?;
            outbox::to_directory(c, &effect, now_ms)
        })
        .await?;
    app.forget_company_name(id);
    app.settle_directory(id).await
}

async fn change_facts(app: &App, id: &CompanyId, change: CompanyChange) -> Result<(), AppError> {
    if change.visibility.is_none() && change.organization.is_none() && change.partner.is_none() {
        return Ok(());
    }
    let (of, wanted) = (id.clone(), id.clone());
    let apply = move |c: &store::Connection| {
        let mut facts = companies::find(c, &wanted)?.ok_or(AppError::NotFound("company"))?.facts;
        if let Some(Some(organization)) = &change.organization
            && !organization::exists(c, organization)?
        {
            return Err(AppError::invalid("organisationId", "expected the id of an organization of this box"));
        }
        facts.visibility = change.visibility.unwrap_or(facts.visibility);
        facts.organization = change.organization.unwrap_or(facts.organization);
        facts.partner = change.partner.unwrap_or(facts.partner);
        if facts.visibility == Visibility::Organization && facts.organization.is_none() {
            return Err(AppError::invalid("visibility", "organization is for companies that belong to one"));
        }
        companies::update(c, &wanted, &facts)?;
        Ok(facts)
    };
    app.change_directory(apply, move |relations, facts| {
        relations.write().unwrap_or_else(PoisonError::into_inner).put_company(of, facts.clone());
    })
    .await
    .map(|_| ())
}
