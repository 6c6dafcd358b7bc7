use super::one;
use crate::answer::Answer;
use crate::caller::Own;
use crate::edge::Edge;
use crate::path::Ids;
use app::conversation;
use axum::extract::State;

/// `GET enduser/v1.0/users/{uid}/conversations/{conversation}`
pub(crate) async fn read(State(edge): State<Edge>, Own(caller): Own, ids: Ids) -> Answer {
    let found = conversation::find(&edge.app, &caller, &ids.conversation()?).await?;
    one(&edge, &caller, &found).await
}
