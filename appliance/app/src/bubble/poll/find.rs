use super::POLL;
use crate::people::{Page, Window};
use crate::{App, AppError, Caller, people};
use domain::ids::{BubbleId, CompanyId, PollId, UserId};
use domain::poll::{Ballot, Poll, State, Tally};
use domain::rights::Right;
use std::collections::{BTreeSet, HashMap};
use store::poll::Found;
use store::{Connection, bubble, person, poll};

/// A poll as somebody may see it.
#[derive(Debug, Clone)]
pub struct PollPage {
    /// Its id.
    pub id: PollId,
    /// Whose it is.
    pub bubble: BubbleId,
    /// What it asks, and since when.
    pub poll: Poll,
    /// Where it is in its life; in an archived bubble no poll goes on.
    pub state: State,
    /// How many chose each answer.
    pub tally: Tally,
    /// How many voted.
    pub voters: u32,
    /// The caller has voted.
    pub voted: bool,
    /// What the caller chose; nothing of an anonymous poll that is over.
    pub own: Option<Ballot>,
}

/// Who voted, and what he chose.
#[derive(Debug, Clone)]
pub struct Voter {
    /// Who.
    pub user: UserId,
    /// His first name; empty where the account is gone.
    pub first_name: String,
    /// His last name.
    pub last_name: String,
    /// His address, to those who are near him (B6).
    pub email: Option<String>,
    /// What he chose.
    pub ballot: Ballot,
}

/// A poll that the caller may see.
///
/// # Errors
/// [`AppError::NotFound`] for everybody else, whether there is such a poll or not (decision 6).
pub async fn find(app: &App, caller: &Caller, id: &PollId) -> Result<PollPage, AppError> {
    Ok(located(app, caller, id).await?.1)
}

/// The same, with the company in whose file it stands: one of those whose bubbles the caller sees.
pub(super) async fn located(app: &App, caller: &Caller, id: &PollId) -> Result<(CompanyId, PollPage), AppError> {
    caller.needs(Right::TakePart, &caller.company)?;
    let homes: BTreeSet<CompanyId> = {
        let relations = app.relations();
        relations.bubbles_of(&caller.user).map(|(_, bubble)| bubble.company.clone()).collect()
    };
    for home in homes {
        let (wanted, me) = (id.clone(), caller.user.clone());
        let find = move |c: &Connection| Ok::<_, AppError>(poll::find(c, &wanted, person::find(c, &me)?)?);
        let Some(found) = app.company(&home).await?.read(find).await? else { continue };
        let page = page(app, caller, found).ok_or(AppError::NotFound(POLL))?;
        return Ok((home, page));
    }
    Err(AppError::NotFound(POLL))
}

/// What the caller may see of a poll.
fn page(app: &App, caller: &Caller, found: Found) -> Option<PollPage> {
    let now_ms = app.now_ms();
    let relations = app.relations();
    let bubble = relations.bubble(&found.bubble)?;
    if !found.poll.is_seen_by(bubble, &caller.user, now_ms) {
        return None;
    }
    let state = match found.poll.state(now_ms) {
        State::Published if bubble.archived => State::Terminated,
        state => state,
    };
    // It may be over and not looked at yet.
    let hidden = found.poll.paper.anonymous && state == State::Terminated;
    let Found { no: _, id, bubble, poll, tally, voters, voted, own } = found;
    Some(PollPage { id, bubble, poll, state, tally, voters, voted, own: own.filter(|_| !hidden) })
}

/// The polls of a bubble that the caller may see, the newest first.
///
/// # Errors
/// [`AppError::NotFound`] for who does not see the bubble.
pub async fn list(app: &App, caller: &Caller, id: &BubbleId, window: Window) -> Result<Page<PollPage>, AppError> {
    let home = super::look(app, caller, id, |bubble| bubble.company.clone())?;
    let (of, me) = (id.clone(), caller.user.clone());
    let read = move |c: &Connection| {
        let Some(no) = bubble::number(c, &of)? else { return Ok(Vec::new()) };
        Ok::<_, AppError>(poll::of_bubble(c, no, person::find(c, &me)?)?)
    };
    let all = app.company(&home).await?.read(read).await?;
    Ok(Page::cut(all.into_iter().filter_map(|found| page(app, caller, found)).collect(), window))
}

/// Who voted on these polls, and what each chose; of anonymous ones nobody.
///
/// # Errors
/// When the store fails.
pub async fn with_voters(
    app: &App,
    caller: &Caller,
    pages: Vec<PollPage>,
) -> Result<Vec<(PollPage, Vec<Voter>)>, AppError> {
    let mut told = Vec::new();
    for page in pages {
        let voters = if page.poll.paper.anonymous { Vec::new() } else { voters(app, caller, &page).await? };
        told.push((page, voters));
    }
    Ok(told)
}

async fn voters(app: &App, caller: &Caller, page: &PollPage) -> Result<Vec<Voter>, AppError> {
    let home = super::look(app, caller, &page.bubble, |bubble| bubble.company.clone())?;
    let wanted = page.id.clone();
    let read = move |c: &Connection| match poll::find(c, &wanted, None)? {
        // It may have been changed into an anonymous one meanwhile.
        Some(found) if !found.poll.paper.anonymous => Ok::<_, AppError>(poll::ballots(c, found.no)?),
        _ => Ok(Vec::new()),
    };
    let ballots = app.company(&home).await?.read(read).await?;
    let people: Vec<UserId> = ballots.iter().map(|(user, _)| user.clone()).collect();
    let (known, mut names) = {
        let known = people::find_many(app, caller, people.clone()).await?;
        (known, super::super::read::full_names(app, people).await?)
    };
    let mut emails: HashMap<UserId, String> = known
        .into_iter()
        .filter(|seen| seen.near)
        .map(|seen| (seen.user.id, seen.user.email.as_str().to_owned()))
        .collect();
    let voter = |(user, ballot): (UserId, Ballot)| {
        let (first_name, last_name) = names.remove(&user).unwrap_or_default();
        Voter { email: emails.remove(&user), user, first_name, last_name, ballot }
    };
    Ok(ballots.into_iter().map(voter).collect())
}
