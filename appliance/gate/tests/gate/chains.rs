//! What is wrong with a chain is told in words that say what to do (E2).

use gate::{ChainError, Described, describe, examine};
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CustomExtension, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, PKCS_ECDSA_P384_SHA384, PKCS_ECDSA_P521_SHA512, PKCS_ED25519, PKCS_RSA_SHA256, PublicKeyData, RsaKeySize,
    SignatureAlgorithm, date_time_ymd,
};

use crate::door::NAME;

/// 2026-11-24, in milliseconds since 1970.
const NOW_MS: i64 = 1_795_478_400_000;
const DAY_MS: i64 = 86_400_000;

/// A CA, or an intermediate one.
struct Authority {
    params: CertificateParams,
    key: KeyPair,
    certificate: Certificate,
}

fn named(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(2027, 1, 1);
    params
}

fn authority_named(name: &str) -> CertificateParams {
    let mut params = named(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

impl Authority {
    fn root() -> Self {
        let (params, key) = (authority_named("Root"), KeyPair::generate().expect("a key"));
        let certificate = params.self_signed(&key).expect("signed");
        Self { params, key, certificate }
    }

    fn below(&self, params: CertificateParams) -> Self {
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer()).expect("signed");
        Self { params, key, certificate }
    }

    fn issuer(&self) -> Issuer<'_, &KeyPair> {
        Issuer::from_params(&self.params, &self.key)
    }

    fn sign(&self, params: &CertificateParams, key: &impl PublicKeyData) -> Certificate {
        params.signed_by(key, &self.issuer()).expect("signed")
    }
}

fn leaf_params() -> CertificateParams {
    let mut params = named("box");
    params.subject_alt_names = CertificateParams::new(vec![NAME.to_owned()]).expect("a name").subject_alt_names;
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params
}

/// Root, intermediate and leaf as they should be, for tests to spoil.
struct Good {
    root: Authority,
    middle: Authority,
    key: KeyPair,
    leaf: Certificate,
}

impl Good {
    fn new() -> Self {
        let root = Authority::root();
        let middle = root.below(authority_named("Intermediate"));
        let key = KeyPair::generate().expect("a key");
        let leaf = middle.sign(&leaf_params(), &key);
        Self { root, middle, key, leaf }
    }

    /// The outcome for a leaf with these parameters.
    fn with(&self, params: &CertificateParams) -> Result<Described, ChainError> {
        let leaf = self.middle.sign(params, &self.key);
        look(&[&leaf, &self.middle.certificate], &self.key)
    }
}

fn pem(chain: &[&Certificate]) -> String {
    chain.iter().map(|certificate| certificate.pem()).collect()
}

fn look(chain: &[&Certificate], key: &KeyPair) -> Result<Described, ChainError> {
    examine(pem(chain).as_bytes(), key.serialize_pem().as_bytes(), NAME, NOW_MS)
}

/// The error, which must say these words.
#[track_caller]
fn refused(outcome: Result<Described, ChainError>, words: &[&str]) -> ChainError {
    let error = outcome.expect_err("it must be refused");
    let told = error.to_string();
    for word in words {
        assert!(told.contains(word), "{word:?} is missing: {told}");
    }
    error
}

#[test]
fn chains_as_authorities_issue_them_are_taken_e2() {
    let Good { root, middle, key, leaf } = Good::new();
    let expected = |length| Described { names: vec![NAME.to_owned()], expires_ms: 1_798_761_600_000, length };
    assert_eq!(look(&[&leaf, &middle.certificate], &key), Ok(expected(2)));
    assert_eq!(look(&[&leaf, &middle.certificate, &root.certificate], &key), Ok(expected(3)));
    assert_eq!(look(&[&leaf], &key), Ok(expected(1)), "without its issuers: allowed, the caller warns");
    assert_eq!(describe(pem(&[&leaf]).as_bytes(), NOW_MS), Ok(expected(1)));
    let p384 = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).expect("a key");
    assert_eq!(look(&[&middle.sign(&leaf_params(), &p384), &middle.certificate], &p384), Ok(expected(2)));
    let rsa = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).expect("a key");
    assert_eq!(look(&[&middle.sign(&leaf_params(), &rsa), &middle.certificate], &rsa), Ok(expected(2)));
    let mut wildcard = leaf_params();
    wildcard.subject_alt_names =
        CertificateParams::new(vec!["*.box.test".to_owned()]).expect("a name").subject_alt_names;
    let leaf = pem(&[&middle.sign(&wildcard, &key)]);
    let covers = |name: &str| examine(leaf.as_bytes(), key.serialize_pem().as_bytes(), name, NOW_MS).is_ok();
    assert!(covers("one.box.test") && !covers("one.two.box.test") && !covers("box.test"));
}

