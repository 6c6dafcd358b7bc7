//! The list itself: CycloneDX 1.6, complete, the same each time.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{data, file, scratch, xtask};

/// What `component` may have by the schema of CycloneDX 1.6, of which nothing else is allowed.
const COMPONENT: &[&str] = &[
    "bom-ref",
    "cpe",
    "group",
    "hashes",
    "licenses",
    "name",
    "properties",
    "purl",
    "scope",
    "supplier",
    "type",
    "version",
];

fn made(name: &str, statuses: &[&str]) -> (String, Value) {
    let out = scratch(name).to_str().expect("paths are text").to_owned();
    let statuses: Vec<String> = statuses.iter().map(|root| data(&format!("{root}/var/lib/dpkg/status"))).collect();
    let mut arguments = vec!["sbom", "--out", &out];
    arguments.extend(statuses.iter().flat_map(|status| ["--dpkg-status", status]));
    xtask(&arguments).passed();
    let text = std::fs::read_to_string(&out).expect("the list is written");
    let value = serde_json::from_str(&text).expect("the list is JSON");
    (text, value)
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("`{name}` is missing or no text in {value}"))
}

fn array<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().unwrap_or_else(|| panic!("`{name}` is missing or no array in {value}"))
}

fn component<'a>(list: &'a Value, purl: &str) -> Option<&'a Value> {
    array(list, "components").iter().find(|one| one["purl"].as_str().is_some_and(|known| known.starts_with(purl)))
}

