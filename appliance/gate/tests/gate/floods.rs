//! What strangers may cost, through sockets, with well-behaved clients beside them (E5).

use std::net::IpAddr;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::routing::{get, post};
use gate::{Connection, GateLimits};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::client::TlsStream;

use crate::door::{Door, PATIENCE, rest, until};

/// Longer than a busy machine leaves somebody waiting who is served.
const SHORT: Duration = Duration::from_secs(1);
/// Another source than the well-behaved clients'.
const ATTACKER: [u8; 4] = [127, 0, 6, 6];
/// More than socket buffers on the way hold.
const LARGE_BYTES: usize = 64 * 1024 * 1024;

fn router() -> Router {
    let sign_in = |request: Request| async move {
        request.extensions().get::<Connection>().expect("the gate gives it").sign_in();
        "welcome"
    };
    Router::new()
        .route("/", get(|| async { "hello" }))
        .route("/sign-in", get(sign_in))
        .route("/count", post(|body: Bytes| async move { body.len().to_string() }))
        .route("/large", get(|| async { Body::from(vec![b'x'; LARGE_BYTES]) }))
}

async fn attack(door: &Door, alpn: &str) -> TlsStream<TcpStream> {
    let config = door.client(rustls::ALL_VERSIONS, &[alpn]);
    door.connect_from(ATTACKER.into(), config).await.expect("the attacker gets in")
}

/// One frame of HTTP/2 (RFC 9113 section 4.1).
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("short").to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
/// `:method GET`, `:path /`, `:scheme https` of HPACK's static table (RFC 7541 appendix A).
const GET_ROOT: [u8; 3] = [0x82, 0x84, 0x87];

