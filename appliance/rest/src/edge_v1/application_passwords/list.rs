use super::entry;
use crate::answer::{Answer, page_of};
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::query::{LIMIT_DEFAULT, LIMIT_MAX, Query};
use app::sign_in;
use axum::extract::State;

/// `GET /api/edge/v1/application-passwords`
pub(crate) async fn list(State(edge): State<Edge>, SignedIn(caller): SignedIn, query: Query) -> Answer {
    let all = sign_in::list_application_passwords(&edge.app, &caller).await?;
    page_of(all, query.window(LIMIT_DEFAULT, LIMIT_MAX)?, entry)
}
