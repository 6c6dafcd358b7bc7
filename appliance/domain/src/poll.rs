//! Polls of bubbles (C3): what may be asked, who may do what with a poll (R2), and what becomes of votes.
//!
//! Organizers make, publish and end them; everybody who is in the bubble, guests too, votes and sees the votes as they come.
//! A poll without duration is open until an organizer ends it; a vote may be changed until then.

use crate::bubble::{self, Action, Bubble};
use crate::ids::UserId;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Questions of one poll.
pub const QUESTIONS_MAX: usize = 20;
/// Answers of one question.
pub const ANSWERS_MAX: usize = 20;
/// Characters of a title, a question, an answer.
pub const TEXT_LENGTH_MAX: usize = 255;
/// Longest duration, in minutes.
pub const DURATION_MAX_MIN: u32 = 60;
/// Polls of one bubble.
pub const POLLS_MAX: u32 = 100;

/// One question with the answers among which people choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// What is asked.
    pub text: String,
    /// More than one answer may be chosen.
    pub multiple: bool,
    /// What may be chosen, in this order.
    pub answers: Vec<String>,
}

/// What a poll asks, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paper {
    /// What it is about; may be empty.
    pub title: String,
    /// 1 to 20 questions.
    pub questions: Vec<Question>,
    /// Nobody is told who chose what, and it is forgotten when the poll ends.
    pub anonymous: bool,
    /// Minutes from its publication to its end; 0: an organizer ends it.
    pub duration_min: u32,
}

/// Why a paper cannot be asked: the field, and what is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{field}: expected {expected}")]
pub struct WrongPaper {
    /// Its name on the wire.
    pub field: &'static str,
    /// What is allowed.
    pub expected: &'static str,
}

fn fits(text: &mut String, least: usize) -> bool {
    *text = text.trim().to_owned();
    (least..=TEXT_LENGTH_MAX).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

impl Paper {
    /// The paper without blanks around its texts, if all of it keeps to the rules.
    ///
    /// # Errors
    /// [`WrongPaper`] names the first field that does not.
    pub fn checked(mut self) -> Result<Self, WrongPaper> {
        let wrong = |field, expected| Err(WrongPaper { field, expected });
        if !fits(&mut self.title, 0) {
            return wrong("title", "at most 255 characters, no control characters");
        }
        if !(1..=QUESTIONS_MAX).contains(&self.questions.len()) {
            return wrong("questions", "1 to 20 questions");
        }
        for question in &mut self.questions {
            if !fits(&mut question.text, 1) {
                return wrong("questions", "questions of 1 to 255 characters, no control characters");
            }
            let answers = &mut question.answers;
            if !(2..=ANSWERS_MAX).contains(&answers.len()) || !answers.iter_mut().all(|text| fits(text, 1)) {
                return wrong("questions", "2 to 20 answers of 1 to 255 characters to each question");
            }
            let different: BTreeSet<&String> = question.answers.iter().collect();
            if different.len() < question.answers.len() {
                return wrong("questions", "answers of a question that differ");
            }
        }
        if self.duration_min > DURATION_MAX_MIN {
            return wrong("duration", "0 to 60 minutes");
        }
        Ok(self)
    }
}

/// Where a poll is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Shown to organizers, who change it.
    Unpublished,
    /// Voted on.
    Published,
    /// Shown with its result.
    Terminated,
}

impl State {
    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unpublished => "unpublished",
            Self::Published => "published",
            Self::Terminated => "terminated",
        }
    }
}

/// A poll, as far as rules go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Poll {
    /// What it asks.
    pub paper: Paper,
    /// When it was made, in milliseconds since 1970.
    pub created_ms: i64,
    /// Since when it is voted on, in milliseconds since 1970.
    pub published_ms: Option<i64>,
    /// When an organizer ended it, or its time was found to be over, in milliseconds since 1970.
    pub ended_ms: Option<i64>,
}

/// What somebody does with a poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Writes another paper.
    Change,
    /// Lets people vote.
    Publish,
    /// Takes it back, and with it every vote.
    Unpublish,
    /// Ends it.
    Terminate,
    /// Takes it away.
    Delete,
    /// Votes, or votes otherwise.
    Vote,
}

/// Why that is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is no such poll for this person (decision 6).
    #[error("not found")]
    NotVisible,
    /// The person may not do this.
    #[error("you have no right to do this")]
    Forbidden,
    /// Nothing in an archived bubble changes any more.
    #[error("the bubble is archived: it can be read, and nothing in it changes any more")]
    Archived,
    /// People see it already.
    #[error("the poll is published: take it back first")]
    Published,
    /// Nobody can vote on it yet.
    #[error("the poll is not published")]
    NotPublished,
    /// It has come to its end.
    #[error("the poll is over")]
    Over,
}

