//! Ends a connection from outside of the task that serves it, whoever that is.

use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Waker;

use futures_util::task::AtomicWaker;

/// Cuts once; the stream looks at it whenever it is read or written.
#[derive(Debug, Default)]
pub(crate) struct Cut {
    is_cut: AtomicBool,
    reader: AtomicWaker,
    writer: AtomicWaker,
}

impl Cut {
    pub(crate) fn now(&self) {
        self.is_cut.store(true, Ordering::Release);
        self.reader.wake();
        self.writer.wake();
    }

    /// Whether it is cut; if not, the waker of the reading side is woken when it will be.
    pub(crate) fn while_reading(&self, waker: &Waker) -> bool {
        self.reader.register(waker);
        self.is_cut.load(Ordering::Acquire)
    }

    /// As [`Cut::while_reading`], for the writing side.
    pub(crate) fn while_writing(&self, waker: &Waker) -> bool {
        self.writer.register(waker);
        self.is_cut.load(Ordering::Acquire)
    }
}
