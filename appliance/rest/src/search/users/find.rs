use crate::answer::{self, Answer};
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::error::RestError;
use crate::query::{LIMIT_MAX, Query};
use crate::user::{View, person};
use app::people::{self, Sought};
use axum::extract::State;

/// Entries of a page when the client does not say, as the SDK says.
const LIMIT_DEFAULT: u32 = 20;

/// `GET search/v1.0/users`: people whose names begin with the words of `displayName` (or `search`), as far as the caller
/// may find them (B3-B7); `companyId` and `excludeCompanyId` narrow it.
pub(crate) async fn find(State(edge): State<Edge>, SignedIn(caller): SignedIn, query: Query) -> Answer {
    let window = query.window(LIMIT_DEFAULT, LIMIT_MAX)?;
    let page = people::search(&edge.app, &caller, read(&query)?, window).await?;
    let domain = edge.app.domain();
    let items: Vec<_> = page.items.iter().map(|seen| person(seen, &domain, View::Contact)).collect();
    answer::list(&items, page.total, window)
}

fn read(query: &Query) -> Result<Sought, RestError> {
    let text = |key| query.find(key).filter(|text| !text.is_empty());
    Ok(Sought {
        name: text("displayName").or_else(|| text("search")).unwrap_or_default().to_owned(),
        company: query.company("companyId")?,
        other_than: query.company("excludeCompanyId")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::query;

    #[test]
    fn a_search_is_read_under_both_its_names_b7() {
        for asked in
            ["limit=20&displayName=J%C3%BCrgen+M", "search=J%C3%BCrgen%20M&sortOrder=1", "displayName=&search=Jürgen+M"]
        {
            let sought = read(&query(asked)).expect("a search");
            assert_eq!((sought.name.as_str(), sought.company, sought.other_than), ("Jürgen M", None, None), "{asked}");
        }
        let narrowed = read(&query("search=x&excludeCompanyId=c00000000000000000000bad")).expect("a search");
        assert!(narrowed.company.is_none() && narrowed.other_than.is_some());
        assert!(matches!(read(&query("search=x&companyId=7")), Err(RestError::NotFound)));
    }
}
