//! Keeps a handler's panic inside its request.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

/// A future whose panic is an outcome instead of the end of its connection.
pub(crate) struct Contained<F>(Pin<Box<F>>);

/// The handler panicked; the message is with the panic hook.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Panicked;

pub(crate) fn contain<F: Future>(future: F) -> Contained<F> {
    Contained(Box::pin(future))
}

impl<F: Future> Future for Contained<F> {
    type Output = Result<F::Output, Panicked>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // The future is not polled again after a panic, so no state that it broke is seen.
        match catch_unwind(AssertUnwindSafe(|| self.0.as_mut().poll(cx))) {
            Ok(outcome) => outcome.map(Ok),
            Err(_) => Poll::Ready(Err(Panicked)),
        }
    }
}
