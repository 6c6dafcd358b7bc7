use crate::answer::{self, Answer};
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::path::Ids;
use app::{backup, company};
use axum::extract::State;
use serde_json::json;

/// `DELETE admin/v1.0/companies/{company}`: destroys the company's key, and answers the signed receipt (D2). The box owner, and
/// a partner for its customers.
pub(crate) async fn erase(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids) -> Answer {
    let company::Erased { receipt, backups } = company::erase(&edge.app, &caller, &ids.company()?).await?;
    let mut told = json!(receipt);
    // Not signed: what did not answer now forgets later.
    let of = |(target, outcome): &backup::Outcome<()>| json!({ "target": target, "keyIsGone": outcome.is_ok() });
    told["backups"] = backups.iter().map(of).collect();
    answer::data(&told)
}
