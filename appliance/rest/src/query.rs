//! Parameters of a query. Keys and values that count here are plain ASCII, so nothing is decoded.

use crate::error::RestError;
use app::people::Window;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use domain::ids::CompanyId;
use std::convert::Infallible;

/// Most entries of a page.
pub(crate) const LIMIT_MAX: u32 = 1000;
/// Entries of a page when the client does not say.
pub(crate) const LIMIT_DEFAULT: u32 = 100;

/// The part behind `?`, as it was sent.
#[derive(Debug)]
pub(crate) struct Query(String);

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(parts.uri.query().unwrap_or_default().to_owned()))
    }
}

impl Query {
    /// The first value of a key.
    fn find(&self, key: &str) -> Option<&str> {
        self.0.split('&').find_map(|pair| pair.split_once('=').filter(|(name, _)| *name == key).map(|(_, value)| value))
    }

    fn number(&self, key: &'static str) -> Result<Option<u32>, RestError> {
        let Some(text) = self.find(key) else { return Ok(None) };
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let number = if digits { text.parse().ok() } else { None };
        number.map(Some).ok_or_else(|| RestError::invalid(key, "expected a whole number below 4294967296"))
    }

    /// `limit` and `offset`; a greater limit than `limit_max` means that one.
    pub(crate) fn window(&self, limit_default: u32, limit_max: u32) -> Result<Window, RestError> {
        let limit = self.number("limit")?.unwrap_or(limit_default);
        if limit == 0 {
            return Err(RestError::invalid("limit", "expected 1 or more"));
        }
        Ok(Window { offset: self.number("offset")?.unwrap_or(0), limit: limit.min(limit_max) })
    }

    /// `companyId`; what can be no company's id is nobody's company.
    pub(crate) fn company(&self) -> Result<Option<CompanyId>, RestError> {
        let id = self.find("companyId").filter(|text| !text.is_empty());
        id.map(CompanyId::parse).transpose().map_err(|_| RestError::NotFound("company"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(query: &str) -> Option<(u32, u32)> {
        let window = Query(query.to_owned()).window(LIMIT_DEFAULT, LIMIT_MAX).ok()?;
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
    fn what_is_no_number_is_refused() {
        for query in
            ["limit=-1", "limit=0", "limit=99999999999999999999", "limit=abc", "limit=", "limit=1e3", "offset=%ff"]
        {
            assert_eq!(window(query), None, "{query}");
        }
    }
}
