use super::several;
use crate::answer::Answer;
use crate::body::Fields;
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::error::RestError;
use crate::query::{LIMIT_MAX, Query};
use app::people;
use axum::extract::State;
use domain::ids::UserId;

/// `POST enduser/v1.0/users/ids` with `{id: [...]}`; ids of people whom the caller may not see are passed over.
pub(crate) async fn find(
    State(edge): State<Edge>,
    SignedIn(caller): SignedIn,
    query: Query,
    mut fields: Fields,
) -> Answer {
    let window = query.window(LIMIT_MAX, LIMIT_MAX)?;
    let ids = fields.one_or_more("id")?.iter().map(|id| UserId::parse(id)).collect::<Result<_, _>>();
    let ids = ids.map_err(|error| RestError::invalid("id", error.to_string()))?;
    let found = people::find_many(&edge.app, &caller, ids).await?;
    several(&edge, found, window)
}
