use crate::people::{Page, Window};
use crate::{App, AppError, Caller};
use domain::ids::CompanyId;
use domain::relations::CompanyFacts;
use domain::rights::{self, Area, Right};
use store::company::{self, Company};

/// A company's page.
#[derive(Debug, Clone)]
pub struct CompanyPage {
    /// Name, id and age.
    pub company: Company,
    /// Kind, mode, organization and partner.
    pub facts: CompanyFacts,
    /// The companies that the box owner lets see it (B5); told to its administrators only.
    pub visible_by: Vec<CompanyId>,
    /// It is the caller's own.
    pub own: bool,
}

async fn page(app: &App, caller: &Caller, id: &CompanyId, administers: bool) -> Result<CompanyPage, AppError> {
    let (facts, visible_by) = {
        let relations = app.relations();
        let facts = relations.company(id).cloned().ok_or(AppError::NotFound("company"))?;
        let visible_by = if administers { relations.visible_by(id).into_iter().collect() } else { Vec::new() };
        (facts, visible_by)
    };
    let company = app.company(id).await?.read(|c| Ok::<_, AppError>(company::read(c)?)).await?;
    Ok(CompanyPage { company, facts, visible_by, own: *id == caller.company })
}

/// The page of the caller's own company, or of one whose page is shown to the caller (B3-B5).
///
/// # Errors
/// [`AppError::NotFound`] for any other, existing or not.
pub async fn read(app: &App, caller: &Caller, id: &CompanyId) -> Result<CompanyPage, AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    if !app.relations().shows_page(id, &caller.user) {
        return Err(AppError::NotFound("company"));
    }
    page(app, caller, id, false).await
}

/// The pages that the caller's search shows, by name; of those only that hold `name`, whatever the case.
///
/// # Errors
/// When the store fails.
pub async fn search(app: &App, caller: &Caller, name: &str, window: Window) -> Result<Page<CompanyPage>, AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    let shown: Vec<CompanyId> = {
        let relations = app.relations();
        let shown = relations.companies().filter(|(id, _)| relations.shows_page(id, &caller.user));
        shown.map(|(id, _)| id.clone()).collect()
    };
    pages(app, caller, shown, name, false, window).await
}

/// A company, for administration.
///
/// # Errors
/// Missing right; [`AppError::NotFound`] for companies that the caller may not know of.
pub async fn find_administered(app: &App, caller: &Caller, id: &CompanyId) -> Result<CompanyPage, AppError> {
    app.permit(caller, Right::In(Area::CompanyAndMembers), id)?;
    page(app, caller, id, true).await
}

/// The companies that the caller administers, by name; of those only that hold `name`.
///
/// # Errors
/// [`AppError::Forbidden`] when there is none.
pub async fn list_administered(
    app: &App,
    caller: &Caller,
    name: &str,
    window: Window,
) -> Result<Page<CompanyPage>, AppError> {
    let right = Right::In(Area::CompanyAndMembers);
    let administered: Vec<CompanyId> = {
        let relations = app.relations();
        let may = |id: &CompanyId| {
            rights::need(right, caller.roles, caller.kind, relations.whose(id, &caller.company)).is_ok()
        };
        relations.companies().filter(|(id, _)| may(id)).map(|(id, _)| id.clone()).collect()
    };
    if administered.is_empty() {
        return Err(AppError::Forbidden);
    }
    pages(app, caller, administered, name, true, window).await
}

async fn pages(
    app: &App,
    caller: &Caller,
    ids: Vec<CompanyId>,
    name: &str,
    administers: bool,
    window: Window,
) -> Result<Page<CompanyPage>, AppError> {
    let wanted = name.to_lowercase();
    let mut named = Vec::new();
    for id in ids {
        match app.company_name(&id).await {
            Ok(name) if name.to_lowercase().contains(&wanted) => named.push((name.to_lowercase(), id)),
            Ok(_) => {}
            // A company that cannot be read takes no other with it (B1): it is passed over.
            Err(failure) => tracing::error!(company = %id, %failure, "a company's page cannot be read"),
        }
    }
    named.sort();
    let Page { items: cut, total } = Page::cut(named, window);
    let mut items = Vec::new();
    for (_, id) in &cut {
        match page(app, caller, id, administers).await {
            Err(AppError::Store(failure)) => {
                tracing::error!(company = %id, %failure, "a company's page cannot be read")
            }
            page => items.push(page?),
        }
    }
    Ok(Page { items, total })
}
