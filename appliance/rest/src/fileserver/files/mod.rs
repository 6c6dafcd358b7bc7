pub(crate) mod part;
pub(crate) mod put;
pub(crate) mod range;
pub(crate) mod read;
pub(crate) mod temporary_url;

use crate::body::Streamed;
use crate::edge::Edge;
use crate::error::RestError;
use app::file::{self, FileRefused, Part, Receiving};
use app::{AppError, Caller};
use domain::ids::FileId;

/// Takes a part as it comes. Of one that is cut short nothing counts.
async fn take(edge: &Edge, caller: &Caller, id: &FileId, part: Part, mut body: Streamed) -> Result<(), RestError> {
    fill(file::receive(&edge.app, caller, id, part).await?, &mut body).await
}

/// Takes a body to its end.
pub(crate) async fn fill(mut receiving: Receiving, body: &mut Streamed) -> Result<(), RestError> {
    loop {
        let next = tokio::select! {
            next = body.next() => next?,
            () = receiving.overtaken() => return Err(AppError::from(FileRefused::TakenOver).into()),
        };
        let Some(bytes) = next else { break };
        receiving.append(bytes).await?;
    }
    receiving.done();
    Ok(())
}
