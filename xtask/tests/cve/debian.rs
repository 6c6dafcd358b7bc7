//! What Debian's security tracker says about a version.

use crate::{Run, cve, data, list_of, xtask};

fn check(purls: &[&str]) -> Run {
    cve(&data("debian.json"), purls, "")
}

#[test]
fn a_known_vulnerable_version_is_found_with_its_repair_i6() {
    let run = check(&["pkg:deb/debian/openssl@3.5.1-1?arch=amd64&distro=trixie"]);
    let row = run.row("CVE-2025-9230", "deb:openssl").expect("a row of the table");
    assert_eq!(row[2..], ["3.5.1-1", "3.5.1-1+deb13u1", "not", "yet", "assigned"]);
    run.failed(&["1 open", "build the image again", "image/sbom/ignored.toml"]);
}

#[test]
fn a_repaired_version_is_not_found_i6() {
    for version in ["3.5.1-1%2Bdeb13u1", "3.5.1-1%2Bdeb13u2", "3.5.4-1"] {
        let run = check(&[&format!("pkg:deb/debian/openssl@{version}?distro=trixie")]).passed();
        assert!(run.out.contains("0 open"), "{}", run.out);
    }
}

#[test]
fn each_release_has_a_repair_of_its_own_i6() {
    let run = check(&["pkg:deb/debian/openssl@3.0.17-1~deb12u2?distro=bookworm"]);
    assert_eq!(run.row("CVE-2025-9230", "deb:openssl").expect("a row")[3], "3.0.17-1~deb12u3");
    check(&["pkg:deb/debian/openssl@3.0.17-1~deb12u3?distro=bookworm"]).passed();
}

#[test]
fn what_a_release_never_had_is_not_found_i6() {
    let run = check(&["pkg:deb/debian/openssl@3.5.1-1?distro=trixie"]);
    assert!(!run.out.contains("CVE-2099-0001"), "{}", run.out);
}

#[test]
fn an_epoch_goes_before_every_other_number_i6() {
    let run = check(&["pkg:deb/debian/shadow@1:4.17.4-2?distro=trixie"]);
    // Repaired in 4.99.0-1 without an epoch, which is older than 1:4.17.4-2.
    assert!(!run.out.contains("CVE-2099-0002"), "{}", run.out);
    assert_eq!(run.row("CVE-2099-0003", "deb:shadow").expect("a row")[3], "1:4.17.4-3");
    run.failed(&["1 open"]);
}

#[test]
fn a_tilde_is_before_the_release_itself_i6() {
    let run = check(&["pkg:deb/debian/systemd@257.13-1~deb13u1?distro=trixie"]);
    assert_eq!(run.row("CVE-2099-0005", "deb:systemd").expect("a row")[3], "257.13-1");
    let run = check(&["pkg:deb/debian/systemd@257.13-1?distro=trixie"]);
    assert!(!run.out.contains("CVE-2099-0005"), "{}", run.out);
}

#[test]
fn without_a_repair_in_the_release_the_one_in_unstable_is_told_i6() {
    let run = check(&["pkg:deb/debian/systemd@257.13-1?distro=trixie"]);
    assert_eq!(run.row("CVE-2099-0004", "deb:systemd").expect("a row")[3..5], ["sid:", "258~rc1-1"]);
    // A backport of what is repaired in unstable is repaired.
    check(&["pkg:deb/debian/systemd@258-1~bpo13%2B1?distro=trixie"]).passed();
}

#[test]
fn what_nobody_has_determined_is_told_and_fails_nothing_i6() {
    let run = check(&["pkg:deb/debian/linux@6.12.57-1?distro=trixie"]).passed();
    assert!(run.row("CVE-2099-0006", "deb:linux").is_some_and(|row| row.ends_with(&["undetermined"])), "{}", run.out);
    assert!(run.out.contains("0 open, 0 ignored, 1 undetermined"), "{}", run.out);
}

#[test]
fn what_debian_calls_unimportant_is_counted_and_fails_nothing_i6() {
    let run = check(&["pkg:deb/debian/shadow@1:4.17.4-3?distro=trixie"]).passed();
    assert!(run.out.contains("1 that Debian calls unimportant"), "{}", run.out);
}

#[test]
fn packages_are_looked_up_by_their_source_i6() {
    let list = crate::file("image.cdx.json", "");
    xtask(&["sbom", "--dpkg-status", &data("system/var/lib/dpkg/status"), "--out", &list]).passed();
    let ignored = crate::file("ignored.toml", "");
    let run = xtask(&["cve", "--database", &data("debian.json"), "--sbom", &list, "--ignored", &ignored]);
    assert!(run.row("CVE-2025-9230", "deb:openssl").is_some(), "{}", run.out);
    // There is no database here for the crates, and silence about them would look like a good result.
    assert!(run.out.contains("no database given or known for: ") && run.out.contains(" cargo"), "{}", run.out);
}

#[test]
fn rows_are_sorted_by_vulnerability_and_package_i6() {
    let purls =
        ["pkg:deb/debian/systemd@257.13-1~deb13u1?distro=trixie", "pkg:deb/debian/shadow@1:4.17.4-2?distro=trixie"];
    let run = check(&[purls[0], purls[1], "pkg:deb/debian/openssl@3.5.1-1?distro=trixie", purls[0]]);
    let ids: Vec<&str> = run.out.lines().filter(|line| line.starts_with("CVE-")).map(|line| &line[..13]).collect();
    assert_eq!(ids, ["CVE-2025-9230", "CVE-2099-0003", "CVE-2099-0004", "CVE-2099-0005"]);
}

#[test]
fn a_database_that_speaks_of_nothing_shipped_is_no_good_result_i6() {
    let list = list_of(&["pkg:cargo/h2@0.4.1"]);
    let run = xtask(&["cve", "--database", &data("debian.json"), "--sbom", &list]);
    run.failed(&["nothing was checked"]);
}
