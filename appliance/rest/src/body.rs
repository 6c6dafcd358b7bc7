//! Bodies of requests: JSON objects of bounded size, of which unknown fields are ignored and known ones are checked.

use crate::edge::Edge;
use crate::error::RestError;
use crate::finish::Gone;
use axum::body::HttpBody as _;
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use futures_util::TryFutureExt as _;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde_json::{Map, Value};

/// Largest body, in bytes.
pub(crate) const BODY_LIMIT_BYTES: usize = 1024 * 1024;
/// Most entries of a list in a body.
pub(crate) const ENTRIES_MAX: usize = 1000;

/// The fields of a body. What is `null` counts as not given. They may hold a password, so they cannot be printed.
pub(crate) struct Fields(Map<String, Value>);

impl FromRequest<Edge> for Fields {
    type Rejection = RestError;

    async fn from_request(request: Request, _: &Edge) -> Result<Self, RestError> {
        if !says_json(request.headers()) {
            return Err(RestError::WrongContentType);
        }
        Self::parse(&collected(request).await?)
    }
}

/// A body that is no JSON, as it came.
pub(crate) struct Bytes(pub(crate) Vec<u8>);

impl FromRequest<Edge> for Bytes {
    type Rejection = RestError;

    async fn from_request(request: Request, _: &Edge) -> Result<Self, RestError> {
        Ok(Self(collected(request).await?.into()))
    }
}

/// Bytes of a streamed body that are handed on together: few enough to hold, enough to seal and write at once.
const BATCH_BYTES: usize = 512 * 1024;

/// A body that is taken as it comes and never held whole. What bounds it is with the handler.
pub(crate) struct Streamed {
    body: axum::body::Body,
    gone: Gone,
}

impl FromRequest<Edge> for Streamed {
    type Rejection = RestError;

    async fn from_request(request: Request, _: &Edge) -> Result<Self, RestError> {
        let gone = request.extensions().get::<Gone>().cloned().unwrap_or_default();
        Ok(Self { body: request.into_body(), gone })
    }
}

impl Streamed {
    /// The next bytes; `None` at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<u8>>, RestError> {
        let mut batch = Vec::new();
        while batch.len() < BATCH_BYTES {
            let frame = async { self.body.frame().await.transpose().map_err(|_| RestError::cut_short()) };
            let Some(frame) = self.gone.or(frame).await? else { break };
            let Ok(bytes) = frame.into_data() else { continue };
            batch.extend_from_slice(&bytes);
        }
        Ok((!batch.is_empty()).then_some(batch))
    }
}

async fn collected(request: Request) -> Result<axum::body::Bytes, RestError> {
    let gone = request.extensions().get::<Gone>().cloned().unwrap_or_default();
    let body = request.into_body();
    if body.size_hint().lower() > u64::try_from(BODY_LIMIT_BYTES).unwrap_or(u64::MAX) {
        return Err(RestError::TooLarge(BODY_LIMIT_BYTES));
    }
    let bytes = gone.or(Limited::new(body, BODY_LIMIT_BYTES).collect().map_err(unreadable)).await?;
    Ok(bytes.to_bytes())
}

fn unreadable(error: Box<dyn std::error::Error + Send + Sync>) -> RestError {
    if error.is::<LengthLimitError>() { RestError::TooLarge(BODY_LIMIT_BYTES) } else { RestError::cut_short() }
}

/// `application/json` with or without parameters.
fn says_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

impl Fields {
    fn parse(bytes: &[u8]) -> Result<Self, RestError> {
        match serde_json::from_slice(bytes) {
            Ok(Value::Object(fields)) => Ok(Self(fields)),
            Ok(_) => Err(RestError::Malformed(String::from("expected {...}"))),
            Err(error) => Err(RestError::Malformed(error.to_string())),
        }
    }

    /// The fields as they came, for who checks them himself.
    pub(crate) fn into_map(self) -> Map<String, Value> {
        self.0
    }

