//! Organizations (B4): for the box owner alone.

pub(crate) mod create;
pub(crate) mod list;

use app::company::Organization;
use domain::clock::iso8601;
use serde_json::{Value, json};

fn organisation_json(organization: &Organization) -> Value {
    json!({
        "id": organization.id,
        "name": organization.name,
        "creationDate": iso8601(organization.created_ms),
    })
}
