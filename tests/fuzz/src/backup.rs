//! What lies at a backup target and may have been written by anybody who can write there: once opened or not, it is read without
//! a panic, and what is taken for a manifest, a listing or an index is written so that it reads the same again.
//!
//! The first byte says as what the rest is read.

use app::backup::{Index, Manifest, SnapshotName, Table, parse_list, parse_listing, sealed_index};
use domain::ids::CompanyId;

/// A listing of this company may name no place but its own.
const COMPANY: &str = "aabbccddeeff00112233aabb";

pub(crate) fn run(input: &[u8]) {
    let Some((kind, rest)) = input.split_first() else { return };
    match kind {
        b'm' => manifest(rest),
        b'l' => listing(rest),
        b'k' => {
            if let Ok(table) = Table::parse(rest) {
                let written = serde_json::to_vec(&table).expect("text and numbers become JSON");
                assert_eq!(Table::parse(&written).ok(), Some(table));
            }
        }
        b'i' => {
            if let Some(index) = Index::parse(rest) {
                assert_eq!(index.write(), rest);
            }
        }
        b'e' => {
            let size = rest.len() as u64 + 100;
            if let Some((body, sealed)) = sealed_index(size, rest) {
                assert!(body as u64 + sealed.len() as u64 + 8 == size, "the parts are the whole");
            }
        }
        b'n' => {
            if let Some(names) = parse_list(rest) {
                assert_eq!(names.len() * 32, rest.len());
            }
        }
        b's' => {
            if let Some(name) = crate::text(rest).and_then(SnapshotName::parse) {
                assert_eq!(SnapshotName::parse(&name.to_string()), Some(name));
            }
        }
        b'a' => {
            if let Some(address) = crate::text(rest).and_then(|text| domain::backup::Target::parse(text).ok()) {
                let shown = address.address.to_string();
                assert!(!shown.contains("?host_key") && shown.split('/').all(|part| part != ".."), "{shown}");
            }
        }
        _ => {
            let _ = store::keyring_box_id(rest);
        }
    }
}

fn manifest(plain: &[u8]) {
    let Ok(manifest) = Manifest::parse(plain) else { return };
    // Adding up what it says overflows nothing.
    let _ = manifest.bytes();
    let written = serde_json::to_vec(&manifest).expect("text and numbers become JSON");
    assert_eq!(Manifest::parse(&written), Ok(manifest));
}

fn listing(plain: &[u8]) {
    let company = CompanyId::parse(COMPANY).expect("an id");
    for of in [None, Some(&company)] {
        for file in parse_listing(plain, of).into_iter().flatten() {
            let path = std::path::Path::new(&file.path);
            let plain = path.components().all(|part| matches!(part, std::path::Component::Normal(_)));
            assert!(plain && path.is_relative(), "a restore would write to {}", file.path);
            let own = of.map_or_else(|| !file.path.contains('/'), |id| file.path.starts_with(&format!("files/{id}/")));
            assert!(own && file.path != "root.key" && file.path != "keyring.json", "{}", file.path);
        }
    }
}
