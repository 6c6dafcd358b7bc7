//! What records of OSV say about a version: alone, in an array, in a folder.

use crate::{Run, cve, data, file};

fn check(purls: &[&str]) -> Run {
    cve(&data("osv"), purls, "")
}

#[test]
fn a_vulnerable_crate_is_found_with_the_repair_of_its_line_i6() {
    for (version, repair) in [("0.3.23", "0.3.24"), ("0.4.0", "0.4.2"), ("0.4.1", "0.4.2"), ("0.4.2-rc.1", "0.4.2")] {
        let run = check(&[&format!("pkg:cargo/h2@{version}")]);
        assert_eq!(run.row("GHSA-8r5v-vm4m-4g25", "cargo:h2").expect("a row")[2..4], [version, repair]);
        run.failed(&["1 open", "cargo update"]);
    }
}

#[test]
fn repaired_crates_and_records_taken_back_are_not_found_i6() {
    check(&["pkg:cargo/h2@0.3.24", "pkg:cargo/h2@0.3.27", "pkg:cargo/h2@0.4.2", "pkg:cargo/h2@1.0.0"]).passed();
}

#[test]
fn a_vulnerable_npm_package_is_found_under_its_cve_i6() {
    let run = check(&["pkg:npm/ws@8.17.0", "pkg:npm/%40babel/traverse@7.23.1"]);
    assert_eq!(run.row("CVE-2024-37890", "npm:ws").expect("a row")[2..], ["8.17.0", "8.17.1", "high"]);
    let scoped = run.row("CVE-2023-45133", "npm:@babel/traverse").expect("a row");
    assert_eq!(scoped[2..], ["7.23.1", "7.23.2", "critical"]);
    run.failed(&["2 open", "package.json"]);
    check(&["pkg:npm/ws@8.17.1", "pkg:npm/ws@6.9.9", "pkg:npm/%40babel/traverse@7.23.2"]).passed();
}

#[test]
fn the_last_affected_version_is_affected_and_the_next_is_not_i6() {
    check(&["pkg:npm/%40babel/traverse@8.0.0-alpha.3"]).failed(&["1 open"]);
    check(&["pkg:npm/%40babel/traverse@8.0.0-alpha.4"]).passed();
}

#[test]
fn what_nobody_maintains_is_open_too_i6() {
    let run = check(&["pkg:cargo/left-alone@3.1.4"]);
    let row = run.row("RUSTSEC-2099-0001", "cargo:left-alone").expect("a row");
    assert_eq!(row[2..], ["3.1.4", "-", "unmaintained"]);
    run.failed(&["1 open"]);
}

#[test]
fn debians_part_of_osv_speaks_of_one_release_i6() {
    let run =
        check(&["pkg:deb/debian/shadow@1:4.17.4-2?distro=trixie", "pkg:deb/debian/openssl@3.5.1-1?distro=trixie"]);
    assert_eq!(run.row("CVE-2099-0007", "deb:shadow").expect("a row")[2..], ["1:4.17.4-2", "1:4.17.4-3", "low"]);
    run.failed(&["1 open"]);
    check(&["pkg:deb/debian/openssl@3.0.17-1?distro=debian-12"]).failed(&["1 open"]);
}

#[test]
fn one_record_an_array_and_a_folder_say_the_same_i6() {
    let record = data("osv/RUSTSEC-2024-0003.json");
    let text = std::fs::read_to_string(&record).expect("the record is there");
    let array = file("array.json", format!("[{text},\n{text}]"));
    for database in [record, array, data("osv")] {
        let run = cve(&database, &["pkg:cargo/h2@0.4.1"], "");
        assert!(run.row("GHSA-8r5v-vm4m-4g25", "cargo:h2").is_some(), "{database}: {}{}", run.out, run.errors);
        run.failed(&["1 open"]);
    }
}
