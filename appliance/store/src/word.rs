//! The index of words (FTS5) over what was said: looked up by the beginnings of words, in one conversation at a time. It follows
//! the archives in lots, when the writer has nothing else to do; what it does not have yet is the newest, and is looked through.

use crate::StoreError;
use crate::bubble::BubbleNo;
use crate::message::{Text, look};
use crate::person::PersonNo;
use domain::ids::ArchiveId;
use rusqlite::{Connection, OptionalExtension, ToSql, params};
use std::collections::BTreeSet;
use unicode_normalization::UnicodeNormalization;

/// Messages that are indexed in one transaction: some milliseconds, for which others may have to wait.
const LOT_MAX: u32 = 256;
/// Taking the words of so many messages out one by one costs a third of a second. Of more, they are struck out and the index is
/// written anew.
const TAKEN_OUT_SINGLY_MAX: u32 = 1_000;
/// What is longer is cut: keys and addresses are no words.
const WORD_CHARS_MAX: usize = 32;
/// Words of one message.
const WORDS_MAX: usize = 2_000;

/// What is compared when one text is looked for in another: in lower case, and without the marks on letters.
#[must_use]
pub fn fold(text: &str) -> String {
    if text.is_ascii() { text.to_ascii_lowercase() } else { text.chars().flat_map(folded).collect() }
}

/// One character, folded; nothing where it is a mark.
pub fn folded(character: char) -> impl Iterator<Item = char> {
    character.to_lowercase().nfd().filter(|part| !is_mark(*part))
}

/// Marks that stand on letters of any script. Those that are letters themselves, as the vowels of India, stay.
fn is_mark(character: char) -> bool {
    matches!(u32::from(character), 0x300..=0x36F | 0x1AB0..=0x1AFF | 0x1DC0..=0x1DFF | 0x20D0..=0x20FF | 0xFE20..=0xFE2F)
}

/// Scripts that put no space between words: each character is one.
fn stands_alone(character: char) -> bool {
    matches!(u32::from(character), 0xE00..=0xEFF | 0x1000..=0x109F | 0x1780..=0x17FF | 0x3040..=0x30FF | 0x3400..=0x4DBF
        | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x2_0000..=0x3_FFFF)
}

/// The words of a text, folded, each once.
fn words(text: &str) -> BTreeSet<String> {
    let (folded, mut words, mut word) = (fold(text), BTreeSet::new(), String::new());
    // The vowels of some scripts are no letters by themselves, and belong to their words.
    let belongs = |c: char| c.is_alphanumeric() || (!c.is_ascii() && !c.is_whitespace() && !is_separator(c));
    for character in folded.chars().chain([' ']) {
        let alone = stands_alone(character);
        if (alone || !belongs(character)) && !word.is_empty() && words.len() < WORDS_MAX {
            words.insert(word.chars().take(WORD_CHARS_MAX).collect());
            word.clear();
        }
        if alone && words.len() < WORDS_MAX {
            words.insert(character.to_string());
        } else if belongs(character) && !alone {
            word.push(character);
        }
    }
    words
}

/// Signs between words outside of ASCII: punctuation and symbols of all scripts that use them.
fn is_separator(character: char) -> bool {
    matches!(u32::from(character), 0x80..=0xBF | 0xD7 | 0xF7 | 0x2000..=0x2BFF | 0x3000..=0x303F | 0xFE00..=0xFE0F
        | 0xFE30..=0xFE6F | 0xFF00..=0xFF0F | 0xFF1A..=0xFF20 | 0x1_F000..=0x1_FAFF)
}

/// One of the two archives, and its index.
#[derive(Debug, Clone, Copy)]
enum Archive {
    Message,
    Bubble,
}