    fn take(&mut self, name: &str) -> Option<Value> {
        self.0.remove(name).filter(|value| !value.is_null())
    }

    /// A string.
    pub(crate) fn text(&mut self, name: &'static str) -> Result<Option<String>, RestError> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(RestError::invalid(name, "expected a string")),
        }
    }

    /// A string, or `null`, which here has a meaning of its own: nothing from now on.
    pub(crate) fn text_or_none(&mut self, name: &'static str) -> Result<Option<Option<String>>, RestError> {
        match self.0.remove(name) {
            None => Ok(None),
            Some(Value::Null) => Ok(Some(None)),
            Some(Value::String(text)) => Ok(Some(Some(text))),
            Some(_) => Err(RestError::invalid(name, "expected a string or null")),
        }
    }

    /// Whether a field is given.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|value| !value.is_null())
    }

    /// A string that must be there.
    pub(crate) fn required_text(&mut self, name: &'static str) -> Result<String, RestError> {
        self.text(name)?.ok_or_else(|| RestError::invalid(name, "is missing: expected a string"))
    }

    /// An object that must be there.
    pub(crate) fn required_object(&mut self, name: &'static str) -> Result<Self, RestError> {
        match self.take(name) {
            None => Err(RestError::invalid(name, "is missing: expected an object")),
            Some(Value::Object(fields)) => Ok(Self(fields)),
            Some(_) => Err(RestError::invalid(name, "expected an object")),
        }
    }

    /// A whole number that is not negative.
    pub(crate) fn number(&mut self, name: &'static str) -> Result<Option<u64>, RestError> {
        match self.take(name) {
            None => Ok(None),
            Some(value) => value.as_u64().map(Some).ok_or_else(|| RestError::invalid(name, "expected a whole number")),
        }
    }

    /// A list of objects; an absent one is empty.
    pub(crate) fn objects(&mut self, name: &'static str) -> Result<Vec<Self>, RestError> {
        let wrong = || RestError::invalid(name, format!("expected a list of at most {ENTRIES_MAX} objects"));
        let entries = match self.take(name) {
            None => return Ok(Vec::new()),
            Some(Value::Array(entries)) if entries.len() <= ENTRIES_MAX => entries,
            Some(_) => return Err(wrong()),
        };
        let object = |entry| if let Value::Object(fields) = entry { Ok(Self(fields)) } else { Err(wrong()) };
        entries.into_iter().map(object).collect()
    }

    /// `true` or `false`.
    pub(crate) fn flag(&mut self, name: &'static str) -> Result<Option<bool>, RestError> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(_) => Err(RestError::invalid(name, "expected true or false")),
        }
    }

    /// A list of strings.
    pub(crate) fn texts(&mut self, name: &'static str) -> Result<Option<Vec<String>>, RestError> {
        let wrong = || RestError::invalid(name, format!("expected a list of at most {ENTRIES_MAX} strings"));
        let entries = match self.take(name) {
            None => return Ok(None),
            Some(Value::Array(entries)) if entries.len() <= ENTRIES_MAX => entries,
            Some(_) => return Err(wrong()),
        };
        let text = |entry| if let Value::String(text) = entry { Ok(text) } else { Err(wrong()) };
        entries.into_iter().map(text).collect::<Result<Vec<_>, _>>().map(Some)
    }

    /// A list of objects that must be there, at most so many.
    pub(crate) fn required_objects(&mut self, name: &'static str, most: usize) -> Result<Vec<Self>, RestError> {
        let wrong = || RestError::invalid(name, format!("expected a list of at most {most} objects"));
        let Some(Value::Array(entries)) =
            self.take(name).filter(|given| given.as_array().is_some_and(|all| all.len() <= most))
        else {
            return Err(wrong());
        };
        let object = |entry| if let Value::Object(fields) = entry { Ok(Self(fields)) } else { Err(wrong()) };
        entries.into_iter().map(object).collect()
    }

    /// A list of strings that must be there; one string stands for a list of one.
    pub(crate) fn one_or_more(&mut self, name: &'static str) -> Result<Vec<String>, RestError> {
        if let Some(Value::String(text)) = self.0.get(name) {
            return Ok(vec![text.clone()]);
        }
        self.texts(name)?.ok_or_else(|| RestError::invalid(name, "is missing: expected a string or a list of strings"))
    }
}

