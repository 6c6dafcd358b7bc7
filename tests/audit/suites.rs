//! The suites that nmap gets out of the box by trying all it knows (E2).

use crate::{audited, nmap};
use std::sync::OnceLock;
use world::Element;

/// One suite as nmap names and grades it.
#[derive(Clone, Debug)]
pub(crate) struct Suite {
    /// `TLSv1.2`, `TLSv1.3`.
    pub(crate) version: String,
    pub(crate) name: String,
    /// The group or key of the exchange: `secp256r1`.
    pub(crate) exchange: String,
    pub(crate) strength: String,
}

fn script() -> &'static Element {
    static SCRIPT: OnceLock<Element> = OnceLock::new();
    SCRIPT.get_or_init(|| {
        let (edge, address) = (&audited().edge, audited().address.to_string());
        // `+`: nmap knows TLS by the port's number, and the number is a free one here.
        let report = nmap::scan(&["-sT", "-p", &edge.https().to_string(), "--script", "+ssl-enum-ciphers", &address]);
        let script = report.find("script", "").unwrap_or_else(|| panic!("the script said nothing: {report:?}"));
        assert_eq!(script.attr("id"), Some("ssl-enum-ciphers"));
        script.clone()
    })
}

/// All suites of all versions.
pub(crate) fn offered() -> Vec<Suite> {
    let versions = script().children.iter().filter(|child| child.name == "table");
    let mut all = Vec::new();
    for version in versions {
        let ciphers = nmap::table(version, "ciphers").unwrap_or_else(|| panic!("no suites: {version:?}"));
        all.extend(ciphers.children.iter().map(|cipher| {
            let text = |key: &str| nmap::text(cipher, key).unwrap_or_else(|| panic!("no {key}: {cipher:?}")).to_owned();
            let version = version.attr("key").unwrap_or_default().to_owned();
            Suite { version, name: text("name"), exchange: text("kex_info"), strength: text("strength") }
        }));
    }
    assert!(!all.is_empty(), "nmap found no suite: {:?}", script());
    all
}

#[test]
fn every_suite_on_offer_is_graded_a_e2() {
    let weak: Vec<Suite> = offered().into_iter().filter(|suite| suite.strength != "A").collect();
    assert!(weak.is_empty(), "nmap grades these below A: {weak:#?}");
    assert_eq!(nmap::text(script(), "least strength"), Some("A"));
}

#[test]
fn every_suite_on_offer_is_authenticated_encryption_of_tls_1_2_or_1_3_e2() {
    for suite in offered() {
        assert!(["TLSv1.2", "TLSv1.3"].contains(&suite.version.as_str()), "{suite:?}");
        assert!(suite.name.contains("_GCM_") || suite.name.contains("_CHACHA20_POLY1305_"), "no AEAD: {suite:?}");
        let forward_secret = suite.version == "TLSv1.3" || suite.name.starts_with("TLS_ECDHE_");
        assert!(forward_secret, "no forward secrecy: {suite:?}");
        for word in ["CBC", "RC4", "3DES", "NULL", "EXPORT", "anon", "MD5"] {
            assert!(!suite.name.contains(word), "{word}: {suite:?}");
        }
    }
    for version in ["TLSv1.2", "TLSv1.3"] {
        assert!(offered().iter().any(|suite| suite.version == version), "{version} is spoken: {:?}", offered());
    }
}

#[test]
fn nothing_is_compressed_before_it_is_encrypted_e2() {
    for version in script().children.iter().filter(|child| child.name == "table") {
        let Some(compressors) = nmap::table(version, "compressors") else { continue };
        let names: Vec<&str> = compressors.children.iter().map(|element| element.text.as_str()).collect();
        assert_eq!(names, ["NULL"], "{:?}", version.attr("key"));
    }
}
