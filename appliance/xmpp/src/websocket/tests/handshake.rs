//! The HTTP request that becomes a WebSocket, and those that do not.

use super::*;
use hyper::service::service_fn;
use hyper::{Method, Request, StatusCode};
use tokio::io::AsyncReadExt;

/// RFC 6455, 1.3: key and accept of its example.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

fn request() -> Request<()> {
    Request::builder()
        .uri("/websocket?x-rainbow-xmpp-dom=edge.test")
        .header("Connection", "keep-alive, Upgrade")
        .header("Upgrade", "WebSocket")
        .header("Sec-WebSocket-Version", "13")
        .header("Sec-WebSocket-Key", KEY)
        .header("Sec-WebSocket-Protocol", "other, xmpp")
        .header("Sec-WebSocket-Extensions", "permessage-deflate")
        .body(())
        .expect("a request")
}

#[test]
fn the_example_of_the_rfc_is_accepted_without_extensions() {
    let upgrade = upgrade(&mut request()).expect("accepted");
    assert_eq!(upgrade.response.status(), StatusCode::SWITCHING_PROTOCOLS);
    let headers = upgrade.response.headers();
    assert_eq!(headers["sec-websocket-accept"], ACCEPT);
    assert_eq!(headers["sec-websocket-protocol"], "xmpp");
    assert_eq!(headers["upgrade"], "websocket");
    assert_eq!(headers["connection"], "Upgrade");
    assert!(!headers.contains_key("sec-websocket-extensions"));
}

#[test]
fn each_fault_has_its_own_answer() {
    let cases = [
        ("connection", None, UpgradeRefusal::NoUpgrade, 426),
        ("connection", Some("keep-alive"), UpgradeRefusal::NoUpgrade, 426),
        ("upgrade", None, UpgradeRefusal::NoUpgrade, 426),
        ("upgrade", Some("h2c"), UpgradeRefusal::NoUpgrade, 426),
        ("sec-websocket-version", None, UpgradeRefusal::Version, 426),
        ("sec-websocket-version", Some("8"), UpgradeRefusal::Version, 426),
        ("sec-websocket-key", None, UpgradeRefusal::Key, 400),
        ("sec-websocket-key", Some("AAAA"), UpgradeRefusal::Key, 400),
        ("sec-websocket-key", Some("not base64!"), UpgradeRefusal::Key, 400),
        ("sec-websocket-protocol", None, UpgradeRefusal::Subprotocol, 400),
        ("sec-websocket-protocol", Some("XMPP"), UpgradeRefusal::Subprotocol, 400),
    ];
    for (header, value, refusal, status) in cases {
        let mut request = request();
        request.headers_mut().remove(header);
        if let Some(value) = value {
            let value = value.parse().expect("a header value");
            request.headers_mut().insert(header, value);
        }
        let error = upgrade(&mut request).expect_err("refused");
        assert_eq!(error, refusal, "{header}: {value:?}");
        let response = error.to_response();
        assert_eq!(response.status().as_u16(), status, "{header}: {value:?}");
        assert_eq!(*response.body(), error.to_string());
        assert_eq!(response.headers().contains_key("upgrade"), status == 426);
    }
    let mut twice = request();
    twice.headers_mut().append("sec-websocket-key", KEY.parse().expect("a header value"));
    assert_eq!(upgrade(&mut twice).expect_err("refused"), UpgradeRefusal::Key);

    let mut posted = request();
    *posted.method_mut() = Method::POST;
    let response = upgrade(&mut posted).expect_err("refused").to_response();
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(response.headers()["allow"], "GET");
}

#[tokio::test(start_paused = true)]
async fn an_upgraded_request_speaks_xmpp() {
    let (server, mut client) = duplex(64 * 1024);
    let http = tokio::spawn(async move {
        let service = service_fn(|mut request: Request<hyper::body::Incoming>| async move {
            let upgrade = upgrade(&mut request).expect("accepted");
            tokio::spawn(async move {
                let mut connection = connect(upgrade.on_upgrade, settings()).await.expect("open");
                let Ok(Incoming::Text(frame)) = connection.next_frame().await else {
                    panic!("expected a frame");
                };
                connection.send(format!("heard {frame}")).await.expect("the client reads");
                connection.close(CloseCode::Normal).await;
            });
            Ok::<_, std::convert::Infallible>(upgrade.response.map(|()| String::new()))
        });
        hyper::server::conn::http1::Builder::new()
            .serve_connection(hyper_util::rt::TokioIo::new(server), service)
            .with_upgrades()
            .await
    });

    let request = format!(
        "GET /websocket HTTP/1.1\r\nHost: edge.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Protocol: xmpp\r\n\r\n"
    );
    client.write_all(request.as_bytes()).await.expect("the server reads");
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(client.read_u8().await.expect("an answer"));
    }
    let answer = String::from_utf8(answer).expect("an HTTP answer");
    assert!(answer.starts_with("HTTP/1.1 101 "), "{answer}");
    assert!(answer.contains(ACCEPT), "{answer}");

    let mut client = WebSocketStream::from_raw_socket(client, Role::Client, None).await;
    says(&mut client, "<open/>").await;
    assert_eq!(hears(&mut client).await, Message::text("heard <open/>"));
    assert!(matches!(hears(&mut client).await, Message::Close(_)));
    assert!(client.next().await.is_none());
    http.await.expect("no panic").expect("a clean HTTP connection");
}
