use super::{Peer, Sight};
use crate::{App, AppError, Caller};
use domain::ids::{ArchiveId, BubbleId, CompanyId};
use domain::rights::Right;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use store::message::Text;
use store::{Connection, bubble, bubble_message, conversation, message, person, word};

/// Most characters of what is looked for.
const SOUGHT_LENGTH_MAX: usize = 255;
/// Most messages that are found.
pub const HITS_MAX: u32 = 1000;
/// Most messages that are looked through, of people and of bubbles each: the newest ones, some two million a second. What is older is
/// looked up in the index of words, which knows how words begin. An index of all their parts is not kept: one of trigrams cost a
/// third of what a message costs.
const LOOKED_AT_MAX: u32 = 200_000;
/// Most messages that the index names of one conversation and that are then read.
const NAMED_MAX: u32 = 5_000;
/// Characters of a text around what was sought: before, and in all.
const EXCERPT_BEFORE: usize = 40;
const EXCERPT_CHARS: usize = 160;

/// What is looked for.
#[derive(Debug, Clone)]
pub struct Sought {
    /// It stands somewhere in the text, in any case, with or without the marks on letters.
    pub text: String,
    /// In this conversation alone.
    pub with: Option<Peer>,
    /// Most messages, of people and of bubbles each.
    pub limit: u32,
}

/// A message that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// In which conversation.
    pub peer: Peer,
    /// Its place in the archive of that.
    pub archive: ArchiveId,
    /// The id that its sender gave it.
    pub message_id: String,
    /// What it says around what was sought; `…` where more was left out.
    pub excerpt: String,
}

/// What was found, newest first.
#[derive(Debug, Default)]
pub struct Found {
    /// The messages.
    pub hits: Vec<Hit>,
    /// Nothing older was left out.
    pub complete: bool,
}

/// Looks for a text in what the caller may read. One search at a time on a box: more would take its readers from those who write.
///
/// # Errors
/// [`AppError::NotFound`] for a bubble that the caller does not see; nothing to look for, or too much.
pub async fn search(app: &App, caller: &Caller, sought: Sought) -> Result<Found, AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    let length = sought.text.chars().count();
    if sought.text.trim().is_empty() || length > SOUGHT_LENGTH_MAX {
        let why = format!("expected 1 to {SOUGHT_LENGTH_MAX} characters, not all of them blank");
        return Err(AppError::invalid("substring", why));
    }
    let limit = usize::try_from(sought.limit.min(HITS_MAX)).unwrap_or(0);
    let look = || Look {
        text: word::fold(&sought.text),
        limit,
        left: LOOKED_AT_MAX,
        hits: Vec::new(),
        complete: true,
        unseen: Vec::new(),
    };
    let bubbles = match &sought.with {
        None => bubbles(app, caller, None)?,
        Some(Peer::Bubble(id)) => bubbles(app, caller, Some(id))?,
        Some(Peer::User(_)) => Vec::new(),
    };
    let turn = app.searches.acquire().await.map_err(|_| AppError::Busy)?;
    let mut found = Found { complete: true, ..Found::default() };
    if !matches!(sought.with, Some(Peer::Bubble(_))) {
        found.add(with_people(app, caller, sought.with.clone(), look()).await?, limit);
    }
    if !bubbles.is_empty() {
        found.add(in_bubbles(app, bubbles, look()).await?, limit);
    }
    drop(turn);
    found.hits.sort_by_key(|hit| Reverse(hit.archive));
    Ok(found)
}

impl Found {
    fn add(&mut self, look: Look, limit: usize) {
        let Look { mut hits, complete, .. } = look;
        hits.sort_by_key(|hit| Reverse(hit.archive));
        self.complete &= complete && hits.len() <= limit;
        hits.truncate(limit);
        self.hits.extend(hits);
    }
}

/// What of a conversation was not looked through, because it is too much.
struct Unseen {
    peer: Peer,
    conversation: word::Conversation,
    range: (ArchiveId, ArchiveId),
}

/// One pass over conversations, newest first in each.
struct Look {
    /// Folded.
    text: String,
    limit: usize,
    /// How many messages may still be looked at.
    left: u32,
    hits: Vec<Hit>,
    complete: bool,
    unseen: Vec<Unseen>,
}

