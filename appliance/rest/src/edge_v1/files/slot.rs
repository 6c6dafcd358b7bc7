//! Slots of standard clients (XEP-0363). The address is the secret; clients in browsers come from other origins, so every
//! answer allows them: no cookie nor token goes with such a request.

use crate::body::Streamed;
use crate::edge::Edge;
use crate::error::RestError;
use crate::fileserver::files::fill;
use crate::fileserver::files::read::answer;
use crate::path::Ids;
use app::Visitor;
use app::file::{self, FileRefused, State as FileState};
use axum::Extension;
use axum::extract::State;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_MAX_AGE,
    HeaderValue,
};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};

/// Who shows a token of ours is no stranger, and may take longer than one.
pub(super) fn known(visitor: Option<Extension<Visitor>>) {
    if let Some(Extension(visitor)) = visitor {
        visitor.signed_in();
    }
}

fn for_all_origins(mut response: Response) -> Response {
    response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

/// `OPTIONS /api/edge/v1/files/slots/{token}/{name}`: what browsers ask before they put.
pub(crate) async fn options() -> Response {
    let mut response = for_all_origins(StatusCode::NO_CONTENT.into_response());
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, HEAD, OPTIONS, PUT"));
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("Content-Type, Range"));
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("7200"));
    response
}

/// `PUT /api/edge/v1/files/slots/{token}/{name}`: 201 when the file was found clean and can be had, 202 while it waits for the
/// virus scan for longer than a client waits for an answer.
pub(crate) async fn put(
    State(edge): State<Edge>,
    ids: Ids,
    visitor: Option<Extension<Visitor>>,
    body: Streamed,
) -> Response {
    for_all_origins(taken(&edge, &ids, visitor, body).await.unwrap_or_else(RestError::into_response))
}

async fn taken(
    edge: &Edge,
    ids: &Ids,
    visitor: Option<Extension<Visitor>>,
    mut body: Streamed,
) -> Result<Response, RestError> {
    let token = ids.token();
    let receiving = file::receive_in_slot(&edge.app, &token).await?;
    known(visitor);
    fill(receiving, &mut body).await?;
    let page = file::finish_slot(&edge.app, &token).await?;
    match page.file.state {
        FileState::Clean => Ok(StatusCode::CREATED.into_response()),
        FileState::Refused => {
            Err(app::AppError::from(FileRefused::Refused(page.file.finding.unwrap_or_default())).into())
        }
        FileState::Announced | FileState::Held => Ok(StatusCode::ACCEPTED.into_response()),
    }
}

/// `GET /api/edge/v1/files/slots/{token}/{name}`
pub(crate) async fn read(
    State(edge): State<Edge>,
    ids: Ids,
    visitor: Option<Extension<Visitor>>,
    asked: HeaderMap,
) -> Response {
    let found = file::open_slot(&edge.app, &ids.token()).await.map_err(RestError::from);
    if found.is_ok() {
        known(visitor);
    }
    for_all_origins(found.and_then(|download| answer(download, &asked)).unwrap_or_else(RestError::into_response))
}
