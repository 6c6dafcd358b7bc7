//! The tree.

use super::namespace;
use std::borrow::Cow;
use std::sync::Arc;

/// An element with its namespace resolved.
///
/// Names are known at compile time or come out of the parser, so no input becomes markup through them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    pub(super) name: Cow<'static, str>,
    pub(super) namespace: Cow<'static, str>,
    pub(super) attributes: Vec<Attribute>,
    pub(super) nodes: Vec<Node>,
}

/// An attribute. `xml:lang` keeps its prefix in `name` (the prefix can mean nothing else) and has no `namespace`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    pub(super) name: Cow<'static, str>,
    pub(super) namespace: Cow<'static, str>,
    pub(super) value: String,
}

/// What an element may contain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// A child element.
    Element(Element),
    /// Character data, unescaped. Two texts never stand side by side.
    Text(String),
    /// Children that [`Element::children_to_xml`] wrote, copied out as they are. They hold their meaning only in
    /// a parent of the namespace they were written under, and getters do not see into them.
    Raw(Arc<str>),
}

impl Attribute {
    /// The name, `xml:lang` with its prefix.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The namespace of a prefixed attribute, else empty.
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// The unescaped value.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }
}

impl Element {
    /// An empty element.
    #[must_use]
    pub fn new(name: &'static str, namespace: impl Into<Cow<'static, str>>) -> Self {
        Self::parsed(Cow::Borrowed(name), namespace.into())
    }

    /// An empty element of [`namespace::CLIENT`]: a stanza or a child such as `body`.
    #[must_use]
    pub fn client(name: &'static str) -> Self {
        Self::new(name, namespace::CLIENT)
    }

    pub(super) fn parsed(name: Cow<'static, str>, namespace: Cow<'static, str>) -> Self {
        Self { name, namespace, attributes: Vec::new(), nodes: Vec::new() }
    }

    /// With an attribute, in place of one of the same name.
    #[must_use]
    pub fn with_attribute(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.set_attribute(name, value);
        self
    }

    /// With a child element at the end.
    #[must_use]
    pub fn with_child(mut self, child: Element) -> Self {
        self.push_child(child);
        self
    }

    /// With text at the end.
    #[must_use]
    pub fn with_text(mut self, text: &str) -> Self {
        self.push_text(text);
        self
    }

    /// With children written earlier by [`Self::children_to_xml`], at the end. See [`Node::Raw`].
    #[must_use]
    pub fn with_raw(mut self, children: Arc<str>) -> Self {
        self.nodes.push(Node::Raw(children));
        self
    }

    /// Sets an attribute, in place of one of the same name.
    pub fn set_attribute(&mut self, name: &'static str, value: impl Into<String>) {
        self.remove_attribute(name);
        self.attributes.push(Attribute {
            name: Cow::Borrowed(name),
            namespace: Cow::Borrowed(""),
            value: value.into(),
        });
    }

    /// Removes an attribute, if it is there.
    pub fn remove_attribute(&mut self, name: &str) {
        self.attributes.retain(|attribute| !(attribute.namespace.is_empty() && attribute.name == name));
    }

    /// Adds a child element at the end.
    pub fn push_child(&mut self, child: Element) {
        self.nodes.push(Node::Element(child));
    }

    /// Adds text at the end.
    pub fn push_text(&mut self, text: &str) {
        match self.nodes.last_mut() {
            _ if text.is_empty() => {}
            Some(Node::Text(last)) => last.push_str(text),
            _ => self.nodes.push(Node::Text(text.to_owned())),
        }
    }

    /// Removes all child elements of this name and namespace.
    pub fn remove_children(&mut self, name: &str, namespace: &str) {
        let nodes = std::mem::take(&mut self.nodes);
        for node in nodes {
            match node {
                Node::Element(child) if child.is(name, namespace) => {}
                Node::Text(text) => self.push_text(&text),
                kept => self.nodes.push(kept),
            }
        }
    }

    /// The local name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The namespace, empty when there is none.
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// Whether this is that element.
    #[must_use]
    pub fn is(&self, name: &str, namespace: &str) -> bool {
        self.name == name && self.namespace == namespace
    }

    /// The value of an attribute without namespace, or of `xml:lang`.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attribute_in(name, "")
    }

    /// The value of an attribute in a namespace.
    #[must_use]
    pub fn attribute_in(&self, name: &str, namespace: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|attribute| attribute.name == name && attribute.namespace == namespace)
            .map(|attribute| attribute.value.as_str())
    }

    /// All attributes, in the order given.
    #[must_use]
    pub fn attributes(&self) -> &[Attribute] {
        &self.attributes
    }

    /// The first child element of this name and namespace.
    #[must_use]
    pub fn child(&self, name: &str, namespace: &str) -> Option<&Element> {
        self.children().find(|child| child.is(name, namespace))
    }

    /// The child elements.
    pub fn children(&self) -> impl Iterator<Item = &Element> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Element(child) => Some(child),
            Node::Text(_) | Node::Raw(_) => None,
        })
    }

    /// Everything inside, in order.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Everything inside, to be moved elsewhere.
    #[must_use]
    pub fn into_nodes(self) -> Vec<Node> {
        self.nodes
    }

    /// With these nodes at the end, for instance those of [`super::parse_children`].
    #[must_use]
    pub fn with_nodes(mut self, nodes: impl IntoIterator<Item = Node>) -> Self {
        for node in nodes {
            match node {
                Node::Text(text) => self.push_text(&text),
                other => self.nodes.push(other),
            }
        }
        self
    }

    /// The text directly inside, without that of child elements.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        let mut texts = self.nodes.iter().filter_map(|node| match node {
            Node::Text(text) => Some(text.as_str()),
            Node::Element(_) | Node::Raw(_) => None,
        });
        let first = texts.next().unwrap_or_default();
        match texts.next() {
            None => Cow::Borrowed(first),
            Some(second) => Cow::Owned([first, second].into_iter().chain(texts).collect()),
        }
    }

    /// The text of the first such child.
    #[must_use]
    pub fn child_text(&self, name: &str, namespace: &str) -> Option<Cow<'_, str>> {
        self.child(name, namespace).map(Element::text)
    }
}
