use crate::conversation::{Bookmark, Peer};
use crate::roster::Listed;
use domain::bubble::{Role, Status};
use domain::ids::{
    ArchiveId, BubbleId, CallId, ConversationId, FavoriteId, FileId, GroupId, InvitationId, PollId, UserId,
};
use domain::network::InvitationStatus;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use store::call_record::CallRecord;
use store::container::Container;
use store::custom_status::CustomStatus;
use store::group::Group;
use store::invitation::Side;
use store::node::Item;
use zeroize::Zeroizing;

/// The type of a message's stanza (RFC 6121, 5.2.2). Rainbow's clients know `chat` alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageType {
    /// Part of a conversation.
    #[default]
    Chat,
    /// Alone.
    Normal,
    /// An alert: for who is there now, kept nowhere.
    Headline,
    /// The answer of a device that could not take a message.
    Error,
    /// To one device as if it were a room: passed on, kept nowhere.
    Groupchat,
}

impl MessageType {
    const NAMES: [(Self, &'static str); 5] = [
        (Self::Chat, "chat"),
        (Self::Normal, "normal"),
        (Self::Headline, "headline"),
        (Self::Error, "error"),
        (Self::Groupchat, "groupchat"),
    ];

    /// Whether it is for who is there now, and kept nowhere.
    #[must_use]
    pub fn is_fleeting(self) -> bool {
        matches!(self, Self::Headline | Self::Error | Self::Groupchat)
    }

    /// Its name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(kind, _)| *kind == self).map_or("chat", |(_, name)| name)
    }

    /// Reads a name; `None` when it is none of these.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
    }
}

/// How standard clients get a message that Rainbow's get in another form: a correction, a read mark.
#[derive(Debug, Clone)]
pub struct StandardForm {
    /// The id of its stanza.
    pub id: Option<String>,
    /// Place in the archive, for those that stand in it.
    pub archive: Option<ArchiveId>,
    /// The children of the stanza, as XML.
    pub payload: Arc<str>,
}

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
    /// The one device that it is addressed to, if it is.
    pub to_resource: Option<String>,
    /// The type of its stanza.
    pub kind: MessageType,
    /// Place in the archive, for those that stand in it.
    pub archive: Option<ArchiveId>,
    /// Not in the archive, and yet not to be lost before a device has taken it: the place of the row that waits for that.
    pub held: Option<ArchiveId>,
    /// When it went to all devices that were there, by the registry's count; 0: it never did. Until then, of what is not kept: when
    /// it was stored.
    pub turn: u64,
    /// It waited: shown with the time at which it was accepted.
    pub delayed: bool,
    /// No device gets a copy of what another one was sent (XEP-0280, `<private/>`).
    pub private: bool,
    /// The children of the stanza, as XML.
    pub payload: Arc<str>,
    /// Another form for standard clients.
    pub standard: Option<StandardForm>,
    /// Rainbow's clients know nothing like it and do not get it.
    pub standard_only: bool,
    /// It is a remark, which those of them get that asked for such.
    pub remark: bool,
    /// It is about a call, which those of them get that said that they take calls.
    pub call: bool,
}

impl LiveMessage {
    /// A chat message of a device to all devices of somebody, kept nowhere.
    #[must_use]
    pub fn new(from: &UserId, resource: &str, to: &UserId, payload: Arc<str>) -> Self {
        Self {
            id: None,
            from: from.clone(),
            from_resource: Some(resource.to_owned()),
            to: to.clone(),
            to_resource: None,
            kind: MessageType::Chat,
            archive: None,
            held: None,
            turn: 0,
            delayed: false,
            private: false,
            payload,
            standard: None,
            standard_only: false,
            remark: false,
            call: false,
        }
    }

    /// Its own place in the archive; of a change, not that of the message which it changes.
    pub(crate) fn place(&self) -> Option<ArchiveId> {
        self.standard.as_ref().and_then(|form| form.archive).or(self.archive)
    }

    /// Whether it must not be lost with a device that may never have seen it.
    pub(crate) fn is_owed(&self) -> bool {
        self.place().is_some() || self.held.is_some()
    }
}

