use super::one;
use crate::answer::Answer;
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::path::Ids;
use app::file;
use axum::extract::State;

/// `GET filestorage/v1.0/files/{file}`
pub(crate) async fn read(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids) -> Answer {
    one(&edge, &file::find(&edge.app, &caller, &ids.file()?).await?)
}
