use crate::people::company_name_hash;
use crate::{App, AppError};
use domain::company::{CompanyKind, clean_name};
use domain::ids::CompanyId;
use domain::visibility::Visibility;
use store::companies::{self, CompanyEntry};
use store::company::Company;

/// Adds a company, on behalf of whoever holds the box's data folder (its owner at the console).
///
/// Its file is made first; it counts for nothing until its key stands in the directory.
///
/// # Errors
/// A name that cannot be one or is in use.
pub async fn add(app: &App, name: &str, visibility: Visibility) -> Result<CompanyId, AppError> {
    let name =
        clean_name(name).ok_or_else(|| AppError::invalid("name", "1 to 255 characters, no control characters"))?;
    let taken = || AppError::Exists("a company of this name");
    if find_by_name(app, &name).await?.is_some() {
        return Err(taken());
    }
    let now_ms = app.clock.now_ms();
    let id = CompanyId::random(app.rng.as_ref());
    let hash = company_name_hash(app, &name);
    let page = Company { id: id.clone(), name, created_ms: now_ms };
    let wrapped_key = app.store.create_company(page, app.rng.as_ref()).await?;
    let entry = CompanyEntry { id: id.clone(), kind: CompanyKind::EndCustomer, visibility, wrapped_key };
    let won =
        app.store.directory().write(move |c| Ok::<_, AppError>(companies::insert(c, &entry, &hash, now_ms)?)).await?;
    if won { Ok(id) } else { Err(taken()) }
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
