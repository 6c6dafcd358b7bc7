use super::several;
use crate::answer::Answer;
use crate::body::Fields;
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::query::{LIMIT_MAX, Query};
use app::people;
use axum::extract::State;

/// `POST enduser/v1.0/users/loginEmails` with `{loginEmail: "x"}` or `{loginEmail: [...]}`; addresses of people whom
/// the caller may not see are passed over.
pub(crate) async fn find(
    State(edge): State<Edge>,
    SignedIn(caller): SignedIn,
    query: Query,
    mut fields: Fields,
) -> Answer {
    let window = query.window(LIMIT_MAX, LIMIT_MAX)?;
    let found = people::find_by_emails(&edge.app, &caller, fields.one_or_more("loginEmail")?).await?;
    several(&edge, found, window)
}
