//! Who takes the streams that are not HTTP.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::admission::Connection;
use crate::protocol::Protocol;
use crate::serve::Closing;
use crate::stream::Stream;

type Taking = Pin<Box<dyn Future<Output = ()> + Send>>;
type Taker = Arc<dyn Fn(Stream, Connection, Closing) -> Taking + Send + Sync>;

/// Protocols beside HTTP that somebody takes. What nobody takes is offered to nobody.
///
/// ```ignore
/// Takers::default().with(Protocol::Turn, |stream, connection, closing| async move { ... })
/// ```
#[derive(Clone, Default)]
pub struct Takers(BTreeMap<Protocol, Taker>);

impl Takers {
    /// Lets `take` have every stream of `protocol`. It bounds its own silence; the gate bounds how many strangers there
    /// are and how long each may stay before [`Connection::sign_in`]. It ends soon after [`Closing::wait`] returns, or is
    /// cut when the grace is over. HTTP is always the router's.
    #[must_use]
    pub fn with<T, F>(mut self, protocol: Protocol, take: T) -> Self
    where
        T: Fn(Stream, Connection, Closing) -> F + Send + Sync + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let taker: Taker = Arc::new(move |stream, connection, closing| Box::pin(take(stream, connection, closing)));
        self.0.insert(protocol, taker);
        self
    }

    pub(crate) fn of(&self, protocol: Protocol) -> Option<&Taker> {
        self.0.get(&protocol)
    }

    /// Identifiers that the gate offers, in its order of preference. A client that offers only others is refused by TLS
    /// (alert 120, `no_application_protocol`).
    pub(crate) fn alpn(&self) -> Vec<Vec<u8>> {
        let is_taken = |protocol: &Protocol| {
            matches!(protocol, Protocol::Http1 | Protocol::Http2) || self.0.contains_key(protocol)
        };
        Protocol::all().filter(is_taken).map(|protocol| protocol.alpn().as_bytes().to_vec()).collect()
    }
}

impl fmt::Debug for Takers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
