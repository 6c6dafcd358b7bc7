use super::look;
use crate::{App, AppError, Caller};
use domain::ids::{ArchiveId, BubbleId, UserId};
use std::collections::HashMap;
use store::{Connection, bubble, bubble_message, bubble_reader};

/// Messages that are asked for at once.
pub const REACHES_MAX: usize = 50;

/// How far a message has come to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Came {
    /// None of his devices has told that it is there.
    NotYet,
    /// A device of his has it.
    Received,
    /// He has read it, or one after it.
    Read,
}

/// How far a message of the caller's has come.
#[derive(Debug, Clone)]
pub struct Reach {
    /// Its place in the archive.
    pub place: ArchiveId,
    /// Everybody else who is in the bubble and may read it, in the order of their ids.
    pub people: Vec<(UserId, Came)>,
}

/// How far messages of the caller's in a bubble have come; places of others' messages, and of none, are passed over. What
/// somebody has read of others' messages is nobody's business.
///
/// # Errors
/// [`AppError::NotFound`] for who does not see the bubble.
pub async fn reaches(
    app: &App,
    caller: &Caller,
    id: &BubbleId,
    places: Vec<ArchiveId>,
) -> Result<Vec<Reach>, AppError> {
    let (home, people) = look(app, caller, id, |bubble| {
        let others = bubble.accepted().filter(|user| **user != caller.user);
        let people: Vec<(UserId, i64)> =
            others.filter_map(|user| Some((user.clone(), bubble.reads(user)?.0))).collect();
        (bubble.company.clone(), people)
    })?;
    let (of, me) = (id.clone(), caller.user.clone());
    let read = move |c: &Connection| {
        let Some(no) = bubble::number(c, &of)? else { return Ok((Vec::new(), HashMap::new())) };
        let mut own = Vec::new();
        for place in places.into_iter().take(REACHES_MAX) {
            own.extend(bubble_message::at(c, no, place)?.filter(|message| message.sender == me).map(|_| place));
        }
        let marks = if own.is_empty() { HashMap::new() } else { bubble_reader::all(c, no)? };
        Ok::<_, AppError>((own, marks))
    };
    let (own, marks) = app.company(&home).await?.read(read).await?;
    let reach = |place: ArchiveId| {
        let may_read = people.iter().filter(|(_, from_ms)| *from_ms <= place.stamp_ms());
        let came = |user: &UserId| match marks.get(user) {
            Some((_, read)) if *read >= place => Came::Read,
            Some((received, _)) if *received >= place => Came::Received,
            _ => Came::NotYet,
        };
        Reach { place, people: may_read.map(|(user, _)| (user.clone(), came(user))).collect() }
    };
    Ok(own.into_iter().map(reach).collect())
}
