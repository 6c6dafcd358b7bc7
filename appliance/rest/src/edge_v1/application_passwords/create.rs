use crate::answer::{Answer, data};
use crate::body::Fields;
use crate::caller::SignedIn;
use crate::edge::Edge;
use app::Visitor;
use app::sign_in::{self, NewApplicationPassword};
use axum::Extension;
use axum::extract::State;
use serde_json::json;
use zeroize::Zeroizing;

/// `POST /api/edge/v1/application-passwords {name, currentPassword}`: the password is told this once.
pub(crate) async fn create(
    State(edge): State<Edge>,
    SignedIn(caller): SignedIn,
    visitor: Option<Extension<Visitor>>,
    mut fields: Fields,
) -> Answer {
    let new = NewApplicationPassword {
        name: fields.required_text("name")?,
        current: Zeroizing::new(fields.required_text("currentPassword")?),
        source: visitor.map(|Extension(visitor)| visitor.source()).unwrap_or_default(),
    };
    let made = sign_in::create_application_password(&edge.app, &caller, new).await?;
    data(&json!({
        "id": made.entry.id,
        "name": made.entry.name,
        "password": made.password.as_str(),
        "jid": made.jid,
    }))
}
