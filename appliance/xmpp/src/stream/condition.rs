//! Stream errors (RFC 6120, 4.9.3).

use crate::xml::{Element, ParseError, namespace};

/// Why a stream ends. After each of these the stream is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamCondition {
    Conflict,
    ConnectionTimeout,
    /// The client acknowledged `h` of the `sent` stanzas (XEP-0198, 4).
    HandledCountTooHigh {
        h: u32,
        sent: u32,
    },
    HostUnknown,
    InternalServerError,
    InvalidFrom,
    InvalidNamespace,
    NotAuthorized,
    NotWellFormed,
    PolicyViolation,
    ResourceConstraint,
    RestrictedXml,
    SystemShutdown,
    UnsupportedEncoding,
    UnsupportedStanzaType,
    UnsupportedVersion,
}

impl StreamCondition {
    fn element_name(self) -> &'static str {
        match self {
            Self::Conflict => "conflict",
            Self::ConnectionTimeout => "connection-timeout",
            Self::HandledCountTooHigh { .. } => "undefined-condition",
            Self::HostUnknown => "host-unknown",
            Self::InternalServerError => "internal-server-error",
            Self::InvalidFrom => "invalid-from",
            Self::InvalidNamespace => "invalid-namespace",
            Self::NotAuthorized => "not-authorized",
            Self::NotWellFormed => "not-well-formed",
            Self::PolicyViolation => "policy-violation",
            Self::ResourceConstraint => "resource-constraint",
            Self::RestrictedXml => "restricted-xml",
            Self::SystemShutdown => "system-shutdown",
            Self::UnsupportedEncoding => "unsupported-encoding",
            Self::UnsupportedStanzaType => "unsupported-stanza-type",
            Self::UnsupportedVersion => "unsupported-version",
        }
    }

    /// `<stream:error/>` with a text for the person who reads the client's log.
    pub(super) fn to_element(self, text: &str) -> Element {
        let mut error = Element::new("error", namespace::STREAM)
            .with_child(Element::new(self.element_name(), namespace::STREAM_ERRORS));
        if !text.is_empty() {
            let text = Element::new("text", namespace::STREAM_ERRORS).with_attribute("xml:lang", "en").with_text(text);
            error.push_child(text);
        }
        if let Self::HandledCountTooHigh { h, sent } = self {
            let counts = Element::new("handled-count-too-high", namespace::MANAGEMENT)
                .with_attribute("h", h.to_string())
                .with_attribute("send-count", sent.to_string());
            error.push_child(counts);
        }
        error
    }
}

impl From<ParseError> for StreamCondition {
    fn from(error: ParseError) -> Self {
        match error {
            limit if limit.is_limit() => Self::PolicyViolation,
            restricted if restricted.is_restricted() => Self::RestrictedXml,
            ParseError::NotUtf8 => Self::UnsupportedEncoding,
            _ => Self::NotWellFormed,
        }
    }
}
