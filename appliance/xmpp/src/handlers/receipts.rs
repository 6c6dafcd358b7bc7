//! `urn:xmpp:receipts` of clients: a message was received, or read (sheet section 7, steps 3 and 4).

use super::{Replies, Session, fresh_payload};
use crate::xml::Element;
use app::AppError;
use app::message::{Mark, MarkKind, mark};
use domain::ids::UserId;

pub(super) async fn handle(
    session: &Session,
    stanza: &Element,
    receipt: &Element,
    sender: UserId,
) -> Result<Replies, AppError> {
    if receipt.attribute("entity") == Some("server") {
        return Err(AppError::Invalid { field: "entity", why: String::from("only the box speaks for the server") });
    }
    let invalid = |field, why: &str| AppError::Invalid { field, why: why.to_owned() };
    let message_id = receipt.attribute("id").ok_or_else(|| invalid("id", "of which message?"))?;
    let kind = match receipt.attribute("event") {
        Some("read") => MarkKind::Read,
        // XEP-0184 knows no event: there a receipt means received.
        Some("received") | None => MarkKind::Received,
        Some(_) => return Err(invalid("event", "received or read")),
    };
    let of = Mark {
        sender,
        message_id: message_id.to_owned(),
        kind,
        id: stanza.attribute("id").map(str::to_owned),
        payload: fresh_payload(stanza),
    };
    mark(&session.app, &session.caller, &session.device, of).await?;
    Ok(Vec::new())
}
