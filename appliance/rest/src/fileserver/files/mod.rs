pub(crate) mod part;
pub(crate) mod put;
pub(crate) mod range;
pub(crate) mod read;
pub(crate) mod temporary_url;

use crate::body::Streamed;
use crate::edge::Edge;
use crate::error::RestError;
use app::Caller;
use app::file::{self, Part};
use domain::ids::FileId;

/// Takes a part as it comes. Of one that is cut short nothing counts.
async fn take(edge: &Edge, caller: &Caller, id: &FileId, part: Part, mut body: Streamed) -> Result<(), RestError> {
    let mut receiving = file::receive(&edge.app, caller, id, part).await?;
    while let Some(bytes) = body.next().await? {
        receiving.append(bytes).await?;
    }
    receiving.done();
    Ok(())
}
