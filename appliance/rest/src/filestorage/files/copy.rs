use super::one;
use crate::answer::Answer;
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::path::Ids;
use app::file;
use axum::extract::State;

/// `POST filestorage/v1.0/files/{file}/copy`: among the caller's own files.
pub(crate) async fn copy(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids) -> Answer {
    one(&edge, &file::copy(&edge.app, &caller, &ids.file()?).await?)
}
