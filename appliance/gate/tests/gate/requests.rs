//! What the gate puts around every request, on real sockets.

use std::time::Duration;

use crate::door::{Door, NAME, header, rest, until};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, SERVER};
use axum::http::{Request, StatusCode, Version};
use axum::routing::{get, post};
use gate::GateLimits;
use http_body_util::BodyExt;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const LIMIT_BYTES: usize = 4096;

fn limits() -> GateLimits {
    GateLimits { body_limit_bytes: LIMIT_BYTES, request_timeout: Duration::from_secs(3), ..GateLimits::default() }
}

async fn panics() -> &'static str {
    panic!("a handler's bug")
}

/// Answers `up`, then echoes in capitals on the upgraded connection.
async fn upgrade(mut request: axum::extract::Request) -> axum::response::Response {
    let upgrading = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        let mut io = TokioIo::new(upgrading.await.expect("upgraded"));
        let mut bytes = [0; 5];
        while io.read_exact(&mut bytes).await.is_ok() {
            io.write_all(&bytes.to_ascii_uppercase()).await.expect("sent");
        }
    });
    let switching =
        axum::response::Response::builder().status(101).header("connection", "upgrade").header("upgrade", "echo");
    switching.body(Body::empty()).expect("a valid answer")
}

fn router() -> Router {
    Router::new()
        .route("/", get(|| async { "hello" }))
        .route("/count", post(|body: Bytes| async move { body.len().to_string() }))
        .route("/ignore", post(|body: Body| async move { format!("{}", body.collect().await.is_ok()) }))
        .route("/unread", post(|| async { "unread" }))
        .route(
            "/own",
            get(|| async {
                (
                    [(CONTENT_SECURITY_POLICY, "default-src 'self'"), (CACHE_CONTROL, "max-age=60"), (SERVER, "axum")],
                    "page",
                )
            }),
        )
        .route("/panic", get(panics))
        .route("/endless", get(std::future::pending::<String>))
        .route("/upgrade", get(upgrade))
}

