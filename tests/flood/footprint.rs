//! What a box takes of the machine, on a box of its own: the open files that it needs, and memory only while it does.

use crate::floods::connections::HALF_HELLO;
use crate::office::{office, runtime};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use world::EdgeBox;
use world::tls::Door;

/// What a shell and systemd give by default; both leave a way to more.
const USUAL: u64 = 1_024;
/// Places of the gate in the default configuration, each an open file.
const CONNECTIONS_MAX: u64 = 8_192;
/// Fewer than one source may have in the handshake; all of them fewer than all may.
const STRANGERS: usize = 480;
/// The lowest priority that there is.
const GIVES_WAY_TO_ALL: i32 = 19;
/// Sources that they come from.
const SOURCES: u8 = 4;

/// Lets this process hold as many open files as it may: it plays thousands of strangers.
pub(crate) fn take_all() {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).expect("the limit can be read");
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard).expect("the limit can be raised to the hard one");
}

#[test]
fn a_box_started_from_a_shell_holds_as_many_connections_as_it_says_e5() {
    // Nobody else may need files while this process has few.
    let alone = office();
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).expect("the limit can be read");
    let edge = EdgeBox::init();
    setrlimit(Resource::RLIMIT_NOFILE, USUAL, hard).expect("the limit can be lowered");
    edge.start();
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard).expect("the limit can be raised again");
    drop(alone);
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", edge.server().id())).expect("the server lives");
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files")).expect("a limit of open files");
    let soft: u64 = line.split_whitespace().next().and_then(|number| number.parse().ok()).expect("a number");
    assert!(
        soft >= hard.min(CONNECTIONS_MAX + 64),
        "the server stays at {soft} open files though it may have {hard}: the connection after these is not accepted"
    );
}

#[test]
fn memory_that_strangers_took_is_given_back_when_they_are_gone_e5() {
    let alone = office();
    let edge = EdgeBox::init();
    edge.start();
    runtime("strangers", 1).block_on(come_and_vanish(&edge));
    drop(alone);
}

#[test]
fn guessed_passwords_and_handshakes_give_way_to_whoever_is_in_e5() {
    let alone = office();
    let edge = EdgeBox::init();
    edge.start();
    let server = edge.server();
    for thread in ["password-hash", "handshakes"] {
        let nice = server.niceness(thread);
        assert!(!nice.is_empty() && nice.iter().all(|nice| *nice == GIVES_WAY_TO_ALL), "{thread}: {nice:?}");
    }
    // Whoever runs this suite may give way himself, and what he starts with him: they are compared.
    let whole = server.niceness("rainbow-edge");
    let serving = server.niceness("tokio-rt-worker");
    assert!(!serving.is_empty() && serving.iter().all(|nice| whole.contains(nice)), "{serving:?}, and {whole:?}");
    drop(alone);
}

async fn come_and_vanish(edge: &EdgeBox) {
    let server = edge.server();
    world::Person::first_admin().sign_in(edge).await;
    let (before_kib, files) = (server.resident_kib(), server.open_files());
    server.forget_peak();
    let strangers = half_open(&Door::of(edge)).await;
    let held = |least: usize| server.open_files() >= files + least;
    wait_until("the box has taken all strangers in", || held(strangers.len() * 9 / 10)).await;
    let came = strangers.len();
    drop(strangers);
    wait_until("the box has let all strangers go", || !held(came / 100)).await;
    // A box that was kept from working has taken them in before it did anything for them: the most that they took counts.
    let during_kib = server.peak_kib();
    eprintln!("{before_kib} KiB before, {during_kib} KiB with the strangers");
    let half_kib = before_kib + (during_kib - before_kib) / 2;
    wait_until(
        &format!(
            "half of what {came} strangers took is given back ({before_kib} KiB before, {during_kib} KiB with them)"
        ),
        || server.resident_kib() <= half_kib,
    )
    .await;
}

/// Strangers who stop half way through the handshake.
async fn half_open(door: &Door) -> Vec<TcpStream> {
    let mut strangers = Vec::new();
    for source in 0..SOURCES {
        let door = door.clone().from_source(40 + source);
        for _ in 0..STRANGERS {
            let mut stream = door.tcp().await.expect("below every limit");
            stream.write_all(&HALF_HELLO).await.expect("the box reads");
            strangers.push(stream);
        }
    }
    strangers
}

async fn wait_until(what: &str, is: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is() {
        assert!(begun.elapsed().as_secs() < world::PATIENCE_S, "never came about: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
