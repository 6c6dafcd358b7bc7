use super::take;
use crate::answer::{Answer, data};
use crate::body::Streamed;
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::filestorage::files::descriptor;
use crate::path::{Ids, PartName};
use app::file::{self, Part};
use axum::extract::State;

/// `PUT fileserver/v1.0/files/{file}/parts/{part}`: one part after another from 0, then `end` with an empty body.
pub(crate) async fn put(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids, body: Streamed) -> Answer {
    let id = ids.file()?;
    let page = match ids.part()? {
        PartName::End => file::finish(&edge.app, &caller, &id).await?,
        PartName::Number(number) => {
            take(&edge, &caller, &id, Part::Number(number), body).await?;
            file::find(&edge.app, &caller, &id).await?
        }
    };
    data(&descriptor(&page, &edge))
}
