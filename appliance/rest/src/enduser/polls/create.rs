use super::{duration, poll_json, questions};
use crate::answer::{Answer, data};
use crate::body::Fields;
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::error::RestError;
use app::bubble::poll::{self, Paper};
use axum::extract::State;
use domain::ids::BubbleId;
use serde_json::json;

/// `POST enduser/v1.0/polls` with `{roomId, title, questions, anonymous, duration}`. The answer is the poll, with its id under
/// the name that Rainbow gives it here.
pub(crate) async fn create(State(edge): State<Edge>, SignedIn(caller): SignedIn, mut fields: Fields) -> Answer {
    let room = fields.required_text("roomId")?;
    let room = BubbleId::parse(&room).map_err(|_| RestError::NotFound)?;
    let paper = Paper {
        title: fields.text("title")?.unwrap_or_default(),
        questions: questions(&mut fields)?,
        anonymous: fields.flag("anonymous")?.unwrap_or(false),
        duration_min: duration(&mut fields)?.unwrap_or(0),
    };
    let mut made = poll_json(&poll::make(&edge.app, &caller, &room, paper).await?, None);
    made["pollId"] = json!(made["id"]);
    data(&made)
}
