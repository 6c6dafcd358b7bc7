use std::net::IpAddr;
use std::sync::Arc;

/// Where somebody comes from, as far as limits are concerned: an IPv4 address, or an IPv6 /64, which is what one
/// subscriber is given. It cannot be printed: nothing logs or stores an address.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Source(Network);

#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
enum Network {
    /// No address: the box itself.
    #[default]
    Own,
    V4([u8; 4]),
    V6([u8; 8]),
}

impl From<IpAddr> for Source {
    fn from(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(v4) => Network::V4(v4.octets()),
            IpAddr::V6(v6) => {
                let [a, b, c, d, e, f, g, h, ..] = v6.octets();
                Network::V6([a, b, c, d, e, f, g, h])
            }
        })
    }
}

impl Source {
    /// What keyed hashes are made of; differs in length from kind to kind.
    pub(crate) fn bytes(&self) -> &[u8] {
        match &self.0 {
            Network::Own => &[],
            Network::V4(octets) => octets,
            Network::V6(octets) => octets,
        }
    }
}

/// Whoever is at the other end of a connection. Edges say when they turn out to be known, so that limits on strangers no
/// longer count the connection (decision 22).
#[derive(Clone)]
pub struct Visitor {
    source: Source,
    on_signed_in: Arc<dyn Fn() + Send + Sync>,
}

impl Visitor {
    /// A visitor; `on_signed_in` may be called several times.
    #[must_use]
    pub fn new(source: Source, on_signed_in: Arc<dyn Fn() + Send + Sync>) -> Self {
        Self { source, on_signed_in }
    }

    /// Where the visitor comes from.
    #[must_use]
    pub fn source(&self) -> Source {
        self.source
    }

    /// The visitor has shown a valid token, password or XMPP secret.
    pub fn signed_in(&self) {
        (self.on_signed_in)();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(address: &str) -> Source {
        Source::from(address.parse::<IpAddr>().expect("an address"))
    }

    #[test]
    fn an_ipv6_network_is_one_source_and_a_mapped_ipv4_address_is_itself_a5() {
        assert!(source("2001:db8:0:1::1") == source("2001:db8:0:1:ffff::2"));
        assert!(source("2001:db8:0:1::1") != source("2001:db8:0:2::1"));
        assert!(source("192.0.2.1") == source("::ffff:192.0.2.1"));
        assert!(source("192.0.2.1") != source("192.0.2.2"));
        assert!(source("192.0.2.1") != Source::default());
    }
}
