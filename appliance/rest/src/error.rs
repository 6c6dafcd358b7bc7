//! The one place where a refusal becomes an HTTP answer.

use app::file::FileRefused;
use app::{AppError, Unauthenticated};
use axum::Json;
use axum::http::header::{HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::bubble::Refused;
use domain::poll;
use serde_json::{Value, json};
use std::error::Error;

/// Why a request is refused. The text is told to the client, so it says what is wrong and what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RestError {
    /// A verb refused.
    #[error("{0}")]
    App(#[from] AppError),
    /// No such address, or an id in it that can be nobody's.
    #[error("{NOT_FOUND}")]
    NotFound,
    /// The body cannot be read.
    #[error("the body is not a JSON object: {0}")]
    Malformed(String),
    /// A field or a parameter has the wrong type or an impossible value.
    #[error("{field}: {why}")]
    Invalid {
        /// Its name, as the client wrote it.
        field: &'static str,
        /// What is wrong and what is allowed.
        why: String,
    },
    /// A call of Rainbow for which there is no route here yet: its method and its path, without ids.
    #[error("this box does not serve {0} yet")]
    NotServed(String),
    /// The address takes other methods.
    #[error("this address does not take this method: see the Allow header")]
    MethodNotAllowed,
    /// The body is over the limit.
    #[error("the body may have {0} bytes")]
    TooLarge(usize),
    /// The body is not said to be JSON.
    #[error("the body must be sent as content type application/json")]
    WrongContentType,
    /// A handler panicked.
    #[error("the box failed on this request: its log says where")]
    Panicked,
}

/// The one text of every 404: what is hidden and what does not exist cannot be told apart by it (decision 6).
const NOT_FOUND: &str = "not found: there is no such thing, or you may not see it";

/// What the log, but not the client, is told of a failure.
#[derive(Debug, Clone)]
pub(crate) struct Fault(pub(crate) String);

impl RestError {
    /// The body did not come whole.
    pub(crate) fn cut_short() -> Self {
        Self::Malformed(String::from("it ended too early"))
    }

    pub(crate) fn invalid(field: &'static str, why: impl Into<String>) -> Self {
        Self::Invalid { field, why: why.into() }
    }

    /// Status, and Rainbow's `errorDetailsCode`: the status and three digits that tell the reasons apart.
    fn codes(&self) -> (StatusCode, u32) {
        match self {
            Self::App(error) => app_codes(error),
            Self::NotFound => (StatusCode::NOT_FOUND, 404_001),
            Self::Malformed(_) => (StatusCode::BAD_REQUEST, 400_001),
            Self::Invalid { .. } => (StatusCode::BAD_REQUEST, 400_002),
            Self::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, 405_001),
            Self::TooLarge(_) => (StatusCode::PAYLOAD_TOO_LARGE, 413_001),
            Self::WrongContentType => (StatusCode::UNSUPPORTED_MEDIA_TYPE, 415_001),
            Self::Panicked => (StatusCode::INTERNAL_SERVER_ERROR, 500_001),
            Self::NotServed(_) => (StatusCode::NOT_IMPLEMENTED, 501_001),
        }
    }

    /// What the client is told.
    fn details(&self) -> String {
        match self {
            Self::App(AppError::NotFound(_)) => NOT_FOUND.to_owned(),
            Self::App(AppError::Store(failure)) if failure.is_full_disk() => FileRefused::DiskFull.to_string(),
            other => other.to_string(),
        }
    }

    /// Rainbow's form of it.
    pub(crate) fn json(&self) -> Value {
        let (status, details_code) = self.codes();
        json!({
            "errorCode": status.as_u16(),
            "errorMsg": status.canonical_reason().unwrap_or("Error"),
            "errorDetails": self.details(),
            "errorDetailsCode": details_code,
        })
    }

    /// When to come again, in seconds, for those who came too often.
    fn retry_after_s(&self) -> u32 {
        match self {
            Self::App(AppError::Unauthenticated(Unauthenticated::Locked { retry_after_s })) => *retry_after_s,
            _ => 1,
        }
    }

    /// What failed, with its causes, for the log.
    pub(crate) fn fault(&self) -> Option<Fault> {
        let Self::App(AppError::Store(error)) = self else { return None };
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            text = format!("{text}: {cause}");
            source = cause.source();
        }
        Some(Fault(text))
    }
}

