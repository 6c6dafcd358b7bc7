use super::add::claim_login;
use super::{Profile, User, check_profile, find, login_hash, password};
use crate::live::Push;
use crate::outbox::{self, DirectoryEffect};
use crate::{App, AppError, Caller};
use domain::email::Email;
use domain::ids::{CompanyId, UserId};
use domain::rights::{Right, Role, Roles};
use domain::visibility::Visibility;
use store::login::Login;
use store::password::StoredPassword;
use store::{Connection, application_password, login, password as stored, session, user};
use zeroize::Zeroizing;

/// A change of personal fields.
pub type ProfileChange = Box<dyn FnOnce(&mut Profile) + Send>;

/// What an administrator changes of a member; what is `None` stays.
#[derive(Default)]
pub struct AdminChange {
    /// Personal fields.
    pub profile: Option<ProfileChange>,
    /// Address by which the user signs in.
    pub email: Option<String>,
    /// May sign in.
    pub active: Option<bool>,
    /// Roles.
    pub roles: Option<Roles>,
    /// Set apart from the company's mode, or as the company again (B2).
    pub set_apart: Option<Option<Visibility>>,
    /// May share files or not, or as the company says (C7).
    pub shares_files: Option<Option<bool>>,
    /// New password; ends the member's sessions and application passwords.
    pub password: Option<Zeroizing<String>>,
}

/// Changes one's own personal fields.
///
/// # Errors
/// Another user's id, or a field that breaks a rule.
pub async fn change_own_profile(
    app: &App,
    caller: &Caller,
    id: &UserId,
    change: ProfileChange,
) -> Result<User, AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    if find::find(app, caller, id).await?.user.id != caller.user {
        return Err(AppError::Forbidden);
    }
    let database = app.company(&caller.company).await?;
    let (wanted, now_ms) = (id.clone(), app.clock.now_ms());
    let changed = database
        .write(move |c| {
            let mut user = user::find(c, &wanted)?.ok_or(AppError::NotFound("user"))?;
            change(&mut user.profile);
            check_profile(&user.profile)?;
            user::update(c, &user, now_ms)?;
            Ok::<_, AppError>(user)
        })
        .await?;
    app.learn_name(&caller.company, id).await?;
    app.live.push_network(id, &Push::ProfileChanged(id.clone()));
    Ok(changed)
}

/// Changes a member's account, on behalf of the company's administrator.
///
/// # Errors
/// Missing right, broken rule, or an address that is in use.
pub async fn change_member(app: &App, caller: &Caller, id: &UserId, change: AdminChange) -> Result<User, AppError> {
    let (company, current) = changeable(app, caller, id).await?;
    if change.roles.is_some_and(Roles::only_the_owner_grants) {
        app.permit(caller, Right::OwnBox, &company)?;
    }
    if id == &caller.user && gives_up_box(&current, &change) {
        return Err(AppError::Forbidden);
    }
    super::check_set_apart(app, &company, change.set_apart.flatten())?;
    let new_password = match &change.password {
        Some(new) => Some(password::make(app, new).await?),
        None => None,
    };
    let new_email = new_email(&change, &current)?;
    let _one_at_a_time = app.reserving.lock().await;
    let claimed = new_email.as_ref().map(|email| login_hash(app, email));
    if let Some(hash) = &claimed {
        claim_login(app, hash, &Login { user: id.clone(), company: company.clone() }).await?;
    }
    let sign_out = new_password.is_some() || change.active == Some(false);
    let by_owner = caller.roles.has(Role::SuperAdministrator);
    let edit = Edit { change, email: new_email, new_password, sign_out, by_owner };
    let (wanted, now_ms) = (id.clone(), app.clock.now_ms());
    let outcome = app.company(&company).await?.write(move |c| edit.apply(c, &wanted, now_ms)).await;
    if let Some(claimed) = claimed {
        let unused = if outcome.is_ok() { login_hash(app, &current.email) } else { claimed };
        let id = id.clone();
        app.store.directory().write(move |c| Ok::<_, AppError>(login::release(c, &unused, &id)?)).await?;
    }
    let changed = outcome?;
    if sign_out {
        app.live.end_user(id);
    }
    app.settle_directory(&company).await?;
    app.learn_name(&company, id).await?;
    app.live.push_network(id, &Push::ProfileChanged(id.clone()));
    Ok(changed)
}

/// A member whose account the caller may change, with its password: the owner's alone where roles reach beyond the company.
///
/// # Errors
/// Missing right; [`AppError::NotFound`] for people whom the caller may not know of.
pub(crate) async fn changeable(app: &App, caller: &Caller, id: &UserId) -> Result<(CompanyId, User), AppError> {
    let (company, current) = find::find_member(app, caller, id).await?;
    if current.roles.only_the_owner_grants() {
        app.permit(caller, Right::OwnBox, &company)?;
    }
    Ok((company, current))
}

/// The box must not be left without its owner (B11).
fn gives_up_box(current: &User, change: &AdminChange) -> bool {
    let demoted = change.roles.is_some_and(|roles| !roles.has(Role::SuperAdministrator));
    current.roles.has(Role::SuperAdministrator) && (demoted || change.active == Some(false))
}

fn new_email(change: &AdminChange, current: &User) -> Result<Option<Email>, AppError> {
    let email = change.email.as_deref().map(Email::parse).transpose();
    let email = email.map_err(|e| AppError::invalid("loginEmail", e))?;
    Ok(email.filter(|email| *email != current.email))
}

struct Edit {
    change: AdminChange,
    email: Option<Email>,
    new_password: Option<StoredPassword>,
    sign_out: bool,
    /// The box owner makes the change.
    by_owner: bool,
}

impl Edit {
    /// The one transaction: account, password, sessions and the effect on the directory.
    fn apply(self, content: &Connection, id: &UserId, now_ms: i64) -> Result<User, AppError> {
        let mut user = user::find(content, id)?.ok_or(AppError::NotFound("user"))?;
        // Roles may have been granted since the change was permitted.
        if user.roles.only_the_owner_grants() && !self.by_owner {
            return Err(AppError::Forbidden);
        }
        if let Some(fields) = self.change.profile {
            fields(&mut user.profile);
            check_profile(&user.profile)?;
        }
        user.email = self.email.unwrap_or(user.email);
        user.active = self.change.active.unwrap_or(user.active);
        user.roles = self.change.roles.unwrap_or(user.roles);
        user.set_apart = self.change.set_apart.unwrap_or(user.set_apart);
        user.shares_files = self.change.shares_files.unwrap_or(user.shares_files);
        user::update(content, &user, now_ms)?;
        if self.change.active == Some(true) {
            // Whoever was not used for too long may sign in again (A5).
            user::used(content, user.no, now_ms)?;
        }
        if let Some(password) = &self.new_password {
            stored::put(content, user.no, password, now_ms)?;
            user.joined = true;
            application_password::remove_all(content, user.no)?;
        }
        if self.sign_out {
            session::end_all(content, user.no)?;
        }
        outbox::to_directory(content, &DirectoryEffect::state_of(&user), now_ms)?;
        Ok(user)
    }
}
