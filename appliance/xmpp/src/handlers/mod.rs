//! Stanza handlers: one file a feature, one line in its table.
//!
//! An iq is told by its type, whom it is for, and namespace and name of its child. What nobody handles is answered with
//! service-unavailable (RFC 6120, 8.2.3).

mod archive;
mod blocking;
mod call_log;
mod caps;
mod carbons;
mod chat;
mod chat_states;
mod disco;
mod external_services;
mod history;
mod history_delete;
mod http_upload;
mod jingle;
mod message;
pub(crate) mod muc;
mod pbx_monitoring;
pub(crate) mod pep;
mod pep_owner;
mod ping;
pub(crate) mod presence;
mod reactions;
mod receipts;
pub(crate) mod roster;
mod route;
mod supports;
mod time;
mod vcard;
mod version;

use crate::jid::Jid;
use crate::render::Addresses;
use crate::stream::{Condition, ErrorType, stanza_error};
use crate::xml::Element;
use app::live::Device;
use app::message::PLACE;
use app::node::NODE;
use app::roster::NOT_LISTED;
use app::{App, AppError, Caller};
use domain::ids::{BubbleId, UserId};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

pub(crate) use disco::server_caps;
pub(crate) use message::fresh_payload;
pub(crate) use route::refuse as refuse_request;
use supports::{Supports, Xep};
pub use supports::{doap, supported_xeps};

/// What a handler works with: the bound device and its user.
pub(crate) struct Session {
    pub(crate) app: Arc<App>,
    pub(crate) caller: Caller,
    pub(crate) device: Device,
    pub(crate) at: Addresses,
    /// What a reply may be long; the transport writes twice as much at once.
    pub(crate) stanza_bytes_max: usize,
}

/// Stanzas for the device that sent the one at hand.
pub(crate) type Replies = Vec<Element>;
/// What a handler comes to: replies, or why it refused.
pub(crate) type Answer<'a> = Pin<Box<dyn Future<Output = Result<Replies, AppError>> + Send + 'a>>;
type Handler = for<'a> fn(&'a Session, &'a Element) -> Answer<'a>;

/// Whom a stanza is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Recipient {
    /// The box.
    Server,
    /// The sender's own account.
    Account,
    /// Somebody of this domain.
    User(UserId),
    /// A telephone (`tel_...`).
    Telephone,
    /// The service that takes files.
    Files,
    /// The service of all bubbles.
    Rooms,
    /// A bubble, whether there is one or not.
    Room(BubbleId),
    /// A name of the bubbles' service that no bubble can have.
    NoRoom,
    /// Nobody of this domain.
    Nobody,
    /// Another domain: the box reaches none.
    Elsewhere,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum For {
    Server,
    Account,
    Telephone,
    Files,
    Rooms,
    Room,
    ServerOrAccount,
    /// The own account, or somebody else's: the box answers for both.
    AnyAccount,
    /// Somebody else's account, whether there is one.
    OtherAccount,
}

impl For {
    fn matches(self, recipient: &Recipient) -> bool {
        match self {
            Self::Server => *recipient == Recipient::Server,
            Self::Account => *recipient == Recipient::Account,
            Self::Telephone => *recipient == Recipient::Telephone,
            Self::Files => *recipient == Recipient::Files,
            Self::Rooms => *recipient == Recipient::Rooms,
            Self::Room => matches!(recipient, Recipient::Room(_)),
            Self::ServerOrAccount => matches!(recipient, Recipient::Server | Recipient::Account),
            Self::AnyAccount => matches!(recipient, Recipient::Account | Recipient::User(_) | Recipient::Nobody),
            Self::OtherAccount => matches!(recipient, Recipient::User(_) | Recipient::Nobody),
        }
    }
}

