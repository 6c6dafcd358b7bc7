use super::SEED_BYTES;
use super::secrets::{token, token_hash};
use crate::bubble::step::{Stepped, after, tell};
use crate::bubble::{Step, permitted};
use crate::live::{LinkNotice, Notice, NoticeAction, Push};
use crate::{App, AppError, Caller};
use domain::bubble::{Action, Refused};
use domain::ids::{BubbleId, UserId};
use domain::rights::Right;
use std::sync::Arc;
use store::{Connection, bubble_link, bubble_members};
use zeroize::Zeroizing;

/// A bubble with its link, for its organizer.
#[derive(Clone)]
pub struct OpenLink {
    /// Which bubble.
    pub bubble: BubbleId,
    /// Who has this comes to the bubble.
    pub token: Zeroizing<String>,
}

impl std::fmt::Debug for OpenLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenLink").field("bubble", &self.bubble).finish_non_exhaustive()
    }
}

/// A bubble's link; `None`: it has none.
///
/// # Errors
/// [`AppError::NotFound`] for who does not see the bubble, [`AppError::Forbidden`] for everybody but its organizer (R2).
pub async fn find_link(app: &App, caller: &Caller, id: &BubbleId) -> Result<Option<OpenLink>, AppError> {
    permitted(app, caller, id, Action::ConferenceLink)?;
    read(app, id).await
}

async fn read(app: &App, id: &BubbleId) -> Result<Option<OpenLink>, AppError> {
    let of = id.clone();
    let seed = app.store.directory().read(move |c| Ok::<_, AppError>(bubble_link::seed(c, &of)?)).await?;
    Ok(seed.map(|seed| OpenLink { bubble: id.clone(), token: token(app, id, &seed) }))
}

/// The links of the bubbles whose organizer the caller is.
///
/// # Errors
/// When the store fails.
pub async fn list_links(app: &App, caller: &Caller) -> Result<Vec<OpenLink>, AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    let mut own: Vec<(i64, BubbleId)> = {
        let relations = app.relations();
        let owned = relations.bubbles_of(&caller.user).filter(|(_, bubble)| bubble.owner == caller.user);
        owned.map(|(id, bubble)| (bubble.created_ms, id.clone())).collect()
    };
    own.sort();
    let seeds = move |c: &Connection| {
        let found = own.into_iter().map(|(_, id)| Ok(bubble_link::seed(c, &id)?.map(|seed| (id, seed))));
        found.filter_map(Result::transpose).collect::<Result<Vec<_>, AppError>>()
    };
    let found = app.store.directory().read(seeds).await?;
    Ok(found.into_iter().map(|(bubble, seed)| OpenLink { token: token(app, &bubble, &seed), bubble }).collect())
}

/// Gives a bubble a link; one that it has stays as it is.
///
/// # Errors
/// As [`find_link`]; [`AppError::Bubble`] for one that is archived.
pub async fn make_link(app: &App, caller: &Caller, id: &BubbleId) -> Result<OpenLink, AppError> {
    permitted(app, caller, id, Action::ConferenceLink)?;
    match read(app, id).await? {
        Some(link) => Ok(link),
        None => put(app, caller, id, NoticeAction::Create).await,
    }
}

/// Gives a bubble another link. Who has the older one comes no more, and guests who came by it have to go (C4).
///
/// # Errors
/// As [`make_link`].
pub async fn reset_link(app: &App, caller: &Caller, id: &BubbleId) -> Result<OpenLink, AppError> {
    permitted(app, caller, id, Action::ConferenceLink)?;
    put(app, caller, id, NoticeAction::Update).await
}

async fn put(app: &App, caller: &Caller, id: &BubbleId, action: NoticeAction) -> Result<OpenLink, AppError> {
    let mut seed = Zeroizing::new([0_u8; SEED_BYTES]);
    app.rng.fill(seed.as_mut_slice());
    let token = token(app, id, seed.as_slice());
    let hash = token_hash(app, &token);
    let (of, by) = (id.clone(), caller.user.clone());
    let change = move |c: &Connection, bubble: &crate::bubble::Bubble| {
        bubble.needs(&by, Action::ConferenceLink)?;
        if bubble.archived {
            return Err(AppError::Bubble(Refused::Archived));
        }
        Ok(bubble_link::put(c, &of, seed.as_slice(), &hash)?)
    };
    let owner = replace(app, caller, id, change).await?;
    let link = OpenLink { bubble: id.clone(), token };
    told(app, &owner, id, action, Some(link.token.clone()));
    Ok(link)
}

/// Takes a bubble's link away: nobody comes by it any more, and guests who did have to go (C4). Who may put people out may
/// shut the door as well.
///
/// # Errors
/// [`AppError::NotFound`] for who does not see the bubble, or when it has no link; [`AppError::Forbidden`] for simple
/// members.
pub async fn remove_link(app: &App, caller: &Caller, id: &BubbleId) -> Result<(), AppError> {
    permitted(app, caller, id, Action::ChangeParticipants)?;
    let (of, by) = (id.clone(), caller.user.clone());
    let change = move |c: &Connection, bubble: &crate::bubble::Bubble| {
        bubble.needs(&by, Action::ChangeParticipants)?;
        if bubble_link::remove(c, &of)? { Ok(()) } else { Err(AppError::NotFound("link")) }
    };
    let owner = replace(app, caller, id, change).await?;
    told(app, &owner, id, NoticeAction::Delete, None);
    Ok(())
}

/// One transaction: the link is another one, and the guests of the older one are out. Answers whose bubble it is.
async fn replace(
    app: &App,
    caller: &Caller,
    id: &BubbleId,
    change: impl FnOnce(&Connection, &crate::bubble::Bubble) -> Result<(), AppError> + Send + 'static,
) -> Result<UserId, AppError> {
    let (of, by, now_ms) = (id.clone(), caller.user.clone(), app.clock.now_ms());
    let (told, live) = (id.clone(), Arc::clone(&app.live));
    let stepped = app.change_directory(
        move |c| {
            let before = bubble_members::find(c, &of)?.ok_or(AppError::NotFound(crate::BUBBLE))?;
            change(c, &before)?;
            let mut bubble = before.clone();
            let changed = bubble.take(&by, Step::EndGuests, now_ms);
            bubble_members::put(c, &of, &bubble, &changed)?;
            Ok(Stepped { bubble, before, changed })
        },
        move |relations, stepped| tell(relations, &live, &told, stepped),
    );
    let stepped = stepped.await?;
    after(app, id, &stepped).await?;
    Ok(stepped.bubble.owner)
}

fn told(app: &App, owner: &UserId, id: &BubbleId, action: NoticeAction, token: Option<Zeroizing<String>>) {
    let address = token.as_ref().map(|token| app.link_address(token));
    let notice = LinkNotice { bubble: id.clone(), action, token, address };
    app.live.push_all(owner, &Push::Notice(Arc::new(Notice::Link(notice))));
}

impl App {
    /// The address behind which people find a bubble by its link. What stands after the `#` goes into no log on its way.
    #[must_use]
    pub fn link_address(&self, token: &str) -> String {
        format!("{}/#/meet/{token}", self.address())
    }
}
