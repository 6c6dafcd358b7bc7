use super::{Peer, Sight};
use crate::bubble::BubbleMessage;
use crate::message::StoredMessage;
use crate::{App, AppError, Caller};
use aws_lc_rs::digest;
use domain::ids::{ArchiveId, BubbleId, CompanyId, UserId};
use domain::rights::Right;
use store::message::Text;
use store::{Connection, StoreError, bubble, bubble_message, conversation, message, person};

/// Most messages of one answer.
pub const NAMED_MAX: usize = 100;

/// A message as it stands in an archive.
#[derive(Debug, Clone)]
pub enum Archived {
    /// One of two people.
    WithPerson(StoredMessage),
    /// One said in a bubble.
    InBubble(BubbleMessage),
}

impl Archived {
    /// Its place in the archive.
    #[must_use]
    pub fn archive(&self) -> ArchiveId {
        match self {
            Self::WithPerson(message) => message.archive,
            Self::InBubble(message) => message.archive,
        }
    }
}

/// The messages of these ids, each in its conversation, in the order asked; `None` for what is not there, or not for the caller.
///
/// # Errors
/// Too many of them.
pub async fn named(app: &App, caller: &Caller, wanted: Vec<(Peer, String)>) -> Result<Vec<Option<Archived>>, AppError> {
    caller.needs(Right::TakePart, &caller.company)?;
    if wanted.len() > NAMED_MAX {
        return Err(AppError::invalid("ims", format!("at most {NAMED_MAX} at once")));
    }
    let mut found = Vec::new();
    for (peer, id) in wanted {
        found.push(match peer {
            Peer::User(user) => with_person(app, caller, user, id).await?.map(Archived::WithPerson),
            Peer::Bubble(bubble) => in_bubble(app, caller, bubble, id).await?.map(Archived::InBubble),
        });
    }
    Ok(found)
}

/// What stands at these places of a conversation: the id and the text of each message, `None` for what is not for the caller.
pub(crate) async fn texts(
    app: &App,
    caller: &Caller,
    peer: &Peer,
    places: Vec<ArchiveId>,
) -> Result<Vec<Option<(String, String)>>, AppError> {
    let around = |place: ArchiveId| (ArchiveId(place.0 - 1), ArchiveId(place.0 + 1));
    match peer {
        Peer::User(user) => {
            let (me, user) = (caller.no, user.clone());
            let read = move |c: &Connection| {
                let peer = person::find(c, &user)?;
                let cleared = peer.map(|peer| conversation::cleared(c, me, peer)).transpose()?;
                let text = |place: ArchiveId| {
                    let Some((peer, _)) = peer.zip(cleared).filter(|(_, cleared)| place > *cleared) else {
                        return Ok(None);
                    };
                    Ok::<_, AppError>(one(|see| message::look_through(c, (me, peer), around(place), 1, see))?)
                };
                places.into_iter().map(text).collect::<Result<Vec<_>, _>>()
            };
            app.company(&caller.company).await?.read(read).await
        }
        Peer::Bubble(of) => {
            let Some((home, (after, before))) = readable(app, caller, of) else { return Ok(vec![None; places.len()]) };
            let of = of.clone();
            let read = move |c: &Connection| {
                let no = bubble::number(c, &of)?;
                let text = |place: ArchiveId| {
                    let Some(no) = no.filter(|_| place > after && place < before) else { return Ok(None) };
                    Ok::<_, AppError>(one(|see| bubble_message::look_through(c, no, around(place), 1, see))?)
                };
                places.into_iter().map(text).collect::<Result<Vec<_>, _>>()
            };
            app.company(&home).await?.read(read).await
        }
    }
}

/// The one text that is shown, if there is one.
fn one(
    through: impl FnOnce(&mut dyn FnMut(Text<'_>) -> bool) -> Result<u32, StoreError>,
) -> Result<Option<(String, String)>, StoreError> {
    let mut found = None;
    through(&mut |text| {
        found = Some((text.stanza_id.to_owned(), text.body.to_owned()));
        true
    })?;
    Ok(found)
}

/// Whose file a bubble is in, and between which places the caller reads it.
fn readable(app: &App, caller: &Caller, of: &BubbleId) -> Option<(CompanyId, (ArchiveId, ArchiveId))> {
    let relations = app.relations();
    let bubble = relations.bubble(of).filter(|bubble| bubble.is_seen_by(&caller.user))?;
    Some((bubble.company.clone(), Sight::of(bubble, &caller.user)?.reads))
}

/// Tells one form of a message from another. Rainbow's is MD5; clients only show again what they were told.
#[must_use]
pub fn fingerprint(text: &str) -> String {
    let hash = digest::digest(&digest::SHA256, text.as_bytes());
    hash.as_ref()[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn with_person(app: &App, caller: &Caller, with: UserId, id: String) -> Result<Option<StoredMessage>, AppError> {
    let me = caller.no;
    let read = move |c: &Connection| {
        let Some(peer) = person::find(c, &with)? else { return Ok(None) };
        let mut newest = None;
        for (sender, recipient) in [(me, peer), (peer, me)] {
            let named = message::find_named(c, sender, &id)?;
            let of_both = named.filter(|named| named.recipient == recipient && named.about.is_none());
            newest = newest.max(of_both.map(|named| named.archive));
        }
        newest.map_or(Ok::<_, AppError>(None), |place| Ok(message::at(c, me, place)?))
    };
    app.company(&caller.company).await?.read(read).await
}

async fn in_bubble(app: &App, caller: &Caller, of: BubbleId, id: String) -> Result<Option<BubbleMessage>, AppError> {
    let Some((home, (after, before))) = readable(app, caller, &of) else { return Ok(None) };
    let read = move |c: &Connection| {
        let Some(no) = bubble::number(c, &of)? else { return Ok(None) };
        let Some(named) = bubble_message::find_named(c, no, None, &id)? else { return Ok(None) };
        let found = bubble_message::at(c, no, named.archive)?;
        let is_readable = |place| place > after && place < before;
        Ok::<_, AppError>(found.filter(|message| message.about.is_none() && is_readable(message.archive)))
    };
    app.company(&home).await?.read(read).await
}
