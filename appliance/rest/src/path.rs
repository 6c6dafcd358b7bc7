//! Ids in paths. What can be no id is an address that does not exist: 404, as for an id of nobody.

use crate::error::RestError;
use crate::jid;
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use domain::ids::{CompanyId, ConversationId, UserId};

/// The placeholders of a route, by name.
#[derive(Debug)]
pub(crate) struct Ids(Vec<(String, String)>);

/// The placeholders that [`Ids`] reads.
#[cfg(test)]
pub(crate) const PLACEHOLDERS: [&str; 4] = ["uid", "company", "conversation", "jid"];

impl<S: Send + Sync> FromRequestParts<S> for Ids {
    type Rejection = RestError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, RestError> {
        let found = RawPathParams::from_request_parts(parts, state).await;
        let found = found.map_err(|_| RestError::NotFound("this address"))?;
        Ok(Self(found.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()))
    }
}

impl Ids {
    fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// `{uid}`
    pub(crate) fn user(&self) -> Result<UserId, RestError> {
        UserId::parse(self.text("uid")).map_err(|_| RestError::NotFound("user"))
    }

    /// `{company}`
    pub(crate) fn company(&self) -> Result<CompanyId, RestError> {
        CompanyId::parse(self.text("company")).map_err(|_| RestError::NotFound("this"))
    }

    /// `{conversation}`
    pub(crate) fn conversation(&self) -> Result<ConversationId, RestError> {
        ConversationId::parse(self.text("conversation")).map_err(|_| RestError::NotFound("conversation"))
    }

    /// `{jid}`
    pub(crate) fn user_by_jid(&self, domain: &str) -> Result<UserId, RestError> {
        jid::parse(self.text("jid"), domain).ok_or(RestError::NotFound("user"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(name: &str, value: &str) -> Ids {
        Ids(vec![(name.to_owned(), value.to_owned())])
    }

    #[test]
    fn an_id_that_can_be_nobodys_is_not_found() {
        for text in ["", "1", "111111111111111111111111", "../../etc/passwd", "D00000000000000000000BAD", "{uid}"] {
            assert!(matches!(ids("uid", text).user(), Err(RestError::NotFound("user"))), "{text}");
            assert!(matches!(ids("company", text).company(), Err(RestError::NotFound(_))), "{text}");
            assert!(matches!(ids("conversation", text).conversation(), Err(RestError::NotFound(_))), "{text}");
            assert!(matches!(ids("jid", text).user_by_jid("edge.test"), Err(RestError::NotFound("user"))), "{text}");
        }
        assert!(ids("uid", "d00000000000000000000bad").user().is_ok());
    }
}
