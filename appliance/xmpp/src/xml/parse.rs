//! Text to tree, within limits.

use super::element::Attribute;
use super::escape::{attribute_value, check_legal, is_name, reference};
use super::growth::Growth;
use super::{Element, Node, ParseError, namespace};
use quick_xml::Reader;
use quick_xml::errors::{Error as XmlError, IllFormedError, SyntaxError};
use quick_xml::events::attributes::Attributes;
use quick_xml::events::{BytesStart, Event};
use std::borrow::Cow;

/// Deepest nesting; a frame's own element is at depth 1.
pub const DEPTH_MAX: usize = 32;
/// Most elements and texts in one frame.
pub const NODES_MAX: usize = 1000;
/// Most attributes on one element, namespace declarations counted.
pub const ATTRIBUTES_MAX: usize = 64;

/// The one element of a frame. White space around it is ignored.
///
/// # Errors
/// [`ParseError`]; the input is not changed or kept.
pub fn parse(frame: &[u8], limit_bytes: usize) -> Result<Element, ParseError> {
    parse_in(frame, limit_bytes, &Scope::default())
}

/// The same within a stream whose header declared namespaces.
///
/// # Errors
/// As [`parse`].
pub fn parse_in(frame: &[u8], limit_bytes: usize, scope: &Scope) -> Result<Element, ParseError> {
    let builder = Builder::new(Element::new("", ""), true, scope, limit_bytes);
    let nodes = build(frame, limit_bytes, builder)?;
    let element = nodes.into_iter().find_map(|node| match node {
        Node::Element(element) => Some(element),
        Node::Text(_) | Node::Raw(_) => None,
    });
    element.ok_or(ParseError::Empty)
}

/// The children that [`Element::children_to_xml`] wrote, for a parent of `namespace`.
///
/// # Errors
/// [`ParseError`], as for a frame; any number of elements and texts is well-formed here.
pub fn parse_children(children: &[u8], namespace: &str, limit_bytes: usize) -> Result<Vec<Node>, ParseError> {
    let parent = Element::parsed(Cow::Borrowed(""), namespace::intern(namespace));
    build(children, limit_bytes, Builder::new(parent, false, &Scope::default(), limit_bytes))
}

/// The start tag of a stream of bytes, whose end tag comes with its end, and what it declares for all within.
///
/// # Errors
/// [`ParseError`], as for a frame.
pub fn parse_header(tag: &str) -> Result<(Element, Scope), ParseError> {
    check_legal(tag)?;
    let mut builder = Builder::new(Element::new("", ""), true, &Scope::default(), tag.len());
    match Reader::from_str(tag).read_event().map_err(|error| refusal(&error))? {
        Event::Start(start) => builder.start(&start)?,
        _ => return Err(ParseError::Unclosed),
    }
    let header = builder.open.pop().ok_or(ParseError::Unclosed)?;
    Ok((header.element, Scope(builder.bindings)))
}

fn build(xml: &[u8], limit_bytes: usize, mut builder: Builder) -> Result<Vec<Node>, ParseError> {
    if xml.len() > limit_bytes {
        return Err(ParseError::TooLarge { size_bytes: xml.len(), limit_bytes });
    }
    let text = std::str::from_utf8(xml).map_err(|_| ParseError::NotUtf8)?;
    check_legal(text)?;
    let mut reader = Reader::from_str(text);
    loop {
        match reader.read_event().map_err(|error| refusal(&error))? {
            Event::Eof => return builder.finish(),
            event => builder.add(event)?,
        }
    }
}

fn refusal(error: &XmlError) -> ParseError {
    match error {
        XmlError::Syntax(SyntaxError::UnclosedPI | SyntaxError::UnclosedXmlDecl) => ParseError::ProcessingInstruction,
        XmlError::Syntax(SyntaxError::UnclosedComment) => ParseError::Comment,
        XmlError::Syntax(SyntaxError::UnclosedDoctype) | XmlError::IllFormed(IllFormedError::MissingDoctypeName) => {
            ParseError::DocumentType
        }
        XmlError::Syntax(_) => ParseError::NotWellFormed("markup is cut off or malformed"),
        XmlError::IllFormed(IllFormedError::MismatchedEndTag { .. } | IllFormedError::UnmatchedEndTag(_)) => {
            ParseError::MismatchedTag
        }
        XmlError::IllFormed(IllFormedError::MissingEndTag(_)) => ParseError::Unclosed,
        XmlError::IllFormed(IllFormedError::UnclosedReference) => ParseError::UndefinedEntity,
        XmlError::IllFormed(IllFormedError::DoubleHyphenInComment) => ParseError::Comment,
        _ => ParseError::NotWellFormed("markup is malformed"),
    }
}

