//! What the virus scanner has to say about shared files, and what happens while it says nothing (C6).

use crate::files::{BYTES, FILES, announced, judged, meets, noise, put, shared};
use crate::tenant::text;
use crate::world;
use serde_json::{Value, json};
use std::path::PathBuf;
use world::clamav::eicar;
use world::stanza::ns;
use world::{ClamAv, Device, SignedIn, World, expect, fault, secrecy};

/// A ZIP archive of files that are stored as they are; `flags` as in their heads (bit 0: encrypted).
fn zip(files: &[(&str, &[u8])], flags: u16) -> Vec<u8> {
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    for (name, bytes) in files {
        let at = u32::try_from(archive.len()).expect("small").to_le_bytes();
        let size = u32::try_from(bytes.len()).expect("small").to_le_bytes();
        let name_size = u16::try_from(name.len()).expect("short").to_le_bytes();
        let common = [
            &20_u16.to_le_bytes()[..],
            &flags.to_le_bytes(),
            &[0; 6],
            &crc32(bytes).to_le_bytes(),
            &size,
            &size,
            &name_size,
            &[0; 2],
        ]
        .concat();
        archive.extend([&b"PK\x03\x04"[..], &common, name.as_bytes(), bytes].concat());
        directory.extend([&b"PK\x01\x02\x14\x00"[..], &common, &[0; 10], &at, name.as_bytes()].concat());
    }
    let count = u16::try_from(files.len()).expect("few").to_le_bytes();
    let size = u32::try_from(directory.len()).expect("small").to_le_bytes();
    let at = u32::try_from(archive.len()).expect("small").to_le_bytes();
    let end = [&b"PK\x05\x06"[..], &[0; 4], &count, &count, &size, &at, &[0; 2]].concat();
    [archive, directory, end].concat()
}

/// As noise, of capital letters: what reads raw answers counts characters.
fn letters(length: usize, seed: u64) -> Vec<u8> {
    noise(length, seed).into_iter().map(|byte| b'A' + byte % 26).collect()
}

pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg());
        }
    }
    !crc
}

fn vscan(e: &world::Element, id: &str, clean: &str) -> bool {
    e.child("vscan", ns::CONFIGURATION).is_some_and(|scan| {
        [("fileId", id), ("action", "done"), ("isClean", clean)]
            .iter()
            .all(|(key, value)| scan.attr(key) == Some(value))
    })
}

/// Files of a box's staging area and of its companies, whatever is in them.
fn lying(world: &World) -> Vec<PathBuf> {
    fault::files(&world.edge.data().join("files"))
}

#[tokio::test]
async fn a_virus_is_refused_however_it_comes_and_nothing_of_it_is_kept_c6() {
    let (who, viewer) = (world().signed_in("file-vera").await, world().signed_in("file-viktor").await);
    let mut device = Device::online(&world().edge, &who, "web_vera").await;
    let bad = eicar();
    let zipped = zip(&[("readme.txt", b"hello"), ("inner.com", &bad)], 0);
    let cases: [(&str, Vec<u8>); 6] = [
        ("eicar.com", bad.clone()),
        ("holiday.png", bad.clone()),
        ("archive.zip", zipped.clone()),
        ("renamed.pdf", zip(&[("again.zip", &zipped)], 0)),
        ("hidden.bin", [noise(100_000, 9), bad.clone(), noise(100_000, 10)].concat()),
        ("locked.zip", zip(&[("secret.txt", b"cannot be looked into")], 1)),
    ];
    for (name, bytes) in cases {
        let file = announced(&who, name, bytes.len(), &[("user", viewer.id())]).await;
        let id = text(&file["id"]);
        // In parts that cut the signature.
        for (number, part) in bytes.chunks(bytes.len().div_ceil(2).max(30)).enumerate() {
            expect::data(&put(&who, &format!("{BYTES}/{id}/parts/{number}"), part).await);
        }
        expect::data(&put(&who, &format!("{BYTES}/{id}/parts/end"), b"").await);
        let file = judged(&who, id).await;
        assert_eq!((&file["isClean"], &file["avScanStatus"]), (&json!(false), &json!("done")), "{name}");
        assert!(text(&file["avReport"]).contains('.') || text(&file["avReport"]).contains("Eicar"), "{name}: {file}");
        device.expect("the end of the scan", |e| vscan(e, id, "false")).await;
        assert_eq!(meets(&who.client, id).await, (200, 403), "{name}");
        assert_eq!(meets(&viewer.client, id).await, (200, 403), "{name}");
        assert!(!lying(world()).iter().any(|path| path.ends_with(id)), "{name} lies on the disk");
        let listed = expect::list(&viewer.client.get(&format!("{FILES}/viewers/{}", viewer.id())).await);
        assert_eq!(listed, Vec::<Value>::new(), "{name} was passed on");
    }
}

