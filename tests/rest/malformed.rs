//! Rubbish in, a clear error out, nothing changed, process alive.

use crate::{ADMIN_COMPANIES, ADMIN_USERS, BLOCKLIST, OwnCompany, USERS, world};
use serde_json::json;
use world::{Answer, SignedIn, expect, snapshot};

/// Somebody in a company where nobody else changes anything.
async fn hugo(name: &str) -> SignedIn {
    OwnCompany::new(name).signed_in(name).await
}

/// A refusal in Rainbow's form whose status is one of these.
#[track_caller]
fn refused(answer: &Answer, allowed: &[u16]) {
    assert!(allowed.contains(&answer.status), "{}: {} {}", answer.asked, answer.status, answer.text());
    expect::refusal(answer, answer.status);
}

#[tokio::test]
async fn malformed_json_is_400_and_changes_nothing() {
    let hugo = hugo("hugo").await;
    let before = snapshot::of(&hugo).await;
    let path = format!("{USERS}/{}", hugo.id());
    let deep = format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000));
    let bodies: [&[u8]; 12] = [
        b"",
        b"{",
        b"null",
        b"[]",
        b"\"text\"",
        b"{\"firstName\":",
        b"{\"firstName\":1}",
        b"{\"firstName\":{}}",
        b"{\"firstName\":\"\xff\xfe\"}",
        b"{'firstName':'x'}",
        b"{\"firstName\":\"x\"} trailing",
        deep.as_bytes(),
    ];
    for body in bodies {
        let answer = hugo.client.request("PUT", &path).body("application/json", body).send().await;
        refused(&answer, &[400]);
    }
    assert_eq!(snapshot::of(&hugo).await, before);
}

#[tokio::test]
async fn wrong_types_in_every_body_are_400() {
    let hugo = hugo("hubert").await;
    let before = snapshot::of(&hugo).await;
    let id = hugo.id();
    for (method, path, body) in [
        ("PUT", format!("{USERS}/{id}/settings"), json!({"presence": 7})),
        ("POST", format!("{USERS}/{id}/conversations"), json!({"peerId": 12, "type": "user"})),
        ("POST", format!("{USERS}/{id}/conversations"), json!({"peerId": id, "type": "spaceship"})),
        ("POST", format!("{USERS}/{id}/invitations"), json!({"invitedUserId": ["x"]})),
        ("POST", format!("{USERS}/{id}/invitations/bulk"), json!({"emails": "a@b.test"})),
        ("POST", format!("{USERS}/{id}/groups"), json!({"name": 7})),
        ("POST", format!("{USERS}/{id}/groups"), json!({"name": "x", "isFavorite": "yes"})),
        ("POST", format!("{USERS}/{id}/favorites"), json!({"peerId": {}, "type": "user"})),
        ("POST", format!("{USERS}/ids"), json!({"id": {"a": 1}})),
        ("POST", format!("{USERS}/jids"), json!({"jid_im": 5})),
        ("POST", format!("{USERS}/loginEmails"), json!({"loginEmail": false})),
    ] {
        let answer = hugo.client.request(method, &path).json(&body).send().await;
        refused(&answer, &[400, 404]);
    }
    assert_eq!(snapshot::of(&hugo).await, before);
}

#[tokio::test]
async fn wrong_content_type_is_415_and_too_much_is_413() {
    let hugo = hugo("henry").await;
    let before = snapshot::of(&hugo).await;
    let path = format!("{USERS}/{}", hugo.id());
    for kind in
        ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml", ""]
    {
        let answer = hugo.client.request("PUT", &path).body(kind, br#"{"firstName":"X"}"#).send().await;
        refused(&answer, &[415]);
    }
    let huge = format!("{{\"firstName\":\"{}\"}}", "x".repeat(2_000_000));
    let head = format!(
        "PUT {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        hugo.token,
        huge.len()
    );
    // The box answers by the announced length and closes; a client that only writes on would miss the answer.
    let answer = hugo.client.raw(format!("{head}{huge}").as_bytes()).await;
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.contains("\"errorCode\":413"), "{answer}");
    let long = json!({"firstName": "x".repeat(100_000)});
    refused(&hugo.client.put(&path, &long).await, &[400, 413]);
    assert_eq!(snapshot::of(&hugo).await, before);
}

#[tokio::test]
async fn unknown_routes_are_404_and_wrong_methods_405() {
    let hugo = hugo("heinz").await;
    for path in [
        "/api",
        "/api/rainbow",
        "/api/rainbow/enduser/v9.9/users",
        "/api/rainbow/nothing/v1.0/x",
        "/.env",
        "/favicon.ico",
        "//",
        "/api/rainbow/enduser/v1.0/users/me/../../../..",
    ] {
        let answer = hugo.client.get(path).await;
        refused(&answer, &[404, 400]);
    }
    for (method, path) in [
        ("DELETE", format!("{USERS}/networks")),
        ("PATCH", format!("{USERS}/me")),
        ("POST", format!("{USERS}/me")),
        ("BREW", format!("{USERS}/me")),
    ] {
        let answer = hugo.client.request(method, &path).send().await;
        refused(&answer, &[405]);
        if method != "BREW" {
            assert!(answer.header("allow").is_some(), "405 says what is allowed (RFC 9110 section 15.5.6)");
        }
    }
}

