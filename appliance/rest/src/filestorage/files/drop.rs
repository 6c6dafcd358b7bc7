use super::one;
use crate::answer::Answer;
use crate::body::Fields;
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::error::RestError;
use crate::path::Ids;
use app::file;
use axum::extract::State;
use domain::ids::UserId;

/// `PUT filestorage/v1.0/files/{file}/drop` with `{userId}`: a colleague has it from now on.
pub(crate) async fn hand_over(
    State(edge): State<Edge>,
    SignedIn(caller): SignedIn,
    ids: Ids,
    mut fields: Fields,
) -> Answer {
    let to = UserId::parse(&fields.required_text("userId")?).map_err(|_| RestError::NotFound)?;
    one(&edge, &file::hand_over(&edge.app, &caller, &ids.file()?, &to).await?)
}
