use crate::answer::{Answer, data};
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::path::Ids;
use app::sign_in;
use axum::extract::State;
use domain::clock::iso8601;
use serde_json::json;

/// `POST /api/edge/v1/users/{uid}/invitation`: a link by which the member joins, or chooses another password. It is told
/// this once; an older one of the member is void.
pub(crate) async fn make(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids) -> Answer {
    let link = sign_in::make_link(&edge.app, &caller, &ids.user()?).await?;
    let token = link.token.as_str();
    data(&json!({
        "token": token,
        "expirationDate": iso8601(link.expires_ms),
        "address": format!("{}/#/join/{token}", edge.base_url),
    }))
}
