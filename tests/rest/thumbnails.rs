//! Small pictures of files (C6): made by a process that has nothing to lose, and missing where it did not come through (I5).

use crate::file_scan::{crc32, own_world};
use crate::files::{BYTES, FILES, judged, meets, shared};
use crate::tenant::text;
use crate::world;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use world::stanza::ns;
use world::{Client, Device, SignedIn, World, expect, fault};

/// Longer than one worker may live and one picture may take.
const MADE_WITHIN: Duration = Duration::from_secs(60);

fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let named = [&kind[..], data].concat();
    let length = u32::try_from(data.len()).expect("short").to_be_bytes();
    [&length[..], &named, &crc32(&named).to_be_bytes()].concat()
}

/// A picture with a slope of colours, packed as it is.
pub(crate) fn picture(width: u32, height: u32) -> Vec<u8> {
    let byte = |value: u32| u8::try_from(value & 0xff).expect("a byte");
    let mut lines = Vec::new();
    for y in 0..height {
        lines.push(0);
        lines.extend((0..width).flat_map(|x| [byte(x * 255 / width), byte(y * 255 / height), 90]));
    }
    let (mut low, mut high) = (1_u32, 0_u32);
    for value in &lines {
        low = (low + u32::from(*value)) % 65_521;
        high = (high + low) % 65_521;
    }
    let mut packed = b"\x78\x01".to_vec();
    let blocks = lines.chunks(65_535).count();
    for (number, block) in lines.chunks(65_535).enumerate() {
        let length = u16::try_from(block.len()).expect("a block");
        packed.push(u8::from(number + 1 == blocks));
        packed.extend([length.to_le_bytes(), (!length).to_le_bytes()].concat());
        packed.extend_from_slice(block);
    }
    packed.extend((high << 16 | low).to_be_bytes());
    file(width, height, &packed)
}

/// A PNG that says how large it is, and its packed lines.
fn file(width: u32, height: u32, packed: &[u8]) -> Vec<u8> {
    let head = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    let chunks = [chunk(b"IHDR", &head), chunk(b"IDAT", packed), chunk(b"IEND", b"")].concat();
    [&b"\x89PNG\r\n\x1a\n"[..], &chunks].concat()
}

