//! TLS, redirect, headers, HTTP/2 (E1, E2).

use crate::{NOBODY, OwnCompany, USERS, world};
use world::{Client, expect, http};

#[tokio::test]
async fn every_kind_of_answer_carries_the_security_headers_e2() {
    let world = world();
    let nobody = Client::new(&world.edge);
    let alice = world.alice.sign_in(&world.edge).await;
    for answer in [
        alice.client.get(&format!("{USERS}/me")).await,
        alice.client.get(&format!("{USERS}/{NOBODY}")).await,
        alice.client.request("PATCH", &format!("{USERS}/me")).send().await,
        nobody.get(&format!("{USERS}/me")).await,
        nobody.get("/nothing/here").await,
        world.alice.try_sign_in(&world.edge).await,
    ] {
        expect::security_headers(&answer);
        assert!(answer.header("x-rainbow-request-id").is_some_and(|id| !id.is_empty()), "{}", answer.asked);
        let caching = answer.header("cache-control").unwrap_or_default();
        assert!(caching.contains("no-store"), "{}: cache-control {caching:?}", answer.asked);
    }
}

#[tokio::test]
async fn answers_are_the_same_over_http2() {
    let alice = OwnCompany::new("tilda").signed_in("tilda").await;
    for (method, path) in [
        ("GET", format!("{USERS}/me")),
        ("GET", format!("{USERS}/networks?format=full")),
        ("GET", format!("{USERS}/{NOBODY}")),
        ("GET", "/nothing/here".to_owned()),
        ("PATCH", format!("{USERS}/me")),
    ] {
        let one = alice.client.request(method, &path).send().await;
        let two = alice.client.over_http2().request(method, &path).send().await;
        assert_eq!(one.status, two.status, "{path}");
        assert_eq!(one.json(), two.json(), "{path}");
        expect::security_headers(&two);
    }
}

#[tokio::test]
async fn port_80_redirects_and_serves_nothing_e1() {
    let world = world();
    let path = format!("{USERS}/me?x=1");
    let answer = http::plain(&world.edge, &format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")).await;
    let status = answer.split_whitespace().nth(1).unwrap_or_default();
    assert!(["301", "308"].contains(&status), "{answer}");
    let location =
        answer.lines().find_map(|line| line.to_lowercase().strip_prefix("location:").map(|_| line.to_owned()));
    let location = location.unwrap_or_else(|| panic!("a redirect says where: {answer}"));
    assert!(location.contains("https://localhost"), "{location}");
    assert!(location.contains(&format!(":{}", world.edge.https())), "{location}");
    assert!(location.contains(&path), "{location}");
    for head in [
        "POST /api/rainbow/authentication/v1.0/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        "GET //evil.example HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "rubbish\r\n\r\n",
    ] {
        let answer = http::plain(&world.edge, head).await;
        assert!(!answer.contains(" 200 "), "{answer}");
        assert!(!answer.to_lowercase().contains("https://evil.example"), "an open redirect: {answer}");
    }
}

#[tokio::test]
async fn plaintext_on_the_tls_port_gets_nothing_e1() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let world = world();
    let mut stream = Client::new(&world.edge).door().tcp().await.expect("the port is open");
    let _ = stream.write_all(b"GET /api/rainbow/ping HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    let mut answer = Vec::new();
    let end = tokio::time::timeout(std::time::Duration::from_secs(world::PATIENCE_S), stream.read_to_end(&mut answer));
    let _ = end.await.expect("the connection is closed");
    assert!(!String::from_utf8_lossy(&answer).contains("HTTP/1.1 2"), "{answer:?}");
}
