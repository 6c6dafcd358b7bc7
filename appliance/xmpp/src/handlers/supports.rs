//! What each handler file says of itself, and the documents written from it.

use super::HANDLERS;
use std::collections::BTreeMap;
use std::fmt::Write;

/// A specification, and the version of it that is kept to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Xep {
    number: u16,
    version: &'static str,
    name: &'static str,
}

impl Xep {
    pub(crate) const fn new(number: u16, version: &'static str, name: &'static str) -> Self {
        Self { number, version, name }
    }
}

/// What a handler file supports, and by which features the server and each account say so (XEP-0030).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Supports {
    pub(crate) xeps: &'static [Xep],
    pub(crate) server: &'static [&'static str],
    pub(crate) account: &'static [&'static str],
}

impl Supports {
    /// A file that passes something on and announces nothing: that is for clients to do.
    pub(crate) const fn passed_on(xeps: &'static [Xep]) -> Self {
        Self { xeps, server: &[], account: &[] }
    }
}

/// What is done before stanzas are handled: in `stream`, `session`, `endpoint` and `host_meta`. Features of streams are
/// offered there and not by XEP-0030.
pub(super) const STREAM: Supports = Supports::passed_on(&[
    Xep::new(156, "1.4.0", "Discovering Alternative XMPP Connection Methods"),
    Xep::new(198, "1.6.3", "Stream Management"),
    Xep::new(352, "1.0.0", "Client State Indication"),
    Xep::new(368, "1.1.0", "SRV records for XMPP over TLS"),
    Xep::new(386, "1.1.0", "Bind 2"),
    Xep::new(388, "1.0.4", "Extensible SASL Profile"),
    Xep::new(440, "0.4.2", "SASL Channel-Binding Type Capability"),
    Xep::new(484, "0.2.0", "Fast Authentication Streamlining Tokens"),
]);

fn xeps() -> BTreeMap<u16, Xep> {
    HANDLERS.iter().flat_map(|supports| supports.xeps).map(|xep| (xep.number, *xep)).collect()
}

/// `docs/xeps.md`.
#[must_use]
pub fn supported_xeps() -> String {
    let mut text = String::from(
        "# Supported XMPP extensions\n\n\
         Written from the handlers: `cargo run --release -p xmpp --example xeps > docs/xeps.md`. The core is RFC 6120, RFC 6121, RFC 7622\n\
         and RFC 7395; what is left out of each extension stands in its handler in `appliance/xmpp/src/handlers`.\n\n\
         | number | version | name |\n|---|---|---|\n",
    );
    for Xep { number, version, name } in xeps().into_values() {
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "| [XEP-{number:04}](https://xmpp.org/extensions/xep-{number:04}.html) | {version} | {name} |"
        );
    }
    text
}

/// `docs/rainbow-edge.doap`, for lists of XMPP software (XEP-0453).
#[must_use]
pub fn doap() -> String {
    let mut text = String::from(
        "<?xml version='1.0' encoding='UTF-8'?>\n\
         <rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://usefulinc.com/ns/doap#'\n\
         \u{20}        xmlns:xmpp='https://linkmauve.fr/ns/xmpp-doap#'>\n<Project>\n<name>Rainbow Edge</name>\n\
         <license rdf:resource='https://www.apache.org/licenses/LICENSE-2.0'/>\n<programming-language>Rust</programming-language>\n",
    );
    for rfc in [6120, 6121, 7395, 7622] {
        let _ = writeln!(text, "<implements rdf:resource='https://www.rfc-editor.org/info/rfc{rfc}'/>");
    }
    for Xep { number, version, .. } in xeps().into_values() {
        let _ = writeln!(
            text,
            "<implements><xmpp:SupportedXep>\
             <xmpp:xep rdf:resource='https://xmpp.org/extensions/xep-{number:04}.html'/>\
             <xmpp:version>{version}</xmpp:version></xmpp:SupportedXep></implements>"
        );
    }
    text.push_str("</Project>\n</rdf:RDF>\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_committed(path: &str, written: &str) {
        let committed = std::fs::read_to_string(format!("{}/../../docs/{path}", env!("CARGO_MANIFEST_DIR")));
        let text = "write it again: cargo run --release -p xmpp --example xeps";
        assert_eq!(committed.unwrap_or_default(), written, "docs/{path}: {text}");
    }

    #[test]
    fn the_lists_of_extensions_are_what_the_handlers_declare() {
        is_committed("xeps.md", &supported_xeps());
        is_committed("rainbow-edge.doap", &doap());
    }

    #[test]
    fn no_extension_is_declared_twice_with_different_versions() {
        for (number, kept) in xeps() {
            let declared = HANDLERS.iter().flat_map(|supports| supports.xeps).filter(|xep| xep.number == number);
            assert!(declared.into_iter().all(|xep| *xep == kept), "XEP-{number:04}");
        }
    }
}
