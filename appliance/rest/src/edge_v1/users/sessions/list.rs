use crate::answer::Answer;
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::edge_v1::sessions::page;
use crate::path::Ids;
use crate::query::Query;
use app::sign_in;
use axum::extract::State;

/// `GET /api/edge/v1/users/{uid}/sessions`
pub(crate) async fn list(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids, query: Query) -> Answer {
    page(sign_in::list_member_sessions(&edge.app, &caller, &ids.user()?).await?, &query)
}
