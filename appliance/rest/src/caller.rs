//! Who calls: the bearer token, checked before any handler runs.

use crate::edge::Edge;
use crate::error::RestError;
use crate::path::Ids;
use app::{AppError, Caller, Unauthenticated, Visitor, people, sign_in};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;

/// Lets through who shows a valid token.
pub(crate) async fn require(State(edge): State<Edge>, mut request: Request, next: Next) -> Result<Response, RestError> {
    let token = bearer(request.headers()).ok_or(Unauthenticated::Missing)?;
    let caller = sign_in::authenticate(&edge.app, token).await?;
    if let Some(visitor) = request.extensions().get::<Visitor>() {
        visitor.signed_in();
    }
    request.extensions_mut().insert(caller);
    Ok(next.run(request).await)
}

/// The token; before its log-in the SDK sends the literal `Bearer null`, which is none (protocol trap 18).
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !matches!(token, "" | "null" | "undefined")).then_some(token)
}

/// The caller of a route that is not public.
pub(crate) struct SignedIn(pub(crate) Caller);

impl<S: Send + Sync> FromRequestParts<S> for SignedIn {
    type Rejection = RestError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, RestError> {
        let caller = parts.extensions.get::<Caller>().cloned();
        caller.map(Self).ok_or_else(|| Unauthenticated::Missing.into())
    }
}

/// The caller of a route whose `{uid}` must be the caller's own: 403 for a colleague's, 404 for anybody else's.
pub(crate) struct Own(pub(crate) Caller);

impl FromRequestParts<Edge> for Own {
    type Rejection = RestError;

    async fn from_request_parts(parts: &mut Parts, edge: &Edge) -> Result<Self, RestError> {
        let SignedIn(caller) = SignedIn::from_request_parts(parts, edge).await?;
        let asked = Ids::from_request_parts(parts, edge).await?.user()?;
        if asked == caller.user {
            return Ok(Self(caller));
        }
        people::find(&edge.app, &caller, &asked).await?;
        Err(AppError::Forbidden.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn only_a_bearer_token_is_one() {
        for (header, expected) in [
            ("Bearer abc.def.ghi", Some("abc.def.ghi")),
            ("bearer x", Some("x")),
            ("Bearer null", None),
            ("Bearer undefined", None),
            ("Bearer ", None),
            ("Bearer", None),
            ("Basic abc", None),
            ("", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, HeaderValue::from_static(header));
            assert_eq!(bearer(&headers), expected, "{header}");
        }
        assert_eq!(bearer(&HeaderMap::new()), None);
    }
}
