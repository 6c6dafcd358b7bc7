//! Bubbles, which Rainbow's interface calls rooms (C3, R2; protocol section 9.1).

pub(crate) mod add_member;
pub(crate) mod archive;
pub(crate) mod avatar;
pub(crate) mod by_ids;
pub(crate) mod by_jid;
pub(crate) mod change;
pub(crate) mod change_member;
pub(crate) mod consumption;
pub(crate) mod containers;
pub(crate) mod create;
pub(crate) mod custom_data;
pub(crate) mod jids;
pub(crate) mod list;
pub(crate) mod lobbies;
pub(crate) mod members;
pub(crate) mod open_invites;
pub(crate) mod passwords;
pub(crate) mod public_links;
pub(crate) mod read;
pub(crate) mod remove;
pub(crate) mod remove_member;
pub(crate) mod tags;

use crate::answer::{Answer, data};
use crate::body::Fields;
use crate::edge::Edge;
use crate::error::RestError;
use crate::jid;
use app::Caller;
use app::bubble::{Bubble, BubblePage, Change, Door, Membership};
use domain::clock::iso8601;
use domain::ids::UserId;
use serde_json::{Map, Value, json};

/// People that an answer lists of each bubble when the client does not say.
pub(crate) const USERS_DEFAULT: u32 = 1000;

/// A bubble in Rainbow's JSON, with so many of its people at most: the caller, the organizers, the longest members first.
pub(crate) fn room_json(page: &BubblePage, caller: &Caller, domain: &str, users_max: u32) -> Value {
    let (bubble, description) = (&page.bubble, &page.description);
    let stored = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
    let mut people: Vec<(&UserId, &Membership)> = bubble.members.iter().collect();
    people.sort_by_key(|(id, member)| (**id != caller.user, !member.moderator, member.added_ms));
    people.truncate(usize::try_from(users_max).unwrap_or(usize::MAX));
    let users: Vec<Value> = people.iter().map(|(id, member)| member_json(bubble, id, member, domain)).collect();
    let mut json = json!({
        "id": page.id,
        "jid": jid::room(&page.id, domain),
        "name": description.name,
        "topic": description.topic,
        "creator": bubble.owner,
        "history": if bubble.shares_history { "all" } else { "none" },
        "visibility": "private",
        "creationDate": iso8601(bubble.created_ms),
        "isActive": !bubble.archived,
        "disableNotifications": false,
        "autoAcceptInvitation": false,
        "lastAvatarUpdateDate": description.avatar_ms.map(iso8601),
        "guestEmails": [],
        "tags": stored(&description.tags),
        "customData": stored(&description.custom_data),
        "conference": null,
        "confEndpoints": [],
        "activeUsersCounter": bubble.accepted().count(),
        "lastActivityDate": page.last_ms.map(iso8601),
        "containerId": page.folder.as_ref().map(|(id, _)| id),
        "containerName": page.folder.as_ref().map(|(_, name)| name),
        "users": users,
    });
    if let (Some(fields), Value::Object(wishes)) = (json.as_object_mut(), stored(&description.wishes)) {
        fields.extend(wishes);
        // Of earlier versions a wish; now the box keeps the door.
        fields.insert(String::from("autoRegister"), json!(bubble.door.name()));
        fields.insert(String::from("hasLobby"), json!(bubble.door == Door::Lobby));
        fields.insert(String::from("hasPassword"), json!(bubble.asks_password));
    }
    json
}

/// What somebody is in a bubble.
fn member_json(bubble: &Bubble, id: &UserId, member: &Membership, domain: &str) -> Value {
    json!({
        "userId": id,
        "jid_im": jid::bare(id, domain),
        "privilege": match member {
            Membership { guest: true, .. } => "guest",
            _ if member.moderator || *id == bubble.owner => "moderator",
            _ => "user",
        },
        "status": member.status.name(),
        "additionDate": iso8601(member.added_ms),
    })
}

pub(crate) fn one(edge: &Edge, caller: &Caller, page: &BubblePage) -> Answer {
    data(&room_json(page, caller, &edge.app.domain(), USERS_DEFAULT))
}

/// Wishes of an organizer that clients act on; the box keeps them.
const WISHES: [(&str, &[&str]); 1] = [("visibility", &["private", "public"])];
const SWITCHES: [&str; 4] = ["disableNotifications", "autoAcceptInvitation", "muteUponEntry", "playEntryTone"];

