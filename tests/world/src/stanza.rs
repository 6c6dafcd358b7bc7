//! A stanza as a small tree with resolved namespaces.

use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

/// Namespaces that tests name often.
pub mod ns {
    pub const CLIENT: &str = "jabber:client";
    pub const FRAMING: &str = "urn:ietf:params:xml:ns:xmpp-framing";
    pub const STREAMS: &str = "http://etherx.jabber.org/streams";
    pub const SASL: &str = "urn:ietf:params:xml:ns:xmpp-sasl";
    pub const SASL_2: &str = "urn:xmpp:sasl:2";
    pub const BIND_2: &str = "urn:xmpp:bind:0";
    pub const FAST: &str = "urn:xmpp:fast:0";
    pub const BIND: &str = "urn:ietf:params:xml:ns:xmpp-bind";
    pub const STANZAS: &str = "urn:ietf:params:xml:ns:xmpp-stanzas";
    pub const STREAM_ERRORS: &str = "urn:ietf:params:xml:ns:xmpp-streams";
    pub const RECEIPTS: &str = "urn:xmpp:receipts";
    pub const CHAT_STATES: &str = "http://jabber.org/protocol/chatstates";
    pub const CORRECT: &str = "urn:xmpp:message-correct:0";
    pub const CARBONS: &str = "urn:xmpp:carbons:2";
    pub const FORWARD: &str = "urn:xmpp:forward:0";
    pub const ARCHIVED: &str = "urn:xmpp:mam:tmp";
    pub const MAM: &str = "urn:xmpp:mam:1";
    pub const RSM: &str = "http://jabber.org/protocol/rsm";
    pub const DELAY: &str = "urn:xmpp:delay";
    pub const MANAGEMENT: &str = "urn:xmpp:sm:3";
    pub const CLIENT_STATE: &str = "urn:xmpp:csi:0";
    pub const CHANNEL_BINDING: &str = "urn:xmpp:sasl-cb:0";
    pub const PING: &str = "urn:xmpp:ping";
    pub const ROSTER: &str = "jabber:iq:roster";
    pub const CONFIGURATION: &str = "jabber:iq:configuration";
    pub const DISCO_INFO: &str = "http://jabber.org/protocol/disco#info";
    pub const DISCO_ITEMS: &str = "http://jabber.org/protocol/disco#items";
}

/// One element. Text is that of the element itself, entities resolved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Element {
    pub name: String,
    pub xmlns: String,
    pub attributes: Vec<(String, String)>,
    pub children: Vec<Element>,
    pub text: String,
}

impl Element {
    /// Reads one frame. The whole of it must be one element, as RFC 7395 section 3.3 asks.
    pub fn parse(frame: &str) -> Result<Self, String> {
        let mut reader = NsReader::from_str(frame);
        let mut open: Vec<Element> = Vec::new();
        let mut root: Option<Element> = None;
        loop {
            let (resolved, event) = reader.read_resolved_event().map_err(|error| format!("{error}: {frame}"))?;
            let namespace = match resolved {
                ResolveResult::Bound(namespace) => namespace.0.to_owned(),
                ResolveResult::Unbound => String::new(),
                ResolveResult::Unknown(prefix) => return Err(format!("unbound prefix {prefix:?}: {frame}")),
            };
            match event {
                Event::Start(start) => open.push(Self::begin(&start, namespace)?),
                Event::Empty(start) => close(Self::begin(&start, namespace)?, &mut open, &mut root)?,
                Event::End(_) => {
                    let element = open.pop().ok_or("an end without a start")?;
                    close(element, &mut open, &mut root)?;
                }
                Event::Text(text) => append(&mut open, &text),
                Event::CData(data) => append(&mut open, &data),
                Event::GeneralRef(reference) => append(&mut open, &resolve(&reference)?),
                Event::Eof => break,
                other => return Err(format!("{other:?} has no place in a frame")),
            }
        }
        root.filter(|_| open.is_empty()).ok_or_else(|| format!("not one whole element: {frame}"))
    }