impl Look {
    /// Looks through one conversation; `through` shows its texts, at most so many, and answers how many there were.
    fn through(
        &mut self,
        peer: &Peer,
        (conversation, range): (word::Conversation, (ArchiveId, ArchiveId)),
        through: impl FnOnce(u32, &mut dyn FnMut(Text<'_>) -> bool) -> Result<u32, store::StoreError>,
    ) -> Result<(), AppError> {
        let (text, limit, mut hits, mut oldest) = (&self.text, self.limit, Vec::new(), range.1);
        let mut see = |seen: Text<'_>| {
            oldest = seen.archive;
            hits.extend(hit(peer, seen, text));
            // One more than asked for tells that there are more.
            hits.len() <= limit
        };
        let looked_at = through(self.left, &mut see)?;
        if looked_at >= self.left && hits.len() <= limit {
            self.unseen.push(Unseen { peer: peer.clone(), conversation, range: (range.0, oldest) });
        }
        self.complete &= looked_at < self.left && hits.len() <= limit;
        self.left -= looked_at.min(self.left);
        self.hits.extend(hits);
        Ok(())
    }

    /// Looks up in the index what was too much to be looked through.
    fn look_up(&mut self, c: &Connection) -> Result<(), AppError> {
        for Unseen { peer, conversation, range } in std::mem::take(&mut self.unseen) {
            let (text, limit, mut hits) = (&self.text, self.limit, Vec::new());
            let see = |seen: Text<'_>| {
                hits.extend(hit(&peer, seen, text));
                hits.len() <= limit
            };
            word::look_up(c, conversation, range, text, NAMED_MAX, see)?;
            self.hits.extend(hits);
        }
        Ok(())
    }
}

/// The message, where it says what is sought, which is folded.
fn hit(peer: &Peer, seen: Text<'_>, text: &str) -> Option<Hit> {
    let at = word::fold(seen.body).find(text)?;
    let excerpt = excerpt(seen.body, at);
    Some(Hit { peer: peer.clone(), archive: seen.archive, message_id: seen.stanza_id.to_owned(), excerpt })
}

/// What stands around a place of a text, which is named by where it is once the text is folded.
fn excerpt(body: &str, at: usize) -> String {
    let mut folded = 0;
    let reaches = |character: char| {
        folded += word::folded(character).map(char::len_utf8).sum::<usize>();
        folded > at
    };
    let found = body.chars().position(reaches).unwrap_or(0);
    let from = found.saturating_sub(EXCERPT_BEFORE);
    let part: String = body.chars().skip(from).take(EXCERPT_CHARS).collect();
    let before = if from > 0 { "…" } else { "" };
    let after = if body.chars().nth(from + EXCERPT_CHARS).is_some() { "…" } else { "" };
    format!("{before}{part}{after}")
}

async fn with_people(app: &App, caller: &Caller, with: Option<Peer>, mut look: Look) -> Result<Look, AppError> {
    let me = caller.no;
    let read = move |c: &Connection| {
        let reaches = match with {
            None => conversation::reaches(c, me, ArchiveId(-1))?
                .into_iter()
                .map(|reach| Ok((person::id(c, reach.peer)?, reach.peer, reach.cleared)))
                .collect::<Result<Vec<_>, AppError>>()?,
            Some(Peer::User(user)) => match person::find(c, &user)? {
                // With a stranger there is nothing.
                None => Vec::new(),
                Some(peer) => vec![(Some(user), peer, conversation::cleared(c, me, peer)?)],
            },
            Some(Peer::Bubble(_)) => Vec::new(),
        };
        for (user, peer, cleared) in reaches {
            let Some(user) = user else { continue };
            let range = (cleared, ArchiveId(i64::MAX));
            look.through(&Peer::User(user), (word::Conversation::Between(me, peer), range), |most, see| {
                message::look_through(c, (me, peer), range, most, see)
            })?;
        }
        look.look_up(c)?;
        Ok::<_, AppError>(look)
    };
    app.company(&caller.company).await?.read(read).await
}

