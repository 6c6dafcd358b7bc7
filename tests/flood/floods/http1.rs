//! Requests that are slow, too large, or whose answers nobody takes.

use crate::attacker::{Act, Attacker, Flood, SOURCES, Stream, status, until_cut};
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;

/// A byte of the head each second.
pub(crate) const SLOW_HEADS: Flood =
    Flood { name: "slow heads", attackers: 380, sources: SOURCES, acts_min: 300, act: slow_head };

/// A byte of the body each half second; every other one with a token that is good.
pub(crate) const SLOW_BODIES: Flood =
    Flood { name: "slow bodies", attackers: 380, sources: SOURCES, acts_min: 300, act: slow_body };

/// Heads far beyond the limit: one long field, ten thousand short ones, a long target.
pub(crate) const OVERSIZE_HEADS: Flood =
    Flood { name: "oversize heads", attackers: 38, sources: SOURCES, acts_min: 50, act: oversize_head };

/// Bodies far beyond the limit, announced or not.
pub(crate) const OVERSIZE_BODIES: Flood =
    Flood { name: "oversize bodies", attackers: 38, sources: SOURCES, acts_min: 50, act: oversize_body };

/// Bodies of just the allowed size, held open before their last byte.
pub(crate) const HELD_BODIES: Flood =
    Flood { name: "held bodies", attackers: 190, sources: SOURCES, acts_min: 50, act: held_body };

/// Requests by the thousand, and no answer is read.
pub(crate) const UNREAD: Flood =
    Flood { name: "unread answers", attackers: 95, sources: SOURCES, acts_min: 200, act: unread };

const LOGIN: &str = "/api/rainbow/authentication/v1.0/login";
const READS_BODY: &str = "/api/rainbow/enduser/v1.0/users/ids";

/// Writes a byte every `pace` until the box has had enough.
async fn drip(stream: &mut Stream, bytes: &[u8], pace: Duration, attacker: &Attacker) {
    for byte in bytes.iter().cycle() {
        tokio::time::sleep(pace).await;
        if stream.write_all(&[*byte]).await.is_err() || stream.flush().await.is_err() {
            return;
        }
        attacker.acted();
    }
}

fn slow_head(attacker: &mut Attacker) -> Act<'_> {
    Box::pin(async move {
        attacker.pause(0, 2_000).await;
        let Some(mut stream) = attacker.tls(&["http/1.1"]).await else { return };
        if stream.write_all(format!("GET {LOGIN} HTTP/1.1\r\nHost: localhost\r\n").as_bytes()).await.is_ok() {
            attacker.acted();
            drip(&mut stream, b"x-slow: head\r\n", Duration::from_secs(1), attacker).await;
        }
    })
}

fn slow_body(attacker: &mut Attacker) -> Act<'_> {
    Box::pin(async move {
        attacker.pause(0, 2_000).await;
        let Some(mut stream) = attacker.tls(&["http/1.1"]).await else { return };
        let token = if attacker.chance.bits().is_multiple_of(2) {
            attacker.knowledge.insider.token.clone()
        } else {
            String::new()
        };
        let head = format!(
            "POST {READS_BODY} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: 500000\r\n\r\n["
        );
        if stream.write_all(head.as_bytes()).await.is_ok() {
            attacker.acted();
            drip(&mut stream, b"\"a\",", Duration::from_millis(500), attacker).await;
        }
    })
}

fn oversize_head(attacker: &mut Attacker) -> Act<'_> {
    Box::pin(async move {
        let Some(mut stream) = attacker.tls(&["http/1.1"]).await else { return };
        let head = match attacker.chance.between(0, 4) {
            0 => format!("GET {LOGIN} HTTP/1.1\r\nHost: localhost\r\nx-long: {}\r\n\r\n", "y".repeat(400_000)),
            1 => format!("GET {LOGIN} HTTP/1.1\r\nHost: localhost\r\n{}\r\n", "x-many: y\r\n".repeat(10_000)),
            2 => format!("GET /{} HTTP/1.1\r\nHost: localhost\r\n\r\n", "z".repeat(400_000)),
            _ => format!("GET {LOGIN} HTTP/1.1\r\nHost: localhost\r\nCookie: {}\r\n\r\n", "a=b; ".repeat(80_000)),
        };
        let sent = stream.write_all(head.as_bytes()).await.is_ok();
        let status = status(&mut stream).await;
        assert!(status.is_none_or(|status| (400..500).contains(&status)), "an oversize head is refused: {status:?}");
        if sent || status.is_some() {
            attacker.acted();
        }
        attacker.pause(20, 150).await;
    })
}

fn oversize_body(attacker: &mut Attacker) -> Act<'_> {
    Box::pin(async move {
        let Some(mut stream) = attacker.tls(&["http/1.1"]).await else { return };
        let token = attacker.knowledge.insider.token.clone();
        let announced = attacker.chance.bits().is_multiple_of(2);
        let length = if announced { "Content-Length: 10000000000" } else { "Transfer-Encoding: chunked" };
        let head = format!(
            "POST {READS_BODY} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\n{length}\r\n\r\n"
        );
        let chunk = format!("4000\r\n{}\r\n", " ".repeat(0x4000));
        let mut sent = stream.write_all(head.as_bytes()).await.is_ok();
        for _ in 0..512 {
            sent = sent && stream.write_all(chunk.as_bytes()).await.is_ok();
        }
        attacker.acted();
        until_cut(&mut stream).await;
        attacker.pause(50, 250).await;
    })
}

fn held_body(attacker: &mut Attacker) -> Act<'_> {
    Box::pin(async move {
        attacker.pause(0, 2_000).await;
        let Some(mut stream) = attacker.tls(&["http/1.1"]).await else { return };
        let token = attacker.knowledge.insider.token.clone();
        let length = 1_000_000;
        let head = format!(
            "POST {READS_BODY} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
        );
        if stream.write_all(head.as_bytes()).await.is_err() {
            return;
        }
        let piece = vec![b' '; 9_999];
        for _ in 0..100 {
            if stream.write_all(&piece).await.is_err() {
                break;
            }
        }
        attacker.acted();
        until_cut(&mut stream).await;
    })
}

fn unread(attacker: &mut Attacker) -> Act<'_> {
    Box::pin(async move {
        attacker.pause(0, 2_000).await;
        let Some(mut stream) = attacker.tls(&["http/1.1"]).await else { return };
        let requests = "GET /api/rainbow/ping HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(50);
        while stream.write_all(requests.as_bytes()).await.is_ok() {
            attacker.acted();
            attacker.pause(50, 200).await;
        }
    })
}
