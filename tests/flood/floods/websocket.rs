//! WebSockets on which nobody signs in (RFC 6455).

use crate::attacker::{Act, Attacker, Flood, OPEN, SOURCES, TEXT, frame, until_cut};
use tokio::io::AsyncWriteExt as _;

/// Open WebSockets on which nothing is said.
pub(crate) const SILENT: Flood =
    Flood { name: "silent WebSockets", attackers: 380, sources: SOURCES, acts_min: 300, act: silent };

/// Frames of all bad kinds.
pub(crate) const FRAMES: Flood =
    Flood { name: "WebSocket frames", attackers: 57, sources: SOURCES, acts_min: 50, act: frames };

const CONTINUATION: u8 = 0x00;
const PING: u8 = 0x89;
/// A text message of which more is to come.
const BEGINNING: u8 = 0x01;
/// What `xmpp.stanza_limit_bytes` allows by default.
const LARGEST: usize = 262_144;

fn silent(attacker: &mut Attacker) -> Act<'_> {
    Box::pin(async move {
        attacker.pause(0, 2_000).await;
        let Some(mut stream) = attacker.websocket().await else { return };
        attacker.acted();
        until_cut(&mut stream).await;
    })
}

fn frames(attacker: &mut Attacker) -> Act<'_> {
    Box::pin(async move {
        let Some(mut stream) = attacker.websocket().await else { return };
        let (first, more) = kind(attacker.chance.between(0, 8));
        let mut sent = stream.write_all(&first).await.is_ok();
        // Enough to fill any buffer, and an end, so that every kind has its turn.
        for _ in 0..20 {
            if !sent {
                break;
            }
            attacker.acted();
            sent = stream.write_all(&more).await.is_ok();
            attacker.pause(20, 150).await;
        }
        let _ = stream.shutdown().await;
    })
}

/// What is sent once, and what then again and again.
fn kind(number: u64) -> (Vec<u8>, Vec<u8>) {
    let open = frame(TEXT, OPEN.as_bytes());
    match number {
        // As large as allowed: spaces, rubbish, and text that never closes.
        0 => (open, frame(TEXT, &vec![b' '; LARGEST])),
        1 => (open, frame(TEXT, &vec![b'<'; LARGEST])),
        2 => (open, frame(TEXT, format!("<message>{}", "a".repeat(LARGEST - 9)).as_bytes())),
        // A message in endless pieces, small and empty.
        3 => (frame(BEGINNING, b"<message>"), frame(CONTINUATION, b"x").repeat(2_000)),
        4 => (frame(BEGINNING, b""), frame(CONTINUATION, b"").repeat(2_000)),
        // Without a mask.
        5 => (open, [&[TEXT, 64][..], &[b'u'; 64]].concat()),
        6 => (open, frame(PING, &[b'p'; 125]).repeat(500)),
        // A length that no memory has.
        _ => (open, [&[TEXT, 0xFF, 0x7F][..], &[0xFF; 7], &[0; 4], &[b'l'; 4_096]].concat()),
    }
}
