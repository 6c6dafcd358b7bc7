use super::one;
use crate::answer::Answer;
use crate::caller::SignedIn;
use crate::edge::Edge;
use app::people;
use axum::extract::State;

/// `GET enduser/v1.0/users/me`
pub(crate) async fn read(State(edge): State<Edge>, SignedIn(caller): SignedIn) -> Answer {
    let seen = people::find(&edge.app, &caller, &caller.user).await?;
    one(&edge, &caller, &seen)
}
