use super::company_json;
use crate::answer::{Answer, data};
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::path::Ids;
use app::company;
use axum::extract::State;

/// `GET enduser/v1.0/companies/{company}`
pub(crate) async fn read(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids) -> Answer {
    data(&company_json(&company::read(&edge.app, &caller, &ids.company()?).await?))
}
