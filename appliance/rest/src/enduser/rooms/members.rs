use super::member_json;
use crate::answer::{self, Answer};
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::path::Ids;
use crate::query::{LIMIT_DEFAULT, LIMIT_MAX, Query};
use app::bubble;
use axum::extract::State;

/// `GET enduser/v1.0/rooms/{room}/users`: with `status` and `privilege` those of that kind.
pub(crate) async fn list(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids, query: Query) -> Answer {
    let page = bubble::find(&edge.app, &caller, &ids.room()?).await?;
    let domain = edge.app.domain();
    let members = page.bubble.members.iter().map(|(id, member)| member_json(&page.bubble, id, member, &domain));
    let fits = |member: &serde_json::Value| {
        ["status", "privilege"].iter().all(|key| query.find(key).is_none_or(|wanted| member[*key] == wanted))
    };
    let members: Vec<_> = members.filter(fits).collect();
    answer::page_of(members, query.window(LIMIT_DEFAULT, LIMIT_MAX)?, Clone::clone)
}
