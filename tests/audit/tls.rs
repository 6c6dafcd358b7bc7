//! What testssl.sh must find (E2), and the little that it may complain of.

use crate::grade::{self, Facts};
use crate::suites;
use crate::testssl::{Finding, finding, findings, texts};

/// Complaints that are no fault of the box, each with its reason.
const EXCUSED: &[(&str, &str)] = &[
    ("engine_problem", "the auditor's own OpenSSL knows no GOST: nothing of the box"),
    (
        "cert_revocation",
        "the bootstrap CA serves one box, whose certificate lives 90 days: it has nothing to revoke by",
    ),
    ("DNS_CAArecord", "a record of the customer's DNS, and the audit asks no name server"),
    (
        "sessionresumption_ticket",
        "the auditor's client leaves without waiting for the tickets that TLS 1.3 sends after the handshake, so it may \
         have none to come back with",
    ),
];

/// Attacks that testssl.sh tries, or derives from what it found.
const ATTACKS: &[&str] = &[
    "heartbleed",
    "CCS",
    "ticketbleed",
    "ROBOT",
    "secure_renego",
    "secure_client_renego",
    "CRIME_TLS",
    "BREACH",
    "POODLE_SSL",
    "fallback_SCSV",
    "SWEET32",
    "FREAK",
    "DROWN",
    "LOGJAM",
    "BEAST",
    "LUCKY13",
    "RC4",
];

#[test]
fn auditor_finds_tls_1_2_and_1_3_and_nothing_older_e2() {
    for id in ["SSLv2", "SSLv3", "TLS1", "TLS1_1"] {
        assert_eq!(finding(&[id]).text, "not offered", "{id}");
    }
    for id in ["TLS1_2", "TLS1_3"] {
        let found = finding(&[id]);
        assert!(found.severity == "OK" && found.text.starts_with("offered"), "{found:?}");
    }
    assert!(finding(&["protocol_negotiated"]).text.contains("TLS1.3"), "{:?}", finding(&["protocol_negotiated"]));
}

#[test]
fn auditor_finds_strong_suites_only_and_forward_secrecy_e2() {
    let weak: Vec<&Finding> = findings()
        .iter()
        .filter(|found| found.id.starts_with("cipherlist_") && !found.id.starts_with("cipherlist_STRONG"))
        .collect();
    assert!(weak.len() >= 6, "the auditor looks at every class of suites: {weak:#?}");
    for found in weak {
        assert_eq!(found.text, "not offered", "{found:?}");
    }
    for ids in [["FS", "PFS"], ["FS_ECDHE_curves", "PFS_ECDHE_curves"]] {
        assert_eq!(finding(&ids).severity, "OK", "{:?}", finding(&ids));
    }
    assert!(finding(&["FS", "PFS"]).text.starts_with("offered"));
    assert!(finding(&["FS_ECDHE_curves", "PFS_ECDHE_curves"]).text.contains("X25519"));
}

#[test]
fn auditor_trusts_the_chain_and_finds_it_in_order_e2() {
    assert!(finding(&["cert_chain_of_trust"]).text.starts_with("passed"), "{:?}", finding(&["cert_chain_of_trust"]));
    assert_eq!(finding(&["certs_list_ordering_problem"]).text, "no");
    assert!(finding(&["cert_trust"]).text.starts_with("Ok via SAN"), "{:?}", finding(&["cert_trust"]));
    assert!(finding(&["cert_keySize"]).text.starts_with("EC 256"), "{:?}", finding(&["cert_keySize"]));
    assert_eq!(finding(&["cert_signatureAlgorithm"]).text, "ECDSA with SHA256");
    assert_eq!(finding(&["cert_expirationStatus"]).severity, "OK", "{:?}", finding(&["cert_expirationStatus"]));
    assert_eq!(finding(&["cert_extKeyUsage"]).text, "TLS Web Server Authentication");
}

#[test]
fn auditor_finds_no_attack_that_works_e2() {
    for id in ATTACKS {
        let found = finding(&[id]);
        assert_eq!(found.severity, "OK", "{found:?}");
    }
    let vulnerable = |found: &&Finding| found.text.to_lowercase().replace("not vulnerable", "").contains("vulnerable");
    let works: Vec<&Finding> = findings().iter().filter(vulnerable).collect();
    assert!(works.is_empty(), "{works:#?}");
}

