use super::find::{good_for, held};
use super::token_hash;
use crate::live::Push;
use crate::people::{self, password::make_for_stranger};
use crate::sign_in::log_in::source_hash;
use crate::sign_in::pace;
use crate::{App, AppError, Source};
use domain::email::Email;
use store::join_link::{self, JoinLink};
use store::password::StoredPassword;
use store::user::User;
use store::{Connection, application_password, known_source, password, session, user};
use zeroize::Zeroizing;

/// Somebody uses a link.
pub struct Joining {
    /// The link's token.
    pub token: Zeroizing<String>,
    /// The password that he chooses (A1).
    pub password: Zeroizing<String>,
    /// First name; `None`: as it is.
    pub first_name: Option<String>,
    /// Last name; `None`: as it is.
    pub last_name: Option<String>,
    /// From where.
    pub source: Source,
}

/// Gives the account of a link its password, and ends all sessions that it has. The link is used up.
///
/// # Errors
/// [`AppError::NotFound`] as [`super::invited`] says; a password or name that breaks a rule leaves the link as it was, and
/// so does [`AppError::Busy`].
pub async fn join(app: &App, joining: Joining) -> Result<Email, AppError> {
    let used = token_hash(app, &joining.token);
    let (link, user) = pace::in_step(use_link(app, joining)).await?;
    app.live.end_user(&user.id);
    app.store.directory().write(move |c| Ok::<_, AppError>(join_link::remove(c, &used)?)).await?;
    app.learn_name(&link.company, &user.id).await?;
    app.live.push_network(&user.id, &Push::ProfileChanged(user.id.clone()));
    Ok(user.email)
}

async fn use_link(app: &App, joining: Joining) -> Result<(JoinLink, User), AppError> {
    let Joining { token, password, first_name, last_name, source } = joining;
    let (link, invited) = held(app, &token).await?;
    let mut profile = invited.profile;
    profile.first_name = first_name.unwrap_or(profile.first_name);
    profile.last_name = last_name.unwrap_or(profile.last_name);
    people::check_profile(&profile)?;
    let use_it = Use {
        link: link.clone(),
        names: (profile.first_name, profile.last_name),
        password: make_for_stranger(app, source, &password).await?,
        source: source_hash(app, &link.user, source),
        now_ms: app.clock.now_ms(),
    };
    let user = app.company(&link.company).await?.write(move |c| use_it.apply(c)).await?;
    Ok((link, user))
}

struct Use {
    link: JoinLink,
    names: (String, String),
    password: StoredPassword,
    /// Where he joins from, as the company's file knows sources.
    source: Vec<u8>,
    now_ms: i64,
}

impl Use {
    /// The one transaction. That it replaces the password which the link was made for is what uses the link up: of two at
    /// once the second finds another password, after a crash as well.
    fn apply(self, content: &Connection) -> Result<User, AppError> {
        let mut user = good_for(content, &self.link)?;
        (user.profile.first_name, user.profile.last_name) = self.names;
        user.joined = true;
        user::update(content, &user, self.now_ms)?;
        // His administrator has just let him in: he was not away for too long (A5).
        user::used(content, user.no, self.now_ms)?;
        password::put(content, user.no, &self.password, self.now_ms)?;
        known_source::note(content, user.no, &self.source, self.now_ms)?;
        application_password::remove_all(content, user.no)?;
        session::end_all(content, user.no)?;
        Ok(user)
    }
}
