//! Addresses (RFC 7622).
//!
//! The subset kept here: a domain is a host name in ASCII (international names as A-labels) or an IP address
//! (version 6 in brackets); local part and domain compare without ASCII case and are stored in lower case;
//! a local part may hold any character but the ones RFC 7622 (3.3.1) excludes, white space and controls; a
//! resource any but controls. Unicode normalisation and the mapping of full-width forms are not applied.

use std::fmt;
use std::sync::Arc;

/// Longest local part, domain or resource (RFC 7622, 3.1).
pub const PART_BYTES_MAX: usize = 1023;

/// Why a text is no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JidError {
    #[error("the part before '@' is empty, longer than {PART_BYTES_MAX} bytes or holds a forbidden character")]
    Local,
    #[error("the domain is empty, too long or no host name in ASCII")]
    Domain,
    #[error("the part after '/' is empty, longer than {PART_BYTES_MAX} bytes or holds a control character")]
    Resource,
    #[error("an address without resource is needed here")]
    NotBare,
    #[error("an address with resource is needed here")]
    NotFull,
}

/// `local@domain/resource`, where local part and resource may be absent. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Jid {
    text: Arc<str>,
    /// Where the domain begins.
    domain_at: u16,
    /// Where the domain ends.
    domain_end: u16,
}

/// `local@domain` or `domain`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BareJid(Jid);

/// An address with resource: one connected device.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FullJid(Jid);

impl Jid {
    /// Reads and prepares an address.
    ///
    /// # Errors
    /// [`JidError`] names the part at fault.
    pub fn parse(text: &str) -> Result<Self, JidError> {
        // RFC 7622, 3.1: the first '/' goes first, so that resources may hold '@' and '/'.
        let (bare, resource) = match text.split_once('/') {
            Some((bare, resource)) => (bare, Some(resource)),
            None => (text, None),
        };
        match bare.split_once('@') {
            Some((local, domain)) => Self::from_parts(Some(local), domain, resource),
            None => Self::from_parts(None, bare, resource),
        }
    }

    /// Puts an address together from its parts, prepared as [`Self::parse`] does.
    ///
    /// # Errors
    /// [`JidError`] names the part at fault.
    pub fn from_parts(local: Option<&str>, domain: &str, resource: Option<&str>) -> Result<Self, JidError> {
        // RFC 7622, 3.2: a final dot says no more than that the name is complete.
        let domain = domain.strip_suffix('.').unwrap_or(domain);
        if local.is_some_and(|local| !is_local(local)) {
            return Err(JidError::Local);
        }
        if !is_domain(domain) {
            return Err(JidError::Domain);
        }
        if resource.is_some_and(|resource| !is_resource(resource)) {
            return Err(JidError::Resource);
        }
        let mut text = String::new();
        if let Some(local) = local {
            text.push_str(local);
            text.push('@');
        }
        let domain_at = text.len();
        text.push_str(domain);
        let domain_end = text.len();
        text.make_ascii_lowercase();
        if let Some(resource) = resource {
            text.push('/');
            text.push_str(resource);
        }
        Ok(Self {
            text: text.into(),
            domain_at: u16::try_from(domain_at).map_err(|_| JidError::Local)?,
            domain_end: u16::try_from(domain_end).map_err(|_| JidError::Domain)?,
        })
    }

    /// The whole address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What stands before `@`.
    #[must_use]
    pub fn local(&self) -> Option<&str> {
        let end = usize::from(self.domain_at).checked_sub(1)?;
        Some(&self.text[..end])
    }

    /// The domain.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.text[usize::from(self.domain_at)..usize::from(self.domain_end)]
    }

    /// What stands after `/`.
    #[must_use]
    pub fn resource(&self) -> Option<&str> {
        self.text[usize::from(self.domain_end)..].strip_prefix('/')
    }

    /// The address without its resource.
    #[must_use]
    pub fn to_bare(&self) -> BareJid {
        BareJid(Self {
            text: self.text[..usize::from(self.domain_end)].into(),
            domain_at: self.domain_at,
            domain_end: self.domain_end,
        })
    }
}

impl BareJid {
    /// Reads an address that must have no resource.
    ///
    /// # Errors
    /// [`JidError`] names the part at fault.
    pub fn parse(text: &str) -> Result<Self, JidError> {
        Self::try_from(Jid::parse(text)?)
    }

    /// The same address with a resource.
    ///
    /// # Errors
    /// [`JidError::Resource`].
    pub fn with_resource(&self, resource: &str) -> Result<FullJid, JidError> {
        Jid::from_parts(self.local(), self.domain(), Some(resource)).map(FullJid)
    }
}

impl FullJid {
    /// Reads an address that must have a resource.
    ///
    /// # Errors
    /// [`JidError`] names the part at fault.
    pub fn parse(text: &str) -> Result<Self, JidError> {
        Self::try_from(Jid::parse(text)?)
    }
}

impl TryFrom<Jid> for BareJid {
    type Error = JidError;

    fn try_from(jid: Jid) -> Result<Self, JidError> {
        match jid.resource() {
            None => Ok(Self(jid)),
            Some(_) => Err(JidError::NotBare),
        }
    }
}

impl TryFrom<Jid> for FullJid {
    type Error = JidError;

