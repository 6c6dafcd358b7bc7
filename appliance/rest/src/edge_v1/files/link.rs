use super::slot::known;
use crate::edge::Edge;
use crate::error::RestError;
use crate::fileserver::files::read::answer;
use crate::path::Ids;
use app::Visitor;
use app::file;
use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

/// `GET /api/edge/v1/files/links/{token}`: the file that a temporary link leads to. The link is the secret.
pub(crate) async fn follow(
    State(edge): State<Edge>,
    ids: Ids,
    visitor: Option<Extension<Visitor>>,
    asked: HeaderMap,
) -> Result<Response, RestError> {
    let download = file::follow(&edge.app, &ids.token()).await?;
    known(visitor);
    answer(download, &asked)
}
