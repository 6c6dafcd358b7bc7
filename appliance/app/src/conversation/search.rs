use super::{Peer, Sight};
use crate::{App, AppError, Caller};
use domain::ids::{ArchiveId, BubbleId, CompanyId};
use domain::rights::Right;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use store::message::Text;
use store::{Connection, bubble, bubble_message, conversation, message, person};

/// Most characters of what is looked for.
const SOUGHT_LENGTH_MAX: usize = 255;
/// Most messages that are found.
pub const HITS_MAX: u32 = 1000;
/// Most messages that are looked at, of people and of bubbles each: the newest ones, some two million a second. An index of texts is not
/// kept: one of trigrams cost a third of what a message costs, and how long a word is looked for in it would tell whether others
/// write it.
const LOOKED_AT_MAX: u32 = 200_000;

/// What is looked for.
#[derive(Debug, Clone)]
pub struct Sought {
    /// It stands somewhere in the text, in any case.
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
    let look =
        || Look { text: sought.text.to_lowercase(), limit, left: LOOKED_AT_MAX, hits: Vec::new(), complete: true };
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

/// One pass over conversations, newest first in each.
struct Look {
    /// In lower case.
    text: String,
    limit: usize,
    /// How many messages may still be looked at.
    left: u32,
    hits: Vec<Hit>,
    complete: bool,
}

impl Look {
    /// Looks through one conversation; `through` shows its texts, at most so many, and answers how many there were.
    fn through(
        &mut self,
        peer: &Peer,
        through: impl FnOnce(u32, &mut dyn FnMut(Text<'_>) -> bool) -> Result<u32, store::StoreError>,
    ) -> Result<(), AppError> {
        let (text, limit, mut hits) = (&self.text, self.limit, Vec::new());
        let mut see = |seen: Text<'_>| {
            if seen.body.to_lowercase().contains(text.as_str()) {
                hits.push(Hit { peer: peer.clone(), archive: seen.archive, message_id: seen.stanza_id.to_owned() });
            }
            // One more than asked for tells that there are more.
            hits.len() <= limit
        };
        let looked_at = through(self.left, &mut see)?;
        self.complete &= looked_at < self.left && hits.len() <= limit;
        self.left -= looked_at.min(self.left);
        self.hits.extend(hits);
        Ok(())
    }
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
            look.through(&Peer::User(user), |most, see| {
                message::look_through(c, (me, peer), (cleared, ArchiveId(i64::MAX)), most, see)
            })?;
        }
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
        look.through(&Peer::Bubble(id), |most, see| bubble_message::look_through(c, no, sight.reads, most, see))?;
    }
    Ok(look)
}