impl Archive {
    fn name(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Bubble => "bubble",
        }
    }

    fn index(self) -> &'static str {
        match self {
            Self::Message => "message_word",
            Self::Bubble => "bubble_word",
        }
    }

    /// Place, conversation and text of what is indexed; `?1` and `?2` are conditions' values.
    fn rows(self, condition: &str) -> String {
        match self {
            Self::Message => format!(
                "SELECT stamp_us, low_no || '.' || high_no || '.', body FROM message
                 WHERE kept = 1 AND about IS NULL AND {condition}"
            ),
            Self::Bubble => {
                format!(
                    "SELECT stamp_us, bubble_no || '.', body FROM bubble_message WHERE about IS NULL AND {condition}"
                )
            }
        }
    }

    fn up_to(self, content: &Connection) -> Result<i64, StoreError> {
        let sql = "SELECT stamp_us FROM indexed_up_to WHERE archive = ?1";
        Ok(content.prepare_cached(sql)?.query_row([self.name()], |r| r.get(0))?)
    }

    fn set_up_to(self, content: &Connection, stamp_us: i64) -> Result<(), StoreError> {
        let sql = "UPDATE indexed_up_to SET stamp_us = ?2 WHERE archive = ?1";
        content.prepare_cached(sql)?.execute(params![self.name(), stamp_us])?;
        Ok(())
    }

    fn add(self, content: &Connection, (place, conversation, text): (i64, &str, &str)) -> Result<(), StoreError> {
        let sql = format!("INSERT INTO {} (rowid, words) VALUES (?1, ?2)", self.index());
        content.prepare_cached(&sql)?.execute(params![place, entry(conversation, text)])?;
        Ok(())
    }

    /// `text` is what was indexed.
    fn remove(self, content: &Connection, (place, conversation, text): (i64, &str, &str)) -> Result<(), StoreError> {
        let index = self.index();
        let sql = format!("INSERT INTO {index} ({index}, rowid, words) VALUES ('delete', ?1, ?2)");
        content.prepare_cached(&sql)?.execute(params![place, entry(conversation, text)])?;
        Ok(())
    }

    /// Indexes what comes next; whether there may be more.
    fn follow(self, content: &Connection) -> Result<bool, StoreError> {
        let sql = self.rows("stamp_us > ?1 ORDER BY stamp_us LIMIT ?2");
        let mut statement = content.prepare_cached(&sql)?;
        let mut rows = statement.query(params![self.up_to(content)?, LOT_MAX])?;
        let (mut count, mut last) = (0, None);
        while let Some(row) = rows.next()? {
            let text = |column| row.get_ref(column)?.as_str().map_err(rusqlite::Error::from);
            let place = row.get(0)?;
            self.add(content, (place, text(1)?, text(2)?))?;
            count += 1;
            last = Some(place);
        }
        if let Some(last) = last {
            self.set_up_to(content, last)?;
        }
        Ok(count == LOT_MAX)
    }

    /// Replaces what the index has of a message, which is about to say something else.
    fn replace(self, content: &Connection, place: ArchiveId, text: &str) -> Result<(), StoreError> {
        let sql = self.rows("stamp_us = ?1 AND ?1 <= ?2");
        let known = params![place.0, self.up_to(content)?];
        let before = content
            .prepare_cached(&sql)?
            .query_row(known, |r| Ok((r.get::<_, String>(1)?, r.get::<_, String>(2)?)))
            .optional()?;
        let Some((conversation, before)) = before else { return Ok(()) };
        self.remove(content, (place.0, &conversation, &before))?;
        self.add(content, (place.0, &conversation, text))
    }
}

/// What the index gets for a message.
fn entry(conversation: &str, text: &str) -> String {
    words(text).iter().fold(String::new(), |mut entry, word| {
        entry.push_str(conversation);
        entry.push_str(word);
        entry.push(' ');
        entry
    })
}

/// Lets the index follow the archives by a lot of each; whether there may be more.
///
/// # Errors
/// When the file cannot be written.
pub(crate) fn follow(content: &Connection) -> Result<bool, StoreError> {
    Ok(Archive::Message.follow(content)? | Archive::Bubble.follow(content)?)
}

/// A message between people is about to say `text`.
pub(crate) fn replace_in_message(content: &Connection, place: ArchiveId, text: &str) -> Result<(), StoreError> {
    Archive::Message.replace(content, place, text)
}

/// A message of a bubble is about to say `text`.
pub(crate) fn replace_in_bubble(content: &Connection, place: ArchiveId, text: &str) -> Result<(), StoreError> {
    Archive::Bubble.replace(content, place, text)
}

