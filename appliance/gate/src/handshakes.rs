//! TLS handshakes happen on a thread of their own, which gives way to all others: whoever is in goes before whoever
//! knocks, and a handshake costs a hundred times what a message does (E5).

use std::future::Future;
use std::io;
use std::sync::Arc;

use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

/// How far it gives way.
const NICE: i32 = 19;
const NAME: &str = "handshakes";

/// The thread.
#[derive(Debug)]
pub(crate) struct Handshakes {
    /// `None` only while it is dropped.
    runtime: Option<Runtime>,
}

impl Handshakes {
    pub(crate) fn start() -> io::Result<Arc<Self>> {
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(1).thread_name(NAME).enable_time().on_thread_start(step_back);
        Ok(Arc::new(Self { runtime: Some(builder.build()?) }))
    }

    /// Shakes hands there, unless the caller gives up. The socket's readiness is told by the caller's runtime.
    pub(crate) async fn carry_out<S, F>(&self, shaking: F) -> io::Result<S>
    where
        S: Send + 'static,
        F: Future<Output = io::Result<S>> + Send + 'static,
    {
        let ended = || io::Error::other("the handshake was not carried out");
        let Some(runtime) = &self.runtime else { return Err(ended()) };
        // A set of one: dropped, it ends what it holds.
        let mut shaking_hands = JoinSet::new();
        shaking_hands.spawn_on(shaking, runtime.handle());
        shaking_hands.join_next().await.and_then(Result::ok).unwrap_or_else(|| Err(ended()))
    }
}

impl Drop for Handshakes {
    fn drop(&mut self) {
        // Dropped by a task, which must not wait for a thread.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Gives way to all threads that do not.
fn step_back() {
    // Of a thread, not of the process: so Linux takes this call.
    if let Err(failure) = rustix::process::setpriority_process(None, NICE) {
        tracing::warn!(%failure, "TLS handshakes do not give way to other work");
    }
}
