use super::{duration, one, questions};
use crate::answer::Answer;
use crate::body::Fields;
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::error::RestError;
use crate::path::Ids;
use app::bubble::poll::{self, Change};
use axum::extract::State;

/// `PUT enduser/v1.0/polls/{poll}` with `{roomId, title, questions, anonymous, duration}`; what is not given stays.
pub(crate) async fn change(
    State(edge): State<Edge>,
    SignedIn(caller): SignedIn,
    ids: Ids,
    mut fields: Fields,
) -> Answer {
    let id = ids.poll()?;
    let found = poll::find(&edge.app, &caller, &id).await?;
    if fields.text("roomId")?.is_some_and(|room| room != found.bubble.as_str()) {
        return Err(RestError::invalid("roomId", "a poll stays in its bubble"));
    }
    let change = Change {
        title: fields.text("title")?,
        questions: if fields.has("questions") { Some(questions(&mut fields)?) } else { None },
        anonymous: fields.flag("anonymous")?,
        duration_min: duration(&mut fields)?,
    };
    one(&poll::change(&edge.app, &caller, &id, change).await?)
}
