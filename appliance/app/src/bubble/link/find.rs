use super::secrets::token_hash;
use crate::guest::Bound;
use crate::sign_in::pace;
use crate::{App, AppError, Source};
use domain::bubble::Door;
use domain::ids::{BubbleId, CompanyId, UserId};
use store::{Connection, bubble, bubble_link, user};

/// What a link shows to whoever holds it.
#[derive(Debug, Clone)]
pub struct LinkPage {
    /// What the bubble is called.
    pub name: String,
    /// What it is about.
    pub topic: String,
    /// Whom it lets in.
    pub door: Door,
    /// It asks for a password.
    pub asks_password: bool,
    /// People without an account may come.
    pub takes_guests: bool,
    /// First and last name of the organizer.
    pub organizer: (String, String),
    /// The organizer's company.
    pub company_name: String,
}

/// Where a link leads, to whoever holds it.
///
/// # Errors
/// [`AppError::NotFound`] for what is no link, or none any more; [`AppError::Busy`] where too many were looked at.
pub async fn look_at(app: &App, token: &str, source: Source) -> Result<LinkPage, AppError> {
    app.doorstep.pass(Bound::Look, source, app.clock.now_ms())?;
    pace::in_step(async {
        let id = held(app, token).await?;
        let (home, owner, of_owner, door, asks_password, takes_guests) = {
            let relations = app.relations();
            let bubble = relations.bubble(&id).filter(|bubble| !bubble.archived).ok_or_else(no_link)?;
            let of_owner = relations.member(&bubble.owner).ok_or_else(no_link)?.company.clone();
            let takes = relations.takes_guests(bubble);
            (bubble.company.clone(), bubble.owner.clone(), of_owner, bubble.door, bubble.asks_password, takes)
        };
        let description = app.company(&home).await?.read(move |c| Ok::<_, AppError>(bubble::find(c, &id)?)).await?;
        let (_, description) = description.ok_or_else(no_link)?;
        let organizer = names_of(app, &of_owner, &owner).await?;
        let company_name = app.company_name(&of_owner).await?;
        let (name, topic) = (description.name, description.topic);
        Ok(LinkPage { name, topic, door, asks_password, takes_guests, organizer, company_name })
    })
    .await
}

/// First and last name of somebody.
pub(crate) async fn names_of(app: &App, company: &CompanyId, id: &UserId) -> Result<(String, String), AppError> {
    let wanted = id.clone();
    let find = move |c: &Connection| Ok::<_, AppError>(user::find(c, &wanted)?);
    let found = app.company(company).await?.read(find).await?;
    Ok(found.map(|user| (user.profile.first_name, user.profile.last_name)).unwrap_or_default())
}

/// The bubble of a link.
pub(crate) async fn held(app: &App, token: &str) -> Result<BubbleId, AppError> {
    let hash = token_hash(app, token);
    let find = move |c: &Connection| Ok::<_, AppError>(bubble_link::find(c, &hash)?);
    app.store.directory().read(find).await?.ok_or_else(no_link)
}

pub(super) fn no_link() -> AppError {
    AppError::NotFound("link")
}
