use super::favorite_json;
use crate::answer::{Answer, data};
use crate::body::Fields;
use crate::caller::Own;
use crate::edge::Edge;
use crate::error::RestError;
use crate::query::Query;
use app::conversation::Peer;
use app::favorite;
use axum::extract::State;
use domain::ids::{BubbleId, UserId};

/// `POST enduser/v1.0/users/{uid}/favorites` with `{peerId, type}`, and `position` in the query.
pub(crate) async fn put(State(edge): State<Edge>, Own(caller): Own, query: Query, fields: Fields) -> Answer {
    let position = query.number("position")?;
    data(&favorite_json(&favorite::put(&edge.app, &caller, &read(fields)?, position).await?))
}

fn read(mut fields: Fields) -> Result<Peer, RestError> {
    let kind = fields.text("type")?;
    let peer = fields.required_text("peerId")?;
    let liked = match kind.as_deref() {
        None | Some("user") => UserId::parse(&peer).map(Peer::User),
        Some("room") => BubbleId::parse(&peer).map(Peer::Bubble),
        Some(_) => return Err(RestError::invalid("type", "expected user or room")),
    };
    liked.map_err(|error| RestError::invalid("peerId", error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::fields;
    use serde_json::json;

    #[test]
    fn people_and_bubbles_become_favourites_and_nothing_else() {
        let id = "d00000000000000000000bad";
        let user = Some(Peer::User(UserId::parse(id).expect("an id")));
        assert_eq!(read(fields(json!({"peerId": id, "type": "user"}))).ok(), user);
        assert_eq!(read(fields(json!({ "peerId": id }))).ok(), user);
        let bubble = Some(Peer::Bubble(BubbleId::parse(id).expect("an id")));
        assert_eq!(read(fields(json!({"peerId": id, "type": "room"}))).ok(), bubble);
        for kind in ["bot", "directory", "bubble", ""] {
            let refused = read(fields(json!({"peerId": id, "type": kind})));
            assert!(matches!(refused, Err(RestError::Invalid { field: "type", .. })), "{kind}");
        }
        assert!(matches!(read(fields(json!({"peerId": "7"}))), Err(RestError::Invalid { field: "peerId", .. })));
    }
}
