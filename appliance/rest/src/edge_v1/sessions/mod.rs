//! One's own sign-in sessions.

pub(crate) mod end;
pub(crate) mod end_all;
pub(crate) mod list;

use crate::answer::{Answer, page_of};
use crate::query::{LIMIT_DEFAULT, LIMIT_MAX, Query};
use app::sign_in::OpenSession;
use domain::clock::iso8601;
use serde_json::{Value, json};

/// A page of somebody's sessions.
pub(crate) fn page(sessions: Vec<OpenSession>, query: &Query) -> Answer {
    page_of(sessions, query.window(LIMIT_DEFAULT, LIMIT_MAX)?, entry)
}

fn entry(open: &OpenSession) -> Value {
    let session = &open.session;
    json!({
        "id": session.id,
        "client": session.client,
        "applicationId": session.application,
        "creationDate": iso8601(session.created_ms),
        "lastUseDate": iso8601(session.seen_ms),
        "isCurrent": open.current,
        "connectedDevices": open.devices,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::SessionId;
    use store::person::PersonNo;
    use store::session::Session;

    #[test]
    fn a_session_is_told_without_anything_that_opens_a_stream_a5() {
        let id = SessionId::parse("d00000000000000000000bad").expect("an id");
        let session = Session {
            id,
            user: PersonNo(1),
            application: None,
            client: String::from("sdk_node"),
            created_ms: 0,
            seen_ms: 60_000,
        };
        let expected = json!({
            "id": "d00000000000000000000bad",
            "client": "sdk_node",
            "applicationId": null,
            "creationDate": "1970-01-01T00:00:00.000Z",
            "lastUseDate": "1970-01-01T00:01:00.000Z",
            "isCurrent": true,
            "connectedDevices": 2,
        });
        assert_eq!(entry(&OpenSession { session, current: true, devices: 2 }), expected);
    }
}
