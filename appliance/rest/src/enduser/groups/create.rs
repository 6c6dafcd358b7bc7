use super::{one, read};
use crate::answer::Answer;
use crate::body::Fields;
use crate::caller::Own;
use crate::edge::Edge;
use app::group;
use axum::extract::State;

/// `POST enduser/v1.0/users/{uid}/groups` with `{name, comment, isFavorite}`
pub(crate) async fn create(State(edge): State<Edge>, Own(caller): Own, fields: Fields) -> Answer {
    one(&edge, &caller, &group::create(&edge.app, &caller, read(fields)?).await?)
}
