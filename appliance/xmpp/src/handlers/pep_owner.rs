//! XEP-0060, 8: the owner of a node reads and changes how it is set, or deletes it.

use super::pep::{asked, node_of, not_settable, settings, unsupported};
use super::{Answer, Session, Supports};
use crate::stream::iq_result;
use crate::xml::{Element, namespace as ns};
use app::node;

pub(super) const NAMESPACE: &str = ns::PUBSUB_OWNER;

pub(super) const SUPPORTS: Supports = Supports {
    xeps: &[],
    server: &[],
    account: &[
        "http://jabber.org/protocol/pubsub#config-node",
        "http://jabber.org/protocol/pubsub#create-and-configure",
        "http://jabber.org/protocol/pubsub#create-nodes",
        "http://jabber.org/protocol/pubsub#delete-nodes",
    ],
};

pub(super) fn read<'a>(session: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(async move {
        let configure = asked(iq, NAMESPACE)?;
        if !configure.is("configure", NAMESPACE) {
            return Ok(unsupported(iq));
        }
        let found = node::node(&session.app, &session.caller, node_of(configure)?).await?;
        let field = |var: &str, kind: &str, value: &str| {
            Element::new("field", ns::DATA_FORM)
                .with_attribute("var", var)
                .with_attribute("type", kind)
                .with_child(Element::new("value", ns::DATA_FORM).with_text(value))
        };
        let form = Element::new("x", ns::DATA_FORM)
            .with_attribute("type", "form")
            .with_child(field("FORM_TYPE", "hidden", "http://jabber.org/protocol/pubsub#node_config"))
            .with_child(field("pubsub#access_model", "list-single", &found.access))
            .with_child(field("pubsub#max_items", "text-single", &found.items_max.to_string()))
            .with_child(field("pubsub#persist_items", "boolean", "1"))
            .with_child(field("pubsub#send_last_published_item", "list-single", "on_sub_and_presence"));
        let configure = Element::new("configure", NAMESPACE).with_attribute("node", found.name).with_child(form);
        Ok(vec![iq_result(iq).with_child(Element::new("pubsub", NAMESPACE).with_child(configure))])
    })
}

pub(super) fn write<'a>(session: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(async move {
        let asked = asked(iq, NAMESPACE)?;
        match asked.name() {
            "configure" => {
                let Some(settings) = settings(Some(asked)) else { return Ok(not_settable(iq)) };
                node::configure(&session.app, &session.caller, node_of(asked)?, settings).await?;
            }
            "delete" => node::delete(&session.app, &session.caller, node_of(asked)?).await?,
            _ => return Ok(unsupported(iq)),
        }
        Ok(vec![iq_result(iq)])
    })
}