#[test]
fn the_list_has_the_structure_of_cyclonedx_1_6_i6() {
    let (_, list) = made("list", &["system", "initrd"]);
    assert_eq!(
        (text(&list, "bomFormat"), text(&list, "specVersion"), &list["version"]),
        ("CycloneDX", "1.6", &1.into())
    );
    let serial = text(&list, "serialNumber").strip_prefix("urn:uuid:").expect("a UUID");
    assert_eq!(serial.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
    let subject = &list["metadata"]["component"];
    assert_eq!((text(subject, "type"), text(subject, "name")), ("operating-system", "rainbow-edge"));
    let mut references = BTreeSet::from([text(subject, "bom-ref")]);
    for component in array(&list, "components") {
        check(component);
        assert!(references.insert(text(component, "bom-ref")), "twice: {component}");
    }
    let mut seen = BTreeSet::new();
    for dependency in array(&list, "dependencies") {
        assert!(seen.insert(text(dependency, "ref")), "twice: {dependency}");
        let used = array(dependency, "dependsOn").iter().map(|one| one.as_str().expect("a reference"));
        let all = std::iter::once(text(dependency, "ref")).chain(used);
        all.for_each(|one| assert!(references.contains(one), "{one} is no component"));
    }
}

fn check(component: &Value) {
    let fields = component.as_object().expect("a component is an object");
    let unknown = fields.keys().find(|name| !COMPONENT.contains(&name.as_str()));
    assert_eq!(unknown, None, "{component}");
    assert!(["library", "application"].contains(&text(component, "type")), "{component}");
    assert!(["required", "excluded"].contains(&text(component, "scope")), "{component}");
    assert!(!text(component, "name").is_empty() && !text(component, "version").is_empty());
    assert!(text(component, "purl").starts_with("pkg:"), "{component}");
    for hash in component["hashes"].as_array().into_iter().flatten() {
        let length = if text(hash, "alg") == "SHA-256" { 64 } else { 128 };
        let digits = text(hash, "content");
        assert!(digits.len() == length && digits.bytes().all(|digit| digit.is_ascii_hexdigit()), "{component}");
    }
    let licences = component["licenses"].as_array().map_or(&[][..], Vec::as_slice);
    let expressions = licences.iter().filter(|one| one["expression"].is_string()).count();
    let names = licences.iter().filter(|one| one["license"]["name"].is_string()).count();
    assert!((expressions == 1 && licences.len() == 1) || names == licences.len(), "{component}");
}

#[test]
fn debians_packages_are_listed_once_with_their_source_i6() {
    let (text_of_list, list) = made("list", &["system", "initrd"]);
    let purl = "pkg:deb/debian/libssl3t64@3.5.1-1?arch=amd64&distro=trixie";
    let library = component(&list, purl).expect("a library of the root file system");
    let all = array(&list, "components").iter().filter(|one| text(one, "purl") == purl);
    assert_eq!(all.count(), 1, "it stands in both file systems");
    assert_eq!(library["licenses"], serde_json::json!([{ "license": { "name": "Apache-2.0" } }]));
    let login = component(&list, "pkg:deb/debian/login@1:4.16.0-2%2Breally2.41-5").expect("a version with an epoch");
    let source = ["util-linux", "2.41-5"];
    assert_eq!(array(login, "properties").iter().map(|one| text(one, "value")).collect::<Vec<_>>(), source);
    assert!(component(&list, "pkg:deb/debian/dracut-core@106-6").is_some(), "a package of the initrd");
    assert!(!text_of_list.contains("removed"), "what is not installed is not listed");
}

#[test]
fn crates_are_those_of_our_executables_and_no_tool_of_ours_i6() {
    let (_, list) = made("list", &[]);
    assert_eq!(text(&list["metadata"]["component"], "type"), "application");
    let crates = ["rainbow-edge", "rustls", "tokio", "aws-lc-sys", "vault"];
    for name in crates {
        assert!(component(&list, &format!("pkg:cargo/{name}@")).is_some(), "{name} is built in");
    }
    for name in ["xtask", "tidy", "world", "ring"] {
        assert!(component(&list, &format!("pkg:cargo/{name}@")).is_none(), "{name} is in no executable");
    }
    let rustls = component(&list, "pkg:cargo/rustls@").expect("found before");
    assert!(rustls["licenses"][0]["expression"].as_str().is_some_and(|text| text.contains("MIT")), "{rustls}");
    assert_eq!((text(rustls, "scope"), text(&rustls["hashes"][0], "alg")), ("required", "SHA-256"));
    for name in ["cc", "semver"] {
        let tool = component(&list, &format!("pkg:cargo/{name}@")).expect("what is built in asks it while it is built");
        assert_eq!(text(tool, "scope"), "excluded");
    }
    let sqlite = component(&list, "pkg:generic/sqlite@3.").expect("SQLite is inside of its crate");
    assert!(text(sqlite, "cpe").starts_with("cpe:2.3:a:sqlite:sqlite:3."), "{sqlite}");
}

#[test]
fn npm_packages_are_those_of_the_application_and_not_its_compiler_i6() {
    let (_, list) = made("list", &[]);
    let preact = component(&list, "pkg:npm/preact@").expect("the application is made with it");
    assert_eq!(text(&preact["hashes"][0], "alg"), "SHA-512");
    let scoped = component(&list, "pkg:npm/%40xmpp/xml@").expect("a package with a scope");
    assert_eq!((text(scoped, "group"), text(scoped, "name")), ("@xmpp", "xml"));
    for name in ["typescript", "esbuild"] {
        assert!(component(&list, &format!("pkg:npm/{name}@")).is_none(), "{name} only builds it");
    }
}

#[test]
fn the_same_packages_give_the_same_bytes_i6() {
    let (first, list) = made("first", &["system", "initrd"]);
    let (second, _) = made("second", &["system", "initrd"]);
    assert!(first == second, "two lists of one commit differ");
    let purls: Vec<&str> = array(&list, "components").iter().map(|one| text(one, "purl")).collect();
    assert!(purls.is_sorted(), "components are sorted");
    let (other, _) = made("third", &["system"]);
    let serial = |text: &str| text.lines().find(|line| line.contains("serialNumber")).map(str::to_owned);
    assert!(serial(&first).is_some() && serial(&first) != serial(&other), "another content has another name");
}

#[test]
fn a_damaged_list_of_packages_is_refused_with_its_line_i6() {
    let refused = |name: &str, content: &str, words: &[&str]| {
        let out = scratch("out").to_str().expect("paths are text").to_owned();
        xtask(&["sbom", "--dpkg-status", &file(name, content), "--out", &out]).failed(words);
    };
    let good = std::fs::read_to_string(data("system/var/lib/dpkg/status")).expect("the extract is there");
    refused(
        "no-version",
        &good.replace("Version: 1:4.16", "Versio: 1:4.16"),
        &["no-version:17", "login", "`Version:`"],
    );
    refused("no-name", &good.replace("Package: login\n", ""), &["no-name:17", "`Package:`"]);
    refused("empty", "", &["empty:1", "no installed package"]);
    xtask(&["sbom", "--dpkg-status", "no-such-file"]).failed(&["no-such-file", "No such file"]);
}

#[test]
fn a_list_that_is_none_is_refused_i6() {
    let check =
        |name: &str, content: &str| xtask(&["cve", "--database", &data("debian.json"), "--sbom", &file(name, content)]);
    check("page", "<html>").failed(&["page", "no list in CycloneDX", "line 1"]);
    check("spdx", r#"{"bomFormat": "SPDX"}"#).failed(&["bomFormat is `SPDX`"]);
    check("nothing", r#"{"bomFormat": "CycloneDX"}"#).failed(&["nothing to check"]);
    let odd = r#"{"bomFormat": "CycloneDX", "components": [{"name": "x", "purl": "x@1"}]}"#;
    check("odd", odd).failed(&["component x", "no package URL"]);
}

#[test]
fn arguments_that_mean_nothing_are_answered_with_the_usage_i6() {
    for arguments in [&["cve"][..], &["cve", "--database"], &["cve", "--date", "soon"], &["sbom", "--format", "spdx"]] {
        let run = xtask(arguments);
        assert!(run.code == 2 && run.errors.contains("usage: cargo xtask"), "{arguments:?}: {}", run.errors);
    }
    assert!(xtask(&["help"]).passed().out.contains("cargo xtask cve --database"));
}