#[test]
fn text_that_is_no_chain_or_no_key_is_told_e2() {
    let Good { middle, key, leaf, .. } = Good::new();
    let (chain, key_pem) = (pem(&[&leaf, &middle.certificate]), key.serialize_pem());
    let look = |chain: &str, key: &str| examine(chain.as_bytes(), key.as_bytes(), NAME, NOW_MS);
    for nothing in ["", "hello", key_pem.as_str()] {
        refused(look(nothing, &key_pem), &["no certificate", "BEGIN CERTIFICATE"]);
    }
    refused(look(&chain.replace("-----END", "*****END"), &key_pem), &["not valid PEM"]);
    refused(look(&pem(&[&leaf; 8]), &key_pem), &["8 certificates", "7 are allowed"]);
    for nothing in ["", "hello", chain.as_str()] {
        assert!(refused(look(&chain, nothing), &["no private key", "PEM"]).is_about_the_key());
    }
    let in_one_line = key_pem.replace('\n', "");
    let told = look(&chain, &in_one_line).expect_err("no header on a line of its own").to_string();
    assert!(
        told.contains("lines of their own") && !told.contains("45, 45"),
        "a refusal tells nothing of a key: {told}"
    );
    let garbled = chain.replacen("MII", "MIA", 1);
    refused(look(&garbled, &key_pem), &["certificate 1 cannot be read"]);
    for encrypted in [
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIH0\n-----END ENCRYPTED PRIVATE KEY-----\n",
        "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nMIH0\n-----END EC PRIVATE KEY-----\n",
    ] {
        assert!(refused(look(&chain, encrypted), &["is encrypted", "openssl pkey"]).is_about_the_key());
    }
}

#[test]
fn a_key_of_something_else_is_told_e2() {
    let Good { root, middle, leaf, .. } = Good::new();
    let foreign = KeyPair::generate().expect("a key");
    let error = refused(look(&[&leaf, &middle.certificate], &foreign), &["does not belong", "requested with"]);
    assert!(error.is_about_the_key());
    let error = refused(look(&[&leaf, &middle.certificate], &middle.key), &["belongs to certificate 2", "first"]);
    assert!(!error.is_about_the_key());
    refused(look(&[&leaf, &middle.certificate, &root.certificate], &root.key), &["belongs to certificate 3"]);
}

#[test]
fn a_leaf_that_clients_would_refuse_is_told_e2() {
    let good = Good::new();
    let own = leaf_params().self_signed(&good.key).expect("signed");
    refused(look(&[&own], &good.key), &["self-signed", "CA"]);
    refused(look(&[&own, &good.root.certificate], &good.key), &["self-signed"]);
    let mut authority = leaf_params();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    refused(good.with(&authority), &["certificate authority", "own certificate first"]);
    let mut expired = leaf_params();
    expired.not_after = date_time_ymd(2026, 11, 23);
    refused(good.with(&expired), &["certificate 1 has expired on 2026-11-23", "renew"]);
    let mut early = leaf_params();
    early.not_before = date_time_ymd(2026, 11, 25);
    refused(good.with(&early), &["certificate 1 is not valid before 2026-11-25", "clock"]);
    for usages in [vec![], vec![ExtendedKeyUsagePurpose::ClientAuth]] {
        let mut useless = leaf_params();
        useless.extended_key_usages = usages;
        refused(good.with(&useless), &["serverAuth"]);
    }
    let mut other = leaf_params();
    other.subject_alt_names = CertificateParams::new(vec!["other.test".to_owned(), "*.box.test".to_owned()])
        .expect("names")
        .subject_alt_names;
    refused(good.with(&other), &["does not cover", NAME, "other.test, *.box.test"]);
    other.subject_alt_names.clear();
    refused(good.with(&other), &["does not cover", "no DNS name"]);
}

/// A public key that nobody has the private one of.
struct WeakKey(Vec<u8>);

impl PublicKeyData for WeakKey {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_RSA_SHA256
    }
}

