use super::one;
use crate::answer::Answer;
use crate::caller::Own;
use crate::edge::Edge;
use crate::path::Ids;
use app::conversation;
use axum::extract::State;

/// `PUT enduser/v1.0/users/{uid}/conversations/{conversation}/markallread`. Its body (`maskRead`) changes nothing here
/// and is not read.
pub(crate) async fn mark(State(edge): State<Edge>, Own(caller): Own, ids: Ids) -> Answer {
    let read = conversation::read_all(&edge.app, &caller, &ids.conversation()?).await?;
    one(&edge, &caller, &read).await
}
