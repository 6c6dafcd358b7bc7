use super::one;
use crate::answer::Answer;
use crate::caller::Own;
use crate::edge::Edge;
use crate::path::Ids;
use app::network;
use axum::extract::State;

/// `GET enduser/v1.0/users/{uid}/invitations/{invitation}`: by either side.
pub(crate) async fn read(State(edge): State<Edge>, Own(caller): Own, ids: Ids) -> Answer {
    let found = network::find(&edge.app, &caller, &ids.invitation()?).await?;
    one(&edge, &caller, &found).await
}
