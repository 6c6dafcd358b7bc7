use super::{description, door, one};
use crate::answer::Answer;
use crate::body::Fields;
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::error::RestError;
use crate::path::Ids;
use app::bubble::{self, Step};
use axum::extract::State;
use domain::ids::UserId;

/// `PUT enduser/v1.0/rooms/{room}` with what is to change; `{owner}` hands it over to a co-organizer (C3),
/// `{autoRegister}` says whom its link lets in.
pub(crate) async fn change(
    State(edge): State<Edge>,
    SignedIn(caller): SignedIn,
    ids: Ids,
    mut fields: Fields,
) -> Answer {
    let id = ids.room()?;
    let owner = fields.text("owner")?;
    let owner = owner.map(|owner| UserId::parse(&owner)).transpose();
    let owner = owner.map_err(|error| RestError::invalid("owner", error.to_string()))?;
    let door = door(&mut fields)?;
    let mut page = bubble::describe(&edge.app, &caller, &id, description(&mut fields)?).await?;
    if let Some(door) = door {
        page = bubble::set_door(&edge.app, &caller, &id, door).await?;
    }
    match owner {
        Some(owner) => {
            let handed_over = bubble::step(&edge.app, &caller, &id, Step::Transfer(owner), "").await?;
            one(&edge, &caller, &handed_over.unwrap_or(page))
        }
        None => one(&edge, &caller, &page),
    }
}
