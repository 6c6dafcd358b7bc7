//! Bubbles as people make them and devices enter them (section 9 of the protocol sheet).

use crate::history::forwarded;
use crate::stanza::ns;
use crate::{Device, SignedIn, expect};
use serde_json::{Value, json};
use std::time::Duration;

const ROOMS: &str = "/api/rainbow/enduser/v1.0/rooms";
const MUC: &str = "http://jabber.org/protocol/muc";
const MAM_2: &str = "urn:xmpp:mam:2";

/// A bubble.
#[derive(Clone, Debug)]
pub struct Bubble {
    pub id: String,
    pub jid: String,
    pub name: String,
}

impl Bubble {
    /// Reads what REST tells of one.
    pub fn read(room: &Value) -> Self {
        let text = |key: &str| room[key].as_str().unwrap_or_else(|| panic!("{key}: {room}")).to_owned();
        Self { id: text("id"), jid: text("jid"), name: text("name") }
    }

    /// Its address in REST.
    pub fn path(&self) -> String {
        format!("{ROOMS}/{}", self.id)
    }
}

/// Lets a millisecond pass: from when and until when somebody reads in a bubble is told in milliseconds, by the box's own clock.
pub async fn later() {
    tokio::time::sleep(Duration::from_millis(2)).await;
}

impl SignedIn {
    /// Makes a bubble whose new members read nothing of what was said before.
    pub async fn bubble(&self, name: &str) -> Bubble {
        Bubble::read(&expect::data(&self.client.post(ROOMS, &json!({ "name": name, "history": "none" })).await))
    }

    /// Adds somebody, who is asked where he is of another company.
    pub async fn add_to(&self, bubble: &Bubble, who: &SignedIn) {
        let body = json!({ "userId": who.id(), "reason": "come", "privilege": "user", "status": "accepted" });
        expect::data(&self.client.post(&format!("{}/users", bubble.path()), &body).await);
    }

    /// Says how one stands to a bubble: `accepted`, `rejected`, `unsubscribed`.
    pub async fn answer_to(&self, bubble: &Bubble, status: &str) {
        let own = format!("{}/users/{}", bubble.path(), self.id());
        expect::success(&self.client.put(&own, &json!({ "status": status })).await);
    }
}

impl Device {
    /// Enters a bubble as Rainbow's clients do.
    pub async fn enter(&mut self, bubble: &Bubble) {
        let from = format!("{}/{}", bubble.jid, self.jid());
        self.send(&format!(
            "<presence xmlns='jabber:client' to='{from}'><x xmlns='{MUC}'><history maxchars='0'/></x></presence>"
        ))
        .await;
        self.expect("the box's answer", |e| e.is_from("presence", &from)).await;
    }

    /// Sends a stanza of type groupchat with this content to a bubble.
    pub async fn send_to_bubble(&mut self, bubble: &Bubble, id: &str, content: &str) {
        let to = &bubble.jid;
        self.send(&format!("<message xmlns='jabber:client' type='groupchat' to='{to}' id='{id}'>{content}</message>"))
            .await;
    }

    /// Says something in a bubble and waits until everybody there was told; its place in the archive.
    pub async fn say(&mut self, bubble: &Bubble, id: &str, content: &str) -> String {
        self.send_to_bubble(bubble, id, &format!("{content}{}", crate::device::STORE)).await;
        let own = format!("{}/{}", bubble.jid, self.jid());
        let said = self.expect("one's own words", |e| e.is_from("message", &own) && e.attr("id") == Some(id)).await;
        let place = said.child("stanza-id", "urn:xmpp:sid:0").and_then(|e| e.attr("id"));
        place.unwrap_or_else(|| panic!("no place in the archive: {said:?}")).to_owned()
    }

    /// The bodies of what one may read of a bubble, oldest first (`mam:2`).
    pub async fn read_all_of(&mut self, bubble: &Bubble) -> Vec<String> {
        let answer = self.iq("set", Some(&bubble.jid), &format!("<query xmlns='{MAM_2}'/>")).await;
        assert_eq!(answer.attr("type"), Some("result"), "the archive answers: {answer:?}");
        let results = self.take_received(|e| e.child("result", MAM_2).is_some());
        let bodies = results.iter().filter_map(|e| forwarded(e.child("result", MAM_2)?).body().map(str::to_owned));
        bodies.collect()
    }

    /// Says that a message of a bubble was read.
    pub async fn read_in(&mut self, bubble: &Bubble, message_id: &str) {
        let receipt = format!("<received xmlns='{}' event='read' entity='client' id='{message_id}'/>", ns::RECEIPTS);
        self.send_to_bubble(bubble, &format!("read-{message_id}"), &receipt).await;
        self.settle().await;
    }
}
