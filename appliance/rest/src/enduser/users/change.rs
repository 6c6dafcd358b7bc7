use super::one;
use crate::answer::Answer;
use crate::body::Fields;
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::path::Ids;
use crate::profile;
use app::people;
use axum::extract::State;

/// `PUT enduser/v1.0/users/{uid}`: the caller's own personal fields. Roles, address and company are no such fields and
/// are ignored, like all that is unknown.
pub(crate) async fn change(
    State(edge): State<Edge>,
    SignedIn(caller): SignedIn,
    ids: Ids,
    mut fields: Fields,
) -> Answer {
    let change = profile::change(&mut fields)?;
    let changed = people::change_own_profile(&edge.app, &caller, &ids.user()?, change).await?;
    one(&edge, &caller, &people::find(&edge.app, &caller, &changed.id).await?)
}
