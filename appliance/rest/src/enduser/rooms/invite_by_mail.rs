use crate::answer::Answer;
use crate::body::Fields;
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::error::RestError;
use crate::path::Ids;
use app::{AppError, bubble};
use axum::extract::State;
use domain::bubble::Action;

/// `POST enduser/v1.0/rooms/{room}/invitations` with `{emails: [...]}`: the box sends no mail, and says so to who might
/// ask people in.
pub(crate) async fn invite(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids, _: Fields) -> Answer {
    let page = bubble::find(&edge.app, &caller, &ids.room()?).await?;
    page.bubble.needs(&caller.user, Action::ChangeParticipants).map_err(AppError::from)?;
    Err(RestError::App(AppError::NoMail))
}
