use super::viewer;
use crate::answer::{Answer, data};
use crate::body::Fields;
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::path::Ids;
use app::file;
use axum::extract::State;
use serde_json::json;

/// `POST filestorage/v1.0/files/{file}/viewers` with `{viewerId, type}`
pub(crate) async fn add(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids, fields: Fields) -> Answer {
    let (id, viewer) = (ids.file()?, viewer(fields)?);
    let told = json!({ "fileId": id, "viewerId": viewer.id(), "type": viewer.kind() });
    file::add_viewer(&edge.app, &caller, &id, viewer).await?;
    data(&told)
}

/// `DELETE filestorage/v1.0/files/{file}/viewers/{viewer}`
pub(crate) async fn remove(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids) -> Answer {
    let (id, viewer) = (ids.file()?, ids.viewer(&caller.user)?);
    file::remove_viewer(&edge.app, &caller, &id, viewer.id()).await?;
    data(&json!({ "fileId": id, "viewerId": viewer.id() }))
}
