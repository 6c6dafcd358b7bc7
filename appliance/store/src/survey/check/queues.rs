//! What companies owe each other (decision 12): outboxes without gaps, and inboxes that are not ahead of them.

use super::{Finding, Kind, Listener};
use rusqlite::{Connection, OptionalExtension as _, params};
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

    /// Compares what was sent with what was taken. While a server is at work both change between two looks: then what does not
    /// fit is looked at once more, on connections that `anew` gives, in an order in which work that goes on cannot look like it.
    pub(super) fn compare(&self, anew: Option<&Reopen<'_>>, listener: &mut dyn Listener) {
        for (receiver, sender, life, seq) in &self.received {
            let Some(sent) = self.sent.get(&(sender.clone(), receiver.clone())) else { continue };
            let mut told = judge((sender, life, *seq), sent, sent);
            if let Some(anew) = anew.filter(|_| told.is_some()) {
                told = match once_more(anew, receiver, (sender, life)) {
                    Ok(told) => told,
                    Err(failure) => {
                        let (database, text) = (receiver.clone(), format!("its inbox: {failure}"));
                        listener.found(Finding { database, kind: Kind::NotLooked, text });
                        continue;
                    }
                };
            }
            if let Some(text) = told {
                listener.found(Finding { database: receiver.clone(), kind: Kind::Queues, text });
            }
        }
    }
}

/// A connection that reads a company's database, where there is one.
pub(super) type Reopen<'a> = dyn Fn(&str) -> Option<Connection> + 'a;

/// What is wrong between a queue and what was taken of it: `sent` is of before, `since` of after it was read how much that is.
fn judge((sender, life, seq): (&str, &str, i64), sent: &Sent, since: &Sent) -> Option<String> {
    if *life != sent.incarnation || *life != since.incarnation {
        None
    } else if seq >= since.next {
        let last = since.next - 1;
        Some(format!("it has taken {seq} effects of {sender}, which has sent {last}: one of them is an older copy"))
    } else if seq + 1 < sent.oldest {
        let last = sent.oldest - 1;
        Some(format!("effects {} to {last} of {sender} were never taken: it may be an older copy", seq + 1))
    } else {
        None
    }
}

/// An effect goes from an outbox only after it was taken, and is taken only after it was there: so what is left of the outbox is
/// read first, then the inbox, then how far the outbox is.
fn once_more(anew: &Reopen<'_>, receiver: &str, (sender, life): (&str, &str)) -> rusqlite::Result<Option<String>> {
    // One that is gone meanwhile was erased.
    let (Some(at_sender), Some(at_receiver)) = (anew(sender), anew(receiver)) else { return Ok(None) };
    let Some(sent) = lane(&at_sender, receiver)? else { return Ok(None) };
    let sql = "SELECT seq FROM inbox WHERE origin = ?1 AND incarnation = ?2";
    let seq: Option<i64> = at_receiver.query_row(sql, [sender, life], |row| row.get(0)).optional()?;
    let Some(since) = lane(&at_sender, receiver)? else { return Ok(None) };
    Ok(judge((sender, life, seq.unwrap_or(0)), &sent, &since))
}

