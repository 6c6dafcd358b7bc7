//! A bubble's picture. The body is the picture itself, whatever type it says: its first bytes tell.

use super::one;
use crate::answer::Answer;
use crate::body::Bytes;
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::error::RestError;
use crate::path::Ids;
use app::bubble;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse as _, Response};

/// `POST enduser/v1.0/rooms/{room}/avatar`
pub(crate) async fn put(
    State(edge): State<Edge>,
    SignedIn(caller): SignedIn,
    ids: Ids,
    Bytes(picture): Bytes,
) -> Answer {
    let id = ids.room()?;
    bubble::set_avatar(&edge.app, &caller, &id, Some(picture)).await?;
    one(&edge, &caller, &bubble::find(&edge.app, &caller, &id).await?)
}

/// `DELETE enduser/v1.0/rooms/{room}/avatar`
pub(crate) async fn remove(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids) -> Answer {
    let id = ids.room()?;
    bubble::set_avatar(&edge.app, &caller, &id, None).await?;
    one(&edge, &caller, &bubble::find(&edge.app, &caller, &id).await?)
}

/// `GET /api/edge/v1/rooms/{room}/avatar`, and where Rainbow's SDK looks for it: the picture, for who sees the bubble.
pub(crate) async fn read(
    State(edge): State<Edge>,
    SignedIn(caller): SignedIn,
    ids: Ids,
) -> Result<Response, RestError> {
    let picture = bubble::avatar(&edge.app, &caller, &ids.room()?).await?;
    let headers = [
        (CONTENT_TYPE, picture.kind.as_str()),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CONTENT_DISPOSITION, "attachment"),
        (CACHE_CONTROL, "private, no-cache"),
    ];
    Ok((headers, picture.bytes.clone()).into_response())
}
