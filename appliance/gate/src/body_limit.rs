//! Bounds a request's body, its pace, and what all bodies together hold, whatever the handler makes of the error.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use axum::BoxError;
use axum::body::{Body, Bytes, HttpBody};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_LENGTH;
use hyper::body::{Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::pace::Pace;

/// Bytes of bodies that all running requests may hold together: thousands of connections with one large body each
/// must not fill the memory (E5).
#[derive(Debug)]
pub(crate) struct Budget {
    left: AtomicUsize,
}

impl Budget {
    pub(crate) fn new(bytes: usize) -> Arc<Self> {
        Arc::new(Self { left: AtomicUsize::new(bytes) })
    }

    fn take(&self, bytes: usize) -> bool {
        self.left.try_update(Ordering::AcqRel, Ordering::Acquire, |left| left.checked_sub(bytes)).is_ok()
    }
}

/// What one request's body came to. Gives its bytes back to the budget when the request is over, which is later than
/// the end of the body: the handler holds what it read.
#[derive(Debug)]
pub(crate) struct Taken {
    /// `None`: its bytes are handed on as they come.
    budget: Option<Arc<Budget>>,
    bytes: AtomicUsize,
    too_large: AtomicBool,
    no_room: AtomicBool,
    too_slow: AtomicBool,
}

impl Taken {
    pub(crate) fn new(budget: Option<Arc<Budget>>) -> Arc<Self> {
        Arc::new(Self {
            budget,
            bytes: AtomicUsize::new(0),
            too_large: AtomicBool::new(false),
            no_room: AtomicBool::new(false),
            too_slow: AtomicBool::new(false),
        })
    }

    /// The body went over its own limit.
    pub(crate) fn was_too_large(&self) -> bool {
        self.too_large.load(Ordering::Acquire)
    }

    /// The body met the limit of all bodies together.
    pub(crate) fn had_no_room(&self) -> bool {
        self.no_room.load(Ordering::Acquire)
    }

    /// The body came too slowly.
    pub(crate) fn was_too_slow(&self) -> bool {
        self.too_slow.load(Ordering::Acquire)
    }

    fn more(&self, bytes: usize, limit: usize) -> Result<(), BoxError> {
        let before = self.bytes.load(Ordering::Acquire);
        if before.saturating_add(bytes) > limit {
            self.too_large.store(true, Ordering::Release);
            return Err("the body is larger than allowed".into());
        }
        if self.budget.as_ref().is_some_and(|budget| !budget.take(bytes)) {
            self.no_room.store(true, Ordering::Release);
            return Err("too many bodies at once".into());
        }
        self.bytes.store(before + bytes, Ordering::Release);
        Ok(())
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        if let Some(budget) = &self.budget {
            budget.left.fetch_add(*self.bytes.get_mut(), Ordering::AcqRel);
        }
    }
}

/// Whether the head already says that the body is too large.
pub(crate) fn announced_too_large(headers: &HeaderMap, limit: usize) -> bool {
    let announced =
        headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()).and_then(|text| text.parse::<u64>().ok());
    announced.is_some_and(|length| usize::try_from(length).map_or(true, |length| length > limit))
}

/// A body that ends with an error after `limit` bytes or when `pace` is over, and notes in `taken` what it came to.
pub(crate) fn limited<B>(body: B, limit: usize, pace: Pace, taken: Arc<Taken>) -> Body
where
    B: HttpBody<Data = Bytes> + Unpin + Send + 'static,
    B::Error: Into<BoxError>,
{
    Body::new(Limited { body, limit, pace, overdue: None, taken })
}

struct Limited<B> {
    body: B,
    limit: usize,
    pace: Pace,
    /// Runs while the handler waits for the peer.
    overdue: Option<Pin<Box<Sleep>>>,
    taken: Arc<Taken>,
}

impl<B> HttpBody for Limited<B>
where
    B: HttpBody<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) else {
            let until = self.pace.wait(Instant::now());
            let overdue = self.overdue.get_or_insert_with(|| Box::pin(sleep_until(until)));
            ready!(overdue.as_mut().poll(cx));
            self.taken.too_slow.store(true, Ordering::Release);
            return Poll::Ready(Some(Err("the body comes too slowly".into())));
        };
        let Some(frame) = frame else {
            return Poll::Ready(None);
        };
        let frame = frame.map_err(Into::into)?;
        let bytes = frame.data_ref().map_or(0, Bytes::len);
        self.overdue = None;
        self.pace.moved(bytes, Instant::now());
        self.taken.more(bytes, self.limit)?;
        Poll::Ready(Some(Ok(frame)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
