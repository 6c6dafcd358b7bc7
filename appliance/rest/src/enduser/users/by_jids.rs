use super::several;
use crate::answer::Answer;
use crate::body::Fields;
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::jid;
use crate::query::{LIMIT_MAX, Query};
use app::people;
use axum::extract::State;

/// `POST enduser/v1.0/users/jids` with `{jid_im: [...]}`; JIDs of people whom the caller may not see are passed over.
pub(crate) async fn find(
    State(edge): State<Edge>,
    SignedIn(caller): SignedIn,
    query: Query,
    mut fields: Fields,
) -> Answer {
    let window = query.window(LIMIT_MAX, LIMIT_MAX)?;
    let (jids, domain) = (fields.one_or_more("jid_im")?, edge.app.domain());
    let ids = jids.iter().filter_map(|text| jid::parse(text, &domain)).collect();
    let found = people::find_many(&edge.app, &caller, ids).await?;
    several(&edge, found, window)
}