/// The bubbles that the caller reads, or this one of them.
fn bubbles(app: &App, caller: &Caller, one: Option<&BubbleId>) -> Result<Vec<(CompanyId, BubbleId, Sight)>, AppError> {
    let relations = app.relations();
    let seen = relations.bubbles_of(&caller.user).filter(|(id, _)| one.is_none_or(|one| one == *id));
    let reads = seen
        .map(|(id, bubble)| Sight::of(bubble, &caller.user).map(|sight| (bubble.company.clone(), id.clone(), sight)));
    let reads: Vec<_> = reads.collect();
    if one.is_some() && reads.is_empty() {
        return Err(AppError::NotFound(crate::BUBBLE));
    }
    Ok(reads.into_iter().flatten().collect())
}

async fn in_bubbles(app: &App, of: Vec<(CompanyId, BubbleId, Sight)>, look: Look) -> Result<Look, AppError> {
    let mut by_company: BTreeMap<CompanyId, Vec<(BubbleId, Sight)>> = BTreeMap::new();
    for (company, id, sight) in of {
        by_company.entry(company).or_default().push((id, sight));
    }
    let mut look = look;
    for (company, of) in by_company {
        let read = move |c: &Connection| look_in(c, of, look);
        look = app.company(&company).await?.read(read).await?;
    }
    Ok(look)
}

fn look_in(c: &Connection, of: Vec<(BubbleId, Sight)>, mut look: Look) -> Result<Look, AppError> {
    let mut newest_first = Vec::new();
    for (id, sight) in of {
        let Some(no) = bubble::number(c, &id)? else { continue };
        let Some((newest, ..)) = bubble_message::newest(c, no, sight.reads)? else { continue };
        newest_first.push((newest, no, id, sight));
    }
    newest_first.sort_by_key(|(newest, ..)| Reverse(*newest));
    for (_, no, id, sight) in newest_first {
        let place = (word::Conversation::In(no), sight.reads);
        look.through(&Peer::Bubble(id), place, |most, see| {
            bubble_message::look_through(c, no, sight.reads, most, see)
        })?;
    }
    look.look_up(c)?;
    Ok(look)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::UserId;
    use store::person::PersonNo;

    #[test]
    fn an_excerpt_is_what_stands_around_a_text_however_it_is_written_c1() {
        let at =
            |body: &str, sought: &str| excerpt(body, word::fold(body).find(&word::fold(sought)).expect("is there"));
        assert_eq!(at("Grüße aus e\u{301}clair", "ECLAIR"), "Grüße aus e\u{301}clair");
        let long = format!("{}der Schlüssel{}", "é ".repeat(200), " ü".repeat(200));
        let excerpt = at(&long, "schlussel");
        assert!(excerpt.starts_with('…') && excerpt.ends_with('…') && excerpt.contains("Schlüssel"), "{excerpt}");
        assert_eq!(excerpt.chars().count(), EXCERPT_CHARS + 2);
        assert_eq!(excerpt.split("Schlüssel").next().expect("a part").chars().count(), EXCERPT_BEFORE + 1);
    }

    #[test]
    fn what_is_too_much_to_be_looked_through_is_left_for_the_index_c1() {
        let mut look = Look {
            text: String::from("sought"),
            limit: 10,
            left: 5,
            hits: Vec::new(),
            complete: true,
            unseen: Vec::new(),
        };
        let peer = |id: u8| Peer::User(UserId::parse(&format!("d{id:023}")).expect("an id"));
        let between = |other| word::Conversation::Between(PersonNo(1), PersonNo(other));
        let texts = |from: i64| {
            move |most: u32, see: &mut dyn FnMut(Text<'_>) -> bool| {
                let shown = (0..i64::from(most)).map(|at| Text {
                    archive: ArchiveId(from - at),
                    stanza_id: "m",
                    body: "it is Sought",
                });
                Ok(u32::try_from(shown.map(see).count()).expect("few"))
            }
        };
        let range = (ArchiveId(20), ArchiveId(i64::MAX));
        look.through(&peer(2), (between(2), range), |most, see| texts(100)(most.min(3), see)).expect("looked through");
        assert!(look.unseen.is_empty() && look.complete);
        look.through(&peer(3), (between(3), range), texts(50)).expect("looked through");
        look.through(&peer(4), (between(4), range), texts(40)).expect("looked through");
        let unseen: Vec<_> = look.unseen.iter().map(|unseen| (unseen.peer.clone(), unseen.range)).collect();
        assert_eq!(unseen, [(peer(3), (ArchiveId(20), ArchiveId(49))), (peer(4), range)]);
        assert_eq!((look.hits.len(), look.complete, look.left), (5, false, 0));
    }
}
