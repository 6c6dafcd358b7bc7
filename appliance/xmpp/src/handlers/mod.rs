//! Stanza handlers: one file a feature, one line in its table.
//!
//! An iq is told by its type, whom it is for, and namespace and name of its child. What nobody handles is answered with
//! service-unavailable (RFC 6120, 8.2.3).

mod blocking;
mod carbons;
mod chat;
mod chat_states;
mod disco;
mod history;
mod history_delete;
mod message;
mod pbx_monitoring;
mod ping;
mod presence;
mod receipts;
mod roster;

use crate::render::Addresses;
use crate::stream::{Condition, ErrorType, stanza_error};
use crate::xml::Element;
use app::live::Device;
use app::{App, AppError, Caller};
use domain::ids::UserId;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

pub(crate) use message::fresh_payload;

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
    /// Anything else: no such place here.
    Elsewhere,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum For {
    Server,
    Account,
    Telephone,
    ServerOrAccount,
}

impl For {
    fn matches(self, recipient: &Recipient) -> bool {
        match self {
            Self::Server => *recipient == Recipient::Server,
            Self::Account => *recipient == Recipient::Account,
            Self::Telephone => *recipient == Recipient::Telephone,
            Self::ServerOrAccount => matches!(recipient, Recipient::Server | Recipient::Account),
        }
    }
}

type Iq = (&'static str, For, &'static str, &'static str, Handler);

/// Every iq that is handled: type, for whom, namespace, element.
const IQ: [Iq; 13] = [
    ("get", For::ServerOrAccount, ping::NAMESPACE, "ping", ping::answer),
    ("get", For::Server, disco::INFO, "query", disco::server_info),
    ("get", For::Account, disco::INFO, "query", disco::account_info),
    ("get", For::ServerOrAccount, disco::ITEMS, "query", disco::items),
    ("set", For::Account, carbons::NAMESPACE, "enable", carbons::enable),
    ("set", For::Account, carbons::NAMESPACE, "disable", carbons::disable),
    ("get", For::Account, roster::NAMESPACE, "query", roster::list),
    ("get", For::Account, blocking::NAMESPACE, "blocklist", blocking::list),
    ("set", For::Account, blocking::NAMESPACE, "block", blocking::block),
    ("set", For::Account, blocking::NAMESPACE, "unblock", blocking::unblock),
    ("set", For::Account, history::NAMESPACE, "query", history::query),
    ("set", For::Account, history::NAMESPACE, "delete", history_delete::delete),
    ("get", For::Telephone, pbx_monitoring::NAMESPACE, "pbxagentstatus", pbx_monitoring::status),
];

/// Features that the service announces (XEP-0030), besides those of disco itself.
pub(crate) const FEATURES: [&str; 5] =
    [ping::NAMESPACE, blocking::NAMESPACE, carbons::NAMESPACE, history::NAMESPACE, crate::xml::namespace::RECEIPTS];

/// Handles one stanza of a bound device.
pub(crate) async fn handle(session: &Session, stanza: &Element) -> Replies {
    let handled = match stanza.name() {
        "iq" => handle_iq(session, stanza).await,
        "message" => message::handle(session, stanza).await,
        _ => presence::handle(session, stanza).await,
    };
    handled.unwrap_or_else(|refused| refusal(stanza, &refused))
}

async fn handle_iq(session: &Session, iq: &Element) -> Result<Replies, AppError> {
    let kind = iq.attribute("type").unwrap_or_default();
    let (Some(child), true) = (iq.children().next(), matches!(kind, "get" | "set")) else { return Ok(Vec::new()) };
    let recipient = session.recipient(iq);
    let known = IQ.iter().find(|(of_kind, recipients, namespace, name, _)| {
        *of_kind == kind && recipients.matches(&recipient) && child.is(name, namespace)
    });
    match known {
        Some((.., handler)) => handler(session, iq).await,
        None => Ok(unavailable(iq)),
    }
}

impl Session {
    pub(crate) fn recipient(&self, stanza: &Element) -> Recipient {
        let Some(to) = stanza.attribute("to").filter(|to| !to.is_empty()) else { return Recipient::Account };
        let address = to.split('/').next().unwrap_or_default();
        let Some((local, domain)) = address.split_once('@') else {
            let here = address.eq_ignore_ascii_case(self.at.domain());
            return if here { Recipient::Server } else { Recipient::Elsewhere };
        };
        if !domain.eq_ignore_ascii_case(self.at.domain()) {
            return Recipient::Elsewhere;
        }
        if local.starts_with("tel_") {
            return Recipient::Telephone;
        }
        match UserId::parse(&local.to_ascii_lowercase()) {
            Ok(user) if user == self.caller.user => Recipient::Account,
            Ok(user) => Recipient::User(user),
            Err(_) => Recipient::Elsewhere,
        }
    }
}

/// One answer for who does not exist and who may not be reached (decision 6).
pub(crate) fn unavailable(stanza: &Element) -> Replies {
    let text = "this service or person is not available here";
    stanza_error(stanza, ErrorType::Cancel, Condition::ServiceUnavailable, text).into_iter().collect()
}

/// The one place that maps what a verb refused to a stanza error.
pub(crate) fn refusal(stanza: &Element, refused: &AppError) -> Replies {
    let (kind, condition) = match refused {
        AppError::NotFound(_) => (ErrorType::Cancel, Condition::ServiceUnavailable),
        AppError::Forbidden | AppError::WrongCode { .. } => (ErrorType::Auth, Condition::Forbidden),
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