/// A request of one device to another, or its answer (RFC 6120, 8.2.3): passed on as it is.
#[derive(Debug, Clone)]
pub struct LiveIq {
    /// `get`, `set`, `result` or `error`.
    pub kind: String,
    /// The id that the asking device gave it.
    pub id: String,
    /// Whose device it comes from.
    pub from: UserId,
    /// Which one.
    pub from_resource: String,
    /// The children of the stanza, as XML.
    pub payload: Arc<str>,
}

/// What happened in a node.
#[derive(Debug, Clone)]
pub enum Happened {
    /// Something was published.
    Published(Item),
    /// The item of this id was taken back.
    Retracted(String),
    /// The node is gone.
    Deleted,
}

/// News of a node on their way to a device that wants to hear them (XEP-0163).
#[derive(Debug, Clone)]
pub struct LiveEvent {
    /// Whose node.
    pub owner: UserId,
    /// Its name.
    pub node: String,
    /// What happened in it.
    pub happened: Happened,
}

/// Presence of one device on its way to another.
#[derive(Debug, Clone)]
pub struct LivePresence {
    /// Whose.
    pub from: UserId,
    /// Of which device; empty: of none, the account itself.
    pub resource: String,
    /// Gone when `false`.
    pub available: bool,
    /// The id that the device gave its announcement, by which it knows the echo.
    pub id: Option<String>,
    /// The children of the stanza, as XML.
    pub payload: Arc<str>,
}

impl LivePresence {
    /// A device that has gone.
    pub(crate) fn gone(user: &UserId, resource: &str, payload: Arc<str>) -> Self {
        Self { from: user.clone(), resource: resource.to_owned(), available: false, id: None, payload }
    }
}

/// Something said in a bubble, on its way to a device in it.
#[derive(Debug, Clone)]
pub struct Said {
    /// Where.
    pub bubble: BubbleId,
    /// The sender's id for it, unchanged end to end.
    pub id: Option<String>,
    /// Who said it.
    pub from: UserId,
    /// The device that said it.
    pub from_resource: String,
    /// The name by which the sender is known there.
    pub nick: Arc<str>,
    /// Place in the bubble's archive, for what stands in it.
    pub archive: Option<ArchiveId>,
    /// The children of the stanza, as XML.
    pub payload: Arc<str>,
    /// Another form for standard clients.
    pub standard: Option<StandardForm>,
    /// Rainbow's clients know nothing like it and do not get it.
    pub standard_only: bool,
    /// It is a remark, which those of them get that asked for such.
    pub remark: bool,
    /// It is something said and not a state such as typing: the device that said it waits for the box's receipt.
    pub acknowledged: bool,
}

/// Why somebody is in a bubble no longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gone {
    /// The device left, or its connection ended.
    Left,
    /// He is no member any more (XEP-0045, status 321).
    Removed,
    /// The bubble is archived or deleted (XEP-0045, 10.9).
    Ended,
}

/// Somebody in a bubble, or somebody who has just gone.
#[derive(Debug, Clone)]
pub struct Occupant {
    /// Which bubble.
    pub bubble: BubbleId,
    /// Who.
    pub user: UserId,
    /// The device that this is about, where it is about one.
    pub resource: String,
    /// The name by which the person is known there.
    pub nick: Arc<str>,
    /// What the person is there; `None`: nothing any more.
    pub role: Option<Role>,
    /// Why the person is there no longer.
    pub gone: Option<Gone>,
}

/// How somebody stands to a bubble now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// He is on its list.
    Listed(Status),
    /// He has nothing to do with it any more.
    Nothing,
}

/// How a bubble presents itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// Which bubble.
    pub bubble: BubbleId,
    /// Its new name.
    pub name: Option<String>,
    /// Its new topic.
    pub topic: Option<String>,
    /// Its new custom data, as JSON.
    pub custom_data: Option<String>,
    /// It has a new picture (`true`), or none any more.
    pub avatar: Option<bool>,
}

/// How far the device's user has read in a bubble.
#[derive(Debug, Clone)]
pub struct BubbleRead {
    /// Which.
    pub bubble: BubbleId,
    /// The last message that was read.
    pub up_to: ArchiveId,
    /// Messages that are not read yet, counted up to a hundred.
    pub unread: u32,
    /// The name by which the user is known there, if a device of his is in it.
    pub nick: Option<Arc<str>>,
}