/// An element whose end tag has not come yet.
struct Open {
    element: Element,
    /// Bindings in force outside it.
    bindings_before: usize,
}

#[derive(Debug, Clone)]
struct Binding {
    /// Empty for the default namespace.
    prefix: String,
    namespace: Cow<'static, str>,
}

/// The namespaces that the header of a stream declares for what stands in it.
#[derive(Debug, Clone, Default)]
pub struct Scope(Vec<Binding>);

impl Scope {
    /// The namespace of what has no prefix, if one is declared.
    #[must_use]
    pub fn default_namespace(&self) -> Option<&str> {
        let last = self.0.iter().rev().find(|binding| binding.prefix.is_empty());
        last.map(|binding| binding.namespace.as_ref())
    }
}

struct Builder {
    is_frame: bool,
    /// The parent of all comes first and stays to the end.
    parent: Element,
    open: Vec<Open>,
    bindings: Vec<Binding>,
    nodes: usize,
    growth: Growth,
}

impl Builder {
    fn new(parent: Element, is_frame: bool, scope: &Scope, limit_bytes: usize) -> Self {
        let inherited = Binding { prefix: String::new(), namespace: parent.namespace.clone() };
        let bindings = [inherited].into_iter().chain(scope.0.iter().cloned()).collect();
        Self { is_frame, parent, open: Vec::new(), bindings, nodes: 0, growth: Growth::of(limit_bytes) }
    }

    fn add(&mut self, event: Event<'_>) -> Result<(), ParseError> {
        match event {
            Event::Start(start) => self.start(&start),
            Event::Empty(start) => {
                self.start(&start)?;
                self.end()
            }
            Event::End(_) => self.end(),
            Event::Text(text) if text.contains("]]>") => Err(ParseError::NotWellFormed("']]>' in text")),
            Event::Text(text) => {
                self.growth.text(&text)?;
                self.text(&text.xml10_content())
            }
            Event::CData(_) if self.is_outside() => Err(ParseError::TrailingContent),
            Event::CData(data) => {
                self.growth.text(&data)?;
                self.text(&data.xml10_content())
            }
            Event::GeneralRef(_) if self.is_outside() => Err(ParseError::TrailingContent),
            Event::GeneralRef(name) => {
                let character = reference(&name)?;
                self.text(character.encode_utf8(&mut [0; 4]))
            }
            Event::Comment(_) => Err(ParseError::Comment),
            Event::Decl(_) | Event::PI(_) => Err(ParseError::ProcessingInstruction),
            Event::DocType(_) => Err(ParseError::DocumentType),
            Event::Eof => Ok(()),
        }
    }

    fn finish(self) -> Result<Vec<Node>, ParseError> {
        if self.open.is_empty() { Ok(self.parent.nodes) } else { Err(ParseError::Unclosed) }
    }

    /// Outside the one element of a frame.
    fn is_outside(&self) -> bool {
        self.is_frame && self.open.is_empty()
    }

    fn innermost(&mut self) -> &mut Element {
        match self.open.last_mut() {
            Some(open) => &mut open.element,
            None => &mut self.parent,
        }
    }

