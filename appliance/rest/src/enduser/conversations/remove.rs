use super::one;
use crate::answer::Answer;
use crate::caller::Own;
use crate::edge::Edge;
use crate::path::Ids;
use app::conversation;
use axum::extract::State;

/// `DELETE enduser/v1.0/users/{uid}/conversations/{conversation}`: off the list; the messages stay.
pub(crate) async fn remove(State(edge): State<Edge>, Own(caller): Own, ids: Ids) -> Answer {
    let closed = conversation::close(&edge.app, &caller, &ids.conversation()?).await?;
    one(&edge, &caller, &closed).await
}