/// A bubble's link was made, replaced or taken away; for its organizer.
#[derive(Clone)]
pub struct LinkNotice {
    /// Which bubble.
    pub bubble: BubbleId,
    /// How.
    pub action: NoticeAction,
    /// The link's token.
    pub token: Option<Zeroizing<String>>,
    /// The link itself.
    pub address: Option<String>,
}

impl std::fmt::Debug for LinkNotice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LinkNotice").field("bubble", &self.bubble).field("action", &self.action).finish_non_exhaustive()
    }
}

/// What happened in a lobby.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LobbyAction {
    /// There is one now.
    On,
    /// There is none any more.
    Off,
    /// Somebody waits.
    Waits,
    /// Somebody was let in.
    LetIn,
    /// Somebody waits no longer, in vain.
    Gone,
}

/// News of a bubble's lobby, for its organizers, and for who waited in vain.
#[derive(Debug, Clone)]
pub struct LobbyNotice {
    /// Which bubble.
    pub bubble: BubbleId,
    /// What happened.
    pub action: LobbyAction,
    /// Whether it has a lobby.
    pub has_lobby: bool,
    /// How many wait.
    pub waiting: usize,
    /// Whom it is about, if somebody.
    pub user: Option<UserId>,
}

/// Who it is that waits in a lobby, for its organizers.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// Which bubble.
    pub bubble: BubbleId,
    /// Who.
    pub user: UserId,
    /// His first name.
    pub first_name: String,
    /// His last name.
    pub last_name: String,
    /// Since when, in milliseconds since 1970.
    pub since_ms: i64,
}

/// Somebody received or read what the device's user said in a bubble.
#[derive(Debug, Clone)]
pub struct BubbleReceipt {
    /// Which.
    pub bubble: BubbleId,
    /// The message, by the id that its sender gave it.
    pub id: String,
    /// Who received it.
    pub by: UserId,
    /// On which device.
    pub by_resource: String,
    /// It was read, not only received.
    pub read: bool,
}

/// Why a message was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// No such person, or nobody there to take what must not be stored: one answer for both.
    Unavailable,
    /// The sender has blocked the recipient (XEP-0191, 3.3.7).
    Blocked,
    /// The message to correct or delete is not the sender's, or not there.
    NoSuchMessage,
    /// The message to correct or delete is not the last one to this person (C8).
    NotTheLast,
    /// The disk of the box has no room for it.
    NoRoom,
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

/// What happened to a poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PollEvent {
    /// It was made; organizers alone see it.
    Created,
    /// It asks something else.
    Updated,
    /// It is voted on now.
    Published,
    /// It was taken back.
    Unpublished,
    /// It is over.
    Terminated,
    /// It is gone.
    Deleted,
    /// Somebody voted.
    Voted,
}