async fn post_body(door: &Door, path: &str, framing: &str, body: &str) -> String {
    let mut stream = door.connect().await;
    let head = format!("POST {path} HTTP/1.1\r\nhost: {NAME}\r\nconnection: close\r\n{framing}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.expect("sent");
    // The gate may answer and close before all was sent.
    let _cut = stream.write_all(body.as_bytes()).await;
    rest(&mut stream).await
}

#[tokio::test]
async fn every_answer_carries_the_security_headers_e2() {
    let door = Door::open(limits(), router());
    let too_large = format!("content-length: {}\r\n", LIMIT_BYTES + 1);
    for (method, path, more, status) in [
        ("GET", "/", "", 200),
        ("GET", "/nowhere", "", 404),
        ("DELETE", "/", "", 405),
        ("POST", "/count", too_large.as_str(), 413),
        ("GET", "/panic", "", 500),
        ("GET", "/endless", "", 503),
    ] {
        let answer = door.ask(method, path, more).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{path}: {answer}");
        assert_eq!(header(&answer, "strict-transport-security"), Some("max-age=63072000; includeSubDomains"), "{path}");
        assert_eq!(header(&answer, "x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(header(&answer, "x-frame-options"), Some("DENY"), "{path}");
        assert_eq!(header(&answer, "referrer-policy"), Some("no-referrer"), "{path}");
        assert_eq!(
            header(&answer, "content-security-policy"),
            Some("default-src 'none'; frame-ancestors 'none'"),
            "{path}"
        );
        assert_eq!(header(&answer, "cache-control"), Some("no-store"), "{path}");
        assert_eq!(header(&answer, "cross-origin-opener-policy"), Some("same-origin"), "{path}");
        assert_eq!(header(&answer, "cross-origin-resource-policy"), Some("same-origin"), "{path}");
        assert_eq!(header(&answer, "server"), None, "{path}");
    }
}

#[tokio::test]
async fn a_page_keeps_its_own_policy_and_nobody_names_the_software() {
    let door = Door::open(limits(), router());
    let answer = door.ask("GET", "/own", "").await;
    assert_eq!(header(&answer, "content-security-policy"), Some("default-src 'self'"));
    assert_eq!(header(&answer, "cache-control"), Some("max-age=60"));
    assert_eq!(header(&answer, "server"), None);
}

#[tokio::test]
async fn a_body_at_the_limit_is_taken_and_one_byte_more_refused_e5() {
    let door = Door::open(limits(), router());
    let largest = "x".repeat(LIMIT_BYTES);
    let answer = post_body(&door, "/count", &format!("content-length: {LIMIT_BYTES}"), &largest).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("4096"), "{answer}");
    let announced = door.ask("POST", "/count", &format!("content-length: {}\r\n", LIMIT_BYTES + 1)).await;
    assert!(announced.starts_with("HTTP/1.1 413"), "{announced}");
    assert_eq!(header(&announced, "content-type"), Some("application/json; charset=utf-8"));
    let expected = r#"{"errorCode":413,"errorMsg":"Payload too large","errorDetails":"the body may have 4096 bytes","errorDetailsCode":413000}"#;
    assert!(announced.ends_with(expected), "{announced}");
    assert!(door.is_alive().await);
}

#[tokio::test]
async fn a_body_of_unknown_length_meets_the_same_limit_whatever_the_handler_says_e5() {
    let door = Door::open(limits(), router());
    let chunk = format!("1001\r\n{}\r\n0\r\n\r\n", "x".repeat(LIMIT_BYTES + 1));
    for path in ["/count", "/ignore"] {
        let answer = post_body(&door, path, "transfer-encoding: chunked", &chunk).await;
        assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("\"errorCode\":413"), "{path}: {answer}");
    }
    let endless = door.ask("POST", "/count", "content-length: 99999999999999999999\r\n").await;
    assert!(!endless.starts_with("HTTP/1.1 200"), "{endless}");
    assert!(door.is_alive().await);
}

#[tokio::test]
async fn all_bodies_together_are_bounded_and_given_back_e5() {
    let door = Door::open(
        GateLimits { bodies_limit_bytes: LIMIT_BYTES, request_timeout: Duration::from_secs(5), ..limits() },
        router(),
    );
    let mut holding = door.connect().await;
    let head = format!(
        "POST /count HTTP/1.1\r\nhost: x\r\ncontent-length: {LIMIT_BYTES}\r\n\r\n{}",
        "x".repeat(LIMIT_BYTES - 1)
    );
    holding.write_all(head.as_bytes()).await.expect("sent");
    let refused =
        async { while !post_body(&door, "/count", "content-length: 2", "xx").await.starts_with("HTTP/1.1 503") {} };
    tokio::time::timeout(crate::door::PATIENCE, refused).await.expect("there is no room while the other one is read");
    until(&mut holding, "503000}").await;
    let answer = post_body(&door, "/count", &format!("content-length: {LIMIT_BYTES}"), &"x".repeat(LIMIT_BYTES)).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn a_body_that_never_ends_is_answered_in_time_e5() {
    let door = Door::open(limits(), router());
    let answer = post_body(&door, "/count", "content-length: 100", "only this").await;
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
}

#[tokio::test]
async fn heads_that_are_too_large_are_refused_and_the_gate_lives_e5() {
    let door = Door::open(limits(), router());
    let fields: String = (0..200).map(|index| format!("x-{index}: 1\r\n")).collect();
    assert!(door.ask("GET", "/", &fields).await.starts_with("HTTP/1.1 431"), "many fields");
    for (bytes, status) in [(30_000, "HTTP/1.1 200"), (33_000, "HTTP/1.1 431"), (100_000, "HTTP/1.1 431")] {
        let long = format!("x-long: {}\r\n", "v".repeat(bytes));
        let mut stream = door.connect().await;
        let _cut =
            stream.write_all(format!("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{long}\r\n").as_bytes()).await;
        let answer = rest(&mut stream).await;
        // The answer may be lost when the gate closes before it read all.
        assert!(answer.starts_with(status) || (answer.is_empty() && bytes > 33_000), "{bytes}: {answer}");
    }
    assert!(door.is_alive().await);
}

#[tokio::test]
async fn a_panic_ends_its_request_and_not_its_connection() {
    let door = Door::open(limits(), router());
    let mut stream = door.connect().await;
    stream.write_all(b"GET /panic HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("sent");
    let answer = until(&mut stream, "}").await;
    assert!(answer.contains("\"errorCode\":500") && !answer.contains("bug"), "{answer}");
    stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.expect("sent");
    assert!(rest(&mut stream).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn an_upgraded_connection_outlives_the_time_outs_of_requests() {
    let times =
        GateLimits { header_timeout: Duration::from_secs(2), request_timeout: Duration::from_secs(2), ..limits() };
    let door = Door::open(times, router());
    let mut stream = door.connect().await;
    stream
        .write_all(b"GET /upgrade HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n")
        .await
        .expect("sent");
    let head = until(&mut stream, "\r\n\r\n").await;
    assert!(head.starts_with("HTTP/1.1 101"), "{head}");
    for _ in 0..2 {
        stream.write_all(b"hello").await.expect("open");
        assert_eq!(until(&mut stream, "HELLO").await, "HELLO");
        // Both time-outs pass; real sockets leave no clock to advance.
        tokio::time::sleep(Duration::from_millis(2500)).await;
    }
    stream.write_all(b"hello").await.expect("still open");
    assert_eq!(until(&mut stream, "HELLO").await, "HELLO");
}

#[tokio::test]
async fn an_upgraded_connection_keeps_its_place_until_it_closes_e5() {
    let door = Door::open(GateLimits { connections_per_source_max: 1, ..limits() }, router());
    let mut stream = door.connect().await;
    stream
        .write_all(b"GET /upgrade HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n")
        .await
        .expect("sent");
    until(&mut stream, "\r\n\r\n").await;
    stream.write_all(b"hello").await.expect("open");
    until(&mut stream, "HELLO").await;
    let config = || door.client(rustls::ALL_VERSIONS, &["http/1.1"]);
    assert!(door.connect_as(config()).await.is_err(), "the upgraded one still counts");
    drop(stream);
    let freed = async {
        while door.connect_as(config()).await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(crate::door::PATIENCE, freed).await.expect("its place is free again");
}

#[tokio::test]
async fn http_2_serves_many_requests_on_one_connection() {
    let door = Door::open(limits(), router());
    let stream = door.connect_as(door.client(rustls::ALL_VERSIONS, &["h2"])).await.expect("served");
    let (mut client, driving) =
        http2::handshake::<_, _, Body>(TokioExecutor::new(), TokioIo::new(stream)).await.expect("HTTP/2");
    tokio::spawn(driving);
    let request = |path: &str, body: &str| {
        let method = if body.is_empty() { "GET" } else { "POST" };
        Request::builder()
            .method(method)
            .uri(format!("https://{NAME}{path}"))
            .body(Body::from(body.to_owned()))
            .expect("valid")
    };
    for (path, body, status) in [
        ("/", "", StatusCode::OK),
        ("/nowhere", "", StatusCode::NOT_FOUND),
        ("/panic", "", StatusCode::INTERNAL_SERVER_ERROR),
        ("/count", "x".repeat(LIMIT_BYTES + 1).as_str(), StatusCode::PAYLOAD_TOO_LARGE),
        ("/count", "xyz", StatusCode::OK),
    ] {
        let answer = client.send_request(request(path, body)).await.expect("answered");
        assert_eq!((answer.status(), answer.version()), (status, Version::HTTP_2), "{path}");
        assert!(answer.headers().contains_key("strict-transport-security"), "{path}");
        answer.into_body().collect().await.expect("a whole body");
    }
}

/// A body that comes in one piece when it is told to, and says when it was taken.
fn body_on_call() -> (Body, tokio::sync::oneshot::Sender<()>, tokio::sync::oneshot::Receiver<()>) {
    let (go, come) = tokio::sync::oneshot::channel();
    let (tell, taken) = tokio::sync::oneshot::channel();
    let stream = futures_util::stream::once(async move {
        come.await.expect("told to come");
        tell.send(()).expect("heard");
        Ok::<_, std::io::Error>(Bytes::from_static(b"{}"))
    });
    (Body::from_stream(stream), go, taken)
}

#[tokio::test]
async fn a_body_that_nobody_reads_is_taken_before_the_answer_e5() {
    let door = Door::open(GateLimits::default(), router());
    let stream = door.connect_as(door.client(rustls::ALL_VERSIONS, &["h2"])).await.expect("served");
    let (mut client, driving) =
        http2::handshake::<_, _, Body>(TokioExecutor::new(), TokioIo::new(stream)).await.expect("HTTP/2");
    tokio::spawn(driving);
    let (body, go, taken) = body_on_call();
    let request = Request::post(format!("https://{NAME}/unread")).body(body).expect("valid");
    let mut answering = std::pin::pin!(client.send_request(request));
    let early = tokio::time::timeout(Duration::from_millis(100), answering.as_mut()).await;
    assert!(early.is_err(), "no answer before the body");
    go.send(()).expect("the stream was not reset");
    let answer = answering.await.expect("answered");
    taken.await.expect("the body was taken");
    assert_eq!(answer.into_body().collect().await.expect("whole").to_bytes(), "unread");
}
