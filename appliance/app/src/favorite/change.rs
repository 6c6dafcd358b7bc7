use super::Favorite;
use crate::live::{Notice, NoticeAction, Push};
use crate::{App, AppError, Caller, bubble, people};
use domain::ids::FavoriteId;
use domain::peer::Peer;
use domain::rights::Right;
use std::sync::Arc;
use store::favorite::Putting;
use store::{favorite, person};

/// Favourites of one person.
const FAVORITES_MAX: usize = 500;

/// Makes somebody whom the caller may know of, or a bubble that he sees, a favourite, at a place of the list or at its end;
/// moves one that is.
///
/// # Errors
/// [`AppError::NotFound`] for anybody and anything else; too many favourites.
pub async fn put(app: &App, caller: &Caller, what: &Peer, position: Option<u32>) -> Result<Favorite, AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    let company = match what {
        Peer::User(user) => people::find(app, caller, user).await?.company,
        Peer::Bubble(bubble) => bubble::find(app, caller, bubble).await?.bubble.company,
    };
    let database = app.company(&caller.company).await?;
    let (me, fresh, what) = (caller.no, FavoriteId::random(app.rng.as_ref()), what.clone());
    let put = database
        .write(move |c| {
            let all = favorite::all(c, me)?;
            let moved = all.iter().any(|favorite| favorite.liked == what);
            if !moved && all.len() >= FAVORITES_MAX {
                return Err(AppError::invalid("peerId", format!("at most {FAVORITES_MAX} favourites")));
            }
            let putting = match what {
                Peer::User(user) => Putting::Person(person::enter(c, &user, &company)?, user),
                Peer::Bubble(bubble) => Putting::Bubble(bubble),
            };
            Ok((favorite::put(c, me, &putting, &fresh, position)?, moved))
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
    let (id, peer, position) = (favorite.id.clone(), favorite.liked.clone(), favorite.position);
    app.live.push_all(&caller.user, &Push::Notice(Arc::new(Notice::Favorite { id, action, peer, position })));
}
