//! Tree to text.

use super::element::Attribute;
use super::escape::{push_attribute, push_text};
use super::{Element, Node, namespace};

/// Fits most stanzas without growing.
const CAPACITY_BYTES: usize = 512;

impl Element {
    /// The element as one frame. `xmlns` stands wherever the namespace differs from the parent's, so a stanza
    /// always carries its own. Elements of [`namespace::STREAM`] are written with the prefix `stream`, because
    /// clients look for `stream:features` by that name.
    #[must_use]
    pub fn to_xml(&self) -> String {
        let mut out = String::with_capacity(CAPACITY_BYTES);
        self.write(&mut out, "");
        out
    }

    /// The children only, written for a parent of this element's namespace: what is stored of a message, and what
    /// [`Element::with_raw`] and [`super::parse_children`] take back.
    #[must_use]
    pub fn children_to_xml(&self) -> String {
        let mut out = String::with_capacity(CAPACITY_BYTES);
        self.write_nodes(&mut out, &self.namespace);
        out
    }

    fn write(&self, out: &mut String, parent_namespace: &str) {
        let prefixed = self.namespace == namespace::STREAM;
        let prefix = if prefixed { "stream:" } else { "" };
        out.push('<');
        out.push_str(prefix);
        out.push_str(&self.name);
        if prefixed {
            push_pair(out, "xmlns:stream", namespace::STREAM);
        } else if self.namespace != parent_namespace {
            push_pair(out, "xmlns", &self.namespace);
        }
        for (index, attribute) in self.attributes.iter().enumerate() {
            push_one(out, index, attribute);
        }
        if self.nodes.is_empty() {
            out.push_str("/>");
            return;
        }
        out.push('>');
        let inherited = if prefixed { parent_namespace } else { &self.namespace };
        self.write_nodes(out, inherited);
        out.push_str("</");
        out.push_str(prefix);
        out.push_str(&self.name);
        out.push('>');
    }

    fn write_nodes(&self, out: &mut String, inherited_namespace: &str) {
        for node in &self.nodes {
            match node {
                Node::Element(child) => child.write(out, inherited_namespace),
                Node::Text(text) => push_text(out, text),
                Node::Raw(children) => out.push_str(children),
            }
        }
    }
}

fn push_one(out: &mut String, index: usize, attribute: &Attribute) {
    if attribute.namespace.is_empty() {
        push_pair(out, &attribute.name, &attribute.value);
    } else {
        push_pair(out, &format!("xmlns:n{index}"), &attribute.namespace);
        push_pair(out, &format!("n{index}:{}", attribute.name), &attribute.value);
    }
}

fn push_pair(out: &mut String, name: &str, value: &str) {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    push_attribute(out, value);
    out.push('"');
}
