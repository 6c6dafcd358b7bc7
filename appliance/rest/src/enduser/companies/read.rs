use crate::answer::{Answer, data};
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::path::Ids;
use app::company;
use axum::extract::State;
use domain::clock::iso8601;
use serde_json::json;

/// `GET enduser/v1.0/companies/{company}`
pub(crate) async fn read(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids) -> Answer {
    let page = company::read(&edge.app, &caller, &ids.company()?).await?;
    data(&json!({
        "id": page.company.id,
        "name": page.company.name,
        "visibility": page.visibility.name(),
        "creationDate": iso8601(page.company.created_ms),
        "isMonitorable": false,
    }))
}