#[test]
fn weak_keys_and_weak_signatures_are_told_e2() {
    let good = Good::new();
    // An RSAPublicKey with a modulus of 1024 bits and the exponent 65537.
    let modulus = [&[0x02, 0x81, 0x81, 0x00][..], &[0xc5; 128]].concat();
    let weak = [&[0x30, 0x81, 0x89][..], &modulus, &[2, 3, 1, 0, 1]].concat();
    let leaf = good.middle.sign(&leaf_params(), &WeakKey(weak));
    refused(look(&[&leaf, &good.middle.certificate], &good.key), &["1024 bits", "weak", "2048"]);
    for algorithm in [&PKCS_ED25519, &PKCS_ECDSA_P521_SHA512] {
        let key = KeyPair::generate_for(algorithm).expect("a key");
        let leaf = good.middle.sign(&leaf_params(), &key);
        refused(look(&[&leaf, &good.middle.certificate], &key), &["not every client", "P-256"]);
    }
    let issuer_key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).expect("a key");
    let leaf =
        leaf_params().signed_by(&good.key, &Issuer::from_params(&good.middle.params, &issuer_key)).expect("signed");
    // Only the name of the algorithm is changed: the signature itself is looked at later.
    let sha256_with_rsa = [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 0x0b];
    let mut encoded = leaf.der().to_vec();
    let places: Vec<usize> = (0..encoded.len()).filter(|at| encoded[*at..].starts_with(&sha256_with_rsa)).collect();
    assert_eq!(places.len(), 2, "inside and outside of what is signed");
    for place in places {
        encoded[place + sha256_with_rsa.len() - 1] = 5;
    }
    let outcome = examine(encoded_pem(&encoded).as_bytes(), good.key.serialize_pem().as_bytes(), NAME, NOW_MS);
    refused(outcome, &["certificate 1 is signed with SHA-1", "SHA-256"]);
}

fn encoded_pem(der: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for part in der.chunks(3) {
        let bits = part.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - part.len()));
        for place in 0..4 {
            let digit = usize::try_from(bits >> (18 - 6 * place) & 63).expect("six bits");
            text.push(if place <= part.len() { char::from(DIGITS[digit]) } else { '=' });
        }
    }
    format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
}

#[test]
fn wrong_order_and_missing_links_are_told_e2() {
    let Good { root, middle, key, leaf } = Good::new();
    let (root, middle) = (&root.certificate, &middle.certificate);
    refused(look(&[middle, &leaf], &key), &["certificate authority", "first"]);
    refused(look(&[root, middle, &leaf], &key), &["certificate authority", "first"]);
    refused(look(&[&leaf, root, middle], &key), &["certificate 1 is not signed by certificate 2", "order"]);
    refused(look(&[&leaf, root], &key), &["certificate 1 is not signed by certificate 2", "intermediate", "missing"]);
    let stranger = Authority::root().below(authority_named("Another"));
    refused(look(&[&leaf, middle, &stranger.certificate], &key), &["certificate 2 is not signed by certificate 3"]);
    refused(look(&[&leaf, &leaf], &key), &["certificate 2 is not one of a certificate authority"]);
    // The same name with another key.
    let impostor = Authority::root().below(authority_named("Intermediate"));
    refused(look(&[&leaf, &impostor.certificate], &key), &["certificate 1 is not properly signed by certificate 2"]);
}

#[test]
fn intermediates_that_clients_would_refuse_are_told_e2() {
    let root = Authority::root();
    let key = KeyPair::generate().expect("a key");
    let mut expired = authority_named("Intermediate");
    expired.not_after = date_time_ymd(2026, 6, 30);
    let middle = root.below(expired);
    let leaf = middle.sign(&leaf_params(), &key);
    refused(look(&[&leaf, &middle.certificate], &key), &["certificate 2 has expired on 2026-06-30"]);
    let middle = root.below(named("No authority"));
    let leaf = middle.sign(&leaf_params(), &key);
    refused(look(&[&leaf, &middle.certificate], &key), &["certificate 2 is not one of a certificate authority"]);
    let mut odd = leaf_params();
    odd.custom_extensions = vec![{
        let mut extension = CustomExtension::from_oid_content(&[1, 2, 3, 4], vec![5, 0]);
        extension.set_criticality(true);
        extension
    }];
    let middle = root.below(authority_named("Intermediate"));
    let leaf = middle.sign(&odd, &key);
    refused(
        look(&[&leaf, &middle.certificate], &key),
        &["certificate 1 cannot be read", "UnsupportedCriticalExtension"],
    );
}

#[test]
fn a_certificate_that_was_right_becomes_wrong_with_time_e2() {
    let Good { middle, key, leaf, .. } = Good::new();
    let at =
        |now_ms| examine(pem(&[&leaf, &middle.certificate]).as_bytes(), key.serialize_pem().as_bytes(), NAME, now_ms);
    let expires_ms = at(NOW_MS).expect("valid now").expires_ms;
    assert!(at(expires_ms - DAY_MS).is_ok());
    refused(at(expires_ms + DAY_MS), &["has expired on 2027-01-01"]);
}
