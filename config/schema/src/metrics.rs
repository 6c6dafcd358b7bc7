//! Section `[metrics]`.

use std::net::SocketAddr;

use crate::reader::Section;

/// Where a monitoring program of this machine reads how the box is (F4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metrics {
    /// An address of the loopback with its port; nowhere when absent.
    pub listen: Option<SocketAddr>,
}

impl Metrics {
    pub(crate) fn read(section: &mut Section<'_, '_>) -> Self {
        Self {
            listen: section.optional(
                "listen",
                "an address of this machine's loopback with a port, as 127.0.0.1:9464 or [::1]:9464, or \"\" for none",
                loopback,
                "Where Prometheus reads numbers, by HTTP at /metrics, without a password: other machines cannot reach it.",
            ),
        }
    }
}

fn loopback(text: &str) -> Option<SocketAddr> {
    text.parse().ok().filter(|address: &SocketAddr| address.ip().is_loopback() && address.port() != 0)
}