type Iq = (&'static str, For, &'static str, &'static str, Handler);

/// Every iq that is handled: type, for whom, namespace, element.
const IQ: [Iq; 56] = [
    ("get", For::ServerOrAccount, ping::NAMESPACE, "ping", ping::answer),
    ("get", For::Server, disco::INFO, "query", disco::server_info),
    ("get", For::AnyAccount, disco::INFO, "query", disco::account_info),
    ("get", For::Server, disco::ITEMS, "query", disco::server_items),
    ("get", For::AnyAccount, disco::ITEMS, "query", disco::account_items),
    ("get", For::ServerOrAccount, external_services::NAMESPACE, "services", external_services::services),
    ("get", For::ServerOrAccount, external_services::NAMESPACE, "credentials", external_services::credentials),
    ("get", For::Server, version::NAMESPACE, "query", version::answer),
    ("get", For::ServerOrAccount, time::NAMESPACE, "time", time::answer),
    ("set", For::Account, carbons::NAMESPACE, "enable", carbons::enable),
    ("set", For::Account, carbons::NAMESPACE, "disable", carbons::disable),
    ("set", For::Account, reactions::NAMESPACE, "enable", reactions::enable),
    ("set", For::Account, jingle::MESSAGE, "enable", jingle::enable),
    ("set", For::Account, call_log::NAMESPACE, "query", call_log::query),
    ("set", For::Account, call_log::NAMESPACE, "delete", call_log::delete),
    ("get", For::Account, roster::NAMESPACE, "query", roster::list),
    ("set", For::Account, roster::NAMESPACE, "query", roster::set),
    ("get", For::OtherAccount, roster::NAMESPACE, "query", roster::forbidden),
    ("set", For::OtherAccount, roster::NAMESPACE, "query", roster::forbidden),
    ("get", For::Account, blocking::NAMESPACE, "blocklist", blocking::list),
    ("set", For::Account, blocking::NAMESPACE, "block", blocking::block),
    ("set", For::Account, blocking::NAMESPACE, "unblock", blocking::unblock),
    ("set", For::Account, history::NAMESPACE, "query", history::query),
    ("set", For::Account, history::BULK, "query", history::query_bulk),
    ("set", For::Account, history::NAMESPACE, "delete", history_delete::delete),
    ("get", For::Account, archive::NAMESPACE, "query", archive::form),
    ("set", For::Account, archive::NAMESPACE, "query", archive::query),
    ("get", For::Account, archive::NAMESPACE, "metadata", archive::metadata),
    ("get", For::Account, archive::NAMESPACE, "prefs", archive::preferences),
    ("set", For::Account, archive::NAMESPACE, "prefs", archive::set_preferences),
    ("get", For::AnyAccount, pep::NAMESPACE, "pubsub", pep::read),
    ("set", For::Account, pep::NAMESPACE, "pubsub", pep::write),
    ("get", For::Account, pep_owner::NAMESPACE, "pubsub", pep_owner::read),
    ("set", For::Account, pep_owner::NAMESPACE, "pubsub", pep_owner::write),
    ("get", For::AnyAccount, vcard::NAMESPACE, "vCard", vcard::read),
    ("set", For::Account, vcard::NAMESPACE, "vCard", vcard::write),
    ("get", For::AnyAccount, vcard::NAMESPACE_4, "vcard", vcard::read_4),
    ("get", For::Files, ping::NAMESPACE, "ping", ping::answer),
    ("get", For::Files, disco::INFO, "query", http_upload::service_info),
    ("get", For::Files, http_upload::NAMESPACE, "request", http_upload::request),
    ("get", For::Rooms, ping::NAMESPACE, "ping", ping::answer),
    ("get", For::Rooms, disco::INFO, "query", muc::disco::service_info),
    ("get", For::Rooms, disco::ITEMS, "query", muc::disco::service_items),
    ("get", For::Room, disco::INFO, "query", muc::disco::room_info),
    ("get", For::Room, disco::ITEMS, "query", muc::disco::room_items),
    ("get", For::Room, ping::NAMESPACE, "ping", muc::ping::answer),
    ("set", For::Room, history::NAMESPACE, "query", muc::archive::query),
    ("set", For::Room, history::BULK, "query", muc::archive::query_bulk),
    ("set", For::Room, history::NAMESPACE, "delete", muc::archive::delete),
    ("get", For::Room, archive::NAMESPACE, "query", muc::archive::form),
    ("set", For::Room, archive::NAMESPACE, "query", muc::archive::query_2),
    ("get", For::Room, muc::admin::NAMESPACE, "query", muc::admin::list),
    ("set", For::Room, muc::admin::NAMESPACE, "query", muc::admin::change),
    ("get", For::Room, muc::owner::NAMESPACE, "query", muc::owner::read),
    ("set", For::Room, muc::owner::NAMESPACE, "query", muc::owner::change),
    ("get", For::Telephone, pbx_monitoring::NAMESPACE, "pbxagentstatus", pbx_monitoring::status),
];

/// What each handler file says of itself, and the stream below them.
const HANDLERS: [&Supports; 23] = [
    &archive::SUPPORTS,
    &blocking::SUPPORTS,
    &carbons::SUPPORTS,
    &chat::SUPPORTS,
    &chat_states::SUPPORTS,
    &disco::SUPPORTS,
    &external_services::SUPPORTS,
    &history::SUPPORTS,
    &http_upload::SUPPORTS,
    &jingle::SUPPORTS,
    &message::SUPPORTS,
    &muc::SUPPORTS,
    &pep::SUPPORTS,
    &pep_owner::SUPPORTS,
    &ping::SUPPORTS,
    &presence::SUPPORTS,
    &reactions::SUPPORTS,
    &receipts::SUPPORTS,
    &roster::SUPPORTS,
    &supports::STREAM,
    &time::SUPPORTS,
    &vcard::SUPPORTS,
    &version::SUPPORTS,
];

/// What a stream offers standard clients once they have signed in.
pub(crate) fn stream_features() -> Vec<Element> {
    vec![roster::versions(), server_caps()]
}

/// Handles one stanza of a bound device.
pub(crate) async fn handle(session: &Session, stanza: &Element) -> Replies {
    // Rainbow's clients are answered as ever, whatever they write.
    if session.device.standard && is_malformed(stanza) {
        let text = "to is no address";
        return stanza_error(stanza, ErrorType::Modify, Condition::JidMalformed, text).into_iter().collect();
    }
    let handled = match stanza.name() {
        "iq" => handle_iq(session, stanza).await,
        "message" => message::handle(session, stanza).await,
        _ => presence::handle(session, stanza).await,
    };
    handled.unwrap_or_else(|refused| refusal(stanza, &refused))
}

/// RFC 6120, 8.3.3.8.
fn is_malformed(stanza: &Element) -> bool {
    stanza.attribute("to").is_some_and(|to| !to.is_empty() && Jid::parse(to).is_err())
}

async fn handle_iq(session: &Session, iq: &Element) -> Result<Replies, AppError> {
    let kind = iq.attribute("type").unwrap_or_default();
    let recipient = session.recipient(iq);
    if let Some((user, resource)) = session.other_device(iq, &recipient) {
        if let Some(asked) = crate::jingle::request(iq) {
            return jingle::session(session, iq, asked, (&user, resource)).await;
        }
        return route::pass(session, iq, &user, resource);
    }
    if let (Recipient::Room(id), Some(nick), true) = (&recipient, resource(iq), session.device.standard) {
        return muc::occupant::request(session, iq, id, nick);
    }
    let (Some(child), true) = (iq.children().next(), matches!(kind, "get" | "set")) else {
        if kind == "result" && recipient == Recipient::Server {
            caps::learn(session, iq).await?;
        }
        return Ok(Vec::new());
    };
    let known = IQ.iter().find(|(of_kind, recipients, namespace, name, _)| {
        *of_kind == kind && recipients.matches(&recipient) && child.is(name, namespace)
    });
    match known {
        Some((.., handler)) => handler(session, iq).await,
        None => Ok(nowhere(iq, &recipient)),
    }
}

/// What stands after the first `/` of the address.
fn resource(stanza: &Element) -> Option<&str> {
    let (_, resource) = stanza.attribute("to")?.split_once('/')?;
    (!resource.is_empty()).then_some(resource)
}

impl Session {
    pub(crate) fn recipient(&self, stanza: &Element) -> Recipient {
        let Some(to) = stanza.attribute("to").filter(|to| !to.is_empty()) else { return Recipient::Account };
        self.place(to)
    }

    /// Whom an address is about.
    pub(crate) fn place(&self, jid: &str) -> Recipient {
        let address = jid.split('/').next().unwrap_or_default();
        let Some((local, domain)) = address.split_once('@') else {
            let is = |service: &str| address.eq_ignore_ascii_case(service);
            return match address {
                _ if is(self.at.domain()) => Recipient::Server,
                _ if is(&self.at.rooms()) => Recipient::Rooms,
                _ if is(&self.at.files()) => Recipient::Files,
                _ => Recipient::Elsewhere,
            };
        };
        if domain.strip_prefix("muc.").is_some_and(|of| of.eq_ignore_ascii_case(self.at.domain())) {
            let id = local.strip_prefix("room_").and_then(|id| BubbleId::parse(&id.to_ascii_lowercase()).ok());
            return id.map_or(Recipient::NoRoom, Recipient::Room);
        }
        if !domain.eq_ignore_ascii_case(self.at.domain()) {
            return Recipient::Elsewhere;
        }
        if local.starts_with("tel_") {
            return Recipient::Telephone;
        }
        match UserId::parse(&local.to_ascii_lowercase()) {
            Ok(user) if user == self.caller.user => Recipient::Account,
            Ok(user) => Recipient::User(user),
            Err(_) => Recipient::Nobody,
        }
    }

    /// The bubble that a request is for.
    fn room(&self, stanza: &Element) -> Result<BubbleId, AppError> {
        match self.recipient(stanza) {
            Recipient::Room(id) => Ok(id),
            _ => Err(AppError::NotFound(app::BUBBLE)),
        }
    }

    /// Whose account a request is for.
    fn owner(&self, stanza: &Element) -> Result<UserId, AppError> {
        match self.recipient(stanza) {
            Recipient::Account => Ok(self.caller.user.clone()),
            Recipient::User(user) => Ok(user),
            _ => Err(AppError::NotFound("user")),
        }
    }

    /// The one device that a request is for. Those of Rainbow's clients that take no calls name devices as they please and mean
    /// the account.
    fn other_device<'a>(&self, iq: &'a Element, recipient: &Recipient) -> Option<(UserId, &'a str)> {
        let resource = resource(iq).filter(|_| self.app.live().exchanges_requests(&self.device))?;
        match recipient {
            Recipient::User(user) => Some((user.clone(), resource)),
            Recipient::Account => Some((self.caller.user.clone(), resource)),
            _ => None,
        }
    }
}

