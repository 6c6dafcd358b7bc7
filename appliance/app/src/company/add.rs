use crate::people::company_name_hash;
use crate::{App, AppError, Caller};
use domain::company::{CompanyKind, clean_name};
use domain::ids::CompanyId;
use domain::relations::CompanyFacts;
use domain::rights::{Area, Right, Role, Whose, allows};
use domain::visibility::Visibility;
use std::sync::PoisonError;
use store::companies::{self, CompanyEntry};
use store::company::Company;

/// A company to be added.
#[derive(Debug, Clone)]
pub struct NewCompany {
    /// Its name, unique on the box.
    pub name: String,
    /// Customer or partner.
    pub kind: CompanyKind,
    /// Its mode (B2).
    pub visibility: Visibility,
}

/// Adds a company on behalf of the box owner, or a customer on behalf of its business partner (R1).
///
/// # Errors
/// Missing right; a name that cannot be one or is in use.
pub async fn create(app: &App, caller: &Caller, new: NewCompany) -> Result<CompanyId, AppError> {
    let owner = caller.roles.has(Role::SuperAdministrator);
    let partner = allows(caller.roles, caller.kind, Area::CompanyAndMembers, Whose::Customers);
    if !owner && (!partner || new.kind != CompanyKind::EndCustomer) {
        return Err(app.permit(caller, Right::OwnBox, &caller.company).err().unwrap_or(AppError::Forbidden));
    }
    let partner = (!owner).then(|| caller.company.clone());
    insert(app, new, partner).await
}

/// Adds a company, on behalf of whoever holds the box's data folder (its owner at the console).
///
/// # Errors
/// A name that cannot be one or is in use.
pub async fn add(app: &App, name: &str, visibility: Visibility) -> Result<CompanyId, AppError> {
    insert(app, NewCompany { name: name.to_owned(), kind: CompanyKind::EndCustomer, visibility }, None).await
}

/// As [`add`], of any kind.
///
/// # Errors
/// A name that cannot be one or is in use.
pub async fn add_of_kind(app: &App, new: NewCompany) -> Result<CompanyId, AppError> {
    insert(app, new, None).await
}

pub(super) fn checked_name(name: &str) -> Result<String, AppError> {
    clean_name(name).ok_or_else(wrong_name)
}

pub(crate) fn wrong_name() -> AppError {
    AppError::invalid("name", "1 to 255 characters, no control characters")
}

pub(super) const TAKEN: AppError = AppError::Exists("a company of this name");

/// Its file is made first; it counts for nothing until its key stands in the directory.
async fn insert(app: &App, new: NewCompany, partner: Option<CompanyId>) -> Result<CompanyId, AppError> {
    let name = checked_name(&new.name)?;
    if new.visibility == Visibility::Organization {
        let why = "a new company belongs to no organization yet: put it into one, then set the mode";
        return Err(AppError::invalid("visibility", why));
    }
    let _one_at_a_time = app.reserving.lock().await;
    if new.kind == CompanyKind::Default && default_exists(app) {
        return Err(AppError::Exists("the default company"));
    }
    if find_by_name(app, &name).await?.is_some() {
        return Err(TAKEN);
    }
    let now_ms = app.clock.now_ms();
    let id = CompanyId::random(app.rng.as_ref());
    let hash = company_name_hash(app, &name);
    let page = Company { id: id.clone(), name, created_ms: now_ms, shares_files: true };
    let wrapped_key = app.store.create_company(page, app.rng.as_ref()).await?;
    let facts = CompanyFacts { kind: new.kind, visibility: new.visibility, organization: None, partner };
    let entry = CompanyEntry { id: id.clone(), facts: facts.clone(), wrapped_key };
    let change = move |c: &store::Connection| {
        if companies::insert(c, &entry, &hash, now_ms)? { Ok(entry.id) } else { Err(TAKEN) }
    };
    app.change_directory(change, move |relations, id| {
        relations.write().unwrap_or_else(PoisonError::into_inner).put_company(id.clone(), facts);
    })
    .await
}

/// Standalone users have one company (A9).
fn default_exists(app: &App) -> bool {
    app.relations().companies().any(|(_, facts)| facts.kind == CompanyKind::Default)
}

/// The company of a name, for the local console.
///
/// # Errors
/// When the directory cannot be read.
pub async fn find_by_name(app: &App, name: &str) -> Result<Option<CompanyId>, AppError> {
    let hash = company_name_hash(app, name.trim());
    let entry = app.store.directory().read(move |c| Ok::<_, AppError>(companies::find_by_name(c, &hash)?)).await?;
    Ok(entry.map(|entry| entry.id))
}
