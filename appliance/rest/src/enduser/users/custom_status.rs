//! What somebody says of himself beside his presence (C2).

use crate::answer::{Answer, data};
use crate::body::Fields;
use crate::caller::{Own, SignedIn};
use crate::edge::Edge;
use crate::error::RestError;
use crate::path::Ids;
use app::people::{self, CustomStatus};
use axum::extract::State;
use domain::clock::{iso8601, parse_iso8601};
use serde_json::{Value, json};

/// `GET enduser/v1.0/users/{uid}/custom-status`
pub(crate) async fn read(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids) -> Answer {
    data(&status_json(people::custom_status(&edge.app, &caller, &ids.user()?).await?.as_ref()))
}

/// `POST enduser/v1.0/users/{uid}/custom-status` with `{status, emoji, expirationDate}`
pub(crate) async fn set(State(edge): State<Edge>, Own(caller): Own, mut fields: Fields) -> Answer {
    let wrong = || RestError::invalid("expirationDate", "expected a time such as 2030-01-31T12:00:00Z");
    let until = fields.text("expirationDate")?.map(|text| parse_iso8601(&text).ok_or_else(wrong)).transpose()?;
    let status = CustomStatus {
        text: fields.required_text("status")?,
        emoji: fields.text("emoji")?.unwrap_or_default(),
        until_ms: until,
    };
    data(&status_json(Some(&people::set_custom_status(&edge.app, &caller, status).await?)))
}

/// `DELETE enduser/v1.0/users/{uid}/custom-status`
pub(crate) async fn remove(State(edge): State<Edge>, Own(caller): Own) -> Answer {
    people::remove_custom_status(&edge.app, &caller).await?;
    data(&status_json(None))
}

fn status_json(status: Option<&CustomStatus>) -> Value {
    json!({
        "status": status.map(|status| &status.text),
        "emoji": status.map(|status| &status.emoji),
        "expirationDate": status.and_then(|status| status.until_ms).map(iso8601),
    })
}
