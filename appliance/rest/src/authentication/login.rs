use super::basic::{self, Basic};
use crate::answer::Answer;
use crate::edge::Edge;
use crate::error::RestError;
use crate::user::{View, person};
use app::sign_in::{self, Credentials, SignedIn};
use app::{Source, Unauthenticated, Visitor, people};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::{Extension, Json};
use serde_json::{Value, json};

/// `GET authentication/v1.0/login`: the one answer that is not wrapped in `data`, and the only one with `jid_password`
/// (protocol section 3, traps 6 and 7).
pub(crate) async fn log_in(
    State(edge): State<Edge>,
    visitor: Option<Extension<Visitor>>,
    headers: HeaderMap,
) -> Answer {
    let source = visitor.as_ref().map(|Extension(visitor)| visitor.source()).unwrap_or_default();
    let signed_in = sign_in::log_in(&edge.app, credentials(&headers, source)?).await?;
    if let Some(Extension(visitor)) = visitor {
        visitor.signed_in();
    }
    Ok(Json(told(&edge, signed_in).await?))
}

/// What somebody is told who has signed in.
pub(crate) async fn told(edge: &Edge, signed_in: SignedIn) -> Result<Value, RestError> {
    let caller = sign_in::authenticate(&edge.app, &signed_in.token).await?;
    let seen = people::find(&edge.app, &caller, &caller.user).await?;
    let SignedIn { token, xmpp_secret, application, .. } = signed_in;
    let mut logged_in = person(&seen, &edge.app.domain(), View::Private);
    if let Some(fields) = logged_in.as_object_mut() {
        fields.insert(String::from("jid_password"), json!(*xmpp_secret));
    }
    Ok(json!({
        "token": token,
        "loggedInUser": logged_in,
        "loggedInApplication": { "id": application.map(|id| id.to_string()) },
    }))
}

fn credentials(headers: &HeaderMap, source: Source) -> Result<Credentials, RestError> {
    let login = headers.get(AUTHORIZATION).and_then(basic::parse).ok_or(Unauthenticated::Missing)?;
    let application = match headers.get("x-rainbow-app-auth") {
        None => None,
        Some(header) => {
            let Basic { name, secret } = basic::parse(header).ok_or(Unauthenticated::WrongApplication)?;
            Some((name, secret.to_string()))
        }
    };
    let client = headers.get("x-rainbow-client").and_then(|value| value.to_str().ok()).unwrap_or_default();
    Ok(Credentials { login: login.name, password: login.secret, application, client: client.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::AppError;
    use axum::http::HeaderValue;

    fn sent(authorization: &'static str, application: Option<&'static str>) -> Result<Credentials, RestError> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::from_static(authorization));
        headers.insert("x-rainbow-client", HeaderValue::from_static("sdk_node"));
        if let Some(application) = application {
            headers.insert("x-rainbow-app-auth", HeaderValue::from_static(application));
        }
        credentials(&headers, Source::default())
    }

    #[test]
    fn an_application_may_be_absent_or_without_id_a11() {
        let without = sent("Basic YTpi", None).expect("credentials");
        assert_eq!((without.login.as_str(), without.client.as_str()), ("a", "sdk_node"));
        assert!(without.application.is_none());
        let nameless = sent("Basic YTpi", Some("Basic OnByb29m")).expect("credentials");
        assert_eq!(nameless.application, Some((String::new(), String::from("proof"))));
    }

    #[test]
    fn unreadable_credentials_are_missing_and_an_unreadable_application_is_wrong_a11() {
        let reason = |refused: Result<Credentials, RestError>| match refused {
            Err(RestError::App(AppError::Unauthenticated(reason))) => Some(reason),
            _ => None,
        };
        assert_eq!(reason(sent("Bearer null", None)), Some(Unauthenticated::Missing));
        assert_eq!(reason(sent("Basic YTpi", Some("Basic ???"))), Some(Unauthenticated::WrongApplication));
    }
}