#[test]
fn auditor_complains_of_nothing_but_what_is_excused_e2() {
    let complaint =
        |found: &&Finding| !found.is_fine() && found.severity != "LOW" && EXCUSED.iter().all(|(id, _)| *id != found.id);
    let complaints: Vec<&Finding> = findings().iter().filter(complaint).collect();
    assert!(findings().len() > 60, "only {} findings: the audit was cut short", findings().len());
    assert!(complaints.is_empty(), "{complaints:#?}");
}

#[test]
fn auditor_sees_hsts_of_half_a_year_at_least_and_no_version_of_the_server_e2() {
    assert_eq!(finding(&["HSTS_time"]).severity, "OK", "{:?}", finding(&["HSTS_time"]));
    assert!(hsts_seconds() >= grade::HSTS_LONG_S, "{:?}", finding(&["HSTS_time"]));
    for id in ["X-Frame-Options", "X-Content-Type-Options", "Content-Security-Policy"] {
        assert_eq!(finding(&[id]).severity, "OK", "{:?}", finding(&[id]));
    }
    for id in ["banner_server", "banner_application"] {
        assert!(finding(&[id]).text.starts_with("No "), "{:?}", finding(&[id]));
    }
}

#[test]
fn auditor_finds_http_by_alpn_and_no_protocol_that_the_port_does_not_carry_e1() {
    let offered: Vec<&str> = [texts("ALPN_HTTP2"), texts("ALPN")].concat();
    let mut rest = offered.concat();
    for name in ["h2", "http/1.1"] {
        assert!(rest.contains(name), "{name} is offered: {offered:?}");
    }
    // Those of the one public port (E1); anything else would be a service that nobody decided on. The auditor puts the names
    // of two lines together without a space.
    for name in ["h2", "http/1.1", "xmpp-client", "xmpp-server", "stun.turn"] {
        rest = rest.replace(name, " ");
    }
    assert_eq!(rest.replace([' ', ','], ""), "", "{offered:?}");
    assert_eq!(finding(&["NPN"]).text, "not offered");
}

/// The rating needs a public CA for one thing only: being trusted without being told to. Told so by `--add-ca`, the
/// auditor's other criteria apply in full, and nothing caps the grade.
#[test]
fn grade_by_the_usual_rating_guide_is_a_plus_e2() {
    let suites = suites::offered();
    let facts = Facts {
        trusted: finding(&["cert_chain_of_trust"]).text.starts_with("passed"),
        name_matches: finding(&["cert_trust"]).text.starts_with("Ok"),
        protocols: ["SSLv2", "SSLv3", "TLS1", "TLS1_1", "TLS1_2", "TLS1_3"]
            .into_iter()
            .filter(|id| finding(&[id]).text.starts_with("offered"))
            .collect(),
        exchange_bits: suites.iter().map(|suite| grade::exchange_bits(&suite.exchange)).min().expect("suites"),
        cipher_bits: suites.iter().map(|suite| grade::cipher_bits(&suite.name)).collect(),
        forward_secret: finding(&["FS", "PFS"]).text.starts_with("offered"),
        open_to_attack: ATTACKS.iter().any(|id| finding(&[id]).severity != "OK"),
        hsts_s: hsts_seconds(),
    };
    assert_eq!(grade::of(&facts), "A+", "{facts:?}");
    // Versions of testssl.sh from 3.2 on give a grade themselves.
    if let Some(own) = findings().iter().find(|found| found.id == "overall_grade") {
        assert!(["A", "A+"].contains(&own.text.as_str()), "{own:?}, by {:?}", texts("grade_cap_reason_1"));
    }
}

fn hsts_seconds() -> u64 {
    let text = &finding(&["HSTS_time"]).text;
    let seconds = text.split("(=").nth(1).and_then(|rest| rest.split(' ').next()?.parse().ok());
    seconds.unwrap_or_else(|| panic!("no seconds in {text:?}"))
}