#[tokio::test]
async fn an_archive_of_too_much_is_refused_c6() {
    let who = world().signed_in("file-bodo").await;
    let names: Vec<String> = (0..10_500).map(|number| format!("{number}")).collect();
    let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b"x"[..])).collect();
    let bytes = zip(&files, 0);
    let id = text(&announced(&who, "bomb.zip", bytes.len(), &[]).await["id"]).to_owned();
    expect::data(&put(&who, &format!("{BYTES}/{id}"), &bytes).await);
    let file = judged(&who, &id).await;
    assert_eq!(file["isClean"], json!(false), "{file}");
    assert!(text(&file["avReport"]).contains("Limits"), "{file}");
}

/// A box of its own with a scanner that is not started yet.
pub(crate) fn own_world(more: &str) -> (ClamAv, World) {
    let scanner = ClamAv::new();
    let world = World::configured(&scanner.configuration(more));
    (scanner, world)
}

async fn held(who: &SignedIn, id: &str) {
    let file = expect::data(&who.client.get(&format!("{FILES}/{id}")).await);
    assert_eq!((&file["isClean"], &file["avScanStatus"]), (&Value::Null, &json!("pending")), "{file}");
    assert_eq!(meets(&who.client, id).await, (200, 409), "held, and passed on to nobody");
}

#[tokio::test]
async fn while_the_scanner_is_away_files_are_held_and_come_when_it_is_back_c6() {
    let (scanner, world) = own_world("");
    let (who, viewer) = (world.signed_in("file-heidi").await, world.signed_in("file-heiner").await);
    let refused = who.client.post(FILES, &json!({"fileName": "a", "size": 1})).await;
    assert!(text(&expect::refusal(&refused, 503)["errorDetails"]).contains("clamav-daemon"), "no scanner is installed");
    scanner.start();
    shared(&who, "before.txt", b"while it works", &[]).await;
    let mut device = Device::online(&world.edge, &who, "web_heidi").await;
    let upload = async |name: &str| {
        let bytes = b"the content of a held file".repeat(9000);
        let id = text(&announced(&who, name, bytes.len(), &[("user", viewer.id())]).await["id"]).to_owned();
        expect::data(&put(&who, &format!("{BYTES}/{id}"), &bytes).await);
        id
    };
    scanner.freeze(true);
    let reloading = upload("reloading.txt").await;
    held(&who, &reloading).await;
    held(&viewer, &reloading).await;
    scanner.kill();
    let down = upload("down.txt").await;
    held(&who, &down).await;
    secrecy::assert_nothing_readable(&world.edge, &["content of a held file"], "while a file is held");
    // The official SDK gives up after 30 s without a word (protocol section 11, 4).
    device.expect("an answer in time", |e| vscan(e, &reloading, "false")).await;
    device.expect("an answer in time", |e| vscan(e, &down, "false")).await;
    held(&viewer, &down).await;
    scanner.start();
    for id in [&reloading, &down] {
        device.expect("the end of the scan", |e| vscan(e, id, "true")).await;
        assert_eq!(meets(&viewer.client, id).await, (200, 200));
    }
}

