use crate::{App, AppError, Caller};
use domain::ids::CompanyId;
use domain::rights::Right;
use domain::visibility::Visibility;
use store::companies;
use store::company::{self, Company};

/// A company's page.
#[derive(Debug, Clone)]
pub struct CompanyPage {
    /// Name, id and age.
    pub company: Company,
    /// Its mode (B2).
    pub visibility: Visibility,
}

/// The page of the caller's own company.
///
/// # Errors
/// [`AppError::NotFound`] for any other.
pub async fn read(app: &App, caller: &Caller, id: &CompanyId) -> Result<CompanyPage, AppError> {
    caller.needs(Right::UseService, id)?;
    let wanted = id.clone();
    let entry = app.store.directory().read(move |c| Ok::<_, AppError>(companies::find(c, &wanted)?)).await?;
    let visibility = entry.ok_or(AppError::NotFound("company"))?.visibility;
    let company = app.company(id).await?.read(|c| Ok::<_, AppError>(company::read(c)?)).await?;
    Ok(CompanyPage { company, visibility })
}
