//! A disk that fills up in the middle of an upload (C6): the file is refused, and everything else goes on.

use crate::file_scan::own_world;
use crate::files::{BYTES, FILES, announced, meets, noise, put, shared};
use crate::tenant::text;
use std::path::{Path, PathBuf};
use std::process::Command;
use world::{Device, expect};

/// Where the small disk of the process inside is.
const DISK: &str = "RAINBOW_EDGE_SMALL_DISK";
const INSIDE: &str = "file_disk::inside_of_a_small_disk";
/// In a mount of its own, which ends with it; needs no rights.
const MOUNTED: &str =
    "mount -t tmpfs -o size=96m,mode=0700 tmpfs \"$TMPDIR\" && exec \"$0\" --exact \"$1\" --nocapture";

const RESERVE_BYTES: u64 = 16 << 20;

fn free(disk: &Path) -> u64 {
    let found = nix::sys::statvfs::statvfs(disk).expect("a mounted disk");
    found.blocks_available() * found.fragment_size()
}

/// Others fill the disk, until so much is left.
fn fill(disk: &Path, left: u64) -> PathBuf {
    let filler = disk.join("filler");
    let more = free(disk).saturating_sub(left);
    let bytes = vec![7; usize::try_from(more).expect("a small disk")];
    let whole = [std::fs::read(&filler).unwrap_or_default(), bytes].concat();
    std::fs::write(&filler, whole).expect("there was room");
    filler
}

/// Runs in a process of its own, whose temporary folder is a small disk.
#[tokio::test]
async fn inside_of_a_small_disk() {
    let Some(disk) = std::env::var_os(DISK).map(PathBuf::from) else { return };
    let (scanner, world) = own_world(&format!("reserve_bytes = {RESERVE_BYTES}"));
    scanner.start();
    let (who, friend) = (world.signed_in("disk-dana").await, world.signed_in("disk-dirk").await);
    let kept = shared(&who, "kept.bin", &noise(300_000, 70), &[("user", friend.id())]).await;
    let other = shared(&who, "other.txt", b"still there", &[]).await;
    let bytes = noise(12_000_000, 71);
    let id = text(&announced(&who, "large.bin", bytes.len(), &[]).await["id"]).to_owned();
    let part = |number: usize| format!("{BYTES}/{id}/parts/{number}");
    expect::data(&put(&who, &part(0), &bytes[..4_000_000]).await);
    // Small enough that all of it is sent before it is refused: who still writes then may see no answer.
    let second = &bytes[4_000_000..4_900_000];
    let filler = fill(&disk, RESERVE_BYTES + 700_000);
    let before = free(&disk);
    let refused = expect::refusal(&put(&who, &part(1), second).await, 507);
    assert!(text(&refused["errorDetails"]).contains("has no room"), "{refused}");
    assert!(free(&disk) + 300_000 >= before, "nothing of the part is kept: {} of {before} are free", free(&disk));
    let far = expect::data(&who.client.get(&format!("/api/edge/v1/files/{id}/upload")).await);
    assert_eq!(far["nextPart"], serde_json::json!(1), "what came before is");
    expect::refusal(&who.client.post(FILES, &serde_json::json!({"fileName": "a", "size": 4_000_000})).await, 507);
    // Messages, reading and deleting go on.
    let (mut from, mut to) =
        (Device::online(&world.edge, &who, "web_a").await, Device::online(&world.edge, &friend, "web_b").await);
    for number in 0..200 {
        from.message(to.jid(), &format!("m{number}"), &"words ".repeat(200), "").await;
    }
    to.expect("the last of many messages", |e| e.attr("id") == Some("m199")).await;
    assert_eq!(friend.client.get(&format!("{BYTES}/{kept}")).await.body[..], noise(300_000, 70)[..]);
    expect::success(&who.client.delete(&format!("{FILES}/{kept}")).await);
    assert_eq!(meets(&friend.client, &kept).await, (404, 404));
    // Not a byte is left: what is there is read all the same.
    fill(&disk, 0);
    assert_eq!(who.client.get(&format!("{BYTES}/{other}")).await.body[..], b"still there"[..]);
    expect::refusal(&put(&who, &part(1), second).await, 507);
    // Its owner makes room, and everything goes on where it was.
    std::fs::remove_file(filler).expect("it can be removed");
    expect::data(&put(&who, &part(1), second).await);
    expect::data(&put(&who, &part(2), &bytes[4_900_000..]).await);
    expect::data(&put(&who, &format!("{BYTES}/{id}/parts/end"), b"").await);
    crate::files::judged(&who, &id).await;
    assert_eq!(who.client.get(&format!("{BYTES}/{id}")).await.body[..], bytes[..]);
    from.message(to.jid(), "after", "room again", "").await;
    to.expect("a message after all of it", |e| e.attr("id") == Some("after")).await;
    assert!(world.edge.alive(), "it was the same process all the time");
}

#[test]
fn a_disk_that_fills_up_refuses_the_file_and_nothing_else_c6_d3() {
    let folder = std::env::temp_dir().join(format!("rainbow-edge-small-disk-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    let test = std::env::current_exe().expect("this test");
    let mut inside = Command::new("unshare");
    inside.args(["--map-root-user", "--mount", "/bin/sh", "-c", MOUNTED]).arg(test).arg(INSIDE);
    let output = inside.env("TMPDIR", &folder).env(DISK, &folder).output().expect("unshare (package util-linux)");
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&said));
    std::fs::remove_dir(folder).expect("nothing is left in it");
}
