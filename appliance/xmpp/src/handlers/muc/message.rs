//! What is said in a bubble (XEP-0045, 7.4; sheet section 9.4), its topic (8.1) and invitations by it (7.8.2).

use super::super::{Recipient, Replies, Session, chat, fresh_payload, message, receipts, resource, unavailable};
use super::occupant;
use crate::xml::{Element, namespace as ns};
use app::AppError;
use app::bubble::{self, Change, Step, Utterance};
use app::message::{Keep, MarkKind};
use domain::ids::BubbleId;

pub(crate) async fn handle(session: &Session, stanza: &Element, id: &BubbleId) -> Result<Replies, AppError> {
    let kind = stanza.attribute("type").unwrap_or("normal");
    if let Some(nick) = resource(stanza).filter(|_| kind != "error") {
        return occupant::message(session, stanza, id, nick);
    }
    match kind {
        "groupchat" => groupchat(session, stanza, id).await,
        "error" => Ok(Vec::new()),
        "normal" => match stanza.child("x", ns::MUC_USER) {
            Some(invitation) => invite(session, invitation, id).await,
            None => Ok(unavailable(stanza)),
        },
        // Messages to one person go to the person, not through the bubble.
        _ => Ok(unavailable(stanza)),
    }
}

async fn groupchat(session: &Session, stanza: &Element, id: &BubbleId) -> Result<Replies, AppError> {
    if let Some((mark, receipt)) = receipts::found(stanza) {
        let Some(message_id) = receipt.attribute("id") else { return Ok(Vec::new()) };
        let event = receipt.attribute("event");
        let kind = mark.unwrap_or(if event == Some("read") { MarkKind::Read } else { MarkKind::Received });
        let message_id = message_id.to_owned();
        bubble::mark(&session.app, &session.caller, &session.device, id, message_id, kind).await?;
        return Ok(Vec::new());
    }
    if let (Some(topic), None) = (stanza.child_text("subject", ns::CLIENT), stanza.child("body", ns::CLIENT)) {
        let change = Change { topic: Some(topic.into_owned()), ..Change::default() };
        bubble::describe(&session.app, &session.caller, id, change).await?;
        return Ok(Vec::new());
    }
    if !chat::is_content(session, stanza) {
        let name = stanza.attribute("id").map(str::to_owned);
        bubble::say_transient(&session.app, &session.caller, &session.device, (id, name), fresh_payload(stanza))?;
        return Ok(Vec::new());
    }
    let given = stanza.attribute("id").filter(|id| !id.is_empty()).map(str::to_owned);
    let name = given.unwrap_or_else(|| session.app.random_name());
    let change = chat::change(session, stanza, name)?;
    let out = Utterance {
        bubble: id.clone(),
        id: change.id,
        kind: change.kind,
        kept: chat::keep(stanza, change.kind) == Keep::Archive,
        payload: change.payload,
        about: change.about,
        body: message::body(stanza),
    };
    bubble::say(&session.app, &session.caller, &session.device, out).await?;
    Ok(Vec::new())
}

/// XEP-0045, 7.8.2: who may add people asks them in, who was asked declines.
async fn invite(session: &Session, invitation: &Element, id: &BubbleId) -> Result<Replies, AppError> {
    if invitation.child("decline", ns::MUC_USER).is_some() {
        bubble::step(&session.app, &session.caller, id, Step::Decline, "").await?;
    }
    for invite in invitation.children().filter(|child| child.is("invite", ns::MUC_USER)) {
        let Some(Recipient::User(user)) = invite.attribute("to").map(|to| session.place(to)) else {
            return Err(AppError::NotFound("user"));
        };
        let reason = invite.child_text("reason", ns::MUC_USER).unwrap_or_default();
        let step = Step::Add { user, moderator: false, accepted: false };
        bubble::step(&session.app, &session.caller, id, step, &reason).await?;
    }
    Ok(Vec::new())
}
