//! XEP-0163: what an account publishes for its own devices and for contacts. Of XEP-0060 what clients use for that: avatars
//! (XEP-0084), profiles (XEP-0292), bookmarks (XEP-0402), keys (XEP-0384).

use super::{Answer, Replies, Session, Supports, Xep, vcard};
use crate::stream::{Condition, ErrorType, iq_result, stanza_error};
use crate::xml::{Element, namespace as ns};
use app::AppError;
use app::node::{self, Access, Item, NODE, Settings};
use domain::ids::UserId;
use std::sync::Arc;

pub(super) const NAMESPACE: &str = ns::PUBSUB;

pub(super) const SUPPORTS: Supports = Supports {
    xeps: &[
        Xep::new(60, "1.30.0", "Publish-Subscribe"),
        Xep::new(84, "1.1.4", "User Avatar"),
        Xep::new(163, "1.2.2", "Personal Eventing Protocol"),
        Xep::new(223, "1.1.1", "Persistent Storage of Private Data via PubSub"),
        Xep::new(384, "0.9.0", "OMEMO Encryption"),
        Xep::new(402, "1.2.0", "PEP Native Bookmarks"),
    ],
    server: &[],
    account: &[
        NAMESPACE,
        "http://jabber.org/protocol/pubsub#access-open",
        "http://jabber.org/protocol/pubsub#access-presence",
        "http://jabber.org/protocol/pubsub#access-whitelist",
        "http://jabber.org/protocol/pubsub#auto-create",
        "http://jabber.org/protocol/pubsub#auto-subscribe",
        "http://jabber.org/protocol/pubsub#filtered-notifications",
        "http://jabber.org/protocol/pubsub#item-ids",
        "http://jabber.org/protocol/pubsub#last-published",
        "http://jabber.org/protocol/pubsub#multi-items",
        "http://jabber.org/protocol/pubsub#persistent-items",
        "http://jabber.org/protocol/pubsub#publish",
        "http://jabber.org/protocol/pubsub#publish-options",
        "http://jabber.org/protocol/pubsub#retract-items",
        "http://jabber.org/protocol/pubsub#retrieve-items",
    ],
};

pub(super) fn invalid(field: &'static str, why: &str) -> AppError {
    AppError::Invalid { field, why: why.to_owned() }
}

/// The one thing that is asked for, the first child of `<pubsub/>`.
pub(super) fn asked<'a>(iq: &'a Element, namespace: &str) -> Result<&'a Element, AppError> {
    let pubsub = iq.child("pubsub", namespace);
    pubsub.and_then(|pubsub| pubsub.children().next()).ok_or_else(|| invalid("pubsub", "what?"))
}

pub(super) fn node_of(element: &Element) -> Result<&str, AppError> {
    element.attribute("node").filter(|node| !node.is_empty()).ok_or_else(|| invalid("node", "which?"))
}

pub(super) fn unsupported(iq: &Element) -> Replies {
    let text = "this is not done here with nodes";
    stanza_error(iq, ErrorType::Cancel, Condition::FeatureNotImplemented, text).into_iter().collect()
}

pub(super) fn read<'a>(session: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(async move {
        let items = asked(iq, NAMESPACE)?;
        if !items.is("items", NAMESPACE) {
            return Ok(unsupported(iq));
        }
        let (owner, name) = (session.owner(iq)?, node_of(items)?);
        let wanted = items.children().filter(|child| child.is("item", NAMESPACE));
        let ids: Vec<String> = wanted.filter_map(|item| item.attribute("id")).map(str::to_owned).collect();
        let max = items.attribute("max_items").map(str::parse::<u32>).transpose();
        let max = max.map_err(|_| invalid("max_items", "a number"))?;
        let found = match node::items(&session.app, &session.caller, &owner, name, ids, max).await {
            // Nobody needs to publish what the directory knows.
            Err(AppError::NotFound(NODE)) if name == ns::VCARD_4_NODE => vec![of_directory(session, &owner).await?],
            found => found?,
        };
        let mut answer = Element::new("items", NAMESPACE).with_attribute("node", name);
        let mut bytes = 0;
        for item in found {
            bytes += item.payload.len();
            if bytes > session.stanza_bytes_max && answer.children().next().is_some() {
                break;
            }
            answer.push_child(element(NAMESPACE, &item));
        }
        Ok(vec![iq_result(iq).with_child(Element::new("pubsub", NAMESPACE).with_child(answer))])
    })
}

async fn of_directory(session: &Session, owner: &UserId) -> Result<Item, AppError> {
    let profile = vcard::profile(session, owner).await?;
    let payload = Element::new("item", "").with_child(profile.vcard_4()).children_to_xml();
    Ok(Item { id: String::from("current"), payload })
}