/// `autoRegister` of a body: whom the link lets in.
fn door(fields: &mut Fields) -> Result<Option<Door>, RestError> {
    let expected = || RestError::invalid("autoRegister", "expected one of unlock, lock, unlock_ack");
    fields.text("autoRegister")?.map(|text| Door::parse(&text).ok_or_else(expected)).transpose()
}

/// `{name, topic, visibility, ...}` of a body.
pub(crate) fn description(fields: &mut Fields) -> Result<Change, RestError> {
    let mut wishes = Map::new();
    for (name, allowed) in WISHES {
        let Some(text) = fields.text(name)? else { continue };
        if !allowed.contains(&text.as_str()) {
            return Err(RestError::invalid(name, format!("expected one of {}", allowed.join(", "))));
        }
        wishes.insert(name.to_owned(), Value::String(text));
    }
    for name in SWITCHES {
        if let Some(on) = fields.flag(name)? {
            wishes.insert(name.to_owned(), Value::Bool(on));
        }
    }
    Ok(Change { name: fields.text("name")?, topic: fields.text("topic")?, wishes, ..Change::default() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::fields;
    use app::SignedInBy;
    use app::bubble::{Description, Step};
    use domain::company::CompanyKind;
    use domain::ids::{BubbleId, CompanyId, SessionId};
    use domain::rights::Roles;
    use store::person::PersonNo;

    #[test]
    fn a_bubble_has_the_fields_that_the_sdk_reads_c3() {
        let user = |text: &str| UserId::parse(text).expect("an id");
        let (owner, member) = (user("d00000000000000000000001"), user("d00000000000000000000002"));
        let company = CompanyId::parse("c00000000000000000000001").expect("an id");
        let mut bubble = Bubble::new(company.clone(), owner.clone(), false, 0);
        bubble.take(&owner, Step::Add { user: member.clone(), moderator: false, accepted: false }, 1000);
        let page = BubblePage {
            id: BubbleId::parse("b00000000000000000000001").expect("an id"),
            bubble,
            description: Description {
                name: String::from("Team"),
                topic: String::from("near"),
                custom_data: String::from(r#"{"a":1}"#),
                tags: String::from(r#"["x"]"#),
                wishes: String::from(r#"{"visibility":"public","autoRegister":"lock"}"#),
                avatar_ms: None,
            },
            last_ms: Some(2000),
            folder: None,
        };
        let caller = Caller {
            user: member,
            no: PersonNo(2),
            company,
            kind: CompanyKind::EndCustomer,
            roles: Roles::USER,
            signed_in_by: SignedInBy::Session(SessionId::parse("c00000000000000000000002").expect("an id")),
        };
        let json = room_json(&page, &caller, "edge.test", 1);
        assert_eq!(json["jid"], "room_b00000000000000000000001@muc.edge.test");
        assert_eq!((&json["creator"], &json["history"]), (&json!(owner), &json!("none")));
        assert_eq!(
            (&json["visibility"], &json["customData"]["a"], &json["tags"][0]),
            (&json!("public"), &json!(1), &json!("x"))
        );
        let door = [&json["autoRegister"], &json["hasLobby"], &json["hasPassword"]];
        assert_eq!(door, [&json!("unlock"), &json!(false), &json!(false)], "a wish of an earlier version is none");
        let asked = json!([{"userId": caller.user, "jid_im": "d00000000000000000000002@edge.test", "privilege": "user",
            "status": "invited", "additionDate": "1970-01-01T00:00:01.000Z"}]);
        assert_eq!(json["users"], asked, "cut to one: the caller himself");
    }

    #[test]
    fn wishes_have_the_values_of_rainbows_interface_and_no_others() {
        let read = |value| description(&mut fields(value));
        assert!(read(json!({"visibility": "secret"})).is_err() && read(json!({"muteUponEntry": "yes"})).is_err());
        let change = read(json!({"name": "a", "visibility": "public", "unknown": 1})).expect("allowed");
        assert_eq!((change.name.as_deref(), &change.wishes["visibility"]), (Some("a"), &json!("public")));
        let read = |value| door(&mut fields(json!({ "autoRegister": value })));
        assert_eq!(read("unlock_ack").ok(), Some(Some(Door::Lobby)));
        assert!(read("open").is_err());
    }
}
