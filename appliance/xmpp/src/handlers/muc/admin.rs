//! Who is what in a bubble (XEP-0045, 9 and 10): affiliations, by those of R2 who may change them.

use super::super::{Answer, Recipient, Session};
use super::affiliation;
use crate::stream::iq_result;
use crate::xml::{Element, namespace as ns};
use app::AppError;
use app::bubble::{self, Status, Step};
use domain::ids::{BubbleId, UserId};

pub(crate) const NAMESPACE: &str = ns::MUC_ADMIN;

/// Changes of one request.
const ITEMS_MAX: usize = 100;

fn invalid(why: &str) -> AppError {
    AppError::Invalid { field: "item", why: why.to_owned() }
}

/// The list of an affiliation. Nobody is banned here, so that of outcasts is empty.
pub(crate) fn list<'a>(session: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(async move {
        let asked = iq.child("query", NAMESPACE).and_then(|query| query.child("item", NAMESPACE));
        let asked = asked.and_then(|item| item.attribute("affiliation").or_else(|| item.attribute("role")));
        let asked = asked.ok_or_else(|| invalid("which affiliation?"))?;
        let found = bubble::find(&session.app, &session.caller, &session.room(iq)?).await?;
        if !found.bubble.has(&session.caller.user) {
            return Err(AppError::Forbidden);
        }
        let mut query = Element::new("query", NAMESPACE);
        for (user, member) in &found.bubble.members {
            let (is, role) = match found.bubble.role(user) {
                Some(role) => affiliation(Some(role)),
                // Who is asked may come in: XEP-0045 calls him a member already.
                None if member.status == Status::Invited => ("member", "none"),
                None => continue,
            };
            if asked == is || asked == role {
                let item = Element::new("item", NAMESPACE).with_attribute("affiliation", is);
                query.push_child(item.with_attribute("jid", session.at.bare(user)));
            }
        }
        Ok(vec![iq_result(iq).with_child(query)])
    })
}

pub(crate) fn change<'a>(session: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(async move {
        let id = session.room(iq)?;
        let query = iq.child("query", NAMESPACE).ok_or_else(|| invalid("missing"))?;
        for item in query.children().filter(|child| child.is("item", NAMESPACE)).take(ITEMS_MAX) {
            let user = user(session, &id, item)?;
            let found = bubble::find(&session.app, &session.caller, &id).await?;
            let is = found.bubble.role(&user);
            let asked = item.attribute("affiliation").or_else(|| item.attribute("role").filter(|role| *role == "none"));
            let step = match (asked, is) {
                (Some("none" | "outcast"), _) => Step::Exclude(user),
                (Some("owner"), _) => Step::Transfer(user),
                (Some("admin"), Some(_)) => Step::Promote(user),
                (Some("member"), Some(_)) => Step::Demote(user),
                (Some("member"), None) => Step::Add { user, moderator: false, accepted: false },
                (Some("admin"), None) => Step::Add { user, moderator: true, accepted: false },
                _ => return Err(invalid("affiliation: none, member, admin or owner")),
            };
            let reason = item.child_text("reason", NAMESPACE).unwrap_or_default();
            bubble::step(&session.app, &session.caller, &id, step, &reason).await?;
        }
        Ok(vec![iq_result(iq)])
    })
}

/// Whom a change is about: by address, or by the name under which he is there.
fn user(session: &Session, id: &BubbleId, item: &Element) -> Result<UserId, AppError> {
    if let Some(jid) = item.attribute("jid") {
        return match session.place(jid) {
            Recipient::User(user) => Ok(user),
            Recipient::Account => Ok(session.caller.user.clone()),
            _ => Err(AppError::NotFound("user")),
        };
    }
    let nick = item.attribute("nick").ok_or_else(|| invalid("whom? jid or nick"))?;
    let there = bubble::occupants(&session.app, &session.caller, id)?;
    let found = there.into_iter().find(|one| *one.nick == *nick);
    found.map(|one| one.user).ok_or(AppError::NotFound("member of the bubble"))
}
