use super::one;
use crate::answer::Answer;
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::path::Ids;
use app::company;
use axum::extract::State;

/// `POST admin/v1.0/companies/{company}/visible-by/{other}`: they see one another from now on (B5).
pub(crate) async fn show(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids) -> Answer {
    let (company, other) = (ids.company()?, ids.other_company()?);
    one(&company::set_visible_by(&edge.app, &caller, &company, &other, true).await?)
}
