use super::super::peer_jid;
use super::sought;
use crate::answer::Answer;
use crate::caller::Own;
use crate::edge::Edge;
use crate::query::Query;
use app::conversation::{self, Hit, Peer};
use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

/// Messages when the client does not say how many.
const LIMIT_DEFAULT: u32 = 20;

/// `GET enduser/v1.0/users/{uid}/conversations/search/hits?substring&peer&isRoom&limit`: messages that hold the text, newest
/// first; without a peer those of all conversations. `timestamp` is the place in the archive, in microseconds. Ours are `excerpt`, what
/// it says around the text, and `complete`: nothing older was left out.
pub(crate) async fn find(State(edge): State<Edge>, Own(caller): Own, query: Query) -> Answer {
    let found = conversation::search(&edge.app, &caller, sought(&edge, &query, LIMIT_DEFAULT)?).await?;
    let domain = edge.app.domain();
    let hit = |hit: &Hit| {
        json!({
            "timestamp": hit.archive.0,
            "msgId": hit.message_id,
            "peer": peer_jid(&hit.peer, &domain),
            "isRoom": matches!(hit.peer, Peer::Bubble(_)),
            "excerpt": hit.excerpt,
        })
    };
    let hits: Vec<Value> = found.hits.iter().map(hit).collect();
    Ok(Json(json!({ "data": hits, "total": hits.len(), "complete": found.complete })))
}
