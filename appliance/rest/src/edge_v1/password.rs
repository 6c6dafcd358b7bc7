use crate::answer::{Answer, data};
use crate::body::Fields;
use crate::caller::SignedIn;
use crate::edge::Edge;
use app::Visitor;
use app::sign_in::{self, PasswordChange};
use axum::Extension;
use axum::extract::State;
use serde_json::json;
use zeroize::Zeroizing;

/// `PUT /api/edge/v1/password {currentPassword, newPassword}`: ends all other sessions of the caller and
/// removes the application passwords.
pub(crate) async fn change(
    State(edge): State<Edge>,
    SignedIn(caller): SignedIn,
    visitor: Option<Extension<Visitor>>,
    mut fields: Fields,
) -> Answer {
    let change = PasswordChange {
        current: Zeroizing::new(fields.required_text("currentPassword")?),
        new: Zeroizing::new(fields.required_text("newPassword")?),
        source: visitor.map(|Extension(visitor)| visitor.source()).unwrap_or_default(),
    };
    sign_in::change_password(&edge.app, &caller, change).await?;
    data(&json!({ "id": caller.user }))
}
