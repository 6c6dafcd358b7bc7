use super::{User, login_hash};
use crate::{App, AppError, Caller};
use domain::company::CompanyKind;
use domain::email::Email;
use domain::ids::{CompanyId, UserId};
use domain::presence::Level;
use domain::rights::Roles;
use domain::rights::{Area, Right};
use std::collections::{BTreeMap, HashMap};
use store::person::PersonNo;
use store::user::Profile;
use store::{erasure, login, user};

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

impl<T> Page<T> {
    /// The part of a list that is held whole.
    pub(crate) fn cut(all: Vec<T>, window: Window) -> Self {
        let total = u64::try_from(all.len()).unwrap_or(u64::MAX);
        let (skip, take) = (usize::try_from(window.offset), usize::try_from(window.limit));
        let page = all.into_iter().skip(skip.unwrap_or(usize::MAX)).take(take.unwrap_or(usize::MAX));
        Self { items: page.collect(), total }
    }
}

/// A person as the caller may see him.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The account.
    pub user: User,
    /// Its company.
    pub company: CompanyId,
    /// The company's name, to those whom its page is shown or who are near.
    pub company_name: Option<String>,
    /// The person belongs to no company of his own (A9).
    pub standalone: bool,
    /// The caller himself, a colleague or somebody in the network: sees addresses. Others see who it is, no more.
    pub near: bool,
}

/// A person whom the caller may know of: by search, in the network, or by an invitation that waits for the caller.
///
/// # Errors
/// [`AppError::NotFound`] for everybody else, existing or not (decision 6).
pub async fn find(app: &App, caller: &Caller, id: &UserId) -> Result<Seen, AppError> {
    let found = find_many(app, caller, vec![id.clone()]).await?;
    match found.into_iter().next() {
        Some(seen) => Ok(seen),
        None => of_erased(app, caller, id).await?.ok_or(AppError::NotFound("user")),
    }
}

/// What stands for the name of somebody who is gone (decision 9).
const NO_NAME: &str = "***";
/// Nobody's address: nobody is shown it either.
const NO_ADDRESS: &str = "erased@erased.invalid";

/// Somebody of an erased company whom the caller has a conversation with: the copy stays, and says `***`.
async fn of_erased(app: &App, caller: &Caller, id: &UserId) -> Result<Option<Seen>, AppError> {
    let (me, wanted) = (caller.no, id.clone());
    let read = move |c: &store::Connection| Ok::<_, AppError>(erasure::company_of_peer(c, me, &wanted)?);
    let company = app.company(&caller.company).await?.read(read).await?;
    let Some(company) = company.filter(|company| app.relations().company(company).is_none()) else { return Ok(None) };
    let email = Email::parse(NO_ADDRESS).map_err(|e| AppError::invalid("email", e.to_string()))?;
    let user = User {
        no: PersonNo(0),
        id: id.clone(),
        email,
        profile: Profile { first_name: NO_NAME.to_owned(), ..Profile::default() },
        set_apart: None,
        shares_files: None,
        roles: Roles::USER,
        active: false,
        joined: false,
        presence: Level::Offline,
        created_ms: 0,
    };
    Ok(Some(Seen { user, company, company_name: None, standalone: false, near: false }))
}

/// People whom the caller may know of, in the order asked; ids of others are passed over.
///
/// # Errors
/// When the store fails.
pub async fn find_many(app: &App, caller: &Caller, ids: Vec<UserId>) -> Result<Vec<Seen>, AppError> {
    caller.needs(Right::TakePart, &caller.company)?;
    let known: Vec<(UserId, CompanyId)> = {
        let relations = app.relations();
        let known = ids.into_iter().filter(|id| relations.knows(&caller.user, id));
        known.filter_map(|id| relations.member(&id).map(|member| (id.clone(), member.company.clone()))).collect()
    };
    load(app, caller, known).await
}

/// From so many people of one company on, reading it whole is quicker than looking each of them up.
const MANY: usize = 200;

