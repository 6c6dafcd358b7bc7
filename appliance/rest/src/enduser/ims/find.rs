use crate::answer::{Answer, data};
use crate::body::Fields;
use crate::caller::Own;
use crate::edge::Edge;
use crate::enduser::conversations::parse_peer;
use crate::error::RestError;
use crate::jid;
use app::bubble::BubbleMessage;
use app::conversation::{self, Archived, NAMED_MAX, Peer};
use app::message::StoredMessage;
use axum::extract::State;
use domain::ids::BubbleId;
use serde_json::{Value, json};

/// One message that is asked for.
struct Wanted {
    peer: String,
    id: String,
    /// What the client holds has this hash.
    hash: Option<String>,
}

/// `POST enduser/v1.0/users/{uid}/ims` with `{ims: [{peer, msgId, type, hash}, ...]}`: each message as it is in the archive now.
pub(crate) async fn find(State(edge): State<Edge>, Own(caller): Own, mut fields: Fields) -> Answer {
    let domain = edge.app.domain();
    let (mut wanted, mut places) = (Vec::new(), Vec::new());
    for mut one in fields.required_objects("ims", NAMED_MAX)? {
        let (peer, id) = (one.required_text("peer")?, one.required_text("msgId")?);
        let place = parse_peer(&peer, &domain);
        places.push((
            place.ok_or_else(|| RestError::invalid("peer", "expected the JID of a person or of a bubble"))?,
            id.clone(),
        ));
        wanted.push(Wanted { peer, id, hash: one.text("hash")? });
    }
    let peers: Vec<Peer> = places.iter().map(|(peer, _)| peer.clone()).collect();
    let found = conversation::named(&edge.app, &caller, places).await?;
    let answers =
        wanted.iter().zip(peers).zip(found).map(|((wanted, peer), found)| answer(wanted, &peer, found, &domain));
    data(&answers.collect())
}

fn answer(wanted: &Wanted, peer: &Peer, found: Option<Archived>, domain: &str) -> Value {
    let known = |status: &str| json!({ "peer": wanted.peer, "msgId": wanted.id, "status": status });
    let (xml, archive) = match (found, peer) {
        (Some(Archived::WithPerson(message)), _) => (with_person(&message, domain), message.archive),
        (Some(Archived::InBubble(message)), Peer::Bubble(bubble)) => {
            (in_bubble(bubble, &message, domain), message.archive)
        }
        _ => return known("not_found"),
    };
    let hash = conversation::fingerprint(&xml);
    if wanted.hash.as_ref() == Some(&hash) {
        return known("unchanged");
    }
    json!({ "peer": wanted.peer, "msgId": wanted.id, "xml": xml, "hash": hash, "timestamp": archive.0.to_string() })
}

fn with_person(message: &StoredMessage, domain: &str) -> String {
    let (from, to) = (jid::bare(&message.sender, domain), jid::bare(&message.recipient, domain));
    stanza(&from, &to, "chat", &message.stanza_id, &message.payload)
}

fn in_bubble(bubble: &BubbleId, message: &BubbleMessage, domain: &str) -> String {
    let room = jid::room(bubble, domain);
    let from = format!("{room}/{}/{}", jid::bare(&message.sender, domain), message.sender_resource);
    stanza(&from, &room, "groupchat", &message.stanza_id, &message.payload)
}

/// A message as it went over its stream.
fn stanza(from: &str, to: &str, kind: &str, id: &str, payload: &str) -> String {
    let (from, id) = (escaped(from), escaped(id));
    format!(r#"<message xmlns="jabber:client" from="{from}" to="{to}" type="{kind}" id="{id}">{payload}</message>"#)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_named_a_message_stays_inside_of_its_attribute() {
        let xml = stanza("a@b.test", "c@b.test", "chat", r#"x" onload="<&"#, "<body>hi</body>");
        assert_eq!(
            xml,
            r#"<message xmlns="jabber:client" from="a@b.test" to="c@b.test" type="chat" id="x&quot; onload=&quot;&lt;&amp;"><body>hi</body></message>"#
        );
    }
}
