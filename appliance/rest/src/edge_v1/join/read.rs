use crate::answer::{Answer, data};
use crate::edge::Edge;
use crate::path::Ids;
use app::sign_in;
use axum::extract::State;
use serde_json::json;

/// `GET /api/edge/v1/join/{token}`: whom the link is for.
pub(crate) async fn read(State(edge): State<Edge>, ids: Ids) -> Answer {
    let invited = sign_in::invited(&edge.app, &ids.token()).await?;
    data(&json!({
        "email": invited.email,
        "firstName": invited.profile.first_name,
        "lastName": invited.profile.last_name,
        "companyName": invited.company_name,
    }))
}
