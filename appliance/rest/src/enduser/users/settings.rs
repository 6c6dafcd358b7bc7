use crate::answer::{Answer, data};
use crate::body::Fields;
use crate::caller::Own;
use crate::edge::Edge;
use app::people::{self, User};
use axum::extract::State;
use serde_json::json;

/// `GET enduser/v1.0/users/{uid}/settings`: the presence that the user last chose.
pub(crate) async fn read(State(edge): State<Edge>, Own(caller): Own) -> Answer {
    settings(&people::presence_setting(&edge.app, &caller).await?)
}

/// `PUT enduser/v1.0/users/{uid}/settings`
pub(crate) async fn change(State(edge): State<Edge>, Own(caller): Own, mut fields: Fields) -> Answer {
    match fields.text("presence")? {
        Some(level) => settings(&people::set_presence(&edge.app, &caller, &level).await?),
        None => settings(&people::presence_setting(&edge.app, &caller).await?),
    }
}

fn settings(user: &User) -> Answer {
    data(&json!({ "presence": user.presence.name() }))
}
