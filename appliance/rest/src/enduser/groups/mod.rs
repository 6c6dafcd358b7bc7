//! A user's groups of contacts.

pub(crate) mod add_member;
pub(crate) mod change;
pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod read;
pub(crate) mod remove;
pub(crate) mod remove_member;

use crate::answer::{Answer, data};
use crate::body::Fields;
use crate::edge::Edge;
use crate::error::RestError;
use crate::jid;
use app::Caller;
use app::group::{Change, GroupPage};
use domain::clock::iso8601;
use domain::ids::UserId;
use serde_json::{Value, json};

/// A group in Rainbow's JSON.
fn group_json(page: &GroupPage, owner: &UserId, domain: &str) -> Value {
    let person = |id: &UserId| json!({ "id": id, "jid_im": jid::bare(id, domain) });
    json!({
        "id": page.group.id,
        "name": page.group.name,
        "comment": page.group.comment,
        "isFavorite": page.group.favorite,
        "owner": owner,
        "users": page.people.iter().map(person).collect::<Vec<_>>(),
        "usersIds": page.people,
        "creationDate": iso8601(page.group.created_ms),
    })
}

fn one(edge: &Edge, caller: &Caller, page: &GroupPage) -> Answer {
    data(&group_json(page, &caller.user, &edge.app.domain()))
}

/// `{name, comment, isFavorite}` of a body.
fn read(mut fields: Fields) -> Result<Change, RestError> {
    Ok(Change { name: fields.text("name")?, comment: fields.text("comment")?, favorite: fields.flag("isFavorite")? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::group::Group;
    use domain::ids::GroupId;

    #[test]
    fn a_group_has_the_fields_that_the_sdk_reads() {
        let id = |text: &str| UserId::parse(text).expect("an id");
        let group = Group {
            id: GroupId::parse("c00000000000000000000001").expect("an id"),
            name: String::from("Team"),
            comment: String::from("near"),
            favorite: true,
            created_ms: 0,
        };
        let page = GroupPage { group, people: vec![id("d00000000000000000000002")] };
        let expected = json!({
            "id": "c00000000000000000000001",
            "name": "Team",
            "comment": "near",
            "isFavorite": true,
            "owner": "d00000000000000000000001",
            "users": [{"id": "d00000000000000000000002", "jid_im": "d00000000000000000000002@edge.test"}],
            "usersIds": ["d00000000000000000000002"],
            "creationDate": "1970-01-01T00:00:00.000Z",
        });
        assert_eq!(group_json(&page, &id("d00000000000000000000001"), "edge.test"), expected);
    }
}
