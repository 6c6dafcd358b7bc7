use crate::answer::{self, Answer};
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::path::Ids;
use app::company;
use axum::extract::State;

/// `DELETE admin/v1.0/companies/{company}`: destroys the company's key, and answers the signed receipt (D2). The box owner, and
/// a partner for its customers.
pub(crate) async fn erase(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids) -> Answer {
    let receipt = company::erase(&edge.app, &caller, &ids.company()?).await?;
    answer::data(&serde_json::json!(receipt))
}