    fn count_node(&mut self) -> Result<(), ParseError> {
        self.nodes += 1;
        if self.nodes > NODES_MAX {
            return Err(ParseError::TooManyNodes);
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), ParseError> {
        if self.is_outside() {
            let is_space = text.bytes().all(|byte| byte.is_ascii_whitespace());
            return if is_space { Ok(()) } else { Err(ParseError::TrailingContent) };
        }
        if !matches!(self.innermost().nodes.last(), Some(Node::Text(_))) {
            self.count_node()?;
        }
        self.innermost().push_text(text);
        Ok(())
    }

    fn start(&mut self, start: &BytesStart<'_>) -> Result<(), ParseError> {
        if self.is_outside() && !self.parent.nodes.is_empty() {
            return Err(ParseError::TrailingContent);
        }
        if self.open.len() == DEPTH_MAX {
            return Err(ParseError::TooDeep);
        }
        self.count_node()?;
        let bindings_before = self.bindings.len();
        let plain = self.declare(start.attributes())?;
        let (prefix, local) = split_name(start.name().0)?;
        if prefix == "xml" {
            return Err(ParseError::ReservedNamespace);
        }
        let (namespace, declared_at) = self.resolve(prefix)?;
        let outer = self.open.last().map_or(&self.parent, |open| &open.element);
        self.growth.element(&namespace, outer.namespace(), declared_at >= bindings_before)?;
        let mut element = Element::parsed(Cow::Owned(local.to_owned()), namespace);
        element.attributes = self.attributes(start.attributes(), plain)?;
        self.open.push(Open { element, bindings_before });
        Ok(())
    }

    fn end(&mut self) -> Result<(), ParseError> {
        let closed = self.open.pop().ok_or(ParseError::MismatchedTag)?;
        self.bindings.truncate(closed.bindings_before);
        self.innermost().push_child(closed.element);
        Ok(())
    }

    /// Takes the namespace declarations of an element; the answer is how many other attributes it has.
    fn declare(&mut self, mut attributes: Attributes<'_>) -> Result<usize, ParseError> {
        let first_own = self.bindings.len();
        let mut count = 0;
        let mut plain = 0;
        for attribute in attributes.with_checks(false) {
            let attribute = attribute.map_err(|_| ParseError::NotWellFormed("attribute"))?;
            count += 1;
            if count > ATTRIBUTES_MAX {
                return Err(ParseError::TooManyAttributes);
            }
            let Some(prefix) = declared_prefix(attribute.key.0) else {
                plain += 1;
                continue;
            };
            let value = attribute_value(&attribute.value)?;
            check_declaration(prefix, &value)?;
            let again = |binding: &Binding| binding.prefix == prefix;
            if self.bindings[first_own..].iter().any(again) {
                return Err(ParseError::DuplicateAttribute);
            }
            self.bindings.push(Binding { prefix: prefix.to_owned(), namespace: namespace::intern(&value) });
        }
        Ok(plain)
    }

    fn attributes(&mut self, mut attributes: Attributes<'_>, count: usize) -> Result<Vec<Attribute>, ParseError> {
        let mut kept: Vec<Attribute> = Vec::with_capacity(count);
        for attribute in attributes.with_checks(false) {
            let attribute = attribute.map_err(|_| ParseError::NotWellFormed("attribute"))?;
            let qualified = attribute.key.0;
            if declared_prefix(qualified).is_some() {
                continue;
            }
            let (prefix, local) = split_name(qualified)?;
            let (name, namespace) = match prefix {
                // The default namespace does not apply to attributes.
                "" => (local, Cow::Borrowed("")),
                "xml" => (qualified, Cow::Borrowed("")),
                bound => (local, self.resolve(bound)?.0),
            };
            let twice = |other: &Attribute| other.name == name && other.namespace == namespace;
            if kept.iter().any(twice) {
                return Err(ParseError::DuplicateAttribute);
            }
            self.growth.attribute(&namespace, &attribute.value)?;
            kept.push(Attribute {
                name: Cow::Owned(name.to_owned()),
                namespace,
                value: attribute_value(&attribute.value)?,
            });
        }
        Ok(kept)
    }

    /// The namespace of a prefix, and where among the bindings it is declared.
    fn resolve(&self, prefix: &str) -> Result<(Cow<'static, str>, usize), ParseError> {
        if prefix == "xml" {
            return Ok((Cow::Borrowed(namespace::XML), 0));
        }
        let innermost_first = self.bindings.iter().enumerate().rev();
        innermost_first
            .filter(|(_, binding)| binding.prefix == prefix)
            .map(|(at, binding)| (binding.namespace.clone(), at))
            .next()
            .ok_or(ParseError::UnboundPrefix)
    }
}

/// The prefix that `xmlns` (empty) or `xmlns:prefix` declares.
fn declared_prefix(attribute: &str) -> Option<&str> {
    if attribute == "xmlns" {
        return Some("");
    }
    attribute.strip_prefix("xmlns:")
}

/// Namespaces in XML 1.0, 3: `xml` and `xmlns` mean what they mean, and a prefix cannot be unbound.
fn check_declaration(prefix: &str, value: &str) -> Result<(), ParseError> {
    if !prefix.is_empty() && !is_name(prefix) {
        return Err(ParseError::IllegalName);
    }
    let is_right_xml = prefix == "xml" && value == namespace::XML;
    let is_reserved = prefix == "xmlns"
        || prefix == "xml"
        || value == namespace::XML
        || value == namespace::XMLNS
        || (value.is_empty() && !prefix.is_empty());
    if is_reserved && !is_right_xml {
        return Err(ParseError::ReservedNamespace);
    }
    Ok(())
}

/// Prefix (empty when there is none) and local name.
fn split_name(qualified: &str) -> Result<(&str, &str), ParseError> {
    let (prefix, local) = match qualified.split_once(':') {
        Some((prefix, local)) if is_name(prefix) => (prefix, local),
        Some(_) => return Err(ParseError::IllegalName),
        None => ("", qualified),
    };
    if !is_name(local) {
        return Err(ParseError::IllegalName);
    }
    Ok((prefix, local))
}
