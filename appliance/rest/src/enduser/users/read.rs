use super::one;
use crate::answer::Answer;
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::path::Ids;
use app::people;
use axum::extract::State;

/// `GET enduser/v1.0/users/{uid}`
pub(crate) async fn read(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids) -> Answer {
    let seen = people::find(&edge.app, &caller, &ids.user()?).await?;
    one(&edge, &caller, &seen)
}
