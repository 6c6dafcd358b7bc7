use super::user;
use crate::answer::Answer;
use crate::body::Fields;
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::enduser::rooms::create::new;
use crate::enduser::rooms::one;
use app::bubble::administer;
use axum::extract::State;

/// `POST room/v1.0/admin/rooms` with `{name, topic, ..., owner}`: the bubble is that member's, or the caller's own.
pub(crate) async fn create(State(edge): State<Edge>, SignedIn(caller): SignedIn, mut fields: Fields) -> Answer {
    let owner = user(&mut fields, "owner")?;
    one(&edge, &caller, &administer::create(&edge.app, &caller, owner, new(&mut fields)?).await?)
}