#[tokio::test]
async fn kill_9_leaves_no_half_file_and_no_held_one_c6() {
    let (scanner, world) = own_world("");
    scanner.start();
    let who = world.signed_in("file-kurt").await;
    let kept = shared(&who, "kept.bin", &letters(200_000, 20), &[]).await;
    scanner.kill();
    let bytes = noise(200_000, 21);
    let upload = async |name: &str| text(&announced(&who, name, bytes.len(), &[]).await["id"]).to_owned();
    let (half, waiting) = (upload("half.bin").await, upload("waiting.bin").await);
    expect::data(&put(&who, &format!("{BYTES}/{half}/parts/0"), &bytes[..100_000]).await);
    expect::data(&put(&who, &format!("{BYTES}/{waiting}"), &bytes).await);
    held(&who, &waiting).await;
    world.edge.kill_9();
    // What a crash between two strokes could leave: bytes in the company's folder whose key is gone.
    let company = world.edge.data().join("files").join(who.company_id());
    let stray = company.join(&waiting[waiting.len() - 2..]).join(&waiting);
    std::fs::create_dir_all(stray.parent().expect("a folder")).expect("a folder");
    std::fs::write(&stray, b"stray").expect("a file");
    world.edge.start();
    assert_eq!(who.client.get(&format!("{BYTES}/{kept}")).await.body[..], letters(200_000, 20)[..]);
    scanner.start();
    for id in [&half, &waiting] {
        let begun = std::time::Instant::now();
        let state = async || expect::data(&who.client.get(&format!("{FILES}/{id}")).await)["avScanStatus"].clone();
        while state().await != json!("notScanned") {
            assert!(begun.elapsed().as_secs() < world::PATIENCE_S, "given back to be uploaded again");
        }
        assert_eq!(meets(&who.client, id).await, (200, 409), "no half file is ever visible");
        assert!(*id != waiting || !stray.exists(), "bytes without a key are removed");
        expect::data(&put(&who, &format!("{BYTES}/{id}"), &bytes).await);
        assert_eq!(judged(&who, id).await["isClean"], json!(true));
        assert_eq!(who.client.get(&format!("{BYTES}/{id}")).await.body[..], bytes[..]);
    }
    assert_eq!(lying(&world).len(), 3);
    // A byte that was changed on the disk is never returned (D3).
    let path = lying(&world).into_iter().find(|path| path.ends_with(&kept)).expect("it lies there");
    fault::flip_byte(&path, 70_000);
    let range = async |from: usize, to: usize| {
        let head = format!("GET {BYTES}/{kept} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n", who.token);
        who.client.raw(format!("{head}Range: bytes={from}-{}\r\n\r\n", to - 1).as_bytes()).await
    };
    let (sound, damaged) = (range(0, 60_000).await, range(65_536, 75_536).await);
    assert!(sound.ends_with(&letters(60_000, 20)), "a range that the damage does not touch is read");
    assert!(damaged.len() < 10_000, "what was changed is never returned");
}

#[tokio::test]
async fn sizes_quotas_and_a_full_disk_are_told_before_anything_is_sent_c6() {
    let (scanner, world) = own_world("size_limit_bytes = 1048576\nquota_bytes = 1048576\nreserve_bytes = 0");
    scanner.start();
    let who = world.signed_in("file-quentin").await;
    let ask =
        async |size: u64| who.client.post(FILES, &json!({"fileName": "a.bin", "extension": "bin", "size": size})).await;
    expect::refusal(&ask(1_048_577).await, 413);
    let first = expect::data(&ask(1_000_000).await);
    let full = expect::refusal(&ask(48_577).await, 403);
    assert!(text(&full["errorDetails"]).contains("48576 are left"), "{full}");
    let path = format!("{BYTES}/{}", text(&first["id"]));
    expect::refusal(&put(&who, &path, &noise(1_000_001, 30)).await, 400);
    expect::refusal(&put(&who, &path, &noise(999_999, 30)).await, 400);
    // The head alone: it is refused before any of the body is read, and who still writes then may see no answer.
    let head = format!("PUT {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n", who.token);
    let told = who.client.raw(format!("{head}Content-Length: 1100000\r\n\r\n").as_bytes()).await;
    assert!(told.starts_with(b"HTTP/1.1 413"), "{}", String::from_utf8_lossy(&told));
    expect::data(&put(&who, &path, &noise(1_000_000, 30)).await);
    judged(&who, text(&first["id"])).await;
    expect::success(&who.client.delete(&format!("{FILES}/{}", text(&first["id"]))).await);
    expect::data(&ask(48_577).await);
    world.edge.configure(&scanner.configuration("reserve_bytes = 1099511627776"));
    world.edge.restart();
    expect::refusal(&ask(1).await, 507);
    world.edge.configure(&scanner.configuration("enabled = false"));
    world.edge.restart();
    expect::refusal(&ask(1).await, 403);
}
