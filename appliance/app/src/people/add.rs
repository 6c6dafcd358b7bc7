use super::{Profile, User, check_profile, login_hash, password};
use crate::live::Push;
use crate::outbox::{self, DirectoryEffect};
use crate::{App, AppError, Caller};
use domain::email::Email;
use domain::ids::{CompanyId, UserId};
use domain::presence::Level;
use domain::rights::{Area, Right, Roles};
use domain::visibility::Visibility;
use store::login::{self, Login};
use store::person::PersonNo;
use store::{password as stored, user};
use zeroize::Zeroizing;

/// An account to be added.
pub struct NewUser {
    /// Address by which the user signs in.
    pub email: String,
    /// First password (A1). Without one nobody can sign in before somebody has joined by a link.
    pub password: Option<Zeroizing<String>>,
    /// Personal fields, all optional (A3).
    pub profile: Profile,
    /// Set apart from the company's mode (B2).
    pub set_apart: Option<Visibility>,
    /// Roles.
    pub roles: Roles,
    /// May sign in.
    pub active: bool,
}

/// Adds an account to a company, on behalf of its administrator.
///
/// # Errors
/// Missing right, broken rule, or an address that is in use.
pub async fn create(app: &App, caller: &Caller, company: &CompanyId, new: NewUser) -> Result<User, AppError> {
    app.permit(caller, Right::In(Area::CompanyAndMembers), company)?;
    if new.roles.only_the_owner_grants() {
        app.permit(caller, Right::OwnBox, company)?;
    }
    add(app, company, new).await
}

/// Adds an account, on behalf of whoever holds the box's data folder (its owner at the console).
///
/// The log-in name is reserved in the directory first; then account, password and the effect on the directory are one
/// transaction of the company.
///
/// # Errors
/// Broken rule, or an address that is in use.
pub async fn add(app: &App, company: &CompanyId, new: NewUser) -> Result<User, AppError> {
    check(app, company, &new)?;
    let password = match &new.password {
        Some(first) => Some(password::make(app, first).await?),
        None => None,
    };
    enter(app, company, new, password).await
}

/// What is wrong with an account about to be added, before its password is hashed.
pub(crate) fn check(app: &App, company: &CompanyId, new: &NewUser) -> Result<Email, AppError> {
    let email = Email::parse(&new.email).map_err(|e| AppError::invalid("loginEmail", e))?;
    super::check_set_apart(app, company, new.set_apart)?;
    check_profile(&new.profile)?;
    Ok(email)
}

/// As [`add`], with a password that is hashed already.
pub(crate) async fn enter(
    app: &App,
    company: &CompanyId,
    new: NewUser,
    password: Option<stored::StoredPassword>,
) -> Result<User, AppError> {
    let email = check(app, company, &new)?;
    let now_ms = app.clock.now_ms();
    let user = User {
        no: PersonNo(0),
        id: UserId::random(app.rng.as_ref()),
        email: email.clone(),
        profile: new.profile,
        set_apart: new.set_apart,
        shares_files: None,
        roles: new.roles,
        active: new.active,
        joined: password.is_some(),
        presence: Level::Online,
        created_ms: now_ms,
    };
    let hash = login_hash(app, &email);
    let _one_at_a_time = app.reserving.lock().await;
    claim_login(app, &hash, &Login { user: user.id.clone(), company: company.clone() }).await?;
    let database = app.company(company).await?;
    let (row, of) = (user.clone(), company.clone());
    let inserted = database
        .write(move |c| {
            let no = user::insert(c, &row, &of)?.ok_or(AppError::Exists("a user with this loginEmail"))?;
            if let Some(password) = &password {
                stored::put(c, no, password, now_ms)?;
            }
            outbox::to_directory(c, &DirectoryEffect::state_of(&row), now_ms)?;
            Ok::<_, AppError>(no)
        })
        .await;
    let no = match inserted {
        Ok(no) => no,
        Err(refused) => {
            let id = user.id.clone();
            app.store.directory().write(move |c| Ok::<_, AppError>(login::release(c, &hash, &id)?)).await?;
            return Err(refused);
        }
    };
    app.settle_directory(company).await?;
    app.learn_name(company, &user.id).await?;
    for contact in app.live.contacts(&user.id) {
        app.live.push_all(&contact, &Push::Colleague { user: user.id.clone(), joined: true });
    }
    Ok(User { no, ..user })
}

/// Reserves a log-in name. A reservation left over from a crash, whose user never came to be, is taken over.
pub(super) async fn claim_login(app: &App, hash: &[u8], login: &Login) -> Result<(), AppError> {
    let taken = || AppError::Exists("a user with this loginEmail");
    for _ in 0..2 {
        let (wanted, claimed) = (hash.to_vec(), login.clone());
        let held = app
            .store
            .directory()
            .write(move |c| {
                let won = login::claim(c, &wanted, &claimed)?;
                Ok::<_, AppError>(if won { None } else { login::find(c, &wanted)? })
            })
            .await?;
        let Some(holder) = held else { return Ok(()) };
        let (database, holder_id) = (app.company(&holder.company).await?, holder.user.clone());
        if database.read(move |c| Ok::<_, AppError>(user::find(c, &holder_id)?)).await?.is_some() {
            return Err(taken());
        }
        let stale = hash.to_vec();
        app.store.directory().write(move |c| Ok::<_, AppError>(login::release(c, &stale, &holder.user)?)).await?;
    }
    Err(taken())
}