/// What is known of a file once there is something small.
pub(crate) async fn made(who: &SignedIn, id: &str) -> Value {
    let begun = Instant::now();
    loop {
        let file = expect::data(&who.client.get(&format!("{FILES}/{id}")).await);
        if file["thumbnail"]["availableThumbnail"] == json!(true) {
            return file;
        }
        assert!(begun.elapsed() < MADE_WITHIN, "not made small: {file}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The processes of a box that look at a picture now.
fn workers(world: &World) -> Vec<Pid> {
    let threads = std::fs::read_dir(format!("/proc/{}/task", world.edge.pid())).expect("`run` lives").flatten();
    let children = threads.map(|thread| std::fs::read_to_string(thread.path().join("children")).unwrap_or_default());
    let children: Vec<i32> =
        children.flat_map(|line| line.split(' ').filter_map(|pid| pid.parse().ok()).collect::<Vec<_>>()).collect();
    let is_worker = |pid: &i32| {
        std::fs::read(format!("/proc/{pid}/cmdline"))
            .is_ok_and(|line| line.windows(8).any(|part| part == b"\0worker\0"))
    };
    children.into_iter().filter(is_worker).map(Pid::from_raw).collect()
}

/// Shares a large picture until the worker that looks at it is met by the hunter, who may be left waiting by a busy machine: what was
/// made meanwhile is no use.
async fn shared_and_met(who: &SignedIn, name: &str, bytes: &[u8], is_met: impl Fn() -> bool) -> String {
    let begun = Instant::now();
    loop {
        let id = shared(who, name, bytes, &[]).await;
        while judged(who, &id).await["thumbnail"]["availableThumbnail"] != json!(true) {
            if is_met() {
                return id;
            }
            assert!(begun.elapsed() < MADE_WITHIN, "nobody looks at it, or nobody noticed");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// Signals every worker that is seen until this is dropped.
struct Hunt {
    over: Arc<AtomicBool>,
    met: Arc<AtomicBool>,
    hunter: Option<std::thread::JoinHandle<Vec<Pid>>>,
}

impl Hunt {
    fn begin(world: &'static World, signal: Signal) -> Self {
        let (over, met) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let (until, meets) = (Arc::clone(&over), Arc::clone(&met));
        let hunter = std::thread::spawn(move || {
            let mut hit = Vec::new();
            while !until.load(Ordering::Relaxed) {
                for worker in workers(world) {
                    if !hit.contains(&worker) && kill(worker, signal).is_ok() {
                        hit.push(worker);
                        meets.store(true, Ordering::Relaxed);
                    }
                }
            }
            hit
        });
        Self { over, met, hunter: Some(hunter) }
    }

    /// Whether it has met anybody.
    fn has_met(&self) -> bool {
        self.met.load(Ordering::Relaxed)
    }

    /// Whom it has met.
    fn end(mut self) -> Vec<Pid> {
        self.over.store(true, Ordering::Relaxed);
        self.hunter.take().expect("it hunts").join().expect("no panic")
    }
}

fn small_notice(e: &world::Element, id: &str) -> bool {
    e.child("thumbnail", ns::CONFIGURATION).is_some_and(|small| {
        let field = |name| small.child(name, ns::CONFIGURATION).map(|field| field.text.clone()).unwrap_or_default();
        small.attr("action") == Some("create") && field("fileid") == id && field("mime") == "image/jpeg"
    })
}

#[tokio::test]
async fn a_picture_is_shown_small_to_who_sees_it_and_to_nobody_else_c6() {
    let (owner, viewer) = (world().signed_in("thumb-tina").await, world().signed_in("thumb-theo").await);
    let eve = world().eve.sign_in(&world().edge).await;
    let mut device = Device::online(&world().edge, &viewer, "web_theo").await;
    let id = shared(&owner, "alps.png", &picture(1000, 600), &[("user", viewer.id())]).await;
    device.expect("the notice of the small picture", |e| small_notice(e, &id)).await;
    let known = made(&viewer, &id).await;
    assert_eq!((&known["original_w"], &known["original_h"]), (&json!(1000), &json!(600)));
    let mut sizes = Vec::new();
    for (name, query) in [("thumbnail", "thumbnail=true"), ("thumbnail500", "thumbnail500=true")] {
        let path = format!("{BYTES}/{id}?{query}");
        let got = viewer.client.get(&path).await;
        assert_eq!((got.status, got.header("content-type")), (200, Some("image/jpeg")), "{name}");
        assert!(got.body.starts_with(b"\xff\xd8\xff"), "{name}");
        assert!(got.header("content-security-policy").is_some_and(|policy| policy.contains("sandbox")));
        assert_eq!((&known[name]["size"], text(&known[name]["md5sum"]).len()), (&json!(got.body.len()), 32), "{name}");
        let tag = got.header("etag").expect("a tag").to_owned();
        let again = viewer.client.request("GET", &path).header("if-none-match", &tag).send().await;
        assert_eq!(again.status, 304);
        assert_eq!(
            (eve.client.get(&path).await.status, Client::new(&world().edge).get(&path).await.status),
            (404, 401)
        );
        sizes.push(got.body.len());
    }
    assert!(sizes[0] < sizes[1] && sizes[1] < 60_000, "{sizes:?}");
    let copy = expect::data(&viewer.client.post(&format!("{FILES}/{id}/copy"), &json!({})).await);
    made(&viewer, text(&copy["id"])).await;
    let paths = || -> Vec<std::path::PathBuf> {
        let all = fault::files(&world().edge.data());
        all.into_iter().filter(|path| path.display().to_string().contains(&id)).collect()
    };
    assert_eq!(paths().len(), 2, "the picture and its small ones");
    for path in paths().iter().filter(|path| path.extension().is_some()) {
        let sealed = std::fs::read(path).expect("it lies there");
        assert!(!sealed.windows(5).any(|part| part == b"JFIF\0"), "a small picture lies in clear (D1)");
    }
    expect::success(&owner.client.delete(&format!("{FILES}/{id}")).await);
    assert_eq!(viewer.client.get(&format!("{BYTES}/{id}?thumbnail=true")).await.status, 404);
    assert_eq!(paths().len(), 0, "both are erased (C8)");
}

#[tokio::test]
async fn what_is_no_picture_has_none_and_a_bomb_is_a_file_like_others_e5() {
    let who = world().signed_in("thumb-tilo").await;
    let nothing = b"\x78\x9c\x03\0\0\0\0\x01";
    let mut ids = Vec::new();
    for (name, bytes) in [
        ("notes.txt", b"no picture".to_vec()),
        ("flood.png", file(65_000, 65_000, nothing)),
        ("line.png", file(1 << 30, 1, nothing)),
        ("torn.png", picture(300, 300)[..10_000].to_vec()),
        ("liar.jpg", [b"\xff\xd8\xff\xe0", &[7; 5000][..]].concat()),
    ] {
        ids.push((name, shared(&who, name, &bytes, &[]).await, bytes));
    }
    // Those before have had their turn when this one has.
    let after = shared(&who, "after.png", &picture(300, 300), &[]).await;
    made(&who, &after).await;
    for (name, id, bytes) in ids {
        assert_eq!(who.client.get(&format!("{BYTES}/{id}")).await.body[..], bytes[..], "{name}");
        assert_eq!(judged(&who, &id).await["thumbnail"]["availableThumbnail"], json!(false), "{name}");
        assert_eq!(who.client.get(&format!("{BYTES}/{id}?thumbnail=true")).await.status, 404, "{name}");
    }
    assert!(world().edge.log().contains("too many pixels"), "the log tells why");
}

#[tokio::test]
async fn a_worker_that_is_killed_takes_nothing_with_it_i5() {
    let (scanner, world) = own_world("");
    scanner.start();
    let world: &'static World = Box::leak(Box::new(world));
    let who = world.signed_in("thumb-karl").await;
    let hunt = Hunt::begin(world, Signal::SIGKILL);
    let large = picture(2400, 2000);
    let given_up = || world.edge.log().contains("the worker ended over a picture");
    let id = shared_and_met(&who, "large.png", &large, given_up).await;
    assert!(hunt.end().len() >= 2, "it was tried again");
    assert_eq!(who.client.get(&format!("{BYTES}/{id}")).await.body[..], large[..]);
    assert_eq!(who.client.get(&format!("{BYTES}/{id}?thumbnail=true")).await.status, 404);
    let next = shared(&who, "next.png", &picture(300, 200), &[]).await;
    made(&who, &next).await;
    assert_eq!(meets(&who.client, &id).await, (200, 200));
    world.edge.kill_9();
}

#[tokio::test]
async fn a_worker_that_hangs_is_ended_and_its_picture_made_by_another_i5() {
    let (scanner, world) = own_world("");
    scanner.start();
    let world: &'static World = Box::leak(Box::new(world));
    let who = world.signed_in("thumb-hans").await;
    let hunt = Hunt::begin(world, Signal::SIGSTOP);
    let large = picture(2400, 2000);
    let id = shared_and_met(&who, "large.png", &large, || hunt.has_met()).await;
    let hung = hunt.end();
    assert_eq!(who.client.get(&format!("{BYTES}/{id}")).await.body[..], large[..], "files do not wait for it");
    made(&who, &id).await;
    assert!(hung.iter().all(|worker| kill(*worker, None).is_err()), "it is gone");
    // What a crash leaves unmade is made after the start.
    let hunt = Hunt::begin(world, Signal::SIGSTOP);
    let id = shared_and_met(&who, "again.png", &large, || hunt.has_met()).await;
    hunt.end();
    world.edge.kill_9();
    world.edge.start();
    let file = made(&who, &id).await;
    assert_eq!(file["isClean"], json!(true));
    world.edge.kill_9();
}
