//! Why a frame was refused. The texts name the fault and never repeat the frame's content.

use super::{ATTRIBUTES_MAX, DEPTH_MAX, NODES_MAX};

/// A frame or fragment that is not the XML which XMPP allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    #[error("the frame has {size_bytes} bytes, more than the {limit_bytes} that are accepted")]
    TooLarge { size_bytes: usize, limit_bytes: usize },
    #[error("the frame is not UTF-8")]
    NotUtf8,
    #[error("the frame holds no element")]
    Empty,
    #[error("the frame holds more than one element, or text outside it")]
    TrailingContent,
    #[error("an element is not closed")]
    Unclosed,
    #[error("an end tag does not match its start tag")]
    MismatchedTag,
    #[error("document type declarations are not allowed in XMPP")]
    DocumentType,
    #[error("processing instructions and XML declarations are not allowed in XMPP over WebSocket")]
    ProcessingInstruction,
    #[error("comments are not allowed in XMPP")]
    Comment,
    #[error("only lt, gt, amp, quot, apos and numeric references are defined")]
    UndefinedEntity,
    #[error("a character that XML 1.0 forbids")]
    IllegalCharacter,
    #[error("a name that XML forbids")]
    IllegalName,
    #[error("a namespace prefix is not bound")]
    UnboundPrefix,
    #[error("a namespace or prefix that XML reserves is declared, or a prefix is bound to nothing")]
    ReservedNamespace,
    #[error("an attribute is given twice")]
    DuplicateAttribute,
    #[error("elements are nested deeper than {DEPTH_MAX}")]
    TooDeep,
    #[error("more than {NODES_MAX} elements and texts")]
    TooManyNodes,
    #[error("more than {ATTRIBUTES_MAX} attributes on one element")]
    TooManyAttributes,
    #[error("the frame is much larger when it is written out: say less by prefixes and CDATA")]
    GrowsTooMuch,
    #[error("not well-formed: {0}")]
    NotWellFormed(&'static str),
}

impl ParseError {
    /// The frame breaks a limit of this server, not a rule of XML.
    #[must_use]
    pub fn is_limit(self) -> bool {
        matches!(
            self,
            Self::TooLarge { .. } | Self::TooDeep | Self::TooManyNodes | Self::TooManyAttributes | Self::GrowsTooMuch
        )
    }

    /// The frame uses a part of XML that XMPP leaves out (RFC 6120, 11.1).
    #[must_use]
    pub fn is_restricted(self) -> bool {
        matches!(self, Self::DocumentType | Self::ProcessingInstruction | Self::Comment | Self::UndefinedEntity)
    }
}
