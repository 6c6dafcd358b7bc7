//! XEP-0444 for Rainbow's clients, which know no reactions unless they say so: one that does hears them from then on, and asks
//! for them with each page of its history. Standard clients read them as entries of their own.

use super::{Answer, Session, Supports};
use crate::stream::iq_result;
use crate::xml::{Element, namespace as ns};
use app::message::Remark;
use std::sync::Arc;

pub(super) const NAMESPACE: &str = ns::REACTIONS;

pub(super) const SUPPORTS: Supports = Supports { xeps: &[], server: &[NAMESPACE], account: &[] };

pub(super) fn enable<'a>(session: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(async move {
        session.app.live().read_remarks(&session.device);
        Ok(vec![iq_result(iq)])
    })
}

/// Whether a page is asked for with what people remarked on its messages.
pub(super) fn asked(query: &Element) -> bool {
    query.child("reactions", NAMESPACE).is_some()
}

/// What people remarked on a message, each as it was sent.
pub(super) fn of<'a>(session: &'a Session, remarks: &'a [Remark]) -> impl Iterator<Item = Element> + 'a {
    remarks.iter().map(|one| {
        Element::new("remark", ns::REMARKS)
            .with_attribute("from", session.at.bare(&one.by))
            .with_raw(Arc::from(one.payload.as_str()))
    })
}
