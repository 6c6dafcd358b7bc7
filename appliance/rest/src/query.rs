//! Parameters of a query. Blanks around a key are dropped: the SDK writes some with one.

use crate::error::RestError;
use app::people::Window;
use axum::extract::{self, FromRequestParts};
use axum::http::request::Parts;
use domain::ids::CompanyId;
use std::convert::Infallible;

/// Most entries of a page.
pub(crate) const LIMIT_MAX: u32 = 1000;
/// Entries of a page when the client does not say.
pub(crate) const LIMIT_DEFAULT: u32 = 100;

/// The part behind `?`: keys and values, decoded.
#[derive(Debug)]
pub(crate) struct Query(Vec<(String, String)>);

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        // Any text can be read as keys and values; what is no UTF-8 in it is replaced.
        let read = extract::Query::<Vec<(String, String)>>::try_from_uri(&parts.uri);
        Ok(Self(read.map(|extract::Query(pairs)| pairs).unwrap_or_default()))
    }
}

impl Query {
    /// Every value of a key.
    pub(crate) fn all<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(name, _)| name.trim() == key).map(|(_, value)| value.as_str())
    }

    /// The first value of a key.
    pub(crate) fn find(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name.trim() == key).map(|(_, value)| value.as_str())
    }

    /// A whole number.
    pub(crate) fn number(&self, key: &'static str) -> Result<Option<u32>, RestError> {
        let Some(text) = self.find(key) else { return Ok(None) };
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let number = if digits { text.parse().ok() } else { None };
        number.map(Some).ok_or_else(|| RestError::invalid(key, "expected a whole number below 4294967296"))
    }

    /// `true` or `false`; the latter when it is not given.
    pub(crate) fn flag(&self, key: &'static str) -> Result<bool, RestError> {
        match self.find(key) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(RestError::invalid(key, "expected true or false")),
        }
    }

    /// `limit` and `offset`; a greater limit than `limit_max` means that one.
    pub(crate) fn window(&self, limit_default: u32, limit_max: u32) -> Result<Window, RestError> {
        let limit = self.number("limit")?.unwrap_or(limit_default);
        if limit == 0 {
            return Err(RestError::invalid("limit", "expected 1 or more"));
        }
        Ok(Window { offset: self.number("offset")?.unwrap_or(0), limit: limit.min(limit_max) })
    }

    /// A company's id; what can be no company's id is nobody's company.
    pub(crate) fn company(&self, key: &str) -> Result<Option<CompanyId>, RestError> {
        let id = self.find(key).filter(|text| !text.is_empty());
        id.map(CompanyId::parse).transpose().map_err(|_| RestError::NotFound)
    }
}

/// What a query holds, for the tests of those who read it.
#[cfg(test)]
pub(crate) fn query(text: &str) -> Query {
    let uri = format!("/x?{text}").parse().expect("an address");
    let extract::Query(pairs) = extract::Query::try_from_uri(&uri).expect("keys and values");
    Query(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(query: &str) -> Option<(u32, u32)> {
        let window = super::query(query).window(LIMIT_DEFAULT, LIMIT_MAX).ok()?;
        Some((window.offset, window.limit))
    }

    #[test]
    fn a_window_is_read_and_bounded() {
        for (query, expected) in [
            ("", (0, 100)),
            ("format=full&limit=7&offset=21", (21, 7)),
            ("limit=4000000000", (0, LIMIT_MAX)),
            ("=&=&&status=a&status=b", (0, 100)),
            ("xlimit=5&limits=6", (0, 100)),
        ] {
            assert_eq!(window(query), Some(expected), "{query}");
        }
    }

    #[test]
    fn what_was_percent_encoded_is_decoded_b7() {
        let query = query("displayName=J%C3%BCrgen%20%26+S%C3%B6hne&status=a&x=%ff&status=b&position%20=3");
        assert_eq!(query.find("displayName"), Some("Jürgen & Söhne"));
        assert_eq!(query.all("status").collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(query.find("x"), Some("\u{fffd}"));
        assert_eq!(query.number("position").ok().flatten(), Some(3), "as the SDK writes it");
        assert_eq!(query.find("unknown"), None);
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for query in
            ["limit=-1", "limit=0", "limit=99999999999999999999", "limit=abc", "limit=", "limit=1e3", "offset=%ff"]
        {
            assert_eq!(window(query), None, "{query}");
        }
    }

    #[test]
    fn a_flag_that_is_neither_true_nor_false_is_refused_and_never_taken_for_one() {
        let flag = |text: &str| query(text).flag("keepCurrent").ok();
        assert_eq!(["", "keepCurrent=false", "keepCurrent=true"].map(flag), [Some(false), Some(false), Some(true)]);
        assert_eq!(["keepCurrent=", "keepCurrent=TRUE", "keepCurrent=1"].map(flag), [None; 3]);
    }
}
