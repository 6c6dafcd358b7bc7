use super::range::{Wanted, wanted};
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::error::{Fault, RestError};
use crate::path::Ids;
use app::file::{self, Download};
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_SECURITY_POLICY,
    CONTENT_TYPE, ETAG, HeaderValue, IF_NONE_MATCH, IF_RANGE, RANGE, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use domain::percent;
use futures_util::stream;

/// `GET fileserver/v1.0/files/{file}`: its bytes, all or a range of them, for who sees it.
pub(crate) async fn read(
    State(edge): State<Edge>,
    SignedIn(caller): SignedIn,
    ids: Ids,
    asked: HeaderMap,
) -> Result<Response, RestError> {
    answer(file::open(&edge.app, &caller, &ids.file()?).await?, &asked)
}

/// A file's bytes. Files do not change: what a client has of one stays good.
pub(crate) fn answer(download: Download, asked: &HeaderMap) -> Result<Response, RestError> {
    let text = |name| asked.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let (len, tag) = (download.len(), format!("\"{}\"", download.file.id));
    if text(IF_NONE_MATCH).is_some_and(|known| known.split(',').any(|one| one.trim() == tag)) {
        return Ok(with_headers(StatusCode::NOT_MODIFIED.into_response(), &download, &tag));
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
    let mut response = with_headers(status.into_response(), &download, &tag);
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(until - from));
    if status == StatusCode::PARTIAL_CONTENT {
        response.headers_mut().insert(CONTENT_RANGE, value(&format!("bytes {from}-{}/{len}", until - 1)));
    }
    *response.body_mut() = body(download, from, until);
    Ok(response)
}

/// Read as it is taken, a few segments at a time.
fn body(download: Download, from: u64, until: u64) -> Body {
    Body::from_stream(stream::try_unfold((download, from), move |(download, at)| async move {
        if at >= until {
            return Ok(None);
        }
        let (download, bytes) = download.read(at, until - at).await.map_err(|failure| {
            let failure = RestError::from(failure);
            let cause = failure.fault().map_or_else(|| failure.to_string(), |Fault(cause)| cause);
            tracing::error!(cause, "a file could not be read to its end");
            failure
        })?;
        let next = at + u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        Ok::<_, RestError>((!bytes.is_empty()).then_some((axum::body::Bytes::from(bytes), (download, next))))
    }))
}

/// Nothing of a file runs in a browser, whatever it is.
fn with_headers(mut response: Response, download: &Download, tag: &str) -> Response {
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, value(&download.file.kind));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    headers
        .insert(CONTENT_DISPOSITION, value(&format!("attachment; filename*=UTF-8''{}", escaped(&download.file.name))));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
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
