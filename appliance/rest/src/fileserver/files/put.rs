use super::take;
use crate::answer::{Answer, data};
use crate::body::Streamed;
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::filestorage::files::descriptor;
use crate::path::Ids;
use app::file::{self, Part};
use axum::extract::State;

/// `PUT fileserver/v1.0/files/{file}`: all of it, in one body.
pub(crate) async fn put(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids, body: Streamed) -> Answer {
    let id = ids.file()?;
    take(&edge, &caller, &id, Part::Whole, body).await?;
    data(&descriptor(&file::finish(&edge.app, &caller, &id).await?, &edge))
}
