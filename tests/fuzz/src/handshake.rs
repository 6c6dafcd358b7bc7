//! The request that opens a WebSocket: accepted only with all that RFC 6455 and RFC 7395 ask for, and answered as they say.
//!
//! The input is a method, a line feed, and lines `Name: value`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::header::{HeaderName, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_PROTOCOL};
use hyper::{Method, Request};
use xmpp::websocket::upgrade;

pub(crate) fn run(input: &[u8]) {
    let mut lines = input.split(|byte| *byte == b'\n');
    let Some(method) = lines.next().and_then(|method| Method::from_bytes(method).ok()) else { return };
    let mut request = Request::new(());
    *request.method_mut() = method;
    for line in lines.take(100) {
        let Some(at) = line.iter().position(|byte| *byte == b':') else { continue };
        let (name, value) = (HeaderName::from_bytes(&line[..at]), HeaderValue::from_bytes(line[at + 1..].trim_ascii()));
        if let (Ok(name), Ok(value)) = (name, value) {
            request.headers_mut().append(name, value);
        }
    }
    let asked = request.headers().clone();
    let method = request.method().clone();
    match upgrade(&mut request) {
        Ok(upgrade) => {
            let keys: Vec<_> = asked.get_all("sec-websocket-key").iter().collect();
            let [key] = keys.as_slice() else { panic!("{} keys", keys.len()) };
            assert_eq!(STANDARD.decode(key.as_bytes()).map(|key| key.len()), Ok(16));
            assert_eq!((method, upgrade.response.status().as_u16()), (Method::GET, 101));
            let accept = upgrade.response.headers().get(SEC_WEBSOCKET_ACCEPT).expect("the proof that it was read");
            assert_eq!(STANDARD.decode(accept.as_bytes()).map(|accept| accept.len()), Ok(20));
            assert_eq!(upgrade.response.headers()[SEC_WEBSOCKET_PROTOCOL], "xmpp");
        }
        Err(refused) => {
            let answer = refused.to_response();
            assert!([400, 405, 426].contains(&answer.status().as_u16()), "{refused}");
            assert!(!answer.headers().contains_key(SEC_WEBSOCKET_ACCEPT));
        }
    }
}
