//! What a handler leaves unread of a request's body is read and dropped before the answer goes out. Otherwise HTTP/2
//! answers and resets the stream at once (RFC 9113, section 8.1), which some clients take for a failure of the request:
//! curl 7.88 does when its own body is still under way.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::BoxError;
use axum::body::{Bytes, HttpBody};
use http_body_util::BodyExt as _;
use hyper::body::{Frame, SizeHint};
use tokio::sync::oneshot;

/// Most that is read for nobody, and for how long; beyond it the stream is reset after all (E5).
const REST_LIMIT_BYTES: usize = 64 * 1024;
const PATIENCE: Duration = Duration::from_secs(1);

/// A body whose rest comes back when its reader drops it.
pub(crate) struct Lent<B> {
    body: Option<B>,
    back: Option<oneshot::Sender<B>>,
}

/// Where the rest of a body comes back.
pub(crate) struct Rest<B>(oneshot::Receiver<B>);

/// `body` for its reader, and what the reader will leave of it.
pub(crate) fn lend<B>(body: B) -> (Lent<B>, Rest<B>) {
    let (back, rest) = oneshot::channel();
    (Lent { body: Some(body), back: Some(back) }, Rest(rest))
}

impl<B: HttpBody<Data = Bytes> + Unpin> Rest<B> {
    /// Reads what is left, within bounds. Who still holds the body reads it himself.
    pub(crate) async fn drain(mut self) {
        let Ok(mut body) = self.0.try_recv() else { return };
        let mut left = REST_LIMIT_BYTES;
        let drained = async {
            while let Some(Ok(frame)) = body.frame().await {
                let bytes = frame.data_ref().map_or(0, Bytes::len);
                let Some(less) = left.checked_sub(bytes) else { return };
                left = less;
            }
        };
        // A peer that is slower than this is answered at once.
        let _ = tokio::time::timeout(PATIENCE, drained).await;
    }
}

impl<B> Drop for Lent<B> {
    fn drop(&mut self) {
        if let (Some(body), Some(back)) = (self.body.take(), self.back.take()) {
            // Nobody waits for it when the request was given up.
            let _ = back.send(body);
        }
    }
}

impl<B> HttpBody for Lent<B>
where
    B: HttpBody<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let Some(body) = self.body.as_mut() else { return Poll::Ready(None) };
        Pin::new(body).poll_frame(cx).map_err(Into::into)
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(SizeHint::default, HttpBody::size_hint)
    }
}
