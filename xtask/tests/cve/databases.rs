//! Files that are no database, or a damaged one: refused with the file, the place and what to do. A check that quietly
//! reads nothing would let everything pass.

use crate::{cve, data, file};

const PURLS: &[&str] = &["pkg:deb/debian/openssl@3.5.1-1?distro=trixie", "pkg:cargo/h2@0.4.1"];

#[track_caller]
fn refused(name: &str, content: impl AsRef<[u8]>, words: &[&str]) {
    let mut all = vec![name, "cannot be used", "Fetch it again"];
    all.extend(words);
    cve(&file(name, content), PURLS, "").failed(&all);
}

fn tracker() -> String {
    std::fs::read_to_string(data("debian.json")).expect("the extract is there")
}

#[test]
fn a_database_cut_off_on_the_way_is_refused_i6() {
    let text = tracker();
    refused("cut.json", &text[..text.len() / 2], &["EOF", "line "]);
}

#[test]
fn what_is_no_database_is_refused_i6() {
    refused("page.html", "<html>Too many requests</html>", &["line 1 column 1", "Debian's security tracker"]);
    refused("all.zip", b"PK\x03\x04 and so on", &["unpack it"]);
    refused("nothing.json", "", &["EOF"]);
    refused("empty.json", "{}", &["it is empty"]);
    refused("list.json", "[]", &["no record"]);
    refused("bytes.json", [0xff, 0xfe, 0x00], &["byte 0 is no text"]);
    refused("other.json", r#"{"linux": [1, 2]}"#, &["`linux`", "tracker"]);
    refused("numbers.json", "[1]", &["record 1", "no record of OSV"]);
}

#[test]
fn other_peoples_ecosystems_are_refused_i6() {
    let record =
        r#"{"id": "PYSEC-1", "modified": "x", "affected": [{"package": {"ecosystem": "PyPI", "name": "h2"}}]}"#;
    refused("pypi.json", record, &["none of Debian, crates.io or npm"]);
}

#[test]
fn a_version_that_is_none_is_named_with_its_record_i6() {
    refused(
        "versions.json",
        tracker().replace("3.5.1-1+deb13u1\",\n", "3.5 1\",\n"),
        &["openssl, CVE-2025-9230", "`3.5 1`"],
    );
    let record = std::fs::read_to_string(data("osv/RUSTSEC-2024-0003.json")).expect("the record is there");
    refused("crates.json", record.replace("0.4.2", "0.4.x"), &["RUSTSEC-2024-0003", "`0.4.x`"]);
}

#[test]
fn an_unknown_status_is_refused_and_not_taken_for_harmless_i6() {
    let text = tracker().replace("\"status\": \"open\"", "\"status\": \"perhaps\"");
    let purl = ["pkg:deb/debian/systemd@257.13-1?distro=trixie"];
    cve(&file("status.json", text), &purl, "").failed(&["`systemd`", "perhaps", "undetermined"]);
}

#[test]
fn a_missing_file_is_named_i6() {
    cve("no-such-database.json", PURLS, "").failed(&["no-such-database.json", "No such file"]);
}
