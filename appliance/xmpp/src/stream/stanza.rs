//! Answers to stanzas and the rules that hold for all of them (RFC 6120, 8).

use crate::xml::{Element, namespace};

/// What the sender can do about an error (RFC 6120, 8.3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorType {
    Auth,
    Cancel,
    Continue,
    Modify,
    Wait,
}

impl ErrorType {
    fn value(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::Cancel => "cancel",
            Self::Continue => "continue",
            Self::Modify => "modify",
            Self::Wait => "wait",
        }
    }
}

/// The defined conditions (RFC 6120, 8.3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    BadRequest,
    Conflict,
    FeatureNotImplemented,
    Forbidden,
    InternalServerError,
    ItemNotFound,
    JidMalformed,
    NotAcceptable,
    NotAllowed,
    NotAuthorized,
    PolicyViolation,
    RecipientUnavailable,
    RegistrationRequired,
    RemoteServerNotFound,
    ResourceConstraint,
    ServiceUnavailable,
    SubscriptionRequired,
    UndefinedCondition,
    UnexpectedRequest,
}

impl Condition {
    fn element_name(self) -> &'static str {
        match self {
            Self::BadRequest => "bad-request",
            Self::Conflict => "conflict",
            Self::FeatureNotImplemented => "feature-not-implemented",
            Self::Forbidden => "forbidden",
            Self::InternalServerError => "internal-server-error",
            Self::ItemNotFound => "item-not-found",
            Self::JidMalformed => "jid-malformed",
            Self::NotAcceptable => "not-acceptable",
            Self::NotAllowed => "not-allowed",
            Self::NotAuthorized => "not-authorized",
            Self::PolicyViolation => "policy-violation",
            Self::RecipientUnavailable => "recipient-unavailable",
            Self::RegistrationRequired => "registration-required",
            Self::RemoteServerNotFound => "remote-server-not-found",
            Self::ResourceConstraint => "resource-constraint",
            Self::ServiceUnavailable => "service-unavailable",
            Self::SubscriptionRequired => "subscription-required",
            Self::UndefinedCondition => "undefined-condition",
            Self::UnexpectedRequest => "unexpected-request",
        }
    }
}

/// The error reply to a stanza: same kind and id, `from` and `to` exchanged.
///
/// `None` for an error or an iq result, which are never answered (RFC 6120, 8.2.3 and 8.3.1). The text is not
/// optional: the Rainbow SDK reads `error/text` of every iq error without looking whether it is there.
#[must_use]
pub fn stanza_error(stanza: &Element, error_type: ErrorType, condition: Condition, text: &str) -> Option<Element> {
    let kind = stanza.attribute("type");
    let is_result = stanza.name() == "iq" && kind == Some("result");
    if is_result || kind == Some("error") {
        return None;
    }
    let text = Element::new("text", namespace::STANZA_ERRORS).with_attribute("xml:lang", "en").with_text(text);
    let error = Element::client("error")
        .with_attribute("type", error_type.value())
        .with_child(Element::new(condition.element_name(), namespace::STANZA_ERRORS))
        .with_child(text);
    Some(reply(stanza, "error").with_child(error))
}

/// The empty `result` reply to an iq: same id, `from` and `to` exchanged.
#[must_use]
pub fn iq_result(request: &Element) -> Element {
    reply(request, "result")
}

fn reply(stanza: &Element, kind: &str) -> Element {
    let name = match stanza.name() {
        "message" => "message",
        "presence" => "presence",
        _ => "iq",
    };
    let mut reply = Element::client(name).with_attribute("type", kind);
    for (given, answered) in [("id", "id"), ("to", "from"), ("from", "to")] {
        if let Some(value) = stanza.attribute(given) {
            reply.set_attribute(answered, value);
        }
    }
    reply
}

/// What is wrong with an iq (RFC 6120, 8.2.3), for the text of a bad-request error.
pub(super) fn iq_fault(iq: &Element) -> Option<&'static str> {
    if iq.attribute("id").is_none_or(str::is_empty) {
        return Some("an iq needs an id");
    }
    let children = iq.children().count();
    match iq.attribute("type") {
        Some("get" | "set") if children != 1 => Some("an iq get or set holds exactly one element"),
        Some("result") if children > 1 => Some("an iq result holds at most one element"),
        Some("get" | "set" | "result" | "error") => None,
        _ => Some("the type of an iq is get, set, result or error"),
    }
}