fn lane(connection: &Connection, lane: &str) -> rusqlite::Result<Option<Sent>> {
    let sql = "SELECT incarnation, next_seq, COALESCE((SELECT MIN(seq) FROM outbox WHERE lane = ?1), next_seq)
         FROM lane, company WHERE lane = ?1";
    let read = |row: &rusqlite::Row<'_>| Ok(Sent { incarnation: row.get(0)?, next: row.get(1)?, oldest: row.get(2)? });
    connection.query_row(sql, [lane], read).optional()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{inbox, outbox};
    use domain::ids::{CompanyId, Incarnation};
    use std::cell::RefCell;
    use std::path::{Path, PathBuf};

    const LIFE: &str = "0123456789abcdef01234567";
    const SENDER: &str = "aaaaaaaaaaaaaaaaaaaaaaaa";
    const RECEIVER: &str = "bbbbbbbbbbbbbbbbbbbbbbbb";

    /// The queues of two companies.
    struct Two(PathBuf);

    impl Two {
        fn new(name: &str) -> Self {
            let folder = std::env::temp_dir().join(format!("rainbow-edge-queues-{name}-{}", std::process::id()));
            std::fs::create_dir_all(&folder).expect("a folder");
            let two = Self(folder);
            for company in [SENDER, RECEIVER] {
                let tables = format!(
                    "CREATE TABLE company (incarnation TEXT); INSERT INTO company VALUES ('{LIFE}');
                     CREATE TABLE lane (lane TEXT PRIMARY KEY, next_seq INTEGER);
                     CREATE TABLE outbox (lane TEXT, seq INTEGER, kind TEXT, payload TEXT, created_ms INTEGER);
                     CREATE TABLE inbox (origin TEXT, incarnation TEXT, seq INTEGER, PRIMARY KEY (origin, incarnation))"
                );
                two.open(company).execute_batch(&tables).expect("tables");
            }
            two
        }

        fn open(&self, company: &str) -> Connection {
            Connection::open(self.0.join(company)).expect("opens")
        }

        fn send(&self) {
            outbox::add(&self.open(SENDER), RECEIVER, "message", "{}", 0).expect("adds");
        }

        /// The receiver takes effects up to one, and the sender hears of it.
        fn deliver(&self, seq: i64) {
            let (company, incarnation) = (CompanyId::parse(SENDER), Incarnation::parse(LIFE));
            let origin = inbox::Origin { company: company.expect("an id"), incarnation: incarnation.expect("a life") };
            inbox::advance(&self.open(RECEIVER), &origin, seq).expect("takes");
            outbox::delivered(&self.open(SENDER), RECEIVER, seq).expect("hears");
        }

        fn read(&self, queues: &mut Queues, company: &str) {
            assert_eq!(queues.read(company, &self.open(company)).expect("reads"), Vec::<String>::new());
        }

        /// What is told while a server is at work, which does something more at each opening.
        fn told(&self, queues: &Queues, work: impl Fn()) -> Vec<String> {
            let mut heard = Heard::default();
            let opened = RefCell::new(Vec::new());
            let anew = |company: &str| {
                opened.borrow_mut().push(company.to_owned());
                work();
                Some(self.open(company))
            };
            queues.compare(Some(&anew), &mut heard);
            heard.0
        }
    }

    impl Drop for Two {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    #[derive(Default)]
    struct Heard(Vec<String>);

    impl Listener for Heard {
        fn looked(&mut self, _: u64) {}
        fn at(&mut self, _: &str, _: &'static str) {}
        fn found(&mut self, finding: Finding) {
            self.0.push(finding.text);
        }
    }

    fn copied(path: &Path) -> Vec<u8> {
        std::fs::read(path).expect("reads")
    }

    #[test]
    fn queues_that_move_while_they_are_looked_at_are_not_taken_for_an_older_copy_d3() {
        for sender_first in [true, false] {
            let two = Two::new(&format!("moving-{sender_first}"));
            let mut queues = Queues::default();
            let order = if sender_first { [SENDER, RECEIVER] } else { [RECEIVER, SENDER] };
            two.send();
            two.deliver(1);
            two.read(&mut queues, order[0]);
            for seq in 2..=9 {
                two.send();
                two.deliver(seq);
            }
            two.read(&mut queues, order[1]);
            let mut stopped = Heard::default();
            queues.compare(None, &mut stopped);
            assert_eq!(stopped.0.len(), 1, "one look alone takes it for an older copy");
            let next = RefCell::new(10);
            let work = || {
                two.send();
                two.deliver(next.replace_with(|seq| *seq + 1));
            };
            assert_eq!(two.told(&queues, work), Vec::<String>::new());
        }
    }

    #[test]
    fn an_older_copy_of_either_side_is_told_of_a_running_box_as_of_a_stopped_one_d3() {
        for (older, words) in [(SENDER, "has taken 5 effects"), (RECEIVER, "effects 3 to 5")] {
            let two = Two::new(&format!("older-{older}"));
            (1..=2).for_each(|_| two.send());
            two.deliver(2);
            let file = two.0.join(older);
            let before = copied(&file);
            (3..=5).for_each(|_| two.send());
            two.deliver(5);
            std::fs::write(&file, before).expect("an older copy");
            let mut queues = Queues::default();
            [SENDER, RECEIVER].iter().for_each(|company| two.read(&mut queues, company));
            let mut stopped = Heard::default();
            queues.compare(None, &mut stopped);
            assert!(stopped.0.len() == 1 && stopped.0[0].contains(words), "{:?}", stopped.0);
            assert_eq!(two.told(&queues, || {}), stopped.0, "both say the same");
        }
    }
}
