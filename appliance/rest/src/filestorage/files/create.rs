use super::{one, viewer};
use crate::answer::Answer;
use crate::body::Fields;
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::error::RestError;
use app::file::{self, New};
use axum::extract::State;

/// `POST filestorage/v1.0/files` with `{fileName, extension, size, viewers: [{viewerId, type}]}`
pub(crate) async fn create(State(edge): State<Edge>, SignedIn(caller): SignedIn, mut fields: Fields) -> Answer {
    let name = fields.required_text("fileName")?;
    let written = fields.text("extension")?;
    // Rainbow's SDK gives the whole name where there is no dot in it.
    let extension = written.filter(|extension| *extension != name).unwrap_or_default();
    let size = fields.number("size")?.ok_or_else(|| RestError::invalid("size", "is missing: expected a number"))?;
    let viewers = fields.objects("viewers")?.into_iter().map(viewer).collect::<Result<Vec<_>, _>>()?;
    one(&edge, &file::announce(&edge.app, &caller, New { name, extension, size_bytes: size, viewers }).await?)
}
