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

fn audited() -> &'static Audited {
    static AUDITED: OnceLock<Audited> = OnceLock::new();
    AUDITED.get_or_init(|| {
        let [.., high, low] = std::process::id().to_be_bytes();
        let address = Ipv4Addr::new(127, 53, high, low);
        let edge = EdgeBox::init();
        edge.configure(&format!("[gate]\nlisten = [\"{address}\"]\n"));
        edge.start();
        Audited { edge, address }
    })
}
