use super::{FILES, File, PAGE, content_type, router, serve, takes_brotli};
use axum::body::Body;
use axum::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

static PAGE_FILE: File = File { name: PAGE, content: b"<!doctype html>", brotli: Some(b"packed") };
static ASSET: File = File { name: "assets/app-ABC.js", content: b"1", brotli: None };

fn asking(name: axum::http::HeaderName, value: &str) -> HeaderMap {
    HeaderMap::from_iter([(name, HeaderValue::from_str(value).expect("a value"))])
}

#[test]
fn brotli_is_sent_to_who_takes_it_and_to_nobody_else_j9() {
    for (list, expected) in
        [("gzip, deflate, br, zstd", true), ("br;q=0.1", true), ("BR", true), ("br;q=0", false), ("gzip", false)]
    {
        assert_eq!(takes_brotli(&asking(ACCEPT_ENCODING, list)), expected, "{list}");
    }
    assert!(!takes_brotli(&HeaderMap::new()));
    assert_eq!(serve(&PAGE_FILE, &asking(ACCEPT_ENCODING, "br")).headers()[CONTENT_ENCODING], "br");
    assert!(!serve(&PAGE_FILE, &HeaderMap::new()).headers().contains_key(CONTENT_ENCODING));
}

#[test]
fn the_page_comes_with_a_policy_that_allows_nothing_inline_e2() {
    let answer = serve(&PAGE_FILE, &HeaderMap::new());
    let policy = answer.headers()["content-security-policy"].to_str().expect("text");
    for word in ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "require-trusted-types-for"] {
        assert!(policy.contains(word), "{word}");
    }
    for word in ["unsafe-inline", "unsafe-eval", "http:", "https:", "*"] {
        assert!(!policy.contains(word), "{word}");
    }
    assert_eq!(answer.headers()["cache-control"], "no-cache");
}

#[test]
fn what_carries_its_hash_is_kept_for_ever_and_what_is_known_is_not_sent_again_j9() {
    let answer = serve(&ASSET, &HeaderMap::new());
    assert!(answer.headers()["cache-control"].to_str().expect("text").contains("immutable"));
    let tag = answer.headers()[ETAG].to_str().expect("text").to_owned();
    assert_eq!(serve(&ASSET, &asking(IF_NONE_MATCH, &format!("\"x\", W/{tag}"))).status(), StatusCode::NOT_MODIFIED);
    assert_eq!(serve(&ASSET, &asking(IF_NONE_MATCH, "\"x\"")).status(), StatusCode::OK);
}

#[test]
fn every_file_has_a_type_that_browsers_know_j9() {
    for file in FILES {
        assert_ne!(content_type(file.name), "application/octet-stream", "{}", file.name);
    }
}

#[tokio::test]
async fn the_root_says_what_is_missing_or_is_the_page_and_nothing_else_is_answered() {
    let get = |path: &str| router().oneshot(Request::get(path).body(Body::empty()).expect("a request"));
    let root = get("/").await.expect("infallible");
    let built = !FILES.is_empty();
    assert_eq!(root.status(), if built { StatusCode::OK } else { StatusCode::NOT_FOUND });
    let body = root.into_body().collect().await.expect("a body").to_bytes();
    let text = String::from_utf8_lossy(&body);
    assert!(text.contains(if built { "<div id=\"app\">" } else { "cargo xtask build" }), "{text}");
    for path in ["/index.html", "/assets/", "/assets/../sw.js", "/policy.txt", "/favicon.ico"] {
        assert_eq!(get(path).await.expect("infallible").status(), StatusCode::NOT_FOUND, "{path}");
    }
}
