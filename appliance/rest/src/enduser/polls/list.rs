use super::{is_full, many};
use crate::answer::{self, Answer};
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::error::RestError;
use crate::query::{LIMIT_DEFAULT, Query};
use app::bubble::poll;
use axum::extract::State;
use domain::ids::BubbleId;

/// Polls of a page where each is told with everybody who voted.
const FULL_MAX: u32 = 20;

/// `GET enduser/v1.0/polls?roomId&format&limit&offset`: the newest first.
pub(crate) async fn list(State(edge): State<Edge>, SignedIn(caller): SignedIn, query: Query) -> Answer {
    let room =
        query.find("roomId").ok_or_else(|| RestError::invalid("roomId", "is missing: expected a bubble's id"))?;
    let room = BubbleId::parse(room).map_err(|_| RestError::NotFound)?;
    let full = is_full(&query)?;
    let window = query.window(LIMIT_DEFAULT, if full { FULL_MAX } else { LIMIT_DEFAULT })?;
    let page = poll::list(&edge.app, &caller, &room, window).await?;
    answer::list(&many(&edge, &caller, page.items, full).await?, page.total, window)
}
