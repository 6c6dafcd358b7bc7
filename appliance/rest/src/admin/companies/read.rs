use super::one;
use crate::answer::Answer;
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::path::Ids;
use app::company;
use axum::extract::State;

/// `GET admin/v1.0/companies/{company}`
pub(crate) async fn read(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids) -> Answer {
    one(&company::find_administered(&edge.app, &caller, &ids.company()?).await?)
}
