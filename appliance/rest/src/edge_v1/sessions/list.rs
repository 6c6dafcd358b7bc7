use super::page;
use crate::answer::Answer;
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::query::Query;
use app::sign_in;
use axum::extract::State;

/// `GET /api/edge/v1/sessions`
pub(crate) async fn list(State(edge): State<Edge>, SignedIn(caller): SignedIn, query: Query) -> Answer {
    page(sign_in::list_sessions(&edge.app, &caller).await?, &query)
}
