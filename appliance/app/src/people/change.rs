use super::add::claim_login;
use super::outbox::{self, DirectoryEffect};
use super::{Profile, User, check_profile, find, login_hash, password};
use crate::live::Push;
use crate::{App, AppError, Caller};
use domain::email::Email;
use domain::ids::{CompanyId, UserId};
use domain::rights::{Area, Right, Role, Roles};
use store::login::Login;
use store::password::StoredPassword;
use store::{Connection, login, password as stored, session, user};
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
    /// New password; ends the member's sessions.
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
    if find::find(app, caller, id).await?.id != caller.user {
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
    app.live.push_network(id, &caller.company, &Push::ProfileChanged(id.clone()));
    Ok(changed)
}

/// Changes a member's account, on behalf of the company's administrator.
///
/// # Errors
/// Missing right, broken rule, or an address that is in use.
pub async fn change_member(app: &App, caller: &Caller, id: &UserId, change: AdminChange) -> Result<User, AppError> {
    let (company, current) = find::locate(app, caller, id).await?;
    caller.needs(Right::In(Area::CompanyAndMembers), &company)?;
    if change.roles.is_some_and(Roles::only_the_owner_grants) || current.roles.has(Role::SuperAdministrator) {
        caller.needs(Right::OwnBox, &company)?;
    }
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
    let edit = Edit { change, email: new_email, new_password, sign_out };
    let (of, wanted, now_ms) = (company.clone(), id.clone(), app.clock.now_ms());
    let outcome = app.company(&company).await?.write(move |c| edit.apply(c, &of, &wanted, now_ms)).await;
    if let Some(claimed) = claimed {
        let unused = if outcome.is_ok() { login_hash(app, &current.email) } else { claimed };
        let id = id.clone();
        app.store.directory().write(move |c| Ok::<_, AppError>(login::release(c, &unused, &id)?)).await?;
    }
    let changed = outcome?;
    outbox::drain(app, &company).await?;
    if sign_out {
        app.live.end_user(id);
    }
    app.live.push_network(id, &company, &Push::ProfileChanged(id.clone()));
    Ok(changed)
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
}

impl Edit {
    /// The one transaction: account, password, sessions and the effect on the directory.
    fn apply(self, content: &Connection, company: &CompanyId, id: &UserId, now_ms: i64) -> Result<User, AppError> {
        let mut user = user::find(content, id)?.ok_or(AppError::NotFound("user"))?;
        if let Some(fields) = self.change.profile {
            fields(&mut user.profile);
            check_profile(&user.profile)?;
        }
        user.email = self.email.unwrap_or(user.email);
        user.active = self.change.active.unwrap_or(user.active);
        user.roles = self.change.roles.unwrap_or(user.roles);
        user::update(content, &user, now_ms)?;
        if let Some(password) = &self.new_password {
            stored::put(content, user.no, password, now_ms)?;
        }
        if self.sign_out {
            session::end_all(content, user.no)?;
        }
        outbox::add(content, company, &DirectoryEffect::state_of(&user), now_ms)?;
        Ok(user)
    }
}