/// One answer for who does not exist and who may not be reached (decision 6).
pub(crate) fn unavailable(stanza: &Element) -> Replies {
    let text = "this service or person is not available here";
    stanza_error(stanza, ErrorType::Cancel, Condition::ServiceUnavailable, text).into_iter().collect()
}

/// The answer to what is for no place here (RFC 6120, 10.4; RFC 6121, 8.5.1).
pub(crate) fn nowhere(stanza: &Element, recipient: &Recipient) -> Replies {
    if *recipient != Recipient::Elsewhere {
        return unavailable(stanza);
    }
    let text = "this box exchanges nothing with other servers";
    stanza_error(stanza, ErrorType::Cancel, Condition::RemoteServerNotFound, text).into_iter().collect()
}

/// The one place that maps what a verb refused to a stanza error.
pub(crate) fn refusal(stanza: &Element, refused: &AppError) -> Replies {
    let (kind, condition) = match refused {
        // A thing of one's own, or of somebody who is seen, that is not there; of people there is one answer for all.
        AppError::NotFound(PLACE | NODE | NOT_LISTED | app::BUBBLE) => (ErrorType::Cancel, Condition::ItemNotFound),
        AppError::NotFound(_) => (ErrorType::Cancel, Condition::ServiceUnavailable),
        AppError::Forbidden | AppError::WrongCode { .. } | AppError::WrongRoomPassword => {
            (ErrorType::Auth, Condition::Forbidden)
        }
        AppError::Bubble(_) | AppError::Poll(_) => (ErrorType::Cancel, Condition::NotAllowed),
        AppError::File(_) => (ErrorType::Cancel, Condition::NotAcceptable),
        AppError::NotInside => (ErrorType::Modify, Condition::NotAcceptable),
        AppError::Invalid { .. } => (ErrorType::Modify, Condition::BadRequest),
        AppError::Exists(_) | AppError::SetUp | AppError::MissingStep(_) | AppError::DiskLock(_) => {
            (ErrorType::Cancel, Condition::Conflict)
        }
        AppError::Busy => (ErrorType::Wait, Condition::ResourceConstraint),
        AppError::Unauthenticated(_) => (ErrorType::Auth, Condition::NotAuthorized),
        AppError::Store(failure) => {
            tracing::error!(%failure, "a stanza could not be handled");
            (ErrorType::Wait, Condition::InternalServerError)
        }
    };
    stanza_error(stanza, kind, condition, &refused.to_string()).into_iter().collect()
}
