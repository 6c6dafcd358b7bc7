use super::shown;
use crate::answer::{self, Answer};
use crate::caller::Own;
use crate::edge::Edge;
use crate::error::RestError;
use crate::query::{LIMIT_DEFAULT, LIMIT_MAX, Query};
use app::Caller;
use app::network::{self, Side};
use axum::extract::State;
use domain::network::InvitationStatus;

/// `GET enduser/v1.0/users/{uid}/invitations/sent`
pub(crate) async fn sent(State(edge): State<Edge>, Own(caller): Own, query: Query) -> Answer {
    list(&edge, &caller, Side::Sent, &query).await
}

/// `GET enduser/v1.0/users/{uid}/invitations/received`
pub(crate) async fn received(State(edge): State<Edge>, Own(caller): Own, query: Query) -> Answer {
    list(&edge, &caller, Side::Received, &query).await
}

async fn list(edge: &Edge, caller: &Caller, side: Side, query: &Query) -> Answer {
    let window = query.window(LIMIT_DEFAULT, LIMIT_MAX)?;
    let Some(states) = states(query)? else { return answer::list(&[], 0, window) };
    let page = network::list(&edge.app, caller, side, &states, window).await?;
    let mut items = Vec::new();
    for invitation in &page.items {
        items.push(shown(edge, caller, invitation).await?);
    }
    answer::list(&items, page.total, window)
}

/// `status`, several times or with commas; none stands for all. `None` when only `failed` is asked for: mail that could
/// not be delivered, which no invitation on the box is.
fn states(query: &Query) -> Result<Option<Vec<InvitationStatus>>, RestError> {
    let asked: Vec<&str> =
        query.all("status").flat_map(|names| names.split(',')).filter(|name| !name.is_empty()).collect();
    let real = asked.iter().filter(|name| **name != "failed").map(|name| InvitationStatus::parse(name));
    let states = real.collect::<Option<Vec<_>>>().ok_or_else(|| {
        RestError::invalid("status", "expected pending, accepted, auto-accepted, declined, canceled or failed")
    })?;
    Ok((asked.is_empty() || !states.is_empty()).then_some(states))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::query;
    use InvitationStatus::{Accepted, AutoAccepted, Pending};

    #[test]
    fn states_are_read_as_the_sdk_sends_them_b6() {
        for (asked, expected) in [
            ("format=full&limit=500", Some(vec![])),
            ("status=pending&status=accepted&status=auto-accepted", Some(vec![Pending, Accepted, AutoAccepted])),
            ("status=pending%2Caccepted", Some(vec![Pending, Accepted])),
            ("status=failed&status=pending", Some(vec![Pending])),
            ("status=failed", None),
        ] {
            assert_eq!(states(&query(asked)).ok(), Some(expected), "{asked}");
        }
        assert!(matches!(states(&query("status=lost")), Err(RestError::Invalid { field: "status", .. })));
    }
}