fn preface() -> Vec<u8> {
    [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".as_slice(), &frame(SETTINGS, 0, 0, &[])].concat()
}

/// Sends the preface and then `frames` until the gate cuts the connection; what it had said.
async fn flood(door: &Door, frames: impl Fn(u32) -> Vec<u8>) -> Vec<u8> {
    let (mut reading, mut writing) = tokio::io::split(attack(door, "h2").await);
    let heard = tokio::spawn(async move {
        let mut heard = Vec::new();
        let _cut = reading.read_to_end(&mut heard).await;
        heard
    });
    let sending = async {
        writing.write_all(&preface()).await?;
        for number in 0.. {
            writing.write_all(&frames(number)).await?;
            writing.flush().await?;
        }
        Ok::<(), std::io::Error>(())
    };
    let cut = tokio::time::timeout(PATIENCE, sending).await.expect("the flood is cut");
    assert!(cut.is_err());
    tokio::time::timeout(PATIENCE, heard).await.expect("the connection ends").expect("no panic")
}

#[tokio::test]
async fn a_flood_of_continuation_frames_is_cut_e5() {
    let door = Door::open(GateLimits::default(), router());
    flood(&door, |number| match number {
        0 => frame(HEADERS, END_STREAM, 1, &GET_ROOT),
        // `x: y`, never indexed, for ever without END_HEADERS (CVE-2024-27316).
        _ => frame(CONTINUATION, 0, 1, &[0x10, 1, b'x', 1, b'y']),
    })
    .await;
    door.counts("the flood", |counted| counted.broken == 1).await;
    assert!(door.is_alive().await);
}

#[tokio::test]
async fn a_flood_of_resets_is_cut_e5() {
    let door = Door::open(GateLimits::default(), router());
    flood(&door, |number| {
        let stream = number * 2 + 1;
        let request = frame(HEADERS, END_STREAM | END_HEADERS, stream, &GET_ROOT);
        // CANCEL, at once (CVE-2023-44487).
        [request, frame(RST_STREAM, 0, stream, &8_u32.to_be_bytes())].concat()
    })
    .await;
    door.counts("the flood", |counted| counted.broken == 1).await;
    assert!(door.is_alive().await);
}

#[tokio::test]
async fn a_flood_of_errors_that_make_the_gate_reset_streams_is_cut_e5() {
    let door = Door::open(GateLimits::default(), router());
    flood(&door, |number| {
        let stream = number * 2 + 1;
        let request = frame(HEADERS, END_STREAM | END_HEADERS, stream, &GET_ROOT);
        // Data on a stream that the peer has ended (CVE-2025-8671).
        [request, frame(DATA, 0, stream, b"x")].concat()
    })
    .await;
    door.counts("the flood", |counted| counted.broken == 1).await;
    assert!(door.is_alive().await);
}

#[tokio::test]
async fn pings_of_http_2_hold_no_place_for_ever_unless_somebody_signs_in_e5() {
    let limits = GateLimits { stranger_life: Duration::from_secs(2), header_timeout: SHORT, ..GateLimits::default() };
    let door = Door::open(limits, router());
    for path in ["/", "/sign-in"] {
        let mut stream = attack(&door, "h2").await;
        // The path as a literal without indexing: name 4 of the static table.
        let length = u8::try_from(path.len()).expect("short");
        let head = [&[0x82, 0x87, 0x04, length], path.as_bytes()].concat();
        let begin = [preface(), frame(HEADERS, END_STREAM | END_HEADERS, 1, &head)].concat();
        stream.write_all(&begin).await.expect("sent");
        let (mut reading, mut writing) = tokio::io::split(stream);
        let heard = tokio::spawn(async move {
            let mut heard = vec![0; 4096];
            while reading.read(&mut heard).await.is_ok_and(|count| count > 0) {}
        });
        let lively = async {
            for _ in 0..40 {
                writing.write_all(&frame(PING, 0, 0, &[7; 8])).await?;
                writing.flush().await?;
                // Real sockets leave no clock to advance: twice the life of a stranger, in steps shorter than silence.
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            Ok::<(), std::io::Error>(())
        };
        let lived = lively.await.is_ok();
        assert_eq!(lived, path == "/sign-in", "{path}");
        heard.abort();
    }
    assert_eq!(door.counted().life_over, 1);
}

#[tokio::test]
async fn slow_bodies_are_refused_and_steady_ones_taken_e5() {
    let limits = GateLimits { header_timeout: SHORT, rate_min_bytes_per_s: 1024, ..GateLimits::default() };
    let door = Door::open(limits, router());
    let head = |length: usize| {
        format!("POST /count HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n")
    };
    for (part, told) in [(&b"x"[..], "HTTP/1.1 408"), (&[b'x'; 512], "HTTP/1.1 200")] {
        let stream = attack(&door, "http/1.1").await;
        let (mut reading, mut writing) = tokio::io::split(stream);
        let head = head(part.len() * 20);
        let part = part.to_vec();
        let sending = tokio::spawn(async move {
            writing.write_all(head.as_bytes()).await?;
            for _ in 0..20 {
                writing.write_all(&part).await?;
                writing.flush().await?;
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            Ok::<(), std::io::Error>(())
        });
        let answer = rest(&mut reading).await;
        assert!(answer.starts_with(told), "{told}: {answer}");
        assert!(answer.contains("strict-transport-security"), "{answer}");
        let _cut = sending.await.expect("no panic");
    }
    assert_eq!(door.counted().bodies_too_slow, 1);
    assert!(door.is_alive().await);
}

#[tokio::test]
async fn answers_that_are_not_taken_end_their_connection_and_nobody_elses_e5() {
    let limits = GateLimits { write_stall_timeout: SHORT, ..GateLimits::default() };
    let door = Door::open(limits, router());
    let mut greedy = Vec::new();
    for _ in 0..3 {
        let mut stream = attack(&door, "http/1.1").await;
        stream.write_all(b"GET /large HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("sent");
        greedy.push(stream);
    }
    assert!(door.is_alive().await, "others are served meanwhile");
    door.counts("the greedy ones", |counted| counted.answers_untaken == 3).await;
    // Who takes all of it gets all of it.
    let mut eager = door.connect().await;
    eager.write_all(b"GET /large HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.expect("sent");
    assert!(rest(&mut eager).await.len() > LARGE_BYTES);
}

#[tokio::test]
async fn a_source_that_opens_connections_too_fast_is_refused_and_others_and_its_own_people_served_a5_e5() {
    let limits =
        GateLimits { connections_per_source_burst: 3, connections_per_source_per_minute: 1, ..GateLimits::default() };
    let door = Door::open(limits, router());
    let office: IpAddr = [127, 0, 0, 7].into();
    let config = || door.client(rustls::ALL_VERSIONS, &["http/1.1"]);
    let mut people = Vec::new();
    for _ in 0..10 {
        let mut person = door.connect_from(office, config()).await.expect("the office signs in");
        person.write_all(b"GET /sign-in HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("sent");
        until(&mut person, "welcome").await;
        people.push(person);
    }
    for _ in 0..3 {
        drop(door.connect_from(office, config()).await.expect("the burst"));
    }
    assert!(door.connect_from(office, config()).await.is_err(), "too fast");
    assert!(door.is_alive().await, "another source");
    for mut person in people {
        person.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.expect("open");
        assert!(rest(&mut person).await.starts_with("HTTP/1.1 200"));
    }
    assert_eq!(door.counted().refused_source_too_fast, 1);
}

#[tokio::test]
async fn half_open_handshakes_of_one_source_keep_nobody_else_out_e5() {
    let limits = GateLimits { handshakes_max: 8, handshakes_per_source_max: 4, ..GateLimits::default() };
    let door = Door::open(limits, router());
    let half_open = async |from: [u8; 4]| {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind((IpAddr::from(from), 0).into()).expect("a loopback address");
        let mut stream = socket.connect(door.https).await.expect("listening");
        // The beginning of a record that never comes.
        stream.write_all(&[22, 3, 1]).await.expect("sent");
        stream
    };
    let mut held = Vec::new();
    for _ in 0..20 {
        held.push(half_open(ATTACKER).await);
    }
    door.counts("the first attacker", |counted| counted.accepted == 20 && counted.refused_handshakes == 16).await;
    for _ in 0..20 {
        held.push(half_open([127, 0, 6, 7]).await);
    }
    door.counts("the second one", |counted| counted.accepted == 40 && counted.refused_handshakes == 32).await;
    assert_eq!(door.counted().dropped_for_others, 0);
    assert!(door.is_alive().await, "a well-behaved client beside them");
    assert_eq!(door.counted().dropped_for_others, 1);
    assert_eq!(rest(&mut held[0]).await, "", "the oldest half-open one went");
}

#[tokio::test]
async fn a_full_gate_lets_newcomers_of_other_sources_in_e5() {
    let limits = GateLimits { connections_max: 8, ..GateLimits::default() };
    let door = Door::open(limits, router());
    let mut attackers = Vec::new();
    for _ in 0..8 {
        attackers.push(attack(&door, "http/1.1").await);
    }
    let config = door.client(rustls::ALL_VERSIONS, &["http/1.1"]);
    assert!(door.connect_from(ATTACKER.into(), config).await.is_err(), "the busiest source makes no room for itself");
    let mut people = Vec::new();
    for last in 1..=4 {
        let config = door.client(rustls::ALL_VERSIONS, &["http/1.1"]);
        people.push(door.connect_from([127, 0, 7, last].into(), config).await.expect("others get in"));
    }
    for attacker in &mut attackers[..4] {
        assert_eq!(rest(attacker).await, "", "the oldest idle ones went");
    }
    for mut person in people {
        person.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.expect("open");
        assert!(rest(&mut person).await.starts_with("HTTP/1.1 200"));
    }
    let counted = door.counted();
    assert_eq!((counted.dropped_for_others, counted.refused_full), (4, 1));
}

#[tokio::test]
async fn a_body_that_is_announced_too_large_is_told_so_whole_e5() {
    let limits = GateLimits { body_limit_bytes: 4096, ..GateLimits::default() };
    let door = Door::open(limits, router());
    for parts in [1, 2, 12] {
        let bytes = parts * 16 * 1024;
        let mut stream = door.connect().await;
        let head = format!("POST /count HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {bytes}\r\n\r\n");
        stream.write_all(head.as_bytes()).await.expect("sent");
        for _ in 0..parts {
            stream.write_all(&[b'x'; 16 * 1024]).await.expect("taken, though nobody wants it");
            stream.flush().await.expect("taken");
            // Long enough for a gate that closes without looking to have reset the connection.
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let answer = rest(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 413") && answer.ends_with("413000}"), "{bytes}: {answer}");
    }
    let counted = door.counted();
    assert_eq!(counted.bodies_too_large, 3);
    assert!(door.is_alive().await);
}

#[tokio::test]
async fn bodies_far_too_large_cost_their_source_its_connections_and_nobody_elses_e5() {
    let limits = GateLimits {
        body_limit_bytes: 4096,
        connections_per_source_burst: 320,
        connections_per_source_per_minute: 1,
        ..GateLimits::default()
    };
    let door = Door::open(limits, router());
    let config = || door.client(rustls::ALL_VERSIONS, &["http/1.1"]);
    let oversize = b"POST /count HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n";
    let mut refused = 0;
    while let Ok(mut stream) = door.connect_from(ATTACKER.into(), config()).await {
        stream.write_all(oversize).await.expect("sent");
        assert!(rest(&mut stream).await.starts_with("HTTP/1.1 413"));
        refused += 1;
        assert!(refused <= 32, "a source may do it as often as it likes");
    }
    assert!(refused > 20, "one mistake keeps nobody out: {refused}");
    let office: IpAddr = [127, 0, 0, 7].into();
    for _ in 0..40 {
        let mut person = door.connect_from(office, config()).await.expect("who has signed in pays nothing");
        person.write_all(b"GET /sign-in HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("sent");
        until(&mut person, "welcome").await;
        person.write_all(oversize).await.expect("sent");
        assert!(rest(&mut person).await.starts_with("HTTP/1.1 413"));
    }
    assert!(door.is_alive().await, "another source");
}
