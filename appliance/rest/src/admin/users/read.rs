use crate::answer::{Answer, data};
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::path::Ids;
use crate::user::{Home, View};
use app::people;
use axum::extract::State;

/// `GET admin/v1.0/users/{uid}`
pub(crate) async fn read(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids) -> Answer {
    let (company, user) = people::find_member(&edge.app, &caller, &ids.user()?).await?;
    data(&Home::administered(&edge, &caller, company).await?.user(&user, View::Private))
}
