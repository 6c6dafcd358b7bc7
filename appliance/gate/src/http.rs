//! HTTP/1.1 (with upgrades, so WebSocket) and HTTP/2 over TLS, bounded.

use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};

use crate::answer::answer;
use crate::counters::{Counters, Event};
use crate::protocol::Protocol;
use crate::serve::{Closing, Served};
use crate::stream::Stream;

/// Largest head of HTTP/1.1.
const HEAD_LIMIT_BYTES: usize = 32 * 1024;
/// Read buffer of HTTP/1.1.
const BUFFER_BYTES: usize = 64 * 1024;
/// Largest decoded head of HTTP/2.
const HEADER_LIST_LIMIT_BYTES: u32 = 32 * 1024;
const STREAMS_MAX: u32 = 100;
/// Streams that a peer may reset before they are handled (CVE-2023-44487).
const RESETS_PENDING_MAX: usize = 20;
/// Streams that this end resets for a peer's errors (CVE-2025-8671).
const RESETS_LOCAL_MAX: usize = 1024;
const STREAM_WINDOW_BYTES: u32 = 64 * 1024;
const CONNECTION_WINDOW_BYTES: u32 = 1024 * 1024;
const SEND_BUFFER_BYTES: usize = 64 * 1024;
/// For a peer to take the farewell of a connection that was silent.
const FAREWELL: Duration = Duration::from_secs(1);

/// Serves one connection to its end, or to its upgrade; `protocol` is one of HTTP's.
pub(crate) async fn serve(stream: Stream, protocol: Protocol, served: Served) {
    let Served { around, mut closing } = served;
    let service = {
        let around = Arc::clone(&around);
        service_fn(move |request: hyper::Request<Incoming>| answer(request, Arc::clone(&around)))
    };
    let io = TokioIo::new(stream);
    let silent = around.activity.silent_for(around.limits.header_timeout);
    if protocol == Protocol::Http2 {
        let serving = std::pin::pin!(http2_builder().serve_connection(io, service));
        drive(serving, http2::Connection::graceful_shutdown, silent, &mut closing, &around.counters).await;
    } else {
        let serving = std::pin::pin!(http1_builder().serve_connection(io, service).with_upgrades());
        drive(serving, http1::UpgradeableConnection::graceful_shutdown, silent, &mut closing, &around.counters).await;
    }
}

/// Runs a connection until it ends by itself, is silent for too long, or the gate closes. Silence covers a head that
/// never becomes complete, in both versions. What the gate's closing leaves running is bounded by its grace.
pub(crate) async fn drive<C>(
    mut serving: Pin<&mut C>,
    farewell: impl FnOnce(Pin<&mut C>),
    silent: impl Future<Output = ()>,
    closing: &mut Closing,
    counters: &Counters,
) where
    C: Future<Output = hyper::Result<()>>,
{
    let ended = tokio::select! {
        ended = serving.as_mut() => ended,
        () = silent => {
            counters.count(Event::Silent);
            farewell(serving.as_mut());
            tokio::time::timeout(FAREWELL, serving).await.unwrap_or(Ok(()))
        }
        () = closing.wait() => {
            farewell(serving.as_mut());
            serving.await
        }
    };
    if let Err(error) = ended {
        if is_the_peers_fault(&error) {
            counters.count(Event::Broken);
        }
        tracing::debug!(%error, "connection ended early");
    }
}

/// Whether the peer broke the protocol; one that merely went away did not.
fn is_the_peers_fault(error: &hyper::Error) -> bool {
    let cause_is_protocol = || error.source().is_some_and(|cause| !cause.is::<std::io::Error>());
    error.is_parse() || (!error.is_user() && cause_is_protocol())
}

/// The bounds of HTTP/1.1, on both ports. At most 100 fields in a head is the library's default; setting it costs a
/// heap allocation per request.
pub(crate) fn http1_builder() -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder.max_header_size(HEAD_LIMIT_BYTES).max_buf_size(BUFFER_BYTES).half_close(false);
    builder
}

/// No keep-alive pings: what this end writes would count as activity, and silence ends a dead peer anyway.
fn http2_builder() -> http2::Builder<TokioExecutor> {
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .max_concurrent_streams(STREAMS_MAX)
        .max_header_list_size(HEADER_LIST_LIMIT_BYTES)
        .max_pending_accept_reset_streams(RESETS_PENDING_MAX)
        .max_local_error_reset_streams(RESETS_LOCAL_MAX)
        .initial_stream_window_size(STREAM_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
        .max_send_buf_size(SEND_BUFFER_BYTES);
    builder
}
