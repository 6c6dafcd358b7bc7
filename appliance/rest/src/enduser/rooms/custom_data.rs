use super::one;
use crate::answer::Answer;
use crate::body::Fields;
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::path::Ids;
use app::bubble::{self, Change};
use axum::extract::State;

/// `PUT enduser/v1.0/rooms/{room}/custom-data` with `{customData: {...}}`
pub(crate) async fn change(
    State(edge): State<Edge>,
    SignedIn(caller): SignedIn,
    ids: Ids,
    mut fields: Fields,
) -> Answer {
    let custom_data = Some(fields.required_object("customData")?.into_map());
    let change = Change { custom_data, ..Change::default() };
    one(&edge, &caller, &bubble::describe(&edge.app, &caller, &ids.room()?, change).await?)
}