/// The accounts of one company among those wanted, with their places.
fn accounts(c: &store::Connection, wanted: Vec<(usize, UserId)>) -> Result<Vec<(usize, User)>, AppError> {
    if wanted.len() < MANY {
        let found = wanted.into_iter().map(|(place, id)| Ok(user::find(c, &id)?.map(|user| (place, user))));
        return found.filter_map(Result::transpose).collect();
    }
    let mut all: HashMap<UserId, User> = user::all(c)?.into_iter().map(|user| (user.id.clone(), user)).collect();
    Ok(wanted.into_iter().filter_map(|(place, id)| all.remove(&id).map(|user| (place, user))).collect())
}

/// Reads the accounts, one query a company, and keeps their order.
pub(super) async fn load(app: &App, caller: &Caller, people: Vec<(UserId, CompanyId)>) -> Result<Vec<Seen>, AppError> {
    let mut by_company: BTreeMap<CompanyId, Vec<(usize, UserId)>> = BTreeMap::new();
    for (place, (id, company)) in people.into_iter().enumerate() {
        by_company.entry(company).or_default().push((place, id));
    }
    let mut seen = Vec::new();
    for (company, wanted) in by_company {
        let found = match app.company(&company).await {
            Ok(database) => database.read(move |c| accounts(c, wanted)).await,
            Err(failure) => Err(failure),
        };
        let found = match found {
            Err(AppError::Store(failure)) if company != caller.company => {
                // A company that cannot be read takes no other with it (B1): its people are passed over.
                tracing::error!(%company, %failure, "the people of a company cannot be read");
                continue;
            }
            found => found?,
        };
        for (place, user) in found {
            seen.push((place, see(app, caller, user, &company).await?));
        }
    }
    seen.sort_by_key(|(place, _)| *place);
    Ok(seen.into_iter().map(|(_, seen)| seen).collect())
}

async fn see(app: &App, caller: &Caller, user: User, company: &CompanyId) -> Result<Seen, AppError> {
    let (near, named, kind) = {
        let relations = app.relations();
        let near = user.id == caller.user || relations.in_network(&caller.user, &user.id);
        let named = near || relations.shows_page(company, &caller.user);
        (near, named, relations.company(company).map(|facts| facts.kind))
    };
    let company_name = if named { Some(app.company_name(company).await?) } else { None };
    let standalone = kind == Some(CompanyKind::Default);
    Ok(Seen { user, company: company.clone(), company_name, standalone, near })
}

/// People whom the caller may know of, by address; others are passed over.
///
/// # Errors
/// When the store fails.
pub async fn find_by_emails(app: &App, caller: &Caller, emails: Vec<String>) -> Result<Vec<Seen>, AppError> {
    let ids = ids_by_emails(app, &emails).await?;
    find_many(app, caller, ids).await
}

/// Whose log-in names these are, whoever asks: what of it the asker may know, the caller of this decides.
pub(crate) async fn ids_by_emails(app: &App, emails: &[String]) -> Result<Vec<UserId>, AppError> {
    let hashes: Vec<Vec<u8>> =
        emails.iter().filter_map(|email| Email::parse(email).ok()).map(|email| login_hash(app, &email)).collect();
    let find = move |c: &store::Connection| {
        let found = hashes.iter().map(|hash| login::find(c, hash)).collect::<Result<Vec<_>, _>>()?;
        Ok::<_, AppError>(found.into_iter().flatten().map(|login| login.user).collect())
    };
    app.store.directory().read(find).await
}

/// One member, for administration.
///
/// # Errors
/// Missing right; [`AppError::NotFound`] for people whom the caller may not know of.
pub async fn find_member(app: &App, caller: &Caller, id: &UserId) -> Result<(CompanyId, User), AppError> {
    let company = app.permit_on(caller, Right::In(Area::CompanyAndMembers), id)?;
    let wanted = id.clone();
    let found = app.company(&company).await?.read(move |c| Ok::<_, AppError>(user::find(c, &wanted)?)).await?;
    Ok((company, found.ok_or(AppError::NotFound("user"))?))
}