fn file_codes(refused: &FileRefused) -> (StatusCode, u32) {
    match refused {
        FileRefused::Off => (StatusCode::FORBIDDEN, 403_006),
        FileRefused::NoScanner => (StatusCode::SERVICE_UNAVAILABLE, 503_001),
        FileRefused::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, 413_002),
        FileRefused::QuotaFull { .. } => (StatusCode::FORBIDDEN, 403_007),
        FileRefused::TooMany { .. } => (StatusCode::CONFLICT, 409_007),
        FileRefused::DiskFull => (StatusCode::INSUFFICIENT_STORAGE, 507_001),
        FileRefused::OutOfOrder { .. } => (StatusCode::CONFLICT, 409_008),
        FileRefused::WrongSize { .. } => (StatusCode::BAD_REQUEST, 400_003),
        FileRefused::TakenOver => (StatusCode::CONFLICT, 409_009),
        FileRefused::Uploaded => (StatusCode::CONFLICT, 409_010),
        FileRefused::NotUploaded => (StatusCode::CONFLICT, 409_011),
        FileRefused::Held => (StatusCode::CONFLICT, 409_012),
        FileRefused::Refused(_) => (StatusCode::FORBIDDEN, 403_008),
    }
}

fn app_codes(error: &AppError) -> (StatusCode, u32) {
    match error {
        AppError::Unauthenticated(Unauthenticated::Missing) => (StatusCode::UNAUTHORIZED, 401_001),
        AppError::Unauthenticated(Unauthenticated::WrongCredentials) => (StatusCode::UNAUTHORIZED, 401_002),
        AppError::Unauthenticated(Unauthenticated::WrongApplication) => (StatusCode::UNAUTHORIZED, 401_003),
        AppError::Unauthenticated(Unauthenticated::Expired) => (StatusCode::UNAUTHORIZED, 401_004),
        AppError::Unauthenticated(Unauthenticated::InvalidToken) => (StatusCode::UNAUTHORIZED, 401_005),
        AppError::Unauthenticated(Unauthenticated::SetupLocked) => (StatusCode::UNAUTHORIZED, 401_006),
        AppError::Unauthenticated(Unauthenticated::Disabled) => (StatusCode::FORBIDDEN, 403_002),
        AppError::Unauthenticated(Unauthenticated::Unused) => (StatusCode::FORBIDDEN, 403_003),
        AppError::Unauthenticated(Unauthenticated::Locked { .. }) => (StatusCode::TOO_MANY_REQUESTS, 429_002),
        AppError::NotFound(_) => (StatusCode::NOT_FOUND, 404_001),
        AppError::Forbidden => (StatusCode::FORBIDDEN, 403_001),
        AppError::Bubble(Refused::Full) => (StatusCode::CONFLICT, 409_004),
        AppError::Bubble(Refused::Archived) => (StatusCode::CONFLICT, 409_005),
        AppError::Bubble(Refused::Locked) => (StatusCode::FORBIDDEN, 403_009),
        AppError::Bubble(_) => (StatusCode::FORBIDDEN, 403_005),
        AppError::Poll(poll::Refused::Published) => (StatusCode::CONFLICT, 409_013),
        AppError::Poll(poll::Refused::NotPublished) => (StatusCode::CONFLICT, 409_014),
        AppError::Poll(_) => (StatusCode::CONFLICT, 409_015),
        AppError::File(refused) => file_codes(refused),
        AppError::WrongRoomPassword => (StatusCode::FORBIDDEN, 403_010),
        AppError::NotInside => (StatusCode::CONFLICT, 409_006),
        AppError::Invalid { .. } => (StatusCode::BAD_REQUEST, 400_002),
        AppError::Exists(_) => (StatusCode::CONFLICT, 409_001),
        AppError::SetUp => (StatusCode::CONFLICT, 409_002),
        AppError::MissingStep(_) => (StatusCode::CONFLICT, 409_003),
        AppError::WrongCode { .. } => (StatusCode::FORBIDDEN, 403_004),
        AppError::DiskLock(_) => (StatusCode::FAILED_DEPENDENCY, 424_001),
        AppError::Busy => (StatusCode::TOO_MANY_REQUESTS, 429_001),
        AppError::Store(failure) if failure.is_full_disk() => (StatusCode::INSUFFICIENT_STORAGE, 507_002),
        AppError::Store(_) => (StatusCode::INTERNAL_SERVER_ERROR, 500_002),
    }
}

impl From<Unauthenticated> for RestError {
    fn from(reason: Unauthenticated) -> Self {
        Self::App(reason.into())
    }
}

