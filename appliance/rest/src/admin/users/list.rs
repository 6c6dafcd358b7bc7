use crate::answer::{self, Answer};
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::error::RestError;
use crate::query::{LIMIT_DEFAULT, LIMIT_MAX, Query};
use crate::user::Administered;
use app::people::{self, Listing, Order};
use axum::extract::State;

/// `GET admin/v1.0/users`: the members of `companyId`, or of the caller's own company.
pub(crate) async fn list(State(edge): State<Edge>, SignedIn(caller): SignedIn, query: Query) -> Answer {
    let (window, listing) = (query.window(LIMIT_DEFAULT, LIMIT_MAX)?, read(&query)?);
    let company = query.company("companyId")?.unwrap_or_else(|| caller.company.clone());
    let page = people::list_members(&edge.app, &caller, &company, listing, window).await?;
    let (of, domain) = (Administered::company(&edge, &caller, &company).await?, edge.app.domain());
    let items: Vec<_> = page.items.into_iter().map(|user| of.member(user, &domain)).collect();
    answer::list(&items, page.total, window)
}

/// `displayName`, `searchName` or `searchEmail` filter; `sortField` and `sortOrder` order.
fn read(query: &Query) -> Result<Listing, RestError> {
    let sought = ["displayName", "searchName", "searchEmail"].into_iter().find_map(|name| query.find(name));
    let sought = sought.unwrap_or_default().to_owned();
    let order = match query.find("sortField") {
        None | Some("" | "displayName") => Order::Name,
        Some("loginEmail") => Order::Email,
        Some(_) => return Err(RestError::invalid("sortField", "expected displayName or loginEmail")),
    };
    let descending = match query.find("sortOrder") {
        None | Some("" | "1") => false,
        Some("-1") => true,
        Some(_) => return Err(RestError::invalid("sortOrder", "expected 1 or -1")),
    };
    Ok(Listing { sought, order, descending })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::query;

    #[test]
    fn filter_and_order_are_read_and_named_when_they_are_wrong() {
        let of = |text: &str| read(&query(text)).map(|listing| (listing.sought, listing.order, listing.descending));
        for (text, expected) in [
            ("", ("", Order::Name, false)),
            ("displayName=J%C3%BCrgen&sortField=loginEmail&sortOrder=-1", ("J\u{fc}rgen", Order::Email, true)),
            ("searchEmail=ada%40acme", ("ada@acme", Order::Name, false)),
            ("searchName=ada&sortField=displayName&sortOrder=1", ("ada", Order::Name, false)),
        ] {
            let (sought, order, descending) = expected;
            assert_eq!(of(text).ok(), Some((sought.to_owned(), order, descending)), "{text}");
        }
        for (text, name) in [("sortField=password", "sortField"), ("sortOrder=0", "sortOrder")] {
            assert!(matches!(of(text), Err(RestError::Invalid { field, .. }) if field == name), "{text}");
        }
    }
}
