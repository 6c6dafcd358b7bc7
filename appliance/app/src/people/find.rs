use super::User;
use crate::{App, AppError, Caller};
use domain::email::Email;
use domain::ids::{CompanyId, UserId};
use domain::rights::{Area, Right};
use store::{member, user};

/// Which part of a list is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    /// Entries to pass over.
    pub offset: u32,
    /// Most entries to answer.
    pub limit: u32,
}

/// A part of a list, and how long the list is.
#[derive(Debug)]
pub struct Page<T> {
    /// The entries.
    pub items: Vec<T>,
    /// Entries of the whole list.
    pub total: u64,
}

/// A person whom the caller may see: today a colleague.
///
/// # Errors
/// [`AppError::NotFound`] for everybody else, existing or not (decision 6).
pub async fn find(app: &App, caller: &Caller, id: &UserId) -> Result<User, AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    let database = app.company(&caller.company).await?;
    let wanted = id.clone();
    let found = database.read(move |c| Ok::<_, AppError>(user::find(c, &wanted)?)).await?;
    found.ok_or(AppError::NotFound("user"))
}

/// People whom the caller may see; ids of others are passed over.
///
/// # Errors
/// When the store fails.
pub async fn find_many(app: &App, caller: &Caller, ids: Vec<UserId>) -> Result<Vec<User>, AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    let database = app.company(&caller.company).await?;
    let found = move |c: &store::Connection| {
        let found = ids.iter().map(|id| user::find(c, id)).collect::<Result<Vec<_>, _>>()?;
        Ok::<_, AppError>(found.into_iter().flatten().collect())
    };
    database.read(found).await
}

/// People whom the caller may see, by address; others are passed over.
///
/// # Errors
/// When the store fails.
pub async fn find_by_emails(app: &App, caller: &Caller, emails: Vec<String>) -> Result<Vec<User>, AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    let database = app.company(&caller.company).await?;
    let emails: Vec<Email> = emails.iter().filter_map(|email| Email::parse(email).ok()).collect();
    let found = move |c: &store::Connection| {
        let found = emails.iter().map(|email| user::find_by_email(c, email)).collect::<Result<Vec<_>, _>>()?;
        Ok::<_, AppError>(found.into_iter().flatten().collect())
    };
    database.read(found).await
}

/// The company and account of a user whom the caller may know of: the own company's, any for the box owner.
///
/// # Errors
/// [`AppError::NotFound`] for everybody else.
pub(super) async fn locate(app: &App, caller: &Caller, id: &UserId) -> Result<(CompanyId, User), AppError> {
    let wanted = id.clone();
    let company = app.store.directory().read(move |c| Ok::<_, AppError>(member::company_of(c, &wanted)?)).await?;
    let hidden = || AppError::NotFound("user");
    let company = company.ok_or_else(hidden)?;
    if company != caller.company && caller.needs(Right::OwnBox, &company).is_err() {
        return Err(hidden());
    }
    let wanted = id.clone();
    let found = app.company(&company).await?.read(move |c| Ok::<_, AppError>(user::find(c, &wanted)?)).await?;
    Ok((company, found.ok_or_else(hidden)?))
}

/// One member, for administration.
///
/// # Errors
/// Missing right; [`AppError::NotFound`] for members of companies that the caller does not administer.
pub async fn find_member(app: &App, caller: &Caller, id: &UserId) -> Result<(CompanyId, User), AppError> {
    let (company, user) = locate(app, caller, id).await?;
    caller.needs(Right::In(Area::CompanyAndMembers), &company)?;
    Ok((company, user))
}

/// The members of a company, for administration, by address.
///
/// # Errors
/// Missing right.
pub async fn list_members(
    app: &App,
    caller: &Caller,
    company: &CompanyId,
    window: Window,
) -> Result<Page<User>, AppError> {
    caller.needs(Right::In(Area::CompanyAndMembers), company)?;
    let database = app.company(company).await?;
    database
        .read(move |c| {
            let items = user::page(c, false, window.offset, window.limit)?;
            Ok::<_, AppError>(Page { items, total: user::count(c, false)? })
        })
        .await
}
