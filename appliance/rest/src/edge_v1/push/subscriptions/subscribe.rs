use crate::answer::{Answer, data};
use crate::body::Fields;
use crate::caller::SignedIn;
use crate::edge::Edge;
use app::web_push::{self, NewSubscription};
use axum::extract::State;
use serde_json::json;
use zeroize::Zeroizing;

/// `POST /api/edge/v1/push/subscriptions {endpoint, keys: {p256dh, auth}}`, as `PushSubscription.toJSON` writes it.
pub(crate) async fn subscribe(State(edge): State<Edge>, SignedIn(caller): SignedIn, mut fields: Fields) -> Answer {
    let mut keys = fields.required_object("keys")?;
    let new = NewSubscription {
        endpoint: fields.required_text("endpoint")?,
        p256dh: keys.required_text("p256dh")?,
        auth: Zeroizing::new(keys.required_text("auth")?),
    };
    data(&json!({ "id": web_push::subscribe(&edge.app, &caller, new).await? }))
}
