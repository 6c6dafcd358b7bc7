use super::one;
use crate::answer::{Answer, data};
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::path::Ids;
use app::Caller;
use app::bubble::poll::{self, Act};
use axum::extract::State;
use serde_json::json;

async fn turned(edge: &Edge, caller: &Caller, ids: &Ids, act: Act) -> Answer {
    let id = ids.poll()?;
    poll::turn(&edge.app, caller, &id, act).await?;
    one(&poll::find(&edge.app, caller, &id).await?)
}

/// `PUT enduser/v1.0/polls/{poll}/publish`
pub(crate) async fn publish(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids) -> Answer {
    turned(&edge, &caller, &ids, Act::Publish).await
}

/// `PUT enduser/v1.0/polls/{poll}/unpublish`: every vote goes with it.
pub(crate) async fn unpublish(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids) -> Answer {
    turned(&edge, &caller, &ids, Act::Unpublish).await
}

/// `PUT enduser/v1.0/polls/{poll}/terminate`
pub(crate) async fn terminate(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids) -> Answer {
    turned(&edge, &caller, &ids, Act::Terminate).await
}

/// `DELETE enduser/v1.0/polls/{poll}`
pub(crate) async fn delete(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids) -> Answer {
    let gone = poll::turn(&edge.app, &caller, &ids.poll()?, Act::Delete).await?;
    data(&json!({ "id": gone.id }))
}
