//! What was said: conversations of two people, and bubbles.

use super::{Export, listed, texts};
use crate::StoreError;
use crate::bubble::BubbleNo;
use crate::message::{self, Remark};
use crate::person::PersonNo;
use domain::ids::ArchiveId;
use rusqlite::{Connection, Row, params};

/// What a deleted message has in place of its content (C8); texts of people never hold an unescaped `<`.
const DELETED: &str = "<deleted xmlns=\"urn:xmpp:message-correct:0\"";
/// What standard clients are told of a deletion.
const RETRACTED: &str = "<retract xmlns=\"urn:xmpp:message-retract:1\"";

/// Two people who wrote to one another, by id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    numbers: (i64, i64),
    /// One of them.
    pub one: String,
    /// The other.
    pub other: String,
}

/// A bubble.
#[derive(Debug, Clone)]
pub struct ExportedBubble {
    no: i64,
    /// The id.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// What it is about.
    pub topic: String,
    /// When it was made, in milliseconds since 1970.
    pub created_ms: i64,
    /// Whether it is archived.
    pub archived: bool,
    /// Its organizer, by id.
    pub organizer: String,
    /// Who is in it, or was.
    pub members: Vec<ExportedMember>,
}

/// A member of a bubble.
#[derive(Debug, Clone)]
pub struct ExportedMember {
    /// By id.
    pub id: String,
    /// `invited`, `accepted`, ... as Rainbow has them.
    pub status: String,
    /// A co-organizer.
    pub moderator: bool,
    /// Came by the link.
    pub guest: bool,
    /// When he came, in milliseconds since 1970.
    pub added_ms: i64,
}

/// What is read of: a conversation or a bubble.
#[derive(Debug, Clone, Copy)]
pub enum Talk<'a> {
    /// Of two people.
    Between(&'a Pair),
    /// Of a bubble.
    In(&'a ExportedBubble),
}

/// A message as it is now: corrected, if it was.
#[derive(Debug, Clone)]
pub struct ExportedMessage {
    /// When it was written, in microseconds since 1970; its place in the archive.
    pub stamp_us: i64,
    /// The id that its sender gave it.
    pub id: String,
    /// Who wrote it, by id.
    pub from: String,
    /// The text.
    pub text: String,
    /// The children of the stanza, as XML.
    pub payload: String,
    /// When it was last corrected, in milliseconds since 1970.
    pub changed_ms: Option<i64>,
    /// When the other one received it, likewise; of conversations only.
    pub received_ms: Option<i64>,
    /// When the other one read it.
    pub read_ms: Option<i64>,
    /// How people reacted.
    pub reactions: Vec<Reaction>,
}

/// How somebody reacted.
#[derive(Debug, Clone)]
pub struct Reaction {
    /// Who, by id.
    pub by: String,
    /// The children of the stanza, as XML.
    pub payload: String,
}

impl Export<'_> {
    /// Of conversations: what at least one of the two, of this company, has neither deleted nor cleared from his history.
    pub(super) fn visible_between(&self, m: &str) -> String {
        format!(
            "{m}.kept = 1 AND {} AND EXISTS (SELECT 1 FROM user u LEFT JOIN conversation c
                 ON c.owner_no = u.no AND c.peer_no = iif(u.no = {m}.low_no, {m}.high_no, {m}.low_no)
             WHERE u.no IN ({m}.low_no, {m}.high_no) AND {m}.stamp_us > coalesce(c.cleared_us, -1))",
            stands(m)
        )
    }

    pub(super) fn visible_in_bubbles(&self, m: &str) -> String {
        format!("{} AND {m}.bubble_no IN ({})", stands(m), self.live_bubble_numbers())
    }

    pub(super) fn live_bubbles(&self, b: &str) -> String {
        format!("{b}.id NOT IN ({})", listed(&self.gone_bubbles))
    }

    pub(super) fn live_bubble_numbers(&self) -> String {
        format!("SELECT b.no FROM bubble b WHERE {}", self.live_bubbles("b"))
    }

    /// All who wrote to one another.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn pairs(&self) -> Result<Vec<Pair>, StoreError> {
        let read = || -> Result<Vec<Pair>, StoreError> {
            let sql = "SELECT m.low_no, m.high_no, l.id, h.id FROM (SELECT DISTINCT low_no, high_no FROM message) m
                 JOIN person l ON l.no = m.low_no JOIN person h ON h.no = m.high_no";
            let mut statement = self.content.prepare(sql)?;
            let pairs = statement
                .query_map([], |r| Ok(Pair { numbers: (r.get(0)?, r.get(1)?), one: r.get(2)?, other: r.get(3)? }))?;
            Ok(pairs.collect::<Result<_, _>>()?)
        };
        self.named(read())
    }

    /// The company's bubbles.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn bubbles(&self) -> Result<Vec<ExportedBubble>, StoreError> {
        let read = || -> Result<Vec<ExportedBubble>, StoreError> {
            let filter = self.live_bubbles("b");
            let sql =
                format!("SELECT b.no, b.id, b.name, b.topic, b.created_ms FROM bubble b WHERE {filter} ORDER BY b.no");
            let mut statement = self.content.prepare(&sql)?;
            Ok(statement.query_map([], bubble)?.collect::<Result<_, _>>()?)
        };
        let mut bubbles = self.named(read())?;
        for one in &mut bubbles {
            one.members = members(&self.directory, &one.id)?;
            let facts = "SELECT owner_id FROM bubble WHERE id = ?1";
            one.organizer = texts(&self.directory, facts, &[&one.id])?.pop().unwrap_or_default();
            let archived = "SELECT id FROM bubble WHERE id = ?1 AND archived = 1";
            one.archived = !texts(&self.directory, archived, &[&one.id])?.is_empty();
        }
        Ok(bubbles)
    }

    /// Reads what was said, oldest first, until `see` has had enough.
    ///
    /// # Errors
    /// When the file cannot be read; what `see` failed on.
    pub fn messages<E: From<StoreError>>(
        &self,
        of: Talk<'_>,
        mut see: impl FnMut(ExportedMessage) -> Result<(), E>,
    ) -> Result<(), E> {
        let failed = |failure: rusqlite::Error| E::from(self.subject.place.failed(failure));
        let (sql, numbers) = match of {
            Talk::Between(pair) => (self.between(), pair.numbers),
            Talk::In(bubble) => (self.said(), (bubble.no, 0)),
        };
        let mut statement = self.content.prepare_cached(&sql).map_err(failed)?;
        let mut rows = statement.query(params![numbers.0, numbers.1]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let mut message = read(row).map_err(failed)?;
            message.reactions = self.named(reactions(&self.content, of, &message)).map_err(E::from)?;
            see(message)?;
        }
        Ok(())
    }

    fn between(&self) -> String {
        format!(
            "SELECT m.stamp_us, m.stanza_id, p.id, m.body, m.payload, m.changed_ms, m.received_ms, m.read_ms FROM message m
             JOIN person p ON p.no = m.sender_no WHERE m.low_no = ?1 AND m.high_no = ?2 AND m.about IS NULL AND {}
             ORDER BY m.stamp_us",
            self.visible_between("m")
        )
    }

    fn said(&self) -> String {
        format!(
            "SELECT m.stamp_us, m.stanza_id, p.id, m.body, m.payload, m.changed_ms, NULL, NULL FROM bubble_message m
             JOIN person p ON p.no = m.sender_no WHERE m.bubble_no = ?1 AND ?2 = 0 AND m.about IS NULL AND {}
             ORDER BY m.stamp_us",
            stands("m")
        )
    }
}