    fn begin(start: &BytesStart<'_>, xmlns: String) -> Result<Self, String> {
        let mut attributes = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| error.to_string())?;
            let value =
                attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0).map_err(|error| error.to_string())?;
            attributes.push((attribute.key.0.to_owned(), value.into_owned()));
        }
        let name = start.local_name().as_ref().to_owned();
        Ok(Self { name, xmlns, attributes, children: Vec::new(), text: String::new() })
    }

    /// Whether this is `name` in namespace `xmlns`.
    pub fn is(&self, name: &str, xmlns: &str) -> bool {
        self.name == name && self.xmlns == xmlns
    }

    /// An attribute's value.
    pub fn attr(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The first child with this name and namespace.
    pub fn child(&self, name: &str, xmlns: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.is(name, xmlns))
    }

    /// The first element with this name and namespace, this one included, depth first.
    pub fn find(&self, name: &str, xmlns: &str) -> Option<&Element> {
        if self.is(name, xmlns) {
            return Some(self);
        }
        self.children.iter().find_map(|child| child.find(name, xmlns))
    }

    /// The body's text, when there is a `<body/>` of `jabber:client`.
    pub fn body(&self) -> Option<&str> {
        self.child("body", ns::CLIENT).map(|body| body.text.as_str())
    }

    /// A stanza of this kind (`message`, `presence`, `iq`) from this sender, full or bare.
    pub fn is_from(&self, kind: &str, sender: &str) -> bool {
        self.is(kind, ns::CLIENT) && self.attr("from").is_some_and(|from| from == sender || bare(from) == sender)
    }

    /// The condition and text of a stanza error: `("service-unavailable", "...")`.
    pub fn error(&self) -> Option<(String, Option<String>)> {
        let error = self.child("error", ns::CLIENT)?;
        let condition = error.children.iter().find(|child| child.xmlns == ns::STANZAS && child.name != "text")?;
        Some((condition.name.clone(), error.child("text", ns::STANZAS).map(|text| text.text.clone())))
    }
}

/// The bare form of a JID.
pub fn bare(jid: &str) -> &str {
    jid.split('/').next().unwrap_or(jid)
}

/// Text made safe for an element's content or an attribute.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\'', "&apos;").replace('"', "&quot;")
}

fn close(element: Element, open: &mut [Element], root: &mut Option<Element>) -> Result<(), String> {
    if let Some(parent) = open.last_mut() {
        parent.children.push(element);
    } else if root.replace(element).is_some() {
        return Err("two elements in one frame".to_owned());
    }
    Ok(())
}

fn append(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

fn resolve(reference: &quick_xml::events::BytesRef<'_>) -> Result<String, String> {
    if let Some(character) = reference.resolve_char_ref().map_err(|error| error.to_string())? {
        return Ok(character.to_string());
    }
    let name: &str = reference;
    quick_xml::escape::resolve_predefined_entity(name)
        .map(str::to_owned)
        .ok_or_else(|| format!("a server sends no entity &{name};"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frame_becomes_a_tree_with_namespaces_and_entities() {
        let message = Element::parse(
            "<message xmlns='jabber:client' id='1'><body>a &lt;b&gt; &amp; &#99;<![CDATA[<d>]]></body>\
             <received xmlns='urn:xmpp:receipts' entity='client'/></message>",
        )
        .expect("well formed");
        assert_eq!(message.body(), Some("a <b> & c<d>"));
        assert_eq!(message.child("received", ns::RECEIPTS).and_then(|r| r.attr("entity")), Some("client"));
    }

    #[test]
    fn two_elements_in_a_frame_and_a_cut_one_are_refused() {
        assert!(Element::parse("<a/><b/>").is_err());
        assert!(Element::parse("<a><b></a>").is_err());
        assert!(Element::parse("<a>").is_err());
        assert!(Element::parse("<x:a/>").is_err());
    }
}
