use super::organisation_json;
use crate::answer::{Answer, data};
use crate::body::Fields;
use crate::caller::SignedIn;
use crate::edge::Edge;
use app::company;
use axum::extract::State;

/// `POST admin/v1.0/organisations` with `{name}`. A company comes into it by `PUT admin/v1.0/companies/{company}`.
pub(crate) async fn create(State(edge): State<Edge>, SignedIn(caller): SignedIn, mut fields: Fields) -> Answer {
    let name = fields.required_text("name")?;
    data(&organisation_json(&company::add_organization(&edge.app, &caller, &name).await?))
}
