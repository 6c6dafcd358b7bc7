//! TLS, ports, counts and times of the gate, on real sockets.

use std::net::{IpAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use crate::door::{Door, NAME, certificate, header, rest, until};
use axum::Router;
use axum::extract::Request;
use axum::routing::get;
use gate::{Connection, GateError, GateLimits};
use rustls::version::{TLS12, TLS13};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Notify;

const SHORT: Duration = Duration::from_millis(300);

fn hello() -> Router {
    Router::new().route("/", get(|| async { "hello" }))
}

/// A ClientHello written by hand: no client library offers what the gate must refuse.
fn client_hello(version: [u8; 2], suites: &[u16]) -> Vec<u8> {
    let extensions: &[&[u8]] = &[
        // supported_groups: x25519, secp256r1
        &[0, 10, 0, 6, 0, 4, 0, 29, 0, 23],
        // ec_point_formats: uncompressed
        &[0, 11, 0, 2, 1, 0],
        // signature_algorithms: ecdsa_secp256r1_sha256, rsa_pss_rsae_sha256, rsa_pkcs1_sha256
        &[0, 13, 0, 8, 0, 6, 4, 3, 8, 4, 4, 1],
        // extended_master_secret
        &[0, 23, 0, 0],
    ];
    let extensions = extensions.concat();
    let suites: Vec<u8> = suites.iter().flat_map(|suite| suite.to_be_bytes()).collect();
    let mut body = version.to_vec();
    body.extend([7; 32]);
    body.push(0);
    body.extend(u16::try_from(suites.len()).expect("few").to_be_bytes());
    body.extend(suites);
    body.extend([1, 0]);
    body.extend(u16::try_from(extensions.len()).expect("few").to_be_bytes());
    body.extend(extensions);
    let length = u16::try_from(body.len()).expect("short");
    let [high, low] = length.to_be_bytes();
    let record = (length + 4).to_be_bytes();
    [&[22, 3, 1, record[0], record[1], 1, 0, high, low][..], &body].concat()
}

/// Type of the first record of the answer, and the alert if it is one.
async fn answered(door: &Door, hello: &[u8]) -> (u8, Option<u8>) {
    let mut stream = TcpStream::connect(door.https).await.expect("listening");
    stream.write_all(hello).await.expect("sent");
    let mut record = [0; 7];
    stream.read_exact(&mut record).await.expect("an answer");
    (record[0], (record[0] == 21).then_some(record[6]))
}

#[tokio::test]
async fn tls_1_2_and_1_3_are_served_e2() {
    let door = Door::open(GateLimits::default(), hello());
    for version in [&TLS12, &TLS13] {
        let stream = door.connect_as(door.client(&[version], &["http/1.1"])).await.expect("served");
        assert_eq!(stream.get_ref().1.protocol_version(), Some(version.version));
    }
}

#[tokio::test]
async fn tls_1_0_and_1_1_are_refused_e2() {
    let door = Door::open(GateLimits::default(), hello());
    const PROTOCOL_VERSION: u8 = 70;
    for version in [[3, 1], [3, 2]] {
        let hello = client_hello(version, &[0xc02b, 0xc009, 0xc013, 0x002f]);
        assert_eq!(answered(&door, &hello).await, (21, Some(PROTOCOL_VERSION)), "{version:?}");
    }
    assert!(door.is_alive().await);
}

#[tokio::test]
async fn weak_suites_are_refused_and_strong_ones_taken_e2() {
    let door = Door::open(GateLimits::default(), hello());
    const HANDSHAKE_FAILURE: u8 = 40;
    // CBC with ECDHE, AES-GCM without forward secrecy, DHE, 3DES, RC4, no encryption at all.
    let weak = [0xc009, 0xc00a, 0xc013, 0xc023, 0x009c, 0x009d, 0x002f, 0x009e, 0x000a, 0x0005, 0xc006, 0x0001];
    assert_eq!(answered(&door, &client_hello([3, 3], &weak)).await, (21, Some(HANDSHAKE_FAILURE)));
    let handshake = (22, None);
    assert_eq!(
        answered(&door, &client_hello([3, 3], &[0xc02b])).await,
        handshake,
        "the same hello with a strong suite"
    );
}

#[tokio::test]
async fn protocols_are_chosen_by_alpn_e1() {
    let door = Door::open(GateLimits::default(), hello());
    for (offered, chosen) in [(&["h2", "http/1.1"][..], Some("h2")), (&["http/1.1"], Some("http/1.1")), (&[], None)] {
        let stream = door.connect_as(door.client(rustls::ALL_VERSIONS, offered)).await.expect("served");
        let alpn = stream.get_ref().1.alpn_protocol().map(|alpn| String::from_utf8_lossy(alpn).into_owned());
        assert_eq!(alpn.as_deref(), chosen);
    }
    assert!(door.connect_as(door.client(rustls::ALL_VERSIONS, &["ftp"])).await.is_err(), "not in the table");
}

#[tokio::test]
async fn clients_without_alpn_speak_http_1() {
    let door = Door::open(GateLimits::default(), hello());
    let mut stream = door.connect_as(door.client(rustls::ALL_VERSIONS, &[])).await.expect("served");
    stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.expect("sent");
    assert!(rest(&mut stream).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn another_certificate_is_shown_without_dropping_a_live_connection_e2() {
    let mut door = Door::open(GateLimits::default(), hello());
    let mut before = door.connect().await;
    let (chain, key, trusted) = certificate();
    let (_, foreign_key, _) = certificate();
    assert!(matches!(door.certificate.replace(&chain, &foreign_key), Err(GateError::Certificate(_))));
    assert!(door.is_alive().await, "a refused replacement leaves the former certificate");
    door.certificate.replace(&chain, &key).expect("chain and key fit");
    assert!(
        door.connect_as(door.client(rustls::ALL_VERSIONS, &[])).await.is_err(),
        "who trusts only the former certificate does not get in any more"
    );
    door.trust(trusted);
    assert!(door.is_alive().await, "new connections see the new certificate");
    before.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.expect("still open");
    assert!(rest(&mut before).await.starts_with("HTTP/1.1 200"));
}

#[test]
fn certificates_that_cannot_be_used_are_named() {
    let (chain, key, _) = certificate();
    assert!(matches!(gate::Certificate::from_pem(b"", &key), Err(GateError::ChainPem { .. })));
    assert!(matches!(gate::Certificate::from_pem(&key, &key), Err(GateError::ChainPem { .. })));
    assert!(matches!(gate::Certificate::from_pem(&chain, &chain), Err(GateError::KeyPem { .. })));
}

#[tokio::test]
async fn a_stalled_handshake_is_cut_e5() {
    let limits = GateLimits { tls_handshake_timeout: SHORT, ..GateLimits::default() };
    let door = Door::open(limits, hello());
    let mut silent = TcpStream::connect(door.https).await.expect("listening");
    let mut half = TcpStream::connect(door.https).await.expect("listening");
    half.write_all(&client_hello([3, 3], &[0xc02b])[..20]).await.expect("sent");
    assert_eq!(rest(&mut silent).await, "");
    assert_eq!(rest(&mut half).await, "");
}

#[tokio::test]
async fn a_head_that_never_ends_is_cut_e5() {
    let limits = GateLimits { header_timeout: SHORT, ..GateLimits::default() };
    let door = Door::open(limits, hello());
    for alpn in ["http/1.1", "h2"] {
        let stream = door.connect_as(door.client(rustls::ALL_VERSIONS, &[alpn])).await.expect("served");
        let (mut reading, mut writing) = tokio::io::split(stream);
        let start: &[u8] = if alpn == "h2" { b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" } else { b"GET / HTTP/1.1\r\n" };
        let dripping = tokio::spawn(async move {
            writing.write_all(start).await.expect("sent");
            // One byte at a time, never silent and never done. For HTTP/2 it is an endless frame.
            let frame = [0, 0x40, 0, 0x55, 0, 0, 0, 0, 0];
            let mut bytes = frame.into_iter().chain(std::iter::repeat(0));
            loop {
                let byte = if alpn == "h2" { bytes.next().expect("endless") } else { b'a' };
                if writing.write_all(&[byte]).await.is_err() || writing.flush().await.is_err() {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        });
        let answer = rest(&mut reading).await;
        assert!(!answer.contains("hello"), "{alpn}");
        dripping.abort();
    }
    assert!(door.is_alive().await);
}

#[tokio::test]
async fn a_connection_that_says_nothing_is_cut_e5() {
    let limits = GateLimits { header_timeout: SHORT, ..GateLimits::default() };
    let door = Door::open(limits, hello());
    for alpn in ["http/1.1", "h2"] {
        let mut stream = door.connect_as(door.client(rustls::ALL_VERSIONS, &[alpn])).await.expect("served");
        rest(&mut stream).await;
    }
    let mut plain = TcpStream::connect(door.http).await.expect("listening");
    assert_eq!(rest(&mut plain).await, "", "the redirect port too");
}

#[tokio::test]
async fn too_many_strangers_of_one_source_are_refused_and_other_sources_served_e5() {
    let limits = GateLimits { connections_per_source_max: 3, ..GateLimits::default() };
    let door = Door::open(limits, hello());
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(door.connect().await);
    }
    let config = || door.client(rustls::ALL_VERSIONS, &["http/1.1"]);
    assert!(door.connect_as(config()).await.is_err(), "the fourth");
    let mut other = door.connect_from([127, 0, 0, 2].into(), config()).await.expect("another source is served");
    other.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.expect("sent");
    assert!(rest(&mut other).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn an_office_behind_one_address_is_served_once_its_people_signed_in_a5() {
    let sign_in = get(|request: Request| async move {
        let connection = request.extensions().get::<Connection>().expect("the gate gives it");
        connection.sign_in();
        connection.peer().ip().to_string()
    });
    let limits = GateLimits { connections_per_source_max: 1, connections_max: 6, ..GateLimits::default() };
    let door = Door::open(limits, Router::new().route("/sign-in", sign_in));
    let mut colleagues = Vec::new();
    for _ in 0..5 {
        let mut stream = door.connect().await;
        stream.write_all(b"GET /sign-in HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("sent");
        until(&mut stream, "127.0.0.1").await;
        colleagues.push(stream);
    }
    let mut stranger = door.connect().await;
    let config = || door.client(rustls::ALL_VERSIONS, &[]);
    let mut newcomer = door.connect_from([127, 0, 0, 2].into(), config()).await.expect("a stranger makes room");
    newcomer.write_all(b"GET /sign-in HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("sent");
    until(&mut newcomer, "127.0.0.2").await;
    assert!(door.connect_from([127, 0, 0, 3].into(), config()).await.is_err(), "all together are bounded");
    assert_eq!(rest(&mut stranger).await, "");
    let counted = door.counted();
    assert_eq!((counted.dropped_for_others, counted.refused_full), (1, 1));
    for mut colleague in colleagues {
        colleague
            .write_all(b"GET /sign-in HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            .await
            .expect("still open");
        assert!(rest(&mut colleague).await.starts_with("HTTP/1.1 200"), "nobody who signed in is dropped");
    }
}

#[tokio::test]
async fn a_running_request_is_finished_before_the_gate_closes() {
    let (entered, leave) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (in_handler, out_of_handler) = (Arc::clone(&entered), Arc::clone(&leave));
    let slow = get(move || async move {
        in_handler.notify_one();
        out_of_handler.notified().await;
        "finished"
    });
    let mut door = Door::open(GateLimits::default(), Router::new().route("/slow", slow));
    let mut stream = door.connect().await;
    let mut idle = door.connect().await;
    stream.write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("sent");
    entered.notified().await;
    door.stop();
    rest(&mut idle).await;
    assert!(TcpStream::connect(door.https).await.is_err(), "no new connections");
    // A gate that does not wait would have cut it by now; real sockets leave no clock to advance.
    tokio::time::sleep(SHORT).await;
    leave.notify_one();
    assert!(rest(&mut stream).await.ends_with("finished"));
    door.stopped().await;
}

#[tokio::test]
async fn a_request_that_outlasts_the_grace_is_cut() {
    let entered = Arc::new(Notify::new());
    let in_handler = Arc::clone(&entered);
    let endless = get(move || async move {
        in_handler.notify_one();
        std::future::pending::<String>().await
    });
    let limits = GateLimits { shutdown_grace: SHORT, ..GateLimits::default() };
    let mut door = Door::open(limits, Router::new().route("/endless", endless));
    let mut stream = door.connect().await;
    stream.write_all(b"GET /endless HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("sent");
    entered.notified().await;
    door.stop();
    door.stopped().await;
    assert_eq!(rest(&mut stream).await, "");
}

#[tokio::test]
async fn port_80_redirects_and_does_nothing_else_e1() {
    let door = Door::open(GateLimits::default(), hello());
    let ask = async |request: &str| {
        let mut stream = TcpStream::connect(door.http).await.expect("listening");
        stream.write_all(request.as_bytes()).await.expect("sent");
        rest(&mut stream).await
    };
    for target in ["/a/b?c=d", "http://evil.test/a/b?c=d"] {
        let answer =
            ask(&format!("GET {target} HTTP/1.1\r\nhost: evil.test\r\nx-forwarded-host: evil.test\r\n\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 308"), "{answer}");
        assert_eq!(header(&answer, "location"), Some(format!("https://{NAME}:8443/a/b?c=d").as_str()));
        assert_eq!(header(&answer, "strict-transport-security"), None, "RFC 6797 section 7.2");
        assert!(header(&answer, "x-content-type-options").is_some());
    }
    assert!(ask("HEAD / HTTP/1.1\r\nhost: x\r\n\r\n").await.starts_with("HTTP/1.1 308"));
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "PROPFIND"] {
        let answer = ask(&format!("{method} / HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 405"), "{method}: {answer}");
    }
    assert!(ask("nonsense\r\n\r\n").await.starts_with("HTTP/1.1 400"));
    assert!(ask("CONNECT evil.test:443 HTTP/1.1\r\nhost: x\r\n\r\n").await.starts_with("HTTP/1.1 405"));
}

#[test]
fn a_taken_port_is_named_with_what_to_do() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("bound").port();
    let error = gate::bind(&[[127, 0, 0, 1].into()], port).expect_err("taken");
    assert!(matches!(error, GateError::PortTaken { .. }) && error.is_about_the_port());
    let told = error.to_string();
    assert!(told.contains(&port.to_string()) && told.contains("choose another port"), "{told}");
}

#[test]
fn an_address_of_another_machine_is_named() {
    let error = gate::bind(&[[192, 0, 2, 1].into()], 0).expect_err("TEST-NET-1");
    assert!(matches!(error, GateError::AddressUnknown { .. }) && error.to_string().contains("192.0.2.1"), "{error}");
    assert!(matches!(gate::bind(&[], 0), Err(GateError::NoAddress)));
}

#[test]
fn both_families_listen_side_by_side_on_one_port_e1() {
    let any: [IpAddr; 2] = ["::".parse().expect("an address"), "0.0.0.0".parse().expect("an address")];
    let listeners = gate::bind(&any, 0).expect("a free port");
    let addresses: Vec<_> = listeners.iter().map(|listener| listener.local_addr().expect("bound")).collect();
    assert!(addresses.iter().any(|address| address.is_ipv4()), "{addresses:?}");
    assert!(addresses.iter().all(|address| address.port() == addresses[0].port() && address.port() != 0));
    std::net::TcpStream::connect(("127.0.0.1", addresses[0].port())).expect("listening");
}
