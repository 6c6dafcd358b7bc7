//! XEP-0115 of clients: what a device can is asked for once per hash, to learn of which nodes it wants to hear (XEP-0163, 4.2).

use super::{Session, disco};
use crate::xml::{Element, namespace as ns};
use app::{AppError, node};
use std::collections::BTreeSet;
use std::sync::Arc;

/// How the id of such a question begins; the algorithm and the hash follow.
const ID: &str = "caps";
/// Longest name of an algorithm, and longest hash.
const LENGTH_MAX: usize = 128;
/// Nodes of which one device hears, and bytes of the name of one.
const WANTED_MAX: usize = 64;
const NODE_LENGTH_MAX: usize = 512;
/// What a feature ends with that asks for news of a node.
const NOTIFY: &str = "+notify";

/// What a device that showed itself is to be asked, if what it can is not known yet.
pub(super) async fn ask(session: &Session, presence: &Element) -> Result<Option<Element>, AppError> {
    let Some(caps) = presence.child("c", ns::CAPS).filter(|_| session.device.standard) else { return Ok(None) };
    let [hash, node, ver] = ["hash", "node", "ver"].map(|name| caps.attribute(name).unwrap_or_default());
    if hash.is_empty() || hash.len() > LENGTH_MAX || ver.len() > LENGTH_MAX || node.len() > 8 * LENGTH_MAX {
        return Ok(None);
    }
    if let Some(wanted) = node::known_wants(&session.app, &format!("{hash} {ver}")) {
        node::want(&session.app, &session.caller, &session.device, &wanted).await?;
        return Ok(None);
    }
    let query = Element::new("query", ns::DISCO_INFO).with_attribute("node", format!("{node}#{ver}"));
    let iq = Element::client("iq")
        .with_attribute("type", "get")
        .with_attribute("id", format!("{ID} {hash} {ver}"))
        .with_attribute("from", session.at.domain())
        .with_attribute("to", session.at.full(&session.device.user, &session.device.resource));
    Ok(Some(iq.with_child(query)))
}

/// A device's answer. It counts for others with the same hash only if it has that hash.
pub(super) async fn learn(session: &Session, iq: &Element) -> Result<(), AppError> {
    let Some(query) = iq.child("query", ns::DISCO_INFO).filter(|_| session.device.standard) else { return Ok(()) };
    let mut asked = iq.attribute("id").unwrap_or_default().splitn(3, ' ');
    let (Some(ID), Some(hash), Some(ver)) = (asked.next(), asked.next(), asked.next()) else { return Ok(()) };
    let features = query.children().filter_map(|child| child.attribute("var"));
    let wanted = features
        .filter_map(|feature| feature.strip_suffix(NOTIFY))
        .filter(|node| (1..=NODE_LENGTH_MAX).contains(&node.len()));
    let wanted: Arc<BTreeSet<String>> = Arc::new(wanted.take(WANTED_MAX).map(str::to_owned).collect());
    if disco::caps_hash(hash, query).as_deref() == Some(ver) {
        node::learn_wants(&session.app, &format!("{hash} {ver}"), &wanted);
    }
    node::want(&session.app, &session.caller, &session.device, &wanted).await
}