/// Takes the messages of a bubble, and their words, out of archive and index.
pub(crate) fn remove_bubble(content: &Connection, bubble: BubbleNo) -> Result<(), StoreError> {
    let of = Archive::Bubble;
    let known = params![bubble.0, of.up_to(content)?];
    let count = format!(
        "SELECT count(*) FROM ({} LIMIT {TAKEN_OUT_SINGLY_MAX} + 1)",
        of.rows("bubble_no = ?1 AND stamp_us <= ?2")
    );
    let all_at_once = content.prepare_cached(&count)?.query_row(known, |r| r.get::<_, u32>(0))? > TAKEN_OUT_SINGLY_MAX;
    let set = |what: &str, value: i64| -> Result<(), StoreError> {
        let sql = "INSERT INTO bubble_word (bubble_word, rank) VALUES (?1, ?2)";
        content.prepare_cached(sql)?.execute(params![what, value])?;
        Ok(())
    };
    if all_at_once {
        set("secure-delete", 0)?;
    }
    remove_words(content, known)?;
    if all_at_once {
        // What was only struck out is left out of the one segment that all become, and their pages are overwritten.
        content.prepare_cached("INSERT INTO bubble_word (bubble_word) VALUES ('optimize')")?.execute([])?;
        set("secure-delete", 1)?;
    }
    content.prepare_cached("DELETE FROM bubble_message WHERE bubble_no = ?1")?.execute([bubble.0])?;
    // The next message gets the place after the last one that is there: it may be one that was indexed before.
    let sql =
        "UPDATE indexed_up_to SET stamp_us = min(stamp_us, coalesce((SELECT max(stamp_us) FROM bubble_message), -1))
               WHERE archive = 'bubble'";
    content.prepare_cached(sql)?.execute([])?;
    Ok(())
}

fn remove_words(content: &Connection, known: &[&dyn ToSql]) -> Result<(), StoreError> {
    let mut statement = content.prepare_cached(&Archive::Bubble.rows("bubble_no = ?1 AND stamp_us <= ?2"))?;
    let mut rows = statement.query(known)?;
    while let Some(row) = rows.next()? {
        let text = |column| row.get_ref(column)?.as_str().map_err(rusqlite::Error::from);
        Archive::Bubble.remove(content, (row.get(0)?, text(1)?, text(2)?))?;
    }
    Ok(())
}

/// A conversation, as the index has it.
#[derive(Debug, Clone, Copy)]
pub enum Conversation {
    /// Of two people.
    Between(PersonNo, PersonNo),
    /// In a bubble.
    In(BubbleNo),
}

/// Shows the messages of a conversation between two places in which all words of `sought` begin some word, newest first and at
/// most so many, until `see` has seen enough. Whether that is what was sought is for `see` to say.
///
/// # Errors
/// When the file cannot be read.
pub fn look_up(
    content: &Connection,
    conversation: Conversation,
    (after, before): (ArchiveId, ArchiveId),
    sought: &str,
    most: u32,
    see: impl FnMut(Text<'_>) -> bool,
) -> Result<u32, StoreError> {
    let (archive, of) = match conversation {
        Conversation::Between(one, other) => {
            (Archive::Message, format!("{}.{}.", one.0.min(other.0), one.0.max(other.0)))
        }
        Conversation::In(bubble) => (Archive::Bubble, format!("{}.", bubble.0)),
    };
    let phrases: Vec<String> = words(sought).iter().map(|word| format!("\"{of}{word}\" *")).collect();
    if phrases.is_empty() {
        return Ok(0);
    }
    let (index, table) = match archive {
        Archive::Message => ("message_word", "message"),
        Archive::Bubble => ("bubble_word", "bubble_message"),
    };
    let sql = format!(
        "SELECT m.stamp_us, m.stanza_id, m.body, 1 FROM {index} w CROSS JOIN {table} m ON m.stamp_us = w.rowid
         WHERE w.{index} MATCH ?1 AND w.rowid > ?2 AND w.rowid < ?3 ORDER BY w.rowid DESC LIMIT ?4"
    );
    let mut statement = content.prepare_cached(&sql)?;
    look(statement.query(params![phrases.join(" AND "), after.0, before.0, most])?, see)
}

#[cfg(test)]
mod tests;
