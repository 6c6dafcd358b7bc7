use super::super::peer_jid;
use super::sought;
use crate::answer::Answer;
use crate::caller::Own;
use crate::edge::Edge;
use crate::query::{LIMIT_DEFAULT, Query};
use app::conversation::{self, Peer};
use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

/// `GET enduser/v1.0/users/{uid}/conversations/search?substring&limit`: how many messages of each conversation hold the text, the
/// conversation of the newest first.
pub(crate) async fn count(State(edge): State<Edge>, Own(caller): Own, query: Query) -> Answer {
    let found = conversation::search(&edge.app, &caller, sought(&edge, &query, LIMIT_DEFAULT)?).await?;
    let mut counts: Vec<(&Peer, u32)> = Vec::new();
    for hit in &found.hits {
        match counts.iter_mut().find(|(peer, _)| **peer == hit.peer) {
            Some((_, count)) => *count += 1,
            None => counts.push((&hit.peer, 1)),
        }
    }
    let domain = edge.app.domain();
    let counted = counts.into_iter().map(|(peer, count)| json!({ "jid": peer_jid(peer, &domain), "count": count }));
    let counted: Vec<Value> = counted.collect();
    Ok(Json(json!({ "data": counted, "total": counted.len(), "complete": found.complete })))
}
