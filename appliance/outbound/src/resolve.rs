//! Names to addresses. The system's resolver blocks a thread for as long as it asks, also when nobody waits any longer,
//! and those threads read the databases too: only a few of them may ask at once.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Questions at once. A name service that hangs holds back pushes, and nothing else.
const QUESTIONS_MAX: usize = 3;

pub(crate) struct Resolver {
    questions: Arc<Semaphore>,
}

impl Resolver {
    pub(crate) fn new() -> Self {
        Self { questions: Arc::new(Semaphore::new(QUESTIONS_MAX)) }
    }

    pub(crate) async fn addresses(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        let asking = Arc::clone(&self.questions).acquire_owned().await.map_err(io::Error::other)?;
        let host = host.to_owned();
        let asked = tokio::task::spawn_blocking(move || {
            // Goes with the question, also when its caller does not wait any longer.
            let _asking = asking;
            (host.as_str(), port).to_socket_addrs().map(Iterator::collect)
        });
        asked.await.map_err(io::Error::other)?
    }
}
