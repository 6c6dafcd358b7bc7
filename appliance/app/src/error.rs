use crate::file::FileRefused;
use domain::bubble::Refused;
use domain::poll;
use domain::rights::Denied;
use store::StoreError;

/// Why a verb was refused. Edges map each variant to one status or stanza error, in one place.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// Who calls is not known.
    #[error("{0}")]
    Unauthenticated(#[from] Unauthenticated),
    /// The thing does not exist, or the caller may not know that it does (decision 6).
    #[error("{0} not found")]
    NotFound(&'static str),
    /// The caller sees the thing but may not do this.
    #[error("you have no right to do this")]
    Forbidden,
    /// A bubble does not take this step now (C3).
    #[error("{}", told(*.0))]
    Bubble(Refused),
    /// A poll does not take this now (C3).
    #[error("{0}")]
    Poll(poll::Refused),
    /// A file does not take this now (C6, C7).
    #[error("{0}")]
    File(#[from] FileRefused),
    /// The bubble's link asks for a password, and this was none, or another one.
    #[error("this bubble asks for a password: ask for it whoever gave you the link")]
    WrongRoomPassword,
    /// The device speaks in a bubble that it has not entered. Rainbow's SDK knows this very text and enters again.
    #[error("Only occupants are allowed to send messages to the conference")]
    NotInside,
    /// The input breaks a rule; says which field and what is allowed.
    #[error("{field}: {why}")]
    Invalid {
        /// Name of the field as the caller wrote it.
        field: &'static str,
        /// What is wrong and what is allowed.
        why: String,
    },
    /// Something of that name is there already.
    #[error("{0} exists already")]
    Exists(&'static str),
    /// The box is set up: what only a setup may do is over.
    #[error("this box is set up already: sign in")]
    SetUp,
    /// The setup cannot end yet.
    #[error("the step `{0}` is not answered yet")]
    MissingStep(&'static str),
    /// The code of a setup is wrong.
    #[error("{}", wrong_code(*left))]
    WrongCode {
        /// Wrong tries before the box shows another code; 0: it shows another one now.
        left: u32,
    },
    /// The disk does not open with the recovery key yet, so the setup cannot end (D2); says why and what to do.
    #[error("the disk did not take the new key: {0}")]
    DiskLock(String),
    /// More work than the box takes at once; the caller may try again.
    #[error("the box is busy: try again in a moment")]
    Busy,
    /// Storage failed; the log says how.
    #[error("the data could not be read or written")]
    Store(#[from] StoreError),
}

/// Why somebody is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unauthenticated {
    /// No credentials, or unreadable ones.
    #[error("authentication is required")]
    Missing,
    /// The name or the password is wrong; which of them is not told.
    #[error("unknown login or wrong password")]
    WrongCredentials,
    /// The application's id or secret is wrong.
    #[error("unknown application or wrong application secret")]
    WrongApplication,
    /// The account is closed; told only to who knows its password.
    #[error("this account is disabled: ask your administrator")]
    Disabled,
    /// The account was not used for longer than allowed; told only to who knows its password.
    #[error("this account was not used for a long time and is blocked: ask your administrator to activate it")]
    Unused,
    /// Too much was wrong before: nothing is looked at now, right or wrong (A5).
    #[error("too many failed sign-ins: try again in {retry_after_s} s")]
    Locked {
        /// When to come again, in seconds from now.
        retry_after_s: u32,
    },
    /// The box is being set up, and the code that it shows was not entered.
    #[error("enter the code that the box shows first")]
    SetupLocked,
    /// The token is past its life; a new sign-in is needed.
    #[error("jwt expired")]
    Expired,
    /// The token was not made by this box, or its session has ended.
    #[error("the token is not valid: sign in again")]
    InvalidToken,
}

impl From<Denied> for AppError {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::NotVisible => Self::NotFound("this"),
            Denied::Forbidden => Self::Forbidden,
        }
    }
}

impl From<Refused> for AppError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::NotVisible => Self::NotFound(BUBBLE),
            Refused::NobodyThere => Self::NotFound("member of the bubble"),
            Refused::Forbidden => Self::Forbidden,
            other => Self::Bubble(other),
        }
    }
}

impl From<poll::Refused> for AppError {
    fn from(refused: poll::Refused) -> Self {
        match refused {
            poll::Refused::NotVisible => Self::NotFound(crate::bubble::poll::POLL),
            poll::Refused::Forbidden => Self::Forbidden,
            poll::Refused::Archived => Self::Bubble(Refused::Archived),
            other => Self::Poll(other),
        }
    }
}

/// What is not found where a bubble was looked for.
pub const BUBBLE: &str = "bubble";

fn told(refused: Refused) -> &'static str {
    match refused {
        Refused::NotVisible | Refused::NobodyThere => "not found",
        Refused::Forbidden => "you have no right to do this",
        Refused::OrganizerStays => "the organizer of a bubble stays in it: hand it over to a co-organizer first",
        Refused::NotACoOrganizer => "a bubble can be handed over to a co-organizer only: promote this member first",
        Refused::Archived => "the bubble is archived: it can be read, and nothing in it changes any more",
        Refused::Full => "the bubble has as many members as it may have",
        Refused::Locked => "the bubble is closed: nobody comes in by its link now",
        Refused::GuestStaysGuest => "a guest stays a guest: he cannot be made an organizer",
    }
}

fn wrong_code(left: u32) -> String {
    match left {
        0 => String::from("the code is wrong, and was wrong too often: the box shows a new one now"),
        1 => String::from("the code is wrong: 1 more try before the box shows a new one"),
        left => format!("the code is wrong: {left} more tries before the box shows a new one"),
    }
}

impl AppError {
    pub(crate) fn invalid(field: &'static str, why: impl std::fmt::Display) -> Self {
        Self::Invalid { field, why: why.to_string() }
    }
}
