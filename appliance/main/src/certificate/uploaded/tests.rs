use super::*;
use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, date_time_ymd};

const NAME: &str = "box.example.org";
/// 2027-01-01, when the uploaded chain ends, in milliseconds since 1970.
const END_MS: i64 = 1_798_761_600_000;

/// A chain of leaf and intermediate for [`NAME`].
fn chain() -> Certificate {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let (root_key, middle_key, key) =
        (KeyPair::generate().expect("a key"), KeyPair::generate().expect("a key"), KeyPair::generate().expect("a key"));
    let mut root = authority.clone();
    root.distinguished_name.push(rcgen::DnType::CommonName, "Root");
    let middle = authority.signed_by(&middle_key, &Issuer::new(root, &root_key)).expect("signed");
    let mut params = CertificateParams::new(vec![NAME.to_owned()]).expect("a name");
    params.distinguished_name.push(rcgen::DnType::CommonName, NAME);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(2027, 1, 1);
    let leaf = params.signed_by(&key, &Issuer::new(authority, &middle_key)).expect("signed");
    Certificate {
        name: NAME.to_owned(),
        chain_pem: format!("{}{}", leaf.pem(), middle.pem()),
        key_pem: Zeroizing::new(key.serialize_pem()),
        expires_ms: END_MS,
    }
}

fn own() -> Certificate {
    Certificate { name: NAME.to_owned(), chain_pem: String::from("own"), key_pem: Zeroizing::default(), expires_ms: 0 }
}

#[test]
fn an_uploaded_chain_is_shown_and_its_end_is_warned_of_from_thirty_days_before_e2() {
    for (days, warned) in [(200, None), (31, None), (30, Some("in 30 days")), (1, Some("in 1 days, on 2027-01-01"))] {
        let shown = choose(Some(chain()), own(), NAME, END_MS - days * DAY_MS);
        assert_eq!(shown.kind, CertificateKind::Uploaded);
        assert_eq!(shown.warnings.len(), usize::from(warned.is_some()), "{days}: {:?}", shown.warnings);
        assert!(
            shown.warnings.iter().all(|told| warned.is_some_and(|words| told.contains(words))),
            "{:?}",
            shown.warnings
        );
    }
}

#[test]
fn a_chain_that_expired_or_covers_the_name_no_more_gives_way_to_the_own_ca_with_a_warning_e2() {
    for (name, now_ms, words) in [
        (NAME, END_MS + DAY_MS, "has expired on 2027-01-01"),
        ("other.example.org", END_MS - 100 * DAY_MS, "does not cover the box's name other.example.org"),
    ] {
        let shown = choose(Some(chain()), own(), name, now_ms);
        assert_eq!((shown.kind, shown.certificate.chain_pem.as_str()), (CertificateKind::OwnCa, "own"));
        let [warning] = shown.warnings.as_slice() else { panic!("one warning: {:?}", shown.warnings) };
        for word in [words, "own CA", "certificate set"] {
            assert!(warning.contains(word), "{word}: {warning}");
        }
    }
}

#[test]
fn a_lonely_certificate_is_shown_with_a_warning_and_none_means_the_own_ca_e2() {
    let mut lonely = chain();
    let end = lonely.chain_pem.find("-----END CERTIFICATE-----").expect("PEM") + "-----END CERTIFICATE-----".len();
    lonely.chain_pem.truncate(end);
    let shown = choose(Some(lonely), own(), NAME, END_MS - 100 * DAY_MS);
    assert_eq!(shown.kind, CertificateKind::Uploaded);
    assert!(shown.warnings.len() == 1 && shown.warnings[0].contains("intermediate"), "{:?}", shown.warnings);
    let shown = choose(None, own(), NAME, END_MS);
    assert!(shown.kind == CertificateKind::OwnCa && shown.warnings.is_empty());
}