impl IntoResponse for RestError {
    fn into_response(self) -> Response {
        let (status, body) = (self.codes().0, self.json());
        let mut headers = HeaderMap::new();
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if status == StatusCode::TOO_MANY_REQUESTS {
            headers.insert(RETRY_AFTER, HeaderValue::from(self.retry_after_s()));
        }
        let mut response = (status, headers, Json(body)).into_response();
        if let Some(fault) = self.fault() {
            response.extensions_mut().insert(fault);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt as _;

    async fn told(error: impl Into<RestError>) -> (u16, Value, HeaderMap) {
        let (head, body) = error.into().into_response().into_parts();
        let bytes = body.collect().await.expect("a body in memory").to_bytes();
        (head.status.as_u16(), serde_json::from_slice(&bytes).expect("JSON"), head.headers)
    }

    #[tokio::test]
    async fn every_refusal_has_rainbows_form_and_its_status() {
        let cases: [(RestError, u16); 21] = [
            (Unauthenticated::Missing.into(), 401),
            (Unauthenticated::WrongCredentials.into(), 401),
            (Unauthenticated::WrongApplication.into(), 401),
            (Unauthenticated::InvalidToken.into(), 401),
            (Unauthenticated::SetupLocked.into(), 401),
            (Unauthenticated::Disabled.into(), 403),
            (Unauthenticated::Unused.into(), 403),
            (Unauthenticated::Locked { retry_after_s: 30 }.into(), 429),
            (AppError::NotFound("user").into(), 404),
            (AppError::Forbidden.into(), 403),
            (AppError::Exists("a user").into(), 409),
            (AppError::SetUp.into(), 409),
            (AppError::MissingStep("name").into(), 409),
            (AppError::WrongCode { left: 3 }.into(), 403),
            (RestError::NotFound, 404),
            (RestError::Malformed(String::from("x")), 400),
            (RestError::MethodNotAllowed, 405),
            (RestError::TooLarge(1), 413),
            (RestError::WrongContentType, 415),
            (RestError::Panicked, 500),
            (RestError::NotServed(String::from("GET /x")), 501),
        ];
        for (error, expected) in cases {
            let (status, body, headers) = told(error).await;
            assert_eq!(status, expected, "{body}");
            assert_eq!(body["errorCode"], json!(expected));
            assert_eq!(body["errorDetailsCode"].as_u64().map(|code| code / 1000), Some(u64::from(expected)));
            assert!(body["errorMsg"].as_str().is_some_and(|text| !text.is_empty()), "{body}");
            assert!(body["errorDetails"].as_str().is_some_and(|text| !text.is_empty()), "{body}");
            assert_eq!(headers.get("content-type").map(HeaderValue::as_bytes), Some(b"application/json".as_slice()));
            assert_eq!(headers.contains_key(WWW_AUTHENTICATE), status == 401);
        }
    }

    #[tokio::test]
    async fn whatever_is_not_found_is_told_in_the_same_words_decision_6() {
        let (_, of_address, _) = told(RestError::NotFound).await;
        for what in ["user", "company", "this"] {
            assert_eq!(told(AppError::NotFound(what)).await.1, of_address, "{what}");
        }
    }

    #[tokio::test]
    async fn an_expired_token_is_told_in_the_words_that_the_sdk_waits_for() {
        let (status, body, _) = told(Unauthenticated::Expired).await;
        assert_eq!((status, &body["errorDetails"]), (401, &json!("jwt expired")));
        let (_, body, _) = told(Unauthenticated::Missing).await;
        assert_ne!(body["errorDetails"], json!("jwt expired"));
    }

    #[tokio::test]
    async fn the_field_that_is_wrong_is_named() {
        let (status, body, _) = told(AppError::Invalid { field: "loginEmail", why: String::from("no") }).await;
        assert_eq!((status, &body["errorDetails"]), (400, &json!("loginEmail: no")));
        let (_, body, _) = told(RestError::invalid("mute", "expected true or false")).await;
        assert_eq!(body["errorDetails"], json!("mute: expected true or false"));
    }

    #[tokio::test]
    async fn a_busy_box_says_when_to_come_again_e5() {
        let locked = RestError::from(Unauthenticated::Locked { retry_after_s: 77 });
        for (refusal, expected_s) in [(RestError::from(AppError::Busy), "1"), (locked, "77")] {
            let (status, _, headers) = told(refusal).await;
            assert_eq!((status, headers[RETRY_AFTER].as_bytes()), (429, expected_s.as_bytes()));
        }
    }
}