/// Of rows with a message: it was not deleted.
fn stands(m: &str) -> String {
    format!("instr({m}.payload, '{DELETED}') = 0 AND instr({m}.payload, '{RETRACTED}') = 0")
}

fn bubble(r: &Row<'_>) -> rusqlite::Result<ExportedBubble> {
    Ok(ExportedBubble {
        no: r.get(0)?,
        id: r.get(1)?,
        name: r.get(2)?,
        topic: r.get(3)?,
        created_ms: r.get(4)?,
        archived: false,
        organizer: String::new(),
        members: Vec::new(),
    })
}

fn members(directory: &Connection, bubble: &str) -> Result<Vec<ExportedMember>, StoreError> {
    let sql =
        "SELECT user_id, status, moderator, guest, added_ms FROM bubble_member WHERE bubble_id = ?1 ORDER BY added_ms";
    let mut statement = directory.prepare_cached(sql)?;
    let members = statement.query_map([bubble], |r| {
        let (id, status, moderator, guest, added_ms) = (r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?);
        Ok(ExportedMember { id, status, moderator, guest, added_ms })
    })?;
    Ok(members.collect::<Result<_, _>>()?)
}

fn read(r: &Row<'_>) -> rusqlite::Result<ExportedMessage> {
    Ok(ExportedMessage {
        stamp_us: r.get(0)?,
        id: r.get(1)?,
        from: r.get(2)?,
        text: r.get(3)?,
        payload: r.get(4)?,
        changed_ms: r.get(5)?,
        received_ms: r.get(6)?,
        read_ms: r.get(7)?,
        reactions: Vec::new(),
    })
}

fn reactions(content: &Connection, of: Talk<'_>, message: &ExportedMessage) -> Result<Vec<Reaction>, StoreError> {
    let remarks = match of {
        Talk::Between(pair) => {
            message::remarks(content, (PersonNo(pair.numbers.0), PersonNo(pair.numbers.1)), &message.id)?
        }
        Talk::In(bubble) => {
            let (about, end) = (ArchiveId(message.stamp_us), ArchiveId(i64::MAX));
            crate::bubble_message::remarks(content, BubbleNo(bubble.no), about, end)?
        }
    };
    Ok(remarks.into_iter().map(|Remark { by, payload }| Reaction { by: by.to_string(), payload }).collect())
}