/// What devices hear of a small picture.
#[derive(Debug, Clone)]
pub struct SmallPictureFacts {
    /// Of which file.
    pub file: FileId,
    /// What the file is called.
    pub name: String,
    /// The small picture's media type.
    pub kind: String,
    /// Bytes that it has.
    pub bytes: u64,
    /// Their MD5.
    pub md5: String,
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
        peer: Peer,
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
        /// The other side; `None` to an inviter who named an address and may not know whose it is.
        peer: Option<UserId>,
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
    /// An own folder of bubbles changed.
    Container {
        /// Its newest state.
        container: Container,
        /// How.
        action: NoticeAction,
        /// The bubbles that came into it.
        added: Vec<BubbleId>,
        /// The bubbles that went out of it.
        removed: Vec<BubbleId>,
    },
    /// What the user says of himself changed; `None`: he says nothing any more.
    CustomStatus(Option<CustomStatus>),
    /// An own favourite came, moved or went.
    Favorite {
        /// Which.
        id: FavoriteId,
        /// How.
        action: NoticeAction,
        /// Who, or which bubble.
        peer: Peer,
        /// Place in the list.
        position: u32,
    },
    /// Somebody stands to a bubble in another way (sheet section 9.3).
    Member {
        /// Which bubble.
        bubble: BubbleId,
        /// Who.
        user: UserId,
        /// How he stands to it, where that changed.
        status: Option<Standing>,
        /// What he is in it, where that changed.
        role: Option<Role>,
    },
    /// A bubble presents itself in another way.
    Described(Described),
    /// Something happened to a poll.
    Poll {
        /// Of which bubble.
        bubble: BubbleId,
        /// Which.
        poll: PollId,
        /// What.
        event: PollEvent,
    },
    /// An own bubble has another link, or none any more.
    Link(LinkNotice),
    /// The link of an own bubble asks for another password, or for none any more.
    RoomPassword {
        /// Which bubble.
        bubble: BubbleId,
        /// `Update` or `Delete`.
        action: NoticeAction,
    },
    /// Something happened in a lobby.
    Lobby(LobbyNotice),
    /// Somebody came to a lobby.
    Incoming(Incoming),
    /// A file that the device's user sees came, changed or went (sheet section 11, 6).
    File {
        /// Which.
        file: FileId,
        /// How.
        action: NoticeAction,
    },
    /// A small picture of a file that the device's user sees is there (sheet section 11, 6).
    Thumbnail(SmallPictureFacts),
    /// The virus scan of an own file came to an end, or is not waited for any longer (sheet section 11, 4).
    Scanned {
        /// Which.
        file: FileId,
        /// Nothing was found.
        clean: bool,
    },
    /// Another message of an own conversation is marked, or none any more.
    Bookmark {
        /// Which conversation.
        id: ConversationId,
        /// With whom.
        peer: Peer,
        /// The message.
        bookmark: Option<Bookmark>,
    },
    /// Notifications of a conversation were switched.
    Mute {
        /// Which conversation.
        id: ConversationId,
        /// Off when `true`.
        mute: bool,
    },
}

/// Something happened to the history of calls of the device's user (J6).
#[derive(Debug, Clone)]
pub enum CallNews {
    /// A call is over.
    Entered(CallRecord),
    /// A record was seen; `None`: all of them were.
    Read(Option<CallId>),
    /// Records are gone: those with somebody; `None`: read the history again.
    Removed(Option<UserId>),
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
    /// A copy of what another device of this user was sent alone (XEP-0280).
    Copy(Arc<LiveMessage>),
    /// A request of another device, or its answer.
    Iq(Arc<LiveIq>),
    /// Something published.
    Event(Arc<LiveEvent>),
    /// What contacts published last, to a device that has just said what it wants to hear of.
    Events(Vec<LiveEvent>),
    /// The own roster says something else about somebody (RFC 6121, 2.1.6).
    Roster(Listed),
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
    /// A colleague has an account from now on, or no longer.
    Colleague {
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
        /// The id of the last message that was read, where it is known.
        up_to: Option<String>,
    },
    /// The history of a conversation was cleared on another device.
    Cleared(Peer),
    /// The device is in a bubble now; before that, who else is.
    Entered {
        /// The others, for standard clients.
        others: Vec<Occupant>,
        /// Its own user.
        own: Box<Occupant>,
        /// What was said before, oldest first.
        said: Vec<Said>,
        /// What the bubble is about, to standard clients.
        topic: Option<String>,
    },
    /// A bubble is about something else now.
    Topic {
        /// Which.
        bubble: BubbleId,
        /// Who changed it, if he is in it.
        nick: Option<Arc<str>>,
        /// What it is about.
        topic: String,
    },
    /// Somebody came into a bubble, became something else in it, or went.
    Occupant(Arc<Occupant>),
    /// Something was said in a bubble.
    Said(Arc<Said>),
    /// What the device said in a bubble was not accepted.
    Unsaid {
        /// Where.
        bubble: BubbleId,
        /// The sender's id for it.
        id: String,
        /// Why.
        reason: Refusal,
    },
    /// The device's user is asked into a bubble (XEP-0249; sheet section 9.3).
    AskedIn {
        /// Which.
        bubble: BubbleId,
        /// By whom.
        by: UserId,
        /// What the inviter says to it.
        reason: String,
    },
    /// What the device's user said in a bubble was received or read by somebody.
    BubbleReceipt(Arc<BubbleReceipt>),
    /// Messages of a bubble were read on another device.
    BubbleRead(Arc<BubbleRead>),
    /// News of the history of calls.
    Call(Arc<CallNews>),
}
