//! A handler runs to its end, though its client hangs up.
//!
//! A server drops a request's future together with its connection. A verb may commit more than once, so one that was
//! dropped between two commits would leave half an account behind: what is dropped unfinished goes on as a task.

use crate::error::RestError;
use axum::response::Response;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

/// Requests that run without a client before new ones wait for their end.
const ABANDONED_MAX: usize = 1024;

/// Room for requests whose clients have gone. Nothing else bounds how many clients come, ask and go.
#[derive(Clone)]
pub(crate) struct Room(Arc<Semaphore>);

impl Default for Room {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(ABANDONED_MAX)))
    }
}

impl Room {
    /// Returns when there is room for one more. A request that waits here has begun nothing and may be dropped.
    pub(crate) async fn wait(&self) {
        // The semaphore is never closed.
        drop(self.0.acquire().await);
    }
}

/// Whether the client of a request has gone; stands among the extensions of the request.
#[derive(Clone, Default)]
pub(crate) struct Gone(Arc<AtomicBool>);

impl Gone {
    /// What is still read from a client that has gone ends in an error: a handler without a client waits for the box
    /// alone, so its time is bounded.
    pub(crate) async fn or<T>(&self, reading: impl Future<Output = Result<T, RestError>>) -> Result<T, RestError> {
        let mut reading = std::pin::pin!(reading);
        std::future::poll_fn(|context| match reading.as_mut().poll(context) {
            Poll::Pending if self.0.load(Ordering::Acquire) => Poll::Ready(Err(RestError::cut_short())),
            polled => polled,
        })
        .await
    }
}

/// A handler at work. Dropped before its end, it goes on as a task of its own.
pub(crate) struct Finishing {
    handling: Option<Pin<Box<dyn Future<Output = Response> + Send>>>,
    gone: Gone,
    room: Room,
}

impl Finishing {
    /// `handling` must contain its own panics.
    pub(crate) fn new(handling: impl Future<Output = Response> + Send + 'static, gone: Gone, room: Room) -> Self {
        Self { handling: Some(Box::pin(handling)), gone, room }
    }
}

impl Future for Finishing {
    type Output = Response;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Response> {
        let Some(handling) = self.handling.as_mut() else { return Poll::Pending };
        let polled = handling.as_mut().poll(context);
        if polled.is_ready() {
            self.handling = None;
        }
        polled
    }
}

impl Drop for Finishing {
    fn drop(&mut self) {
        let Some(handling) = self.handling.take() else { return };
        self.gone.0.store(true, Ordering::Release);
        // Without room it goes on all the same: it was let in, and how many are in is bounded by the gate.
        let place = Arc::clone(&self.room.0).try_acquire_owned().ok();
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move {
                drop(handling.await);
                drop(place);
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::response::IntoResponse as _;
    use futures_util::FutureExt as _;
    use tokio::sync::oneshot;

    /// Waits for a sign twice, as a verb waits for two commits, then says that it is done.
    async fn two_steps(
        first: oneshot::Receiver<()>,
        second: oneshot::Receiver<()>,
        done: oneshot::Sender<()>,
    ) -> Response {
        let _ = first.await;
        let _ = second.await;
        let _ = done.send(());
        "done".into_response()
    }

    #[tokio::test]
    async fn a_handler_runs_to_its_end_though_its_client_hangs_up_e5() {
        let (first, first_sign) = oneshot::channel();
        let (second, second_sign) = oneshot::channel();
        let (done, is_done) = oneshot::channel();
        let room = Room::default();
        let mut request = Finishing::new(two_steps(first_sign, second_sign, done), Gone::default(), room.clone());
        first.send(()).expect("the handler waits");
        assert!((&mut request).now_or_never().is_none(), "it waits for the second sign");
        drop(request);
        assert_eq!(room.0.available_permits(), ABANDONED_MAX - 1, "what runs without a client is counted");
        second.send(()).expect("the handler still waits, with nobody to answer");
        is_done.await.expect("the handler came to its end");
        while room.0.available_permits() < ABANDONED_MAX {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn a_finished_request_leaves_nothing_behind() {
        let room = Room::default();
        let mut request = Finishing::new(async { "done".into_response() }, Gone::default(), room.clone());
        assert!((&mut request).now_or_never().is_some());
        drop(request);
        assert_eq!(room.0.available_permits(), ABANDONED_MAX);
    }

    #[tokio::test]
    async fn new_requests_wait_while_too_many_run_without_a_client_e5() {
        let room = Room::default();
        let abandon = || {
            let (end, sign) = oneshot::channel::<()>();
            let handling = async move {
                let _ = sign.await;
                "done".into_response()
            };
            drop(Finishing::new(handling, Gone::default(), room.clone()));
            end
        };
        let mut ends: Vec<_> = (0..ABANDONED_MAX + 10).map(|_| abandon()).collect();
        assert!(room.wait().now_or_never().is_none(), "there is no room");
        for end in ends.drain(..) {
            end.send(()).expect("each of them still runs, with a place or without");
        }
        room.wait().await;
    }

    #[tokio::test]
    async fn what_is_read_from_a_client_that_has_gone_is_cut_short_e5() {
        let gone = Gone::default();
        let (_never, body) = oneshot::channel::<()>();
        let (told, tells) = oneshot::channel();
        let reader = gone.clone();
        let handling = async move {
            let read = reader.or(async { body.await.map_err(|_| RestError::cut_short()) }).await;
            let _ = told.send(matches!(read, Err(RestError::Malformed(_))));
            "refused".into_response()
        };
        let mut request = Finishing::new(handling, gone, Room::default());
        assert!((&mut request).now_or_never().is_none(), "the client takes its time");
        drop(request);
        assert!(tells.await.expect("the handler went on"), "it waits no longer for the client");
    }
}
