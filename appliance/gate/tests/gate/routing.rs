//! Which protocol a stream is given to, with real TLS clients (E1, decision 2).

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use gate::{Closing, Connection, GateLimits, Protocol, Stream, Takers};
use rustls::AlertDescription;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Semaphore;

use crate::door::{Door, PATIENCE, rest};

const SHORT: Duration = Duration::from_millis(300);

fn hello() -> Router {
    Router::new().route("/", get(|| async { "hello" }))
}

/// Says its name, then gives every byte back.
async fn echo(name: &'static str, stream: Stream, mut closing: Closing) {
    let (mut reading, mut writing) = tokio::io::split(stream);
    let echoing = async {
        writing.write_all(name.as_bytes()).await?;
        tokio::io::copy(&mut reading, &mut writing).await?;
        writing.shutdown().await
    };
    tokio::select! {
        _gone = echoing => {}
        () = closing.wait() => {}
    }
}

/// Takers of everything beside HTTP.
fn takers() -> Takers {
    let echoing = |name| move |stream, _: Connection, closing| echo(name, stream, closing);
    Takers::default()
        .with(Protocol::Turn, echoing("stun:"))
        .with(Protocol::XmppClient, echoing("client:"))
        .with(Protocol::XmppServer, echoing("server:"))
}

/// Sends `bytes`, each in a TLS record of its own when `apart`, and returns what came back of the same length.
async fn exchange(door: &Door, alpn: &[&str], bytes: &[u8], apart: bool, name: &str) -> Vec<u8> {
    let mut stream = door.connect_as(door.client(rustls::ALL_VERSIONS, alpn)).await.expect("served");
    let size = if apart { 1 } else { bytes.len() };
    for part in bytes.chunks(size) {
        stream.write_all(part).await.expect("sent");
        stream.flush().await.expect("sent");
    }
    let mut answer = vec![0; name.len() + bytes.len()];
    tokio::time::timeout(PATIENCE, stream.read_exact(&mut answer)).await.expect("in time").expect("all comes back");
    answer
}

#[tokio::test]
async fn each_protocol_reaches_its_taker_by_alpn_or_by_its_first_byte_without_losing_a_byte_e1() {
    let door = Door::with_takers(GateLimits::default(), hello(), takers());
    let binding = [0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9];
    let opening = b"<?xml version='1.0'?><stream:stream to='box.test'>";
    for apart in [false, true] {
        for (alpn, bytes, name) in [
            (&[][..], &binding[..], "stun:"),
            (&["stun.turn"], &binding, "stun:"),
            // As coturn's client does.
            (&["http/1.1", "stun.turn"], &binding, "stun:"),
            (&[], opening, "client:"),
            (&["xmpp-client"], opening, "client:"),
            (&["xmpp-server"], opening, "server:"),
            // ALPN has the last word, whatever the bytes look like.
            (&["stun.turn"], b"GET / HTTP/1.1\r\n\r\n", "stun:"),
            (&["xmpp-client"], &binding, "client:"),
        ] {
            let answer = exchange(&door, alpn, bytes, apart, name).await;
            assert_eq!(answer, [name.as_bytes(), bytes].concat(), "{alpn:?} {name} apart: {apart}");
        }
        for first in 0..=3 {
            assert_eq!(exchange(&door, &[], &[first, 1], apart, "stun:").await, [b"stun:", &[first, 1][..]].concat());
        }
    }
}

#[tokio::test]
async fn http_without_alpn_is_served_in_one_piece_and_byte_by_byte_e1() {
    let door = Door::with_takers(GateLimits::default(), hello(), takers());
    let request = b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    for size in [1, request.len()] {
        let mut stream = door.connect_as(door.client(rustls::ALL_VERSIONS, &[])).await.expect("served");
        for part in request.chunks(size) {
            stream.write_all(part).await.expect("sent");
            stream.flush().await.expect("sent");
        }
        assert!(rest(&mut stream).await.starts_with("HTTP/1.1 200"), "{size}");
    }
    let mut odd = door.connect_as(door.client(rustls::ALL_VERSIONS, &[])).await.expect("served");
    odd.write_all(&[0x16, 3, 1, 0, 5]).await.expect("sent");
    odd.write_all(b"\r\n\r\n").await.expect("sent");
    assert!(!rest(&mut odd).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn what_nobody_takes_is_not_offered_and_closed_without_an_answer_e1() {
    let door = Door::open(GateLimits::default(), hello());
    for alpn in ["stun.turn", "xmpp-client", "xmpp-server", "ftp"] {
        let refused = door.connect_as(door.client(rustls::ALL_VERSIONS, &[alpn])).await.expect_err("not offered");
        let alert = rustls::Error::AlertReceived(AlertDescription::NoApplicationProtocol);
        let inner = refused.get_ref().and_then(|error| error.downcast_ref::<rustls::Error>());
        assert_eq!(inner, Some(&alert), "{alpn}: {refused}");
        let offered = door.client(rustls::ALL_VERSIONS, &[alpn, "http/1.1"]);
        let stream = door.connect_as(offered).await.expect("served");
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
    }
    for (number, first) in [&b"\0\x01\0\0"[..], b"<stream:stream>"].into_iter().enumerate() {
        let mut stream = door.connect_as(door.client(rustls::ALL_VERSIONS, &[])).await.expect("served");
        stream.write_all(first).await.expect("sent");
        let mut answer = Vec::new();
        let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("closed at once");
        assert_eq!((read.ok(), answer.len()), (Some(0), 0), "TLS says that this is the end");
        assert_eq!(door.counted().untaken, number as u64 + 1);
    }
    assert!(door.is_alive().await);
}

#[tokio::test]
async fn who_says_nothing_without_alpn_is_closed_in_time_e5() {
    let door = Door::with_takers(GateLimits { header_timeout: SHORT, ..GateLimits::default() }, hello(), takers());
    let mut silent = door.connect_as(door.client(rustls::ALL_VERSIONS, &[])).await.expect("served");
    assert_eq!(rest(&mut silent).await, "");
    assert_eq!(door.counted().untaken, 1);
    assert!(door.is_alive().await);
}

#[tokio::test]
async fn a_taker_counts_strangers_until_it_says_who_signed_in_and_is_told_of_the_end_a5_e1() {
    let (signed_in, may_end) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let (tell, end) = (Arc::clone(&signed_in), Arc::clone(&may_end));
    let takers = Takers::default().with(Protocol::Turn, move |stream: Stream, connection: Connection, mut closing| {
        let (tell, end) = (Arc::clone(&tell), Arc::clone(&end));
        async move {
            connection.sign_in();
            tell.add_permits(1);
            closing.wait().await;
            let _permit = end.acquire().await;
            drop(stream);
        }
    });
    let limits = GateLimits { connections_per_source_max: 1, ..GateLimits::default() };
    let mut door = Door::with_takers(limits, hello(), takers);
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(door.connect_as(door.client(rustls::ALL_VERSIONS, &["stun.turn"])).await.expect("served"));
        signed_in.acquire().await.expect("open").forget();
    }
    assert!(door.is_alive().await);
    door.stop();
    may_end.add_permits(3);
    door.stopped().await;
    for mut stream in held {
        assert_eq!(rest(&mut stream).await, "");
    }
}