#[tokio::test]
async fn strange_ids_are_clear_errors() {
    let company = OwnCompany::new("hanna");
    let hugo = company.signed_in("hanna").await;
    let admin = company.person("boss", &["--admin"]).sign_in(&world().edge).await;
    let before = snapshot::of(&hugo).await;
    let long = "a".repeat(4_000);
    let strange = [
        "1",
        "0",
        "-1",
        "111111111111111111111111",
        "12e456789012345678901234",
        "1e309",
        "NaN",
        "null",
        "undefined",
        "%00",
        "%0d%0aSet-Cookie:%20a=b",
        "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "%ff%fe",
        "%F0%9F%98%80",
        "'%20OR%201=1--",
        "%27;DROP%20TABLE%20users;--",
        "{uid}",
        "%7B%7D",
        "a%2Fb",
        "%25%32%35",
        "D00000000000000000000BAD",
        &long,
    ];
    for id in strange {
        let id = id.replace('{', "%7B").replace('}', "%7D");
        for (who, path) in [
            (&hugo, format!("{USERS}/{id}")),
            (&hugo, format!("{USERS}/{id}/settings")),
            (&hugo, format!("{USERS}/jids/{id}")),
            (&hugo, format!("{USERS}/{}/conversations/{id}", hugo.id())),
            (&hugo, format!("/api/rainbow/enduser/v1.0/companies/{id}")),
            (&hugo, format!("{USERS}/{}/invitations/{id}", hugo.id())),
            (&hugo, format!("{USERS}/{}/groups/{id}", hugo.id())),
            (&hugo, format!("{USERS}/{}/favorites/{id}", hugo.id())),
            (&hugo, format!("{USERS}/networks/{id}")),
            (&hugo, format!("{BLOCKLIST}/{id}")),
            (&admin, format!("{ADMIN_USERS}/{id}")),
            (&admin, format!("{ADMIN_COMPANIES}/{id}")),
        ] {
            let removed = ["conversations/", "networks/", "blocklist/"].iter().any(|noun| path.contains(noun));
            let method = if removed { "DELETE" } else { "GET" };
            let answer = who.client.request(method, &path).send().await;
            refused(&answer, &[400, 404, 414]);
            assert!(answer.header("set-cookie").is_none());
        }
    }
    assert_eq!(snapshot::of(&hugo).await, before);
}

#[tokio::test]
async fn strange_queries_are_served_or_refused_and_never_a_fault() {
    let hugo = hugo("hilde").await;
    let list = format!("{USERS}/{}/conversations", hugo.id());
    for query in [
        "limit=-1",
        "limit=0",
        "limit=99999999999999999999",
        "limit=abc",
        "offset=-5",
        "offset=18446744073709551616",
        "limit=1&limit=2",
        "format=%00",
        "=&=&&",
        "limit=1e3",
        "offset=%ff",
    ] {
        let answer = hugo.client.get(&format!("{list}?{query}")).await;
        if answer.status == 200 {
            expect::list(&answer);
        } else {
            refused(&answer, &[400]);
        }
    }
    let long = hugo.client.get(&format!("{list}?{}", "x".repeat(20_000))).await;
    assert!(matches!(long.status, 200 | 400 | 414 | 431), "{}", long.status);
}

#[tokio::test]
async fn bytes_that_are_not_http_end_the_connection_and_nothing_else_e5() {
    let world = world();
    let hugo = hugo("helga").await;
    let many = format!("GET / HTTP/1.1\r\nHost: localhost\r\n{}\r\n", "X-Many: y\r\n".repeat(2_000));
    let smuggle = "POST /api/rainbow/ping HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x HTTP/1.1\r\n\r\n";
    let rubbish: [&[u8]; 8] = [
        b"\xde\xad\xbe\xef\xde\xad\xbe\xef",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /api/rainbow/ping HTTP/1.1\r\nHost: a\r\nHost: b\r\nContent-Length: -1\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\nContent-Length: 3\r\n\r\n123",
        many.as_bytes(),
        smuggle.as_bytes(),
    ];
    for bytes in rubbish {
        let answer = String::from_utf8_lossy(&hugo.client.raw(bytes).await).into_owned();
        let head = answer.lines().next().unwrap_or_default();
        assert!(!head.contains(" 5") && !head.contains(" 200"), "{head} for {:?}", String::from_utf8_lossy(bytes));
        assert!(world.edge.alive());
    }
    expect::data(&hugo.client.get(&format!("{USERS}/me")).await);
}