    fn try_from(jid: Jid) -> Result<Self, JidError> {
        match jid.resource() {
            Some(_) => Ok(Self(jid)),
            None => Err(JidError::NotFull),
        }
    }
}

impl std::ops::Deref for BareJid {
    type Target = Jid;

    fn deref(&self) -> &Jid {
        &self.0
    }
}

impl std::ops::Deref for FullJid {
    type Target = Jid;

    fn deref(&self) -> &Jid {
        &self.0
    }
}

impl fmt::Display for Jid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl fmt::Display for BareJid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl fmt::Display for FullJid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl fmt::Debug for Jid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.text, formatter)
    }
}

impl fmt::Debug for BareJid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, formatter)
    }
}

impl fmt::Debug for FullJid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, formatter)
    }
}

fn is_sized(part: &str) -> bool {
    (1..=PART_BYTES_MAX).contains(&part.len())
}

fn is_local(local: &str) -> bool {
    let is_allowed = |character: char| {
        !matches!(
            character,
            '"' | '&' | '\'' | '/' | ':' | '<' | '>' | '@' | '\u{ad}' | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fffe}'..='\u{ffff}'
        ) && !character.is_whitespace()
            && !character.is_control()
    };
    is_sized(local) && local.chars().all(is_allowed)
}

fn is_domain(domain: &str) -> bool {
    if let Some(literal) = domain.strip_prefix('[') {
        let address = literal.strip_suffix(']').unwrap_or_default();
        return address.parse::<std::net::Ipv6Addr>().is_ok();
    }
    is_sized(domain) && domain.split('.').all(is_label)
}

fn is_label(label: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=63).contains(&label.len()) && label.bytes().all(is_allowed) && !label.starts_with('-') && !label.ends_with('-')
}

fn is_resource(resource: &str) -> bool {
    let is_allowed = |character: char| !character.is_control() && !matches!(character, '\u{fffe}'..='\u{ffff}');
    is_sized(resource) && resource.chars().all(is_allowed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Dice;

    fn jid(text: &str) -> Jid {
        Jid::parse(text).expect("an address")
    }

    #[test]
    fn parts_are_found_and_folded() {
        let full = jid("A1b@Edge.Test/node_AbC");
        assert_eq!(full.as_str(), "a1b@edge.test/node_AbC");
        assert_eq!(full.local(), Some("a1b"));
        assert_eq!(full.domain(), "edge.test");
        assert_eq!(full.resource(), Some("node_AbC"));
        assert_eq!(full.to_bare(), BareJid::parse("a1b@edge.test").expect("bare"));
        assert_eq!(jid("edge.test.").local(), None);
        assert_eq!(jid("edge.test."), jid("EDGE.TEST"));
    }

    #[test]
    fn a_room_nick_is_a_whole_address_c3() {
        let nick = jid("room_1@muc.edge.test/a1@edge.test/node_1");
        assert_eq!(nick.domain(), "muc.edge.test");
        assert_eq!(nick.resource(), Some("a1@edge.test/node_1"));
        assert_eq!(jid("muc.edge.test/a1@edge.test/node_1").local(), None);
    }

    #[test]
    fn each_part_is_refused_by_name() {
        for text in ["@edge.test", "a b@edge.test", "a:b@edge.test", "a\u{200b}@edge.test"] {
            assert_eq!(Jid::parse(text), Err(JidError::Local), "{text}");
        }
        for text in ["", "a@", "a@/r", "a@b@c", "a@-b", "a@b..c", "a@\u{e9}.test", "a@[::g]", "a@b:1"] {
            assert_eq!(Jid::parse(text), Err(JidError::Domain), "{text}");
        }
        for text in ["a@b/", "a@b/\u{7}"] {
            assert_eq!(Jid::parse(text), Err(JidError::Resource), "{text}");
        }
        assert_eq!(BareJid::parse("a@b/c"), Err(JidError::NotBare));
        assert_eq!(FullJid::parse("a@b"), Err(JidError::NotFull));
    }

    #[test]
    fn parts_end_at_1023_bytes() {
        let longest = "x".repeat(PART_BYTES_MAX);
        assert_eq!(jid(&format!("{longest}@b/{longest}")).resource(), Some(&*longest));
        assert_eq!(Jid::parse(&format!("{longest}x@b")), Err(JidError::Local));
        assert_eq!(Jid::parse(&format!("a@b/{longest}x")), Err(JidError::Resource));
        let domain = vec!["d".repeat(63); 16].join(".");
        assert_eq!(jid(&domain).domain(), domain);
        assert_eq!(Jid::parse(&format!("{domain}.d")), Err(JidError::Domain));
    }

    #[test]
    fn an_accepted_address_reads_back_as_itself() {
        let mut dice = Dice::new(7622);
        let pieces = ["a", "B", "@", "/", ".", "-", "[::1]", "\u{e9}", " ", "\0", "node_1", "\u{130}"];
        let mut accepted = 0;
        for _ in 0..20_000 {
            let text: String = (0..dice.below(8)).map(|_| dice.pick(&pieces)).collect();
            if let Ok(read) = Jid::parse(&text) {
                accepted += 1;
                assert_eq!(Jid::parse(read.as_str()), Ok(read), "{text}");
            }
        }
        assert!(accepted > 500, "{accepted}");
    }
}