pub(crate) fn element(namespace: &'static str, item: &Item) -> Element {
    let element = Element::new("item", namespace).with_attribute("id", item.id.as_str());
    element.with_raw(Arc::from(item.payload.as_str()))
}

pub(super) fn write<'a>(session: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(async move {
        let asked = asked(iq, NAMESPACE)?;
        match asked.name() {
            "publish" => publish(session, iq, asked).await,
            "retract" => {
                let item = asked.child("item", NAMESPACE).and_then(|item| item.attribute("id"));
                let id = item.ok_or_else(|| invalid("item", "which?"))?;
                node::retract(&session.app, &session.caller, node_of(asked)?, id).await?;
                Ok(vec![iq_result(iq)])
            }
            "create" => {
                let form = iq.child("pubsub", NAMESPACE).and_then(|pubsub| pubsub.child("configure", NAMESPACE));
                let Some(settings) = settings(form) else { return Ok(not_settable(iq)) };
                node::create(&session.app, &session.caller, node_of(asked)?, settings).await?;
                Ok(vec![iq_result(iq)])
            }
            _ => Ok(unsupported(iq)),
        }
    })
}

async fn publish(session: &Session, iq: &Element, publish: &Element) -> Result<Replies, AppError> {
    let name = node_of(publish)?;
    let mut items = publish.children().filter(|child| child.is("item", NAMESPACE));
    let (Some(given), None) = (items.next(), items.next()) else { return Err(invalid("item", "exactly one at once")) };
    let contents: Vec<&Element> = given.children().collect();
    if contents.len() > 1 || contents.iter().any(|content| content.namespace().is_empty()) {
        return Err(invalid("item", "at most one element, with a namespace"));
    }
    let id = given.attribute("id").filter(|id| !id.is_empty()).map(str::to_owned);
    let id = id.unwrap_or_else(|| session.app.random_name());
    // Written for a parent without a namespace, so that it means the same wherever it is put.
    let payload = Element::new("item", "").with_nodes(given.nodes().iter().cloned()).children_to_xml();
    let options = iq.child("pubsub", NAMESPACE).and_then(|pubsub| pubsub.child("publish-options", NAMESPACE));
    let Some(options) = settings(options) else { return Ok(unmet(iq)) };
    let item = Item { id: id.clone(), payload };
    match node::publish(&session.app, &session.caller, name, item, options).await {
        Err(AppError::Exists(_)) => return Ok(unmet(iq)),
        published => published?,
    }
    let item = Element::new("item", NAMESPACE).with_attribute("id", id);
    let publish = Element::new("publish", NAMESPACE).with_attribute("node", name).with_child(item);
    Ok(vec![iq_result(iq).with_child(Element::new("pubsub", NAMESPACE).with_child(publish))])
}

/// XEP-0060, 7.1.5: the node is there and set otherwise, or cannot be set so.
fn unmet(iq: &Element) -> Replies {
    let text = "the node is not set so, and cannot be by publishing";
    let Some(mut refused) = stanza_error(iq, ErrorType::Cancel, Condition::Conflict, text) else { return Vec::new() };
    if let Some(error) = refused.child("error", ns::CLIENT).cloned() {
        refused.remove_children("error", ns::CLIENT);
        refused.push_child(error.with_child(Element::new("precondition-not-met", ns::PUBSUB_ERRORS)));
    }
    vec![refused]
}

pub(super) fn not_settable(iq: &Element) -> Replies {
    let text = "access_model is presence, open or whitelist; max_items a number or max";
    stanza_error(iq, ErrorType::Modify, Condition::NotAcceptable, text).into_iter().collect()
}

/// What a form asks of a node; `None`: something that a node here cannot be. What is not known is left alone.
pub(super) fn settings(holder: Option<&Element>) -> Option<Settings> {
    let mut settings = Settings::default();
    let fields = holder.and_then(|holder| holder.child("x", ns::DATA_FORM)).into_iter().flat_map(Element::children);
    for field in fields {
        let value = field.child_text("value", ns::DATA_FORM).unwrap_or_default();
        match field.attribute("var") {
            Some("pubsub#access_model") => settings.access = Some(Access::parse(&value)?),
            Some("pubsub#max_items") if value == "max" => settings.items_max = Some(node::ITEMS_MAX),
            Some("pubsub#max_items") => settings.items_max = Some(value.parse().ok()?),
            Some("pubsub#persist_items") if matches!(&*value, "0" | "false") => return None,
            _ => {}
        }
    }
    Some(settings)
}
