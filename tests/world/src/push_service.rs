//! A push service as browsers have one (RFC 8030), and the browser's side of a subscription (RFC 8291, RFC 8188), written
//! from the RFCs and not from the box.

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::hmac;
use aws_lc_rs::signature::{self, ECDSA_P256_SHA256_FIXED};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{HeaderMap, LOCATION, RETRY_AFTER};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::convert::Infallible;
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;

const LIMIT: Duration = Duration::from_secs(crate::PATIENCE_S);

/// A push as it arrived.
#[derive(Clone, Debug)]
pub struct Pushed {
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Pushed {
    /// A header that must be there.
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).unwrap_or_else(|| panic!("no header {name}: {:?}", self.headers));
        value.to_str().expect("a header is text")
    }

    /// What the token says and the public key beside it, after its signature was checked with that (RFC 8292).
    pub fn vapid(&self) -> (Value, String) {
        let header = self.header("authorization");
        let parts = header.strip_prefix("vapid t=").and_then(|rest| rest.split_once(", k="));
        let (token, key) = parts.unwrap_or_else(|| panic!("not a vapid header: {header}"));
        let (signed, tag) = token.rsplit_once('.').expect("a token has a signature");
        let public = decode(key);
        signature::UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &public)
            .verify(signed.as_bytes(), &decode(tag))
            .expect("the token is signed with the key beside it");
        let claims = signed.split_once('.').expect("a token has claims").1;
        (serde_json::from_slice(&decode(claims)).expect("claims are JSON"), key.to_owned())
    }
}

#[derive(Default)]
struct Arrived {
    by_path: Mutex<HashMap<String, Vec<Pushed>>>,
    more: Notify,
}

/// The service: `https://localhost:PORT`, with a certificate of a CA of its own. It lives as long as the test process.
///
/// The first word of a path says what it answers: `take` takes, `gone` says 410, `busy` says 503 at first and to come
/// again after a second, `elsewhere` sends on to `take`.
pub struct PushService {
    port: u16,
    ca_file: PathBuf,
    arrived: Arc<Arrived>,
}

impl Default for PushService {
    fn default() -> Self {
        Self::new()
    }
}

impl PushService {
    /// Starts on a free port.
    pub fn new() -> Self {
        let (tls, ca_pem) = certified();
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = listener.local_addr().expect("bound").port();
        // Named as boxes are, so that it is cleared away as they are.
        let folder = std::env::temp_dir().join(format!("rainbow-edge-world-{}-push-{port}", std::process::id()));
        fs::create_dir_all(&folder).expect("the temporary folder can be written");
        let ca_file = folder.join("ca.pem");
        fs::write(&ca_file, ca_pem).expect("the CA can be written");
        let arrived = Arc::new(Arrived::default());
        let serving = Arc::clone(&arrived);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(serve(listener, tls, serving));
        });
        Self { port, ca_file, arrived }
    }

    /// Its host as a list of hosts names it.
    pub fn host(&self) -> String {
        format!("localhost:{}", self.port)
    }

    /// Section `[push]` of a box that may call it; `more` are further lines.
    pub fn configuration(&self, more: &str) -> String {
        format!("[push]\nhosts = [\"{}\"]\nca_file = \"{}\"\n{more}\n", self.host(), self.ca_file.display())
    }

    /// A browser that is pushed to by this path, without a slash in front.
    pub fn browser(&self, path: &str) -> Browser {
        let key = PrivateKey::generate(&ECDH_P256).expect("a key");
        let public = key.compute_public_key().expect("a public key").as_ref().to_vec();
        let path = format!("/{path}");
        Browser { endpoint: format!("https://{}{path}", self.host()), path, key, public, auth: *b"sixteen letters!" }
    }

    /// How many pushes arrived for a browser.
    pub fn count(&self, browser: &Browser) -> usize {
        self.arrived.by_path.lock().expect("no panic holds this").get(&browser.path).map_or(0, Vec::len)
    }

    /// Waits until `count` pushes have arrived for a browser; the last of them.
    pub async fn arrived(&self, browser: &Browser, count: usize) -> Pushed {
        let wait = async {
            loop {
                let more = self.arrived.more.notified();
                tokio::pin!(more);
                more.as_mut().enable();
                if let Some(pushed) = self.nth(browser, count) {
                    return pushed;
                }
                more.await;
            }
        };
        let waited = tokio::time::timeout(LIMIT, wait).await;
        waited.unwrap_or_else(|_| panic!("{} of {count} pushes for {} in {LIMIT:?}", self.count(browser), browser.path))
    }

    fn nth(&self, browser: &Browser, count: usize) -> Option<Pushed> {
        let arrived = self.arrived.by_path.lock().expect("no panic holds this");
        arrived.get(&browser.path)?.get(count.checked_sub(1)?).cloned()
    }
}

