//! What is accepted, what is refused, and that nothing is lost or gained between tree and text.

mod fuzz;
mod refusals;
mod round_trip;

use super::*;

pub(super) const LIMIT_BYTES: usize = 262_144;

pub(super) fn parsed(frame: &str) -> Element {
    parse(frame.as_bytes(), LIMIT_BYTES).expect("a well-formed frame")
}

#[test]
fn a_message_as_the_sdk_sends_it_is_read_c1() {
    let message = parsed(
        r#"<message xmlns="jabber:client" to="a1@edge.test" type="chat" id="node_1">
             <body xml:lang="en"><![CDATA[1 < 2 & 3]]></body>
             <request xmlns="urn:xmpp:receipts"/>
             <x xmlns="jabber:x:oob"><url>/file?a=1&amp;b=2</url></x></message>"#,
    );
    assert!(message.is("message", namespace::CLIENT));
    assert_eq!(message.attribute("id"), Some("node_1"));
    assert_eq!(message.attribute("from"), None);
    let body = message.child("body", namespace::CLIENT).expect("a body");
    assert_eq!(body.text(), "1 < 2 & 3");
    assert_eq!(body.attribute("xml:lang"), Some("en"));
    assert!(message.child("request", "urn:xmpp:receipts").is_some());
    assert!(message.child("request", namespace::CLIENT).is_none());
    let oob = message.child("x", "jabber:x:oob").expect("an attachment");
    assert_eq!(oob.child_text("url", "jabber:x:oob").as_deref(), Some("/file?a=1&b=2"));
}

#[test]
fn namespaces_are_inherited_shadowed_and_resolved_by_prefix() {
    let outer = parsed(
        "<p:a xmlns:p='urn:one' xmlns='urn:two' p:k='1' k='2'><b><p:c/><c xmlns='urn:three'/><c/></b>\
         <p:d xmlns:p='urn:four'/><p:e/></p:a>",
    );
    assert!(outer.is("a", "urn:one"));
    assert_eq!(outer.attribute("k"), Some("2"));
    assert_eq!(outer.attribute_in("k", "urn:one"), Some("1"));
    let inner: Vec<_> = outer
        .child("b", "urn:two")
        .expect("the default namespace applies")
        .children()
        .map(Element::namespace)
        .collect();
    assert_eq!(inner, ["urn:one", "urn:three", "urn:two"]);
    let siblings: Vec<_> = outer.children().map(Element::namespace).collect();
    assert_eq!(siblings, ["urn:two", "urn:four", "urn:one"]);
}

#[test]
fn an_undeclared_default_namespace_is_none() {
    let outer = parsed("<a xmlns='urn:one'><b xmlns=''><c/></b></a>");
    assert!(outer.child("b", "").expect("b").child("c", "").is_some());
}

#[test]
fn text_of_all_kinds_is_one_text() {
    let element = parsed("<a>x&lt;<![CDATA[y]]>&#33;&#x1F600;\r\nz</a>");
    assert_eq!(element.nodes(), [Node::Text("x<y!\u{1F600}\nz".to_owned())]);
}

#[test]
fn white_space_in_attributes_is_normalised_unless_written_as_reference() {
    let element = parsed("<a k='1\r\n2\t3&#10;4&#9;5'/>");
    assert_eq!(element.attribute("k"), Some("1 2 3\n4\t5"));
}

#[test]
fn xmlns_is_written_where_the_namespace_changes_and_only_there() {
    let message = Element::client("message")
        .with_attribute("to", "a@b")
        .with_child(Element::client("body").with_text("a < b & c > \"d\""))
        .with_child(Element::new("received", "urn:xmpp:receipts").with_child(Element::client("inner")));
    assert_eq!(
        message.to_xml(),
        "<message xmlns=\"jabber:client\" to=\"a@b\"><body>a &lt; b &amp; c &gt; \"d\"</body>\
         <received xmlns=\"urn:xmpp:receipts\"><inner xmlns=\"jabber:client\"/></received></message>"
    );
}

#[test]
fn stream_features_keep_the_prefix_that_clients_look_for() {
    let features = Element::new("features", namespace::STREAM).with_child(Element::new("bind", namespace::BIND));
    assert_eq!(
        features.to_xml(),
        "<stream:features xmlns:stream=\"http://etherx.jabber.org/streams\">\
         <bind xmlns=\"urn:ietf:params:xml:ns:xmpp-bind\"/></stream:features>"
    );
    assert_eq!(parsed(&features.to_xml()), features);
}

#[test]
fn an_attribute_value_never_ends_its_quotes() {
    let hostile = "\" onload=\"x\"><iq type='set'/>&\t\r\n";
    let element = Element::client("message").with_attribute("id", hostile);
    let read = parsed(&element.to_xml());
    assert_eq!(read.attribute("id"), Some(hostile));
    assert_eq!(read.children().count(), 0);
}

#[test]
fn characters_that_xml_cannot_carry_are_dropped_when_writing() {
    let element =
        Element::client("body").with_text("a\u{0}b\u{b}c\u{ffff}d\u{fffd}").with_attribute("k", "\u{1}v\u{fffe}");
    let read = parsed(&element.to_xml());
    assert_eq!(read.text(), "abcd\u{fffd}");
    assert_eq!(read.attribute("k"), Some("v"));
}

#[test]
fn stored_children_are_embedded_and_read_back() {
    let message = parsed(
        "<message xmlns='jabber:client' id='1'>t<body>hi &amp; bye</body>\
         <x xmlns='jabber:x:oob'><url/></x></message>",
    );
    let stored = message.children_to_xml();
    assert_eq!(stored, "t<body>hi &amp; bye</body><x xmlns=\"jabber:x:oob\"><url/></x>");

    let read = parse_children(stored.as_bytes(), namespace::CLIENT, LIMIT_BYTES).expect("what was written");
    assert_eq!(read, message.nodes());

    let delivered = Element::client("message").with_attribute("id", "1").with_raw(stored.into());
    assert_eq!(parsed(&delivered.to_xml()), message);

    let history = Element::new("forwarded", "urn:xmpp:forward:0").with_child(delivered);
    let inner = parsed(&history.to_xml());
    assert_eq!(inner.child("message", namespace::CLIENT), Some(&message));
}

#[test]
fn attributes_and_children_can_be_replaced() {
    let mut message = parsed("<message xmlns='jabber:client' from='spoof'>a<b/>c<b/>d</message>");
    message.set_attribute("from", "own");
    message.remove_children("b", namespace::CLIENT);
    assert_eq!(message.attribute("from"), Some("own"));
    assert_eq!(message.nodes(), [Node::Text("acd".to_owned())]);
    message.remove_attribute("from");
    assert_eq!(message.attributes(), []);
}
