use crate::answer::{self, Answer};
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::query::{LIMIT_DEFAULT, LIMIT_MAX, Query};
use crate::user::{Home, View};
use app::people;
use axum::extract::State;

/// `GET admin/v1.0/users`: the members of `companyId`, or of the caller's own company, by address.
pub(crate) async fn list(State(edge): State<Edge>, SignedIn(caller): SignedIn, query: Query) -> Answer {
    let window = query.window(LIMIT_DEFAULT, LIMIT_MAX)?;
    let company = query.company()?.unwrap_or_else(|| caller.company.clone());
    let page = people::list_members(&edge.app, &caller, &company, window).await?;
    let home = Home::administered(&edge, &caller, company).await?;
    let items: Vec<_> = page.items.iter().map(|user| home.user(user, View::Private)).collect();
    answer::list(&items, page.total, window)
}