/// A certificate for `localhost`, and the CA that signed it, in PEM.
fn certified() -> (TlsAcceptor, String) {
    let (ca_key, key) = (KeyPair::generate().expect("a key"), KeyPair::generate().expect("a key"));
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.distinguished_name.push(DnType::CommonName, "A push service's CA");
    let ca = authority.self_signed(&ca_key).expect("signed");
    let leaf = CertificateParams::new(vec![String::from("localhost")]).expect("a name");
    let leaf = leaf.signed_by(&key, &Issuer::new(authority, &ca_key)).expect("signed");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider knows TLS 1.2 and 1.3")
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der())));
    (TlsAcceptor::from(Arc::new(config.expect("certificate and key fit"))), ca.pem())
}

async fn serve(listener: std::net::TcpListener, tls: TlsAcceptor, arrived: Arc<Arrived>) {
    listener.set_nonblocking(true).expect("a listener");
    let listener = TcpListener::from_std(listener).expect("a listener");
    loop {
        let (stream, _) = listener.accept().await.expect("a connection");
        let (tls, arrived) = (tls.clone(), Arc::clone(&arrived));
        tokio::spawn(async move {
            // Who does not trust the certificate hangs up.
            let Ok(stream) = tls.accept(stream).await else { return };
            let service = service_fn(|request| answer(request, &arrived));
            let http = hyper::server::conn::http1::Builder::new();
            // The box does not wait for bodies, and hangs up.
            let _ = http.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn answer(request: Request<Incoming>, arrived: &Arrived) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let path = head.uri.path().to_owned();
    let body = body.collect().await.expect("a whole body").to_bytes();
    let count = {
        let mut by_path = arrived.by_path.lock().expect("no panic holds this");
        let pushes = by_path.entry(path.clone()).or_default();
        pushes.push(Pushed { headers: head.headers, body });
        pushes.len()
    };
    arrived.more.notify_waiters();
    let response = Response::builder();
    let response = match path.split('/').nth(1) {
        Some("gone") => response.status(410),
        Some("busy") if count == 1 => response.status(503).header(RETRY_AFTER, "1"),
        Some("elsewhere") => response.status(307).header(LOCATION, path.replace("elsewhere", "take")),
        _ => response.status(201),
    };
    Ok(response.body(Full::default()).expect("a response"))
}

/// A browser's subscription with its secrets.
pub struct Browser {
    /// Where it is pushed to.
    pub endpoint: String,
    path: String,
    key: PrivateKey,
    public: Vec<u8>,
    auth: [u8; 16],
}

impl Browser {
    /// As `PushSubscription.toJSON` writes it.
    pub fn subscription(&self) -> Value {
        json!({
            "endpoint": self.endpoint, "expirationTime": null,
            "keys": { "p256dh": BASE64.encode(&self.public), "auth": BASE64.encode(self.auth) },
        })
    }

    /// Decrypts a push (RFC 8291, 3.4; RFC 8188, 2.1): one record, JSON.
    pub fn read(&self, pushed: &Pushed) -> Value {
        assert_eq!(pushed.header("content-encoding"), "aes128gcm");
        let (salt, rest) = pushed.body.split_at(16);
        let (record_size, rest) = rest.split_at(4);
        assert!(u32::from_be_bytes(record_size.try_into().expect("4 bytes")) as usize >= rest.len(), "one record");
        let (sender, record) = rest[1..].split_at(usize::from(rest[0]));
        let peer = UnparsedPublicKey::new(&ECDH_P256, sender);
        let shared = agree(&self.key, peer, (), |secret| Ok(secret.to_vec())).expect("a point on the curve");
        let info = [b"WebPush: info\0", self.public.as_slice(), sender].concat();
        let key = hkdf(salt, &hkdf(&self.auth, &shared, &info, 32), b"Content-Encoding: aes128gcm\0", 16);
        let nonce = hkdf(salt, &hkdf(&self.auth, &shared, &info, 32), b"Content-Encoding: nonce\0", 12);
        let opening = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).expect("a key"));
        let nonce = Nonce::try_assume_unique_for_key(&nonce).expect("12 bytes");
        let mut record = record.to_vec();
        let text = opening.open_in_place(nonce, Aad::empty(), &mut record).expect("encrypted for this browser");
        let end = text.iter().rposition(|byte| *byte != 0).expect("a delimiter");
        assert_eq!(text[end], 2, "the last record ends with 2");
        serde_json::from_slice(&text[..end]).expect("a push is JSON")
    }
}

/// RFC 5869 for at most 32 bytes.
fn hkdf(salt: &[u8], secret: &[u8], info: &[u8], length: usize) -> Vec<u8> {
    let mac = |key: &[u8], text: &[u8]| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text).as_ref().to_vec();
    let mut first = mac(&mac(salt, secret), &[info, &[1]].concat());
    first.truncate(length);
    first
}

fn decode(text: &str) -> Vec<u8> {
    BASE64.decode(text).expect("base64url without padding")
}
