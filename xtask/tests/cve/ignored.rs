//! `ignored.toml`: what is known and does not matter here.

use crate::{Run, cve, data, xtask};

const OPENSSL: &str = "pkg:deb/debian/openssl@3.5.1-1?distro=trixie";

fn entry(id: &str, package: &str, expires: &str) -> String {
    let reason = "the image decrypts no CMS messages";
    format!("[[ignored]]\nid = \"{id}\"\npackage = \"{package}\"\nreason = \"{reason}\"\nexpires = {expires}\n")
}

fn check(ignored: &str) -> Run {
    cve(&data("debian.json"), &[OPENSSL], ignored)
}

#[test]
fn what_is_named_with_a_reason_and_an_end_fails_nothing_i6() {
    let run = check(&entry("CVE-2025-9230", "deb:openssl", "2026-12-31")).passed();
    assert!(run.out.contains("0 open, 1 ignored"), "{}", run.out);
    assert!(run.row("CVE-2025-9230", "deb:openssl").is_none(), "{}", run.out);
}

#[test]
fn any_of_its_names_will_do_i6() {
    for name in ["CVE-2024-37890", "GHSA-3h5v-q93c-6h6q"] {
        cve(&data("osv"), &["pkg:npm/ws@8.17.0"], &entry(name, "npm:ws", "2026-12-31")).passed();
    }
}

#[test]
fn an_entry_counts_for_its_package_alone_i6() {
    let run = check(&entry("CVE-2025-9230", "deb:shadow", "2026-12-31"));
    run.failed(&["1 open", "ignored.toml: entry 1", "deb:shadow ignores nothing"]);
}

#[test]
fn an_entry_lasts_through_its_last_day_and_no_longer_i6() {
    check(&entry("CVE-2025-9230", "deb:openssl", "2026-11-29")).passed();
    let run = check(&entry("CVE-2025-9230", "deb:openssl", "2026-11-28"));
    run.failed(&["ignored.toml: entry 1", "CVE-2025-9230 for deb:openssl expired on 2026-11-28"]);
}

#[test]
fn an_entry_that_ignores_nothing_is_an_error_i6() {
    let both =
        entry("CVE-2025-9230", "deb:openssl", "2026-12-31") + &entry("CVE-2099-0001", "deb:openssl", "2026-12-31");
    check(&both).failed(&["entry 2", "CVE-2099-0001", "remove it"]);
}

#[test]
fn entries_for_what_was_not_checked_are_left_alone_and_told_i6() {
    let both =
        entry("CVE-2025-9230", "deb:openssl", "2026-12-31") + &entry("RUSTSEC-2024-0003", "cargo:h2", "2026-12-31");
    assert!(check(&both).passed().out.contains("1 entries are for kinds that were not checked"));
}

#[test]
fn a_mistake_in_an_entry_is_named_with_its_place_i6() {
    let good = entry("CVE-2025-9230", "deb:openssl", "2026-12-31");
    for (from, to, words) in [
        ("id =", "ide =", "`ide` is not known"),
        ("deb:openssl", "openssl", "deb:NAME"),
        ("the image decrypts no CMS messages", "no", "says too little"),
        ("expires = 2026-12-31", "", "`expires` is missing"),
        ("2026-12-31", "\"soon\"", "`expires` is missing or no day"),
        ("2026-12-31", "2028-01-01", "more than a year away"),
        ("[[ignored]]", "[[ignore]]", "`ignore` is not known"),
        ("reason = ", "reason ", "line 4"),
    ] {
        check(&good.replace(from, to)).failed(&["ignored.toml", words]);
    }
    check(&(good.clone() + &good)).failed(&["entry 2", "stands there twice"]);
}

#[test]
fn the_list_of_the_repository_can_be_read_i6() {
    let run = xtask(&["cve", "--database", &data("osv"), "--sbom", &crate::list_of(&["pkg:npm/ws@9.0.0"])]);
    assert!(!run.errors.contains("image/sbom/ignored.toml: entry"), "{}", run.errors);
}
