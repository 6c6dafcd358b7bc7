use super::favorite_json;
use crate::answer::{Answer, data};
use crate::body::Fields;
use crate::caller::Own;
use crate::edge::Edge;
use crate::error::RestError;
use crate::query::Query;
use app::favorite;
use axum::extract::State;
use domain::ids::UserId;

/// `POST enduser/v1.0/users/{uid}/favorites` with `{peerId, type}`, and `position` in the query.
pub(crate) async fn put(State(edge): State<Edge>, Own(caller): Own, query: Query, fields: Fields) -> Answer {
    let position = query.number("position")?;
    data(&favorite_json(&favorite::put(&edge.app, &caller, &read(fields)?, position).await?))
}

fn read(mut fields: Fields) -> Result<UserId, RestError> {
    match fields.text("type")?.as_deref() {
        None | Some("user") => {}
        Some(_) => return Err(RestError::invalid("type", "expected user: the box keeps people as favourites")),
    }
    let peer = fields.required_text("peerId")?;
    UserId::parse(&peer).map_err(|error| RestError::invalid("peerId", error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::fields;
    use serde_json::json;

    #[test]
    fn only_people_become_favourites() {
        let id = "d00000000000000000000bad";
        assert!(read(fields(json!({"peerId": id, "type": "user"}))).is_ok());
        assert!(read(fields(json!({ "peerId": id }))).is_ok());
        for kind in ["room", "bot", "directory", ""] {
            let refused = read(fields(json!({"peerId": id, "type": kind})));
            assert!(matches!(refused, Err(RestError::Invalid { field: "type", .. })), "{kind}");
        }
        assert!(matches!(read(fields(json!({"peerId": "7"}))), Err(RestError::Invalid { field: "peerId", .. })));
    }
}
