use domain::ids::{ArchiveId, ConversationId, FavoriteId, GroupId, InvitationId, UserId};
use domain::network::InvitationStatus;
use std::sync::Arc;
use store::group::Group;
use store::invitation::Side;

/// A message on its way to a device.
#[derive(Debug, Clone)]
pub struct LiveMessage {
    /// The sender's id for it, unchanged end to end.
    pub id: Option<String>,
    /// Who sent it.
    pub from: UserId,
    /// The device that sent it; `None` shows the bare JID.
    pub from_resource: Option<String>,
    /// To whom.
    pub to: UserId,
    /// Place in the archive, for those that stand in it.
    pub archive: Option<ArchiveId>,
    /// Not in the archive, and yet not to be lost before a device has taken it.
    pub held: bool,
    /// It waited: shown with the time at which it was accepted.
    pub delayed: bool,
    /// The children of the stanza, as XML.
    pub payload: Arc<str>,
}

/// Presence of one device on its way to another.
#[derive(Debug, Clone)]
pub struct LivePresence {
    /// Whose.
    pub from: UserId,
    /// Of which device.
    pub resource: String,
    /// Gone when `false`.
    pub available: bool,
    /// The id that the device gave its announcement, by which it knows the echo.
    pub id: Option<String>,
    /// The children of the stanza, as XML.
    pub payload: Arc<str>,
}

/// Why a message was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// No such person, or nobody there to take what must not be stored: one answer for both.
    Unavailable,
    /// The message to correct or delete is not the sender's, or not there.
    NoSuchMessage,
    /// The message to correct or delete is not the last one to this person (C8).
    NotTheLast,
    /// The box could not store it.
    NotStored,
}

/// What happened to a thing that a notice is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeAction {
    /// It is new.
    Create,
    /// It changed.
    Update,
    /// It is gone.
    Delete,
}

/// A change made by REST that devices must hear of (sheet section 12, management messages).
#[derive(Debug, Clone)]
pub enum Notice {
    /// Own settings changed.
    Settings,
    /// Own conversation changed.
    Conversation {
        /// Which.
        id: ConversationId,
        /// How.
        action: NoticeAction,
        /// With whom.
        peer: UserId,
        /// Notifications are off.
        mute: bool,
        /// Messages not read.
        unread: u32,
    },
    /// An invitation was made, answered or taken back (B6).
    Invitation {
        /// Which.
        id: InvitationId,
        /// Of whom to whom the device's user is: the inviter, or the invited one.
        side: Side,
        /// How it changed.
        action: NoticeAction,
        /// What became of it.
        status: InvitationStatus,
    },
    /// An own group changed.
    Group {
        /// Its newest state.
        group: Group,
        /// How.
        action: NoticeAction,
    },
    /// Somebody came into an own group, or left it.
    GroupMember {
        /// Which group.
        id: GroupId,
        /// How.
        action: NoticeAction,
        /// Who.
        user: UserId,
    },
    /// An own favourite came, moved or went.
    Favorite {
        /// Which.
        id: FavoriteId,
        /// How.
        action: NoticeAction,
        /// Who.
        peer: UserId,
        /// Place in the list.
        position: u32,
    },
    /// Notifications of a conversation were switched.
    Mute {
        /// Which conversation.
        id: ConversationId,
        /// Off when `true`.
        mute: bool,
    },
}

/// Why a stream is ended by the box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The same device connected anew.
    Replaced,
    /// The sign-in session ended, the application password was removed, or the account was disabled.
    SignedOut,
    /// The box stops.
    Shutdown,
}

/// Something to write to a device.
#[derive(Debug, Clone)]
pub enum Push {
    /// A message for this user.
    Message(Arc<LiveMessage>),
    /// Messages that waited, oldest first.
    Waited(Vec<LiveMessage>),
    /// A copy of what another device of this user sent (XEP-0280).
    Carbon(Arc<LiveMessage>),
    /// The box took a message (server receipt).
    Accepted {
        /// The sender's id for it.
        id: String,
        /// To whom it was sent.
        peer: UserId,
    },
    /// The box did not take a message.
    Refused {
        /// The sender's id for it.
        id: String,
        /// To whom it was sent.
        peer: UserId,
        /// Why.
        reason: Refusal,
    },
    /// Presence of a contact, or one's own echoed.
    Presence(Arc<LivePresence>),
    /// The presences of all contacts, to a device that has just become available.
    Presences(Vec<LivePresence>),
    /// Somebody came into the network, or left it.
    Network {
        /// Who.
        user: UserId,
        /// Came when `true`.
        joined: bool,
    },
    /// The list of people whom the user blocked changed (XEP-0191).
    Blocked {
        /// Who.
        user: UserId,
        /// Blocked when `true`.
        blocked: bool,
    },
    /// A contact's profile changed: read it again.
    ProfileChanged(UserId),
    /// A change made by REST.
    Notice(Arc<Notice>),
    /// All messages of a conversation were read on another device, or by the peer.
    AllRead {
        /// The other person.
        with: UserId,
        /// `true`: I read theirs; `false`: they read mine.
        received: bool,
    },
    /// The history of a conversation was cleared on another device.
    Cleared(UserId),
}
