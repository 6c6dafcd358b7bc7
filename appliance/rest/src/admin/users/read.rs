use crate::answer::Answer;
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::path::Ids;
use crate::user;
use app::people;
use axum::extract::State;

/// `GET admin/v1.0/users/{uid}`
pub(crate) async fn read(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids) -> Answer {
    let (company, found) = people::find_member(&edge.app, &caller, &ids.user()?).await?;
    user::administered(&edge, &caller, &company, found).await
}
