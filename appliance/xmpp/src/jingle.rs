//! What stanzas say of a call, without a session or an application. What a session of Jingle holds is for its two devices, but for two
//! things: it is a call and nothing else (files are scanned, C6), and it is encrypted by DTLS-SRTP (E3). Whatever is passed on was looked
//! at: so there is one element of Jingle in a request, and one of signals in a message.

use crate::xml::{Element, namespace as ns};
use app::AppError;
use app::call::{Act, Step};
use domain::call::Medium;

/// The signal in a message (XEP-0353), if it is one.
#[must_use]
pub fn signal(stanza: &Element) -> Option<&Element> {
    stanza.children().find(|child| child.namespace() == ns::JINGLE_MESSAGE)
}

/// What a signal says.
///
/// # Errors
/// [`AppError::NotFound`] for what is no call, [`AppError::Invalid`] for no such word, or more than one.
pub fn act(stanza: &Element, said: &Element) -> Result<Act, AppError> {
    if stanza.children().filter(|child| child.namespace() == ns::JINGLE_MESSAGE).count() != 1 {
        return Err(AppError::Invalid { field: "message", why: String::from("one word about one call") });
    }
    Ok(match said.name() {
        "propose" => {
            let descriptions = || said.children().filter(|child| child.name() == "description");
            if descriptions().next().is_none() || descriptions().any(|one| one.namespace() != ns::JINGLE_RTP) {
                return Err(no_call());
            }
            Act::Propose(medium(descriptions()))
        }
        "ringing" => Act::Ringing,
        "proceed" => Act::Proceed,
        "accept" => Act::Accept,
        "reject" => Act::Reject,
        "retract" => Act::Retract,
        "finish" => Act::Finish,
        other => {
            return Err(AppError::Invalid { field: "message", why: format!("no such word about a call: {other}") });
        }
    })
}

fn medium<'a>(mut descriptions: impl Iterator<Item = &'a Element>) -> Medium {
    let has_picture = descriptions.any(|one| one.attribute("media") == Some("video"));
    if has_picture { Medium::Video } else { Medium::Audio }
}

/// As of who answers to no such thing: clients then share a file by upload.
fn no_call() -> AppError {
    AppError::NotFound("device")
}

/// The element of a session in a request (XEP-0166), if it is one.
#[must_use]
pub fn request(iq: &Element) -> Option<&Element> {
    iq.child("jingle", ns::JINGLE).filter(|_| iq.attribute("type") == Some("set"))
}

/// What a request does to a session.
///
/// # Errors
/// [`AppError::NotFound`] for what is no call, [`AppError::Invalid`] where media would not be encrypted, or more than one thing is said.
pub fn step(iq: &Element, asked: &Element) -> Result<Step, AppError> {
    if iq.children().count() != 1 {
        return Err(AppError::Invalid {
            field: "iq",
            why: String::from("a request holds one element (RFC 6120, 8.2.3)"),
        });
    }
    let contents = || asked.children().filter(|child| child.is("content", ns::JINGLE));
    let descriptions = || contents().flat_map(Element::children).filter(|child| child.name() == "description");
    if descriptions().any(|one| one.namespace() != ns::JINGLE_RTP) {
        return Err(no_call());
    }
    let step = match asked.attribute("action") {
        Some("session-initiate") => Step::Initiate(medium(descriptions())),
        Some("session-accept") => Step::Accept,
        Some("session-terminate") => return Ok(Step::Terminate),
        // What brings further media into a session, or other ways for them.
        Some("content-add" | "content-accept" | "transport-replace" | "transport-accept") => Step::Other,
        _ => return Ok(Step::Other),
    };
    if contents().next().is_none() {
        return Err(AppError::Invalid { field: "content", why: String::from("a session has at least one") });
    }
    if contents().any(|content| !is_encrypted(content)) {
        let why = String::from("media is DTLS-SRTP only: each transport needs one (XEP-0320)");
        return Err(AppError::Invalid { field: "fingerprint", why });
    }
    Ok(step)
}

/// Whether each way that is offered for this content brings the fingerprint of its keys, and there is one.
fn is_encrypted(content: &Element) -> bool {
    let transports = || content.children().filter(|child| child.name() == "transport");
    let keyed = |transport: &Element| transport.children().any(|child| child.is("fingerprint", ns::JINGLE_DTLS));
    transports().next().is_some() && transports().all(keyed)
}
