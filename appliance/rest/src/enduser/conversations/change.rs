use super::one;
use crate::answer::Answer;
use crate::body::Fields;
use crate::caller::Own;
use crate::edge::Edge;
use crate::path::Ids;
use app::conversation;
use axum::extract::State;

/// `PUT enduser/v1.0/users/{uid}/conversations/{conversation}` with `{mute}`
pub(crate) async fn change(State(edge): State<Edge>, Own(caller): Own, ids: Ids, mut fields: Fields) -> Answer {
    let id = ids.conversation()?;
    let changed = match fields.flag("mute")? {
        Some(mute) => conversation::set_mute(&edge.app, &caller, &id, mute).await?,
        None => conversation::find(&edge.app, &caller, &id).await?,
    };
    one(&edge, &caller, &changed).await
}
