//! The grade of SSL Labs' "SSL Server Rating Guide" (2009q), from facts that the auditors' tools found.
//!
//! testssl.sh grades by the same guide from 3.2 on; Debian 12 has 3.0.

/// HSTS that counts for A+: half a year.
pub(crate) const HSTS_LONG_S: u64 = 15_552_000;

/// What decides.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    pub(crate) trusted: bool,
    pub(crate) name_matches: bool,
    /// As testssl.sh names them: `TLS1_2`.
    pub(crate) protocols: Vec<&'static str>,
    /// Strength of the weakest key or exchange, as bits of an RSA key.
    pub(crate) exchange_bits: u32,
    /// Strength of every suite.
    pub(crate) cipher_bits: Vec<u32>,
    pub(crate) forward_secret: bool,
    pub(crate) open_to_attack: bool,
    pub(crate) hsts_s: u64,
}

/// `T` and `M` stand for a certificate that is not trusted or for another name.
pub(crate) fn of(facts: &Facts) -> &'static str {
    if !facts.trusted {
        return "T";
    }
    if !facts.name_matches {
        return "M";
    }
    let score = 30 * protocol_score(facts) + 30 * exchange_score(facts) + 40 * cipher_score(facts);
    let letter = match score / 100 {
        80.. => "A",
        65..80 => "B",
        50..65 => "C",
        35..50 => "D",
        20..35 => "E",
        _ => "F",
    };
    let capped = cap(facts).map_or(letter, |cap| letter.max(cap));
    // A+: an A without a warning, with long HSTS. (Falling back is no attack where only 1.2 and 1.3 are spoken.)
    if capped == "A" && facts.hsts_s >= HSTS_LONG_S { "A+" } else { capped }
}

/// The worst of the guide's caps that apply; letters sort from good to bad.
fn cap(facts: &Facts) -> Option<&'static str> {
    let speaks = |name: &str| facts.protocols.contains(&name);
    let mut caps = Vec::new();
    if speaks("SSLv2") || facts.open_to_attack {
        caps.push("F");
    }
    if speaks("SSLv3") || speaks("TLS1") || speaks("TLS1_1") || !facts.forward_secret || facts.exchange_bits < 2048 {
        caps.push("B");
    }
    if !speaks("TLS1_2") && !speaks("TLS1_3") {
        caps.push("C");
    }
    caps.into_iter().max()
}

fn protocol_score(facts: &Facts) -> u32 {
    between(facts.protocols.iter().map(|name| match *name {
        "TLS1_2" | "TLS1_3" => 100,
        "TLS1_1" => 95,
        "TLS1" => 90,
        "SSLv3" => 80,
        _ => 0,
    }))
}

fn exchange_score(facts: &Facts) -> u32 {
    match facts.exchange_bits {
        4096.. => 100,
        2048.. => 90,
        1024.. => 80,
        512.. => 40,
        1.. => 20,
        0 => 0,
    }
}

fn cipher_score(facts: &Facts) -> u32 {
    between(facts.cipher_bits.iter().map(|bits| match bits {
        256.. => 100,
        128.. => 80,
        1.. => 20,
        0 => 0,
    }))
}

/// Half way between the best and the worst.
fn between(scores: impl Iterator<Item = u32> + Clone) -> u32 {
    (scores.clone().max().unwrap_or(0) + scores.min().unwrap_or(0)) / 2
}

/// An exchange as nmap names it, in bits of an RSA key of the same strength (NIST SP 800-57, table 2).
pub(crate) fn exchange_bits(name: &str) -> u32 {
    match name {
        "secp256r1" | "x25519" | "ecdh_x25519" | "X25519MLKEM768" => 3072,
        "secp384r1" | "x448" | "ecdh_x448" => 7680,
        "secp521r1" => 15360,
        other => other.rsplit(' ').next().and_then(|bits| bits.parse().ok()).unwrap_or(0),
    }
}

/// The strength of a suite, by its name.
pub(crate) fn cipher_bits(name: &str) -> u32 {
    let known = [("AES_256", 256), ("CHACHA20", 256), ("AES_128", 128), ("3DES", 112), ("RC4_128", 128)];
    known.into_iter().find(|(part, _)| name.contains(part)).map_or(0, |(_, bits)| bits)
}

fn good() -> Facts {
    Facts {
        trusted: true,
        name_matches: true,
        protocols: vec!["TLS1_2", "TLS1_3"],
        exchange_bits: 3072,
        cipher_bits: vec![128, 256],
        forward_secret: true,
        open_to_attack: false,
        hsts_s: HSTS_LONG_S,
    }
}

#[test]
fn grade_falls_with_every_fault_e2() {
    assert_eq!(of(&good()), "A+");
    assert_eq!(of(&Facts { hsts_s: 300, ..good() }), "A");
    assert_eq!(of(&Facts { trusted: false, ..good() }), "T");
    assert_eq!(of(&Facts { name_matches: false, ..good() }), "M");
    assert_eq!(of(&Facts { protocols: vec!["TLS1_1", "TLS1_2"], ..good() }), "B");
    assert_eq!(of(&Facts { exchange_bits: exchange_bits("dh 1024"), ..good() }), "B");
    assert_eq!(of(&Facts { forward_secret: false, ..good() }), "B");
    assert_eq!(of(&Facts { open_to_attack: true, ..good() }), "F");
    assert_eq!(of(&Facts { protocols: vec!["SSLv2", "TLS1_2"], ..good() }), "F");
    assert_ne!(of(&Facts { cipher_bits: vec![cipher_bits("TLS_RSA_WITH_NULL_SHA"), 128], ..good() }), "A+");
}
