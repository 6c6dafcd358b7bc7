//! What companies owe each other (decision 12): outboxes without gaps, and inboxes that are not ahead of them.

use super::{Finding, Kind, Listener};
use rusqlite::{Connection, params};
use std::collections::HashMap;

/// Lines that are told of one database.
const LINES_MAX: usize = 100;

/// What the outbox of one company says of one lane.
struct Sent {
    incarnation: String,
    next: i64,
    /// The oldest that was not delivered; as `next` where there is none.
    oldest: i64,
}

/// All queues that were read so far.
#[derive(Default)]
pub(super) struct Queues {
    sent: HashMap<(String, String), Sent>,
    /// Receiver, sender, the sender's life, last effect.
    received: Vec<(String, String, String, i64)>,
}

impl Queues {
    /// Reads those of a company, and says what is wrong with them alone.
    pub(super) fn read(&mut self, company: &str, connection: &Connection) -> rusqlite::Result<Vec<String>> {
        let mut lines = Vec::new();
        // One of an older version may not have all of them.
        if !connection.table_exists(None, "outbox")? || !connection.table_exists(None, "inbox")? {
            return Ok(lines);
        }
        let life: String = connection.query_row("SELECT incarnation FROM company", [], |row| row.get(0))?;
        let sql = "SELECT l.lane, l.next_seq, COALESCE(MIN(o.seq), l.next_seq), COALESCE(MAX(o.seq), l.next_seq - 1), COUNT(o.seq)
             FROM lane l LEFT JOIN outbox o USING (lane) GROUP BY l.lane";
        let mut statement = connection.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let lane: String = row.get(0)?;
            let [next, oldest, newest, count]: [i64; 4] = [row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?];
            if newest != next - 1 || newest - oldest + 1 != count {
                lines.push(format!(
                    "the outbox to {lane} has gaps: {count} effects from {oldest} to {newest}, the next is {next}"
                ));
            }
            self.sent.insert((company.to_owned(), lane), Sent { incarnation: life.clone(), next, oldest });
        }
        let sql = "SELECT lane, seq FROM outbox WHERE NOT json_valid(payload) OR lane NOT IN (SELECT lane FROM lane) LIMIT ?1";
        let mut statement = connection.prepare(sql)?;
        let rows =
            statement.query_map(params![LINES_MAX], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))?;
        for row in rows {
            let (lane, seq) = row?;
            lines.push(format!("effect {seq} of the outbox to {lane} cannot be delivered"));
        }
        let mut statement = connection.prepare("SELECT origin, incarnation, seq FROM inbox")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        for row in rows {
            let (origin, incarnation, seq) = row?;
            self.received.push((company.to_owned(), origin, incarnation, seq));
        }
        Ok(lines)
    }

    /// Compares what was sent with what was taken. While a server is at work both change.
    pub(super) fn compare(&self, running: bool, listener: &mut dyn Listener) {
        if running {
            return;
        }
        for (receiver, sender, life, seq) in &self.received {
            let Some(sent) = self.sent.get(&(sender.clone(), receiver.clone())) else { continue };
            let told = if *life != sent.incarnation {
                continue;
            } else if *seq >= sent.next {
                format!(
                    "it has taken {seq} effects of {sender}, which has sent {}: one of them is an older copy",
                    sent.next - 1
                )
            } else if seq + 1 < sent.oldest {
                format!(
                    "effects {} to {} of {sender} were never taken: it may be an older copy",
                    seq + 1,
                    sent.oldest - 1
                )
            } else {
                continue;
            };
            listener.found(Finding { database: receiver.clone(), kind: Kind::Queues, text: told });
        }
    }
}
