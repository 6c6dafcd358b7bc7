use super::range::{Wanted, wanted};
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::error::{Fault, RestError};
use crate::path::Ids;
use crate::query::Query;
use app::file::{self, Download, Piece, Side};
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_SECURITY_POLICY,
    CONTENT_TYPE, ETAG, HeaderValue, IF_NONE_MATCH, IF_RANGE, RANGE, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use domain::percent;
use futures_util::{TryStreamExt as _, stream};

/// `GET fileserver/v1.0/files/{file}`: its bytes, all or a range of them, for who sees it; with `thumbnail=true` or
/// `thumbnail500=true` a small picture of it.
pub(crate) async fn read(
    State(edge): State<Edge>,
    SignedIn(caller): SignedIn,
    ids: Ids,
    query: Query,
    asked: HeaderMap,
) -> Result<Response, RestError> {
    let id = ids.file()?;
    let side = match (query.flag("thumbnail500")?, query.flag("thumbnail")?) {
        (true, _) => Side::Large,
        (false, true) => Side::Small,
        (false, false) => return answer(file::open(&edge.app, &caller, &id).await?, &asked),
    };
    let tag = format!("\"{id}-{}\"", if side == Side::Large { "500" } else { "200" });
    let small = file::thumbnail(&edge.app, &caller, &id, side).await?;
    if is_known(&asked, &tag) {
        return Ok(with_headers(StatusCode::NOT_MODIFIED.into_response(), &small.kind, &tag));
    }
    Ok(with_headers(small.bytes.into_response(), &small.kind, &tag))
}

fn is_known(asked: &HeaderMap, tag: &str) -> bool {
    let known = asked.get(IF_NONE_MATCH).and_then(|value: &HeaderValue| value.to_str().ok());
    known.is_some_and(|known| known.split(',').any(|one| one.trim() == tag))
}

/// A file's bytes. Files do not change: what a client has of one stays good.
pub(crate) fn answer(download: Download, asked: &HeaderMap) -> Result<Response, RestError> {
    let text = |name| asked.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let (len, tag) = (download.len(), format!("\"{}\"", download.file.id));
    if is_known(asked, &tag) {
        return Ok(of_file(StatusCode::NOT_MODIFIED.into_response(), &download, &tag));
    }
    // A range of another file than the client thinks of is none.
    let range = text(RANGE).filter(|_| text(IF_RANGE).is_none_or(|of| of.trim() == tag));
    let (status, from, until) = match wanted(range, len) {
        Wanted::Whole => (StatusCode::OK, 0, len),
        Wanted::Part(first, last) => (StatusCode::PARTIAL_CONTENT, first, last.saturating_add(1)),
        Wanted::Unsatisfiable => {
            let mut response = RestError::invalid("Range", "expected bytes of the file").into_response();
            *response.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
            response.headers_mut().insert(CONTENT_RANGE, value(&format!("bytes */{len}")));
            return Ok(response);
        }
    };
    let mut response = of_file(status.into_response(), &download, &tag);
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(until - from));
    if status == StatusCode::PARTIAL_CONTENT {
        response.headers_mut().insert(CONTENT_RANGE, value(&format!("bytes {from}-{}/{len}", until - 1)));
    }
    *response.body_mut() = body(download, from, until);
    Ok(response)
}

/// Read as it is taken, a few segments at a time; they are handed on where they lie.
fn body(download: Download, from: u64, until: u64) -> Body {
    let pieces = stream::try_unfold((download.into_reading(), from), move |(reading, at)| async move {
        if at >= until {
            return Ok(None);
        }
        let (reading, Piece { bytes, parts }) = reading.next(at, until - at).await.map_err(|failure| {
            let failure = RestError::from(failure);
            let cause = failure.fault().map_or_else(|| failure.to_string(), |Fault(cause)| cause);
            tracing::error!(cause, "a file could not be read to its end");
            failure
        })?;
        let length: usize = parts.iter().map(ExactSizeIterator::len).sum();
        let (next, bytes) = (at + u64::try_from(length).unwrap_or(u64::MAX), Bytes::from(bytes));
        let parts: Vec<Result<Bytes, RestError>> = parts.into_iter().map(|part| Ok(bytes.slice(part))).collect();
        Ok::<_, RestError>((length > 0).then_some((stream::iter(parts), (reading, next))))
    });
    Body::from_stream(pieces.try_flatten())
}

fn of_file(response: Response, download: &Download, tag: &str) -> Response {
    let mut response = with_headers(response, &download.file.kind, tag);
    let headers = response.headers_mut();
    headers
        .insert(CONTENT_DISPOSITION, value(&format!("attachment; filename*=UTF-8''{}", escaped(&download.file.name))));
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    response
}

/// Nothing of a file runs in a browser, whatever it is.
fn with_headers(mut response: Response, kind: &str, tag: &str) -> Response {
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, value(kind));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert(ETAG, value(tag));
    response
}

fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static("application/octet-stream"))
}

/// A name in a header (RFC 8187, 3.2.1).
fn escaped(name: &str) -> String {
    percent::encoded(name, b"!#$&+-.^_`|~")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_header_b7() {
        assert_eq!(escaped("Bericht 1.pdf"), "Bericht%201.pdf");
        assert_eq!(escaped("a\"; x=\r\nb: c"), "a%22%3B%20x%3D%0D%0Ab%3A%20c");
        assert_eq!(escaped("ü'*"), "%C3%BC%27%2A");
    }
}
