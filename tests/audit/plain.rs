//! The port without TLS redirects, whatever it is asked, and tells nothing of the box (E1).

use crate::audited;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// Sends `bytes` and reads to the end of the answer; the port answers one request and closes.
fn ask(bytes: &[u8]) -> String {
    let port = audited().edge.http();
    let mut stream = TcpStream::connect((audited().address, port)).expect("the redirecting port accepts");
    let patience = Some(Duration::from_secs(world::PATIENCE_S));
    stream.set_read_timeout(patience).expect("a bound on waiting");
    // A server that has seen enough may close while we still write.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let mut piece = [0; 4096];
    loop {
        match stream.read(&mut piece) {
            Ok(0) => break,
            Ok(count) => answer.extend_from_slice(&piece[..count]),
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => break,
            Err(error) => panic!("no answer to {:?}: {error}", String::from_utf8_lossy(bytes)),
        }
    }
    String::from_utf8_lossy(&answer).into_owned()
}

/// Status, head in lower case without `location`, and body of an answer.
fn parts(answer: &str) -> (u16, String, String) {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no whole head: {answer:?}"));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    (status.unwrap_or_else(|| panic!("no status: {head:?}")), head.to_ascii_lowercase(), body.to_owned())
}

fn location(answer: &str) -> Option<String> {
    let (name, value) =
        answer.lines().find(|line| line.to_ascii_lowercase().starts_with("location:"))?.split_once(':')?;
    assert!(name.eq_ignore_ascii_case("location"));
    Some(value.trim().to_owned())
}

const METHODS: &[&str] = &[
    "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "PROPFIND", "MKCOL", "DEBUG", "TRACK", "ANY",
];

const PATHS: &[&str] = &[
    "/",
    "/api/rainbow/ping",
    "/api/rainbow/authentication/v1.0/login",
    "/api/rainbow/enduser/v1.0/users/me",
    "/websocket",
    "/xmpp-websocket",
    "/api/edge/v1/status",
    "/.well-known/security.txt",
    "/server-status",
    "/../../etc/passwd",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/index.html?x=1",
    "//evil.test/",
    "*",
    "http://evil.test/",
];

#[test]
fn every_method_and_path_is_redirected_or_refused_without_content_e1() {
    let target = format!("https://localhost:{}", audited().edge.https());
    let upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: xmpp\r\n";
    for method in METHODS {
        for path in PATHS {
            for more in
                ["", upgrade, "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk\r\n"]
            {
                let asked = format!("{method} {path} HTTP/1.1\r\nHost: evil.test\r\n{more}");
                let answer = ask(format!("{asked}Content-Length: 0\r\n\r\n").as_bytes());
                let (status, head, body) = parts(&answer);
                assert!((300..500).contains(&status), "{asked}: {answer}");
                assert!(body.is_empty(), "{asked} is answered with content: {answer}");
                assert!(!head.contains("\nserver:") && !head.contains("set-cookie"), "{asked}: {answer}");
                assert!(!head.contains("strict-transport-security"), "RFC 6797 section 7.2: {answer}");
                if let Some(location) = location(&answer) {
                    let rest = location.strip_prefix(&target).unwrap_or_else(|| panic!("{asked}: {answer}"));
                    assert!(rest.is_empty() || rest.starts_with('/'), "{asked} leads to {location}");
                }
            }
        }
    }
}

#[test]
fn a_browser_is_sent_to_the_same_path_of_the_public_port_e1() {
    let answer = ask(b"GET /a/b?c=d HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let (status, ..) = parts(&answer);
    assert!([301, 308].contains(&status), "{answer}");
    assert_eq!(location(&answer), Some(format!("https://localhost:{}/a/b?c=d", audited().edge.https())));
}

#[test]
fn what_is_no_request_gets_no_content_e1() {
    let hello = b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00".as_slice();
    let proxy = b"CONNECT evil.test:443 HTTP/1.1\r\nHost: evil.test:443\r\n\r\n".as_slice();
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".as_slice();
    let stream = b"<?xml version='1.0'?><stream:stream to='edge.test' xmlns='jabber:client'>\r\n\r\n".as_slice();
    for bytes in [hello, proxy, preface, stream, b"GET /\r\n\r\n", b"\0\x01\0\0!\x12\xa4B\r\n\r\n"] {
        let mut asked = bytes.to_vec();
        // What waits for more must see the end of the head, or the end comes by its time-out only.
        asked.extend_from_slice(b"\r\n\r\n");
        let answer = ask(&asked);
        if answer.is_empty() {
            continue;
        }
        let (status, _, body) = parts(&answer);
        assert!((300..500).contains(&status) && body.is_empty(), "{:?}: {answer}", String::from_utf8_lossy(bytes));
    }
}
