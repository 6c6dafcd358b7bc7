//! One frame to a tree and back: what is accepted means the same when it is written and read again, and nobody's frame
//! becomes a tree or a text that is much larger.

use xmpp::xml::{Element, NODES_MAX, Node, namespace, parse, parse_children, parse_header};

const LIMIT_BYTES: usize = 16 * 1024;
/// What a frame may grow by when it is written, as `xmpp::xml` bounds it.
const GROWN_BYTES_MAX: usize = LIMIT_BYTES / 2 + 4 * 1024;
/// What a tree may hold beyond that: short namespaces, once for each element.
const HELD_BYTES_MAX: usize = 64 * NODES_MAX;

pub(crate) fn run(input: &[u8]) {
    if let Ok(element) = parse(input, LIMIT_BYTES) {
        let written = element.to_xml();
        // A numeric reference becomes a named one, which may be a little longer.
        let longest = input.len() + input.len() / 5 + GROWN_BYTES_MAX;
        assert!(written.len() <= longest, "{} bytes became {}", input.len(), written.len());
        assert!(held(&element) <= longest + HELD_BYTES_MAX, "a tree of {} bytes", held(&element));
        assert_eq!(parse(written.as_bytes(), usize::MAX), Ok(element.clone()));
        let children = parse_children(element.children_to_xml().as_bytes(), element.namespace(), usize::MAX);
        assert_eq!(children.as_deref(), Ok(element.nodes()));
    }
    if let Ok(nodes) = parse_children(input, namespace::CLIENT, LIMIT_BYTES) {
        let parent = Element::client("message").with_nodes(nodes);
        let again = parse_children(parent.children_to_xml().as_bytes(), namespace::CLIENT, usize::MAX);
        assert_eq!(again.as_deref(), Ok(parent.nodes()));
    }
    // Whatever it is, it is read without a panic.
    let _read = crate::text(input).map(parse_header);
}

/// Bytes of names, namespaces and values in a tree.
fn held(element: &Element) -> usize {
    let attributes = element.attributes().iter();
    let own: usize = attributes.map(|one| one.name().len() + one.namespace().len() + one.value().len()).sum();
    let inside = element.nodes().iter().map(|node| match node {
        Node::Element(child) => held(child),
        Node::Text(text) => text.len(),
        Node::Raw(raw) => raw.len(),
    });
    element.name().len() + element.namespace().len() + own + inside.sum::<usize>()
}
