//! What was said, a message a line.

use super::book::Book;
use super::files::Files;
use super::names::Names;
use super::people::People;
use crate::error::CommandError;
use domain::clock::iso8601;
use serde::Serialize;
use std::borrow::Cow;
use store::export::{Export, ExportedBubble, ExportedMessage, Pair, Reaction, Talk};
use xmpp::xml::{Element, Node, namespace as ns, parse_children};

const FILE: &str = "jabber:x:oob";
const ENCRYPTED: [&str; 2] = ["eu.siacs.conversations.axolotl", "urn:xmpp:omemo:2"];
/// Longest content of one stanza.
const PAYLOAD_BYTES_MAX: usize = 1 << 20;

#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    at: String,
    from: &'a str,
    from_id: &'a str,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    corrected_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    received_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    read_at: Option<String>,
    /// The id of the message that it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    answers: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    files: Vec<Attached>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reactions: Vec<Reacted<'a>>,
    /// Only the devices of those who wrote to one another can read it.
    #[serde(skip_serializing_if = "is_false")]
    encrypted: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference over")]
fn is_false(value: &bool) -> bool {
    !value
}

#[derive(Serialize)]
struct Attached {
    name: String,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    /// Where it lies; absent: it is not the company's, or is deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
}

#[derive(Serialize)]
struct Reacted<'a> {
    from: &'a str,
    from_id: &'a str,
    emoji: Vec<String>,
}

/// What a file of messages is of.
#[derive(Serialize)]
struct Conversation<'a> {
    file: String,
    people: [Party<'a>; 2],
    messages: u64,
    first_at: Option<String>,
    last_at: Option<String>,
}

#[derive(Serialize)]
struct Party<'a> {
    id: &'a str,
    name: &'a str,
}

#[derive(Serialize)]
struct Bubble<'a> {
    file: String,
    id: &'a str,
    name: &'a str,
    topic: &'a str,
    organizer: &'a str,
    organizer_id: &'a str,
    archived: bool,
    created_at: String,
    members: Vec<Member<'a>>,
    messages: u64,
    first_at: Option<String>,
    last_at: Option<String>,
}

#[derive(Serialize)]
struct Member<'a> {
    id: &'a str,
    name: &'a str,
    role: &'static str,
    status: &'a str,
    since: String,
}

/// What a file of messages holds.
#[derive(Default)]
struct Said {
    messages: u64,
    first_us: Option<i64>,
    last_us: Option<i64>,
}

impl Said {
    fn times(&self) -> (Option<String>, Option<String>) {
        let at = |us: Option<i64>| us.map(|us| iso8601(us / 1000));
        (at(self.first_us), at(self.last_us))
    }
}

/// How many messages were written.
pub(super) fn write(
    export: &Export<'_>,
    people: &People,
    files: &Files,
    book: &mut Book<'_>,
) -> Result<u64, CommandError> {
    let (mut all, mut told, mut names) = (0, Vec::new(), Names::default());
    book.folder("conversations")?;
    let pairs = export.pairs()?;
    for pair in &pairs {
        let [one, other] = [people.name(&pair.one), people.name(&pair.other)];
        let name = names.choose_before(&format!("{one} and {other}"), &pair.one, ".jsonl");
        let file = format!("conversations/{name}");
        let said = messages(export, Talk::Between(pair), (people, files), &file, book)?;
        if said.messages > 0 {
            all += said.messages;
            told.push(conversation(file, pair, [one, other], &said));
        }
    }
    book.json("conversations.json", &told)?;
    let (mut told, mut names) = (Vec::new(), Names::default());
    book.folder("bubbles")?;
    let bubbles = export.bubbles()?;
    for bubble in &bubbles {
        let file = format!("bubbles/{}", names.choose_before(&bubble.name, &bubble.id, ".jsonl"));
        let said = messages(export, Talk::In(bubble), (people, files), &file, book)?;
        all += said.messages;
        told.push(bubble_told(file, bubble, people, &said));
    }
    book.json("bubbles.json", &told)?;
    Ok(all)
}