impl Poll {
    /// When it comes to its end by itself, in milliseconds since 1970.
    #[must_use]
    pub fn ends_ms(&self) -> Option<i64> {
        let lasts_ms = i64::from(self.paper.duration_min) * 60_000;
        self.published_ms.filter(|_| lasts_ms > 0).map(|from| from.saturating_add(lasts_ms))
    }

    /// Since when it is over, in milliseconds since 1970; `None`: it is not.
    #[must_use]
    pub fn over_ms(&self, now_ms: i64) -> Option<i64> {
        let by_itself = self.ends_ms().filter(|ends| *ends <= now_ms);
        // It may be looked at late, or the box was stopped: it ended when it had to.
        self.ended_ms.into_iter().chain(by_itself).min()
    }

    /// Where it is in its life.
    #[must_use]
    pub fn state(&self, now_ms: i64) -> State {
        match (self.published_ms, self.over_ms(now_ms)) {
            (None, _) => State::Unpublished,
            (Some(_), None) => State::Published,
            (Some(_), Some(_)) => State::Terminated,
        }
    }

    /// Whether somebody may know of it. Organizers see all; members what is published while they are in the bubble, but
    /// nothing that was over before they came or that they have hidden from themselves since.
    #[must_use]
    pub fn is_seen_by(&self, bubble: &Bubble, user: &UserId, now_ms: i64) -> bool {
        if may_manage(bubble, user) {
            return true;
        }
        let Some((from_ms, _)) = bubble.reads(user).filter(|_| bubble.is_conversation_of(user)) else { return false };
        self.published_ms.is_some() && self.over_ms(now_ms).is_none_or(|over| over >= from_ms)
    }

    /// Whether somebody may do this with it now.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn permits(&self, bubble: &Bubble, by: &UserId, act: Act, now_ms: i64) -> Result<(), Refused> {
        if !self.is_seen_by(bubble, by, now_ms) {
            return Err(Refused::NotVisible);
        }
        if bubble.archived {
            return Err(Refused::Archived);
        }
        if act != Act::Vote && !may_manage(bubble, by) {
            return Err(Refused::Forbidden);
        }
        match (act, self.state(now_ms)) {
            (Act::Delete, _)
            | (Act::Change | Act::Publish, State::Unpublished)
            | (Act::Unpublish | Act::Terminate | Act::Vote, State::Published) => Ok(()),
            (Act::Change | Act::Publish, State::Published) => Err(Refused::Published),
            (Act::Unpublish | Act::Terminate | Act::Vote, State::Unpublished) => Err(Refused::NotPublished),
            (_, State::Terminated) => Err(Refused::Over),
        }
    }
}

/// Whether somebody makes and ends polls here.
#[must_use]
pub fn may_manage(bubble: &Bubble, user: &UserId) -> bool {
    bubble.role(user).is_some_and(|role| bubble::allows(role, Action::Poll))
}

/// Whether somebody may make a poll here now.
///
/// # Errors
/// [`Refused`].
pub fn permits_making(bubble: &Bubble, by: &UserId) -> Result<(), Refused> {
    match (bubble.archived, may_manage(bubble, by)) {
        (true, _) => Err(Refused::Archived),
        (false, false) => Err(Refused::Forbidden),
        (false, true) => Ok(()),
    }
}

/// What somebody chose: for each question that he answered, the places of the answers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ballot(pub BTreeMap<usize, BTreeSet<usize>>);

impl Ballot {
    /// Whether it can be an answer to these questions: not empty, one choice where only one is allowed.
    #[must_use]
    pub fn fits(&self, questions: &[Question]) -> bool {
        let fits = |(question, chosen): (&usize, &BTreeSet<usize>)| {
            questions.get(*question).is_some_and(|question| {
                let known = chosen.iter().all(|answer| *answer < question.answers.len());
                known && !chosen.is_empty() && (question.multiple || chosen.len() == 1)
            })
        };
        !self.0.is_empty() && self.0.iter().all(fits)
    }
}

/// How many chose each answer of each question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tally(pub Vec<Vec<u32>>);

impl Tally {
    /// Before anybody has voted.
    #[must_use]
    pub fn none(questions: &[Question]) -> Self {
        Self(questions.iter().map(|question| vec![0; question.answers.len()]).collect())
    }

    /// Counts a ballot in the place of the one that its voter gave before.
    pub fn count(&mut self, before: Option<&Ballot>, now: &Ballot) {
        self.each(before, |votes| votes.saturating_sub(1));
        self.each(Some(now), |votes| votes.saturating_add(1));
    }

    fn each(&mut self, ballot: Option<&Ballot>, change: impl Fn(u32) -> u32) {
        for (question, chosen) in ballot.into_iter().flat_map(|ballot| &ballot.0) {
            let Some(counts) = self.0.get_mut(*question) else { continue };
            for answer in chosen {
                if let Some(votes) = counts.get_mut(*answer) {
                    *votes = change(*votes);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
