use super::one;
use crate::answer::{Answer, data};
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::path::Ids;
use app::bubble::{self, Step};
use axum::extract::State;
use serde_json::json;

/// `PUT enduser/v1.0/rooms/{room}/archive`: it stays readable, and nothing in it changes any more. The body is not read.
pub(crate) async fn archive(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids) -> Answer {
    match bubble::step(&edge.app, &caller, &ids.room()?, Step::Archive, "").await? {
        Some(page) => one(&edge, &caller, &page),
        None => data(&json!({})),
    }
}
