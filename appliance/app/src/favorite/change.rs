use super::Favorite;
use crate::live::{Notice, NoticeAction, Push};
use crate::{App, AppError, Caller, people};
use domain::ids::{FavoriteId, UserId};
use domain::rights::Right;
use std::sync::Arc;
use store::{favorite, person};

/// Favourites of one person.
const FAVORITES_MAX: usize = 500;

/// Makes somebody whom the caller may know of a favourite, at a place of the list or at its end; moves one that is.
///
/// # Errors
/// [`AppError::NotFound`] for anybody else; too many favourites.
pub async fn put(app: &App, caller: &Caller, whom: &UserId, position: Option<u32>) -> Result<Favorite, AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    let seen = people::find(app, caller, whom).await?;
    let database = app.company(&caller.company).await?;
    let (me, fresh, peer) = (caller.no, FavoriteId::random(app.rng.as_ref()), whom.clone());
    let put = database
        .write(move |c| {
            let no = person::enter(c, &peer, &seen.company)?;
            let all = favorite::all(c, me)?;
            let moved = all.iter().any(|favorite| favorite.peer == peer);
            if !moved && all.len() >= FAVORITES_MAX {
                return Err(AppError::invalid("peerId", format!("at most {FAVORITES_MAX} favourites")));
            }
            favorite::put(c, me, no, &fresh, position)?;
            let found = favorite::all(c, me)?.into_iter().find(|favorite| favorite.peer == peer);
            Ok((found.ok_or(AppError::NotFound("favourite"))?, moved))
        })
        .await?;
    let (put, moved) = put;
    tell(app, caller, &put, if moved { NoticeAction::Update } else { NoticeAction::Create });
    Ok(put)
}

/// Takes a favourite off the list.
///
/// # Errors
/// [`AppError::NotFound`] when the caller has none of that id.
pub async fn remove(app: &App, caller: &Caller, id: &FavoriteId) -> Result<Favorite, AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    let database = app.company(&caller.company).await?;
    let (me, wanted) = (caller.no, id.clone());
    let removed = database.write(move |c| Ok::<_, AppError>(favorite::remove(c, me, &wanted)?)).await?;
    let removed = removed.ok_or(AppError::NotFound("favourite"))?;
    tell(app, caller, &removed, NoticeAction::Delete);
    Ok(removed)
}

fn tell(app: &App, caller: &Caller, favorite: &Favorite, action: NoticeAction) {
    let (id, peer, position) = (favorite.id.clone(), favorite.peer.clone(), favorite.position);
    app.live.push_all(&caller.user, &Push::Notice(Arc::new(Notice::Favorite { id, action, peer, position })));
}