fn conversation<'a>(file: String, pair: &'a Pair, names: [&'a str; 2], said: &Said) -> Conversation<'a> {
    let (first_at, last_at) = said.times();
    let [one, other] = names;
    let people = [Party { id: &pair.one, name: one }, Party { id: &pair.other, name: other }];
    Conversation { file, people, messages: said.messages, first_at, last_at }
}

fn bubble_told<'a>(file: String, of: &'a ExportedBubble, people: &'a People, said: &Said) -> Bubble<'a> {
    let (first_at, last_at) = said.times();
    let role = |id: &str, moderator: bool, guest: bool| match (id == of.organizer, moderator, guest) {
        (true, ..) => "organizer",
        (_, true, _) => "co-organizer",
        (_, _, true) => "guest",
        _ => "member",
    };
    let members = of.members.iter().map(|one| Member {
        id: &one.id,
        name: people.name(&one.id),
        role: role(&one.id, one.moderator, one.guest),
        status: &one.status,
        since: iso8601(one.added_ms),
    });
    Bubble {
        file,
        id: &of.id,
        name: &of.name,
        topic: &of.topic,
        organizer: people.name(&of.organizer),
        organizer_id: &of.organizer,
        archived: of.archived,
        created_at: iso8601(of.created_ms),
        members: members.collect(),
        messages: said.messages,
        first_at,
        last_at,
    }
}

fn messages(
    export: &Export<'_>,
    of: Talk<'_>,
    (people, files): (&People, &Files),
    file: &str,
    book: &mut Book<'_>,
) -> Result<Said, CommandError> {
    let (mut page, mut said) = (book.page(file)?, Said::default());
    export.messages(of, |message| -> Result<(), CommandError> {
        page.line(&line(&message, people, files))?;
        said.messages += 1;
        said.first_us.get_or_insert(message.stamp_us);
        said.last_us = Some(message.stamp_us);
        book.more(u64::try_from(message.text.len()).unwrap_or(0))
    })?;
    // An empty conversation is none; an empty bubble is one.
    match (of, said.messages) {
        (Talk::Between(_), 0) => book.discard(page)?,
        _ => book.keep(page)?,
    }
    Ok(said)
}

fn line<'a>(of: &'a ExportedMessage, people: &'a People, files: &Files) -> Line<'a> {
    let content = children(&of.payload);
    let answers = content.iter().find(|child| child.name() == "answeredMsg").map(|child| child.text().into_owned());
    Line {
        id: &of.id,
        at: iso8601(of.stamp_us / 1000),
        from: people.name(&of.from),
        from_id: &of.from,
        text: &of.text,
        corrected_at: of.changed_ms.map(iso8601),
        received_at: of.received_ms.map(iso8601),
        read_at: of.read_ms.map(iso8601),
        answers,
        files: content.iter().filter(|child| child.is("x", FILE)).map(|x| attached(x, files)).collect(),
        reactions: of.reactions.iter().map(|one| reacted(one, people)).filter(|one| !one.emoji.is_empty()).collect(),
        encrypted: ENCRYPTED.iter().any(|of| content.iter().any(|child| child.is("encrypted", of))),
    }
}

/// The elements of a payload. One that cannot be read has none: its text is told all the same, and the database holds it.
fn children(payload: &str) -> Vec<Element> {
    let nodes = parse_children(payload.as_bytes(), ns::CLIENT, PAYLOAD_BYTES_MAX).unwrap_or_default();
    let element = |node| match node {
        Node::Element(element) => Some(element),
        Node::Text(_) | Node::Raw(_) => None,
    };
    nodes.into_iter().filter_map(element).collect()
}

fn attached(x: &Element, files: &Files) -> Attached {
    let text = |name| x.child_text(name, FILE).map(Cow::into_owned).filter(|text| !text.is_empty());
    let address = text("url").unwrap_or_default();
    // Addresses of files end with the file's id, whatever the box is called.
    let path = address.split(['/', '?', '&', '=']).find_map(|part| files.paths.get(part)).cloned();
    Attached { name: text("filename").unwrap_or(address), kind: text("mime"), path }
}

fn reacted<'a>(of: &'a Reaction, people: &'a People) -> Reacted<'a> {
    let content = children(&of.payload);
    let reactions = content.iter().filter(|child| child.is("reactions", ns::REACTIONS)).flat_map(Element::children);
    let emoji = reactions.filter(|child| child.name() == "reaction").map(|child| child.text().into_owned());
    Reacted { from: people.name(&of.by), from_id: &of.by, emoji: emoji.collect() }
}
