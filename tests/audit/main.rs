//! The box as the usual auditors see it: nmap for its ports and suites, testssl.sh for its TLS, and the redirect.

mod grade;
mod nmap;
mod plain;
mod ports;
mod program;
mod suites;
mod testssl;
mod tls;

use std::net::Ipv4Addr;
use std::sync::OnceLock;
use world::EdgeBox;

/// A running box on an address of its own: whatever else this machine serves on 127.0.0.1 is not found there.
struct Audited {
    edge: EdgeBox,
    address: Ipv4Addr,
}

impl Audited {
    /// What its administrator is given for the relay.
    fn credentials(&self) -> (String, String) {
        let basic = format!("{}:{}", world::ADMIN_EMAIL, world::ADMIN_PASSWORD);
        let signed_in = self.get("/api/rainbow/authentication/v1.0/login", &["-u", &basic]);
        let bearer = format!("Authorization: Bearer {}", signed_in["token"].as_str().expect("a token"));
        let told = self.get("/api/rainbow/geolocation/v1.0/settings/iceservers", &["-H", &bearer]);
        let servers = told["data"].as_array().expect("a list");
        let relay = servers.iter().find(|server| server["username"].is_string()).expect("a relay");
        let text = |key: &str| relay[key].as_str().expect("a text").to_owned();
        (text("username"), text("credential"))
    }

    /// By curl, because the box is not at the usual address.
    fn get(&self, path: &str, more: &[&str]) -> serde_json::Value {
        let port = self.edge.https();
        let (at, url) = (format!("localhost:{port}:{}", self.address), format!("https://localhost:{port}{path}"));
        let ca = self.edge.data().join("ca.pem").display().to_string();
        let usual = ["curl", "-sS", "--cacert", &ca, "--resolve", &at, "-H", "Accept: application/json"];
        let text = program::run(&usual[..1], &[&usual[1..], more, &[url.as_str()]].concat());
        serde_json::from_str(&text).unwrap_or_else(|_| panic!("{path}: {text}"))
    }
}

fn audited() -> &'static Audited {
    static AUDITED: OnceLock<Audited> = OnceLock::new();
    AUDITED.get_or_init(|| {
        let [.., high, low] = std::process::id().to_be_bytes();
        let address = Ipv4Addr::new(127, 53, high, low);
        let edge = EdgeBox::init();
        let media = format!("[media]\nexternal_addresses = [\"{address}\"]\n");
        edge.configure(&format!("[gate]\nlisten = [\"{address}\"]\n{media}"));
        edge.start();
        Audited { edge, address }
    })
}