#[cfg(test)]
pub(crate) fn fields(value: Value) -> Fields {
    match value {
        Value::Object(fields) => Fields(fields),
        _ => panic!("a body is an object"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;
    use serde_json::json;

    #[test]
    fn what_is_no_json_object_is_refused() {
        let deep = format!("{}1{}", "[".repeat(5000), "]".repeat(5000));
        let bodies: [&[u8]; 9] =
            [b"", b"{", b"null", b"[]", b"7", b"{'a':1}", b"{\"a\":1} x", b"{\"a\":\"\xff\"}", deep.as_bytes()];
        for body in bodies {
            let refused = Fields::parse(body);
            assert!(matches!(refused, Err(RestError::Malformed(_))), "{}", String::from_utf8_lossy(body));
        }
        assert!(Fields::parse(b"{}").is_ok());
    }

    #[test]
    fn a_field_of_the_wrong_type_is_named() {
        let mut body = fields(json!({"a": 7, "b": "yes", "c": ["x", 1], "d": "x", "h": []}));
        let refusals = [
            body.text("a").map(|_| ()),
            body.flag("b").map(|_| ()),
            body.texts("c").map(|_| ()),
            body.texts("d").map(|_| ()),
            body.required_text("e").map(|_| ()),
            body.one_or_more("f").map(|_| ()),
            body.required_object("g").map(|_| ()),
            body.required_object("h").map(|_| ()),
        ];
        for (refusal, name) in refusals.into_iter().zip(["a", "b", "c", "d", "e", "f", "g", "h"]) {
            assert!(matches!(refusal, Err(RestError::Invalid { field, .. }) if field == name), "{name}");
        }
    }

    #[test]
    fn null_and_absent_are_the_same_and_unknown_fields_are_ignored() {
        let mut body = fields(json!({"a": null, "unknown": {"deep": []}}));
        assert!(matches!(body.text("a"), Ok(None)));
        assert!(matches!(body.flag("b"), Ok(None)));
        assert!(matches!(body.texts("c"), Ok(None)));
    }

    #[test]
    fn where_null_has_a_meaning_it_is_told_from_absent() {
        let mut body = fields(json!({"a": null, "b": "x", "c": 7}));
        assert!(!body.has("a") && body.has("b") && !body.has("d"));
        assert!(matches!(body.text_or_none("a"), Ok(Some(None))));
        assert!(matches!(body.text_or_none("b"), Ok(Some(Some(text))) if text == "x"));
        assert!(matches!(body.text_or_none("c"), Err(RestError::Invalid { field: "c", .. })));
        assert!(matches!(body.text_or_none("d"), Ok(None)));
    }

    #[test]
    fn lists_are_bounded_e5() {
        let mut body = fields(json!({"ok": vec!["x"; ENTRIES_MAX], "over": vec!["x"; ENTRIES_MAX + 1], "one": "y"}));
        assert_eq!(body.one_or_more("ok").map(|list| list.len()).ok(), Some(ENTRIES_MAX));
        assert!(body.one_or_more("over").is_err());
        assert_eq!(body.one_or_more("one").ok(), Some(vec![String::from("y")]));
    }

    #[test]
    fn only_json_counts_as_json() {
        for (kind, expected) in [
            ("application/json", true),
            ("Application/JSON; charset=utf-8", true),
            ("text/plain", false),
            ("application/jsonp", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
            assert_eq!(says_json(&headers), expected, "{kind}");
        }
        assert!(!says_json(&HeaderMap::new()));
    }
}
