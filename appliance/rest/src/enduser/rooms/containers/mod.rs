//! Folders in which somebody keeps his bubbles.

pub(crate) mod change;
pub(crate) mod create;
pub(crate) mod fill;
pub(crate) mod list;
pub(crate) mod read;
pub(crate) mod remove;

use crate::answer::{Answer, data};
use crate::body::Fields;
use crate::error::RestError;
use app::Caller;
use app::container::{Change, ContainerPage};
use domain::clock::iso8601;
use domain::ids::BubbleId;
use serde_json::{Value, json};

/// A folder in Rainbow's JSON.
fn container_json(page: &ContainerPage, caller: &Caller) -> Value {
    json!({
        "id": page.container.id,
        "name": page.container.name,
        "description": page.container.description,
        "userId": caller.user,
        "creationDate": iso8601(page.container.created_ms),
        "rooms": page.bubbles,
    })
}

fn one(page: &ContainerPage, caller: &Caller) -> Answer {
    data(&container_json(page, caller))
}

/// `{name, description}` of a body.
fn description(fields: &mut Fields) -> Result<Change, RestError> {
    Ok(Change { name: fields.text("name")?, description: fields.text("description")? })
}

/// `{rooms: [...]}` of a body. What can be no bubble's id is nobody's.
fn rooms(fields: &mut Fields) -> Result<Vec<BubbleId>, RestError> {
    let given = fields.texts("rooms")?.unwrap_or_default();
    given.iter().map(|id| BubbleId::parse(id).map_err(|_| RestError::NotFound)).collect()
}
