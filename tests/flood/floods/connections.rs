//! Connections that never become anything.

use crate::attacker::{Act, Attacker, Flood, SOURCES, until_cut};
use tokio::io::AsyncWriteExt as _;

/// More than the gate has places for in all, from few enough addresses that each stays below the limit of one.
pub(crate) const SILENT: Flood =
    Flood { name: "silent connections", attackers: 9_500, sources: SOURCES, acts_min: 1_000, act: silent };

/// A ClientHello of which the half is missing.
pub(crate) const HALF_OPEN: Flood =
    Flood { name: "half a ClientHello", attackers: 1_900, sources: SOURCES, acts_min: 500, act: half_open };

/// Connections that are closed at once, as fast as it goes.
pub(crate) const HASTY: Flood =
    Flood { name: "connect and hang up", attackers: 38, sources: SOURCES, acts_min: 500, act: hasty };

/// Whole handshakes, each followed by nothing: they cost the box a signature.
pub(crate) const HANDSHAKES: Flood =
    Flood { name: "handshakes", attackers: 19, sources: SOURCES, acts_min: 50, act: handshake };

/// The port that redirects has places of the same gate: heads that never end, and silence.
pub(crate) const REDIRECTED: Flood =
    Flood { name: "the redirecting port", attackers: 1_900, sources: SOURCES, acts_min: 500, act: redirected };

/// Record of 512 bytes, ClientHello of 508, TLS 1.2, and not a half of what was announced (RFC 8446 section 5.1).
pub(crate) const HALF_HELLO: [u8; 256] = {
    let mut hello = [0x5A; 256];
    let head = [0x16, 3, 1, 2, 0, 1, 0, 1, 0xFC, 3, 3];
    let mut at = 0;
    while at < head.len() {
        hello[at] = head[at];
        at += 1;
    }
    hello
};

fn silent(attacker: &mut Attacker) -> Act<'_> {
    Box::pin(async move {
        // All at once would overflow the queue of the kernel, not the gate.
        attacker.pause(0, 1_000).await;
        if let Ok(mut stream) = attacker.door.tcp().await {
            attacker.acted();
            until_cut(&mut stream).await;
        }
        attacker.pause(2_000, 6_000).await;
    })
}

fn half_open(attacker: &mut Attacker) -> Act<'_> {
    Box::pin(async move {
        attacker.pause(0, 1_000).await;
        if let Ok(mut stream) = attacker.door.tcp().await {
            if stream.write_all(&HALF_HELLO).await.is_ok() {
                attacker.acted();
            }
            until_cut(&mut stream).await;
        }
        attacker.pause(1_000, 4_000).await;
    })
}

fn hasty(attacker: &mut Attacker) -> Act<'_> {
    Box::pin(async move {
        if attacker.door.tcp().await.is_ok() {
            attacker.acted();
        }
        attacker.pause(5, 30).await;
    })
}

fn handshake(attacker: &mut Attacker) -> Act<'_> {
    Box::pin(async move {
        if attacker.tls(&["http/1.1"]).await.is_some() {
            attacker.acted();
        }
        attacker.pause(20, 120).await;
    })
}

fn redirected(attacker: &mut Attacker) -> Act<'_> {
    Box::pin(async move {
        attacker.pause(0, 1_000).await;
        if let Ok(mut stream) = attacker.plain().await {
            attacker.acted();
            let begins = attacker.chance.bits().is_multiple_of(2);
            if begins && stream.write_all(b"GET / HTTP/1.1\r\nx-long: ").await.is_err() {
                return;
            }
            until_cut(&mut stream).await;
        }
        attacker.pause(1_000, 4_000).await;
    })
}
