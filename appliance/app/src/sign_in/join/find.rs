use super::token_hash;
use crate::people::Profile;
use crate::sign_in::pace;
use crate::{App, AppError};
use domain::email::Email;
use store::join_link::{self, JoinLink};
use store::user::User;
use store::{Connection, password, user};

/// Whom a link is for.
pub struct Invited {
    /// The address by which he will sign in.
    pub email: Email,
    /// What the account says of him until now.
    pub profile: Profile,
    /// The company's name.
    pub company_name: String,
}

/// Whom a link is for, to whoever holds it.
///
/// # Errors
/// [`AppError::NotFound`] for what is no link, or none any more: expired, used, replaced, or of an account that is closed.
pub async fn invited(app: &App, token: &str) -> Result<Invited, AppError> {
    pace::in_step(async {
        let (link, user) = held(app, token).await?;
        let company_name = app.company_name(&link.company).await?;
        Ok(Invited { email: user.email, profile: user.profile, company_name })
    })
    .await
}

/// The link of a token, and whose it is.
pub(super) async fn held(app: &App, token: &str) -> Result<(JoinLink, User), AppError> {
    let (hash, now_ms) = (token_hash(app, token), app.clock.now_ms());
    let find = move |c: &Connection| Ok::<_, AppError>(join_link::find(c, &hash, now_ms)?);
    let link = app.store.directory().read(find).await?.ok_or_else(no_link)?;
    let wanted = link.clone();
    let user = app.company(&link.company).await?.read(move |c| good_for(c, &wanted)).await?;
    Ok((link, user))
}

/// Whose password a link still replaces. What was granted since may be the owner's alone to change.
pub(super) fn good_for(content: &Connection, link: &JoinLink) -> Result<User, AppError> {
    let user = user::find(content, &link.user)?.filter(|user| user.active).ok_or_else(no_link)?;
    let beyond_its_maker = user.roles.only_the_owner_grants() && !link.by_owner;
    if beyond_its_maker || password::changed_ms(content, user.no)? != link.replaces_ms {
        return Err(no_link());
    }
    Ok(user)
}

fn no_link() -> AppError {
    AppError::NotFound("join link")
}
