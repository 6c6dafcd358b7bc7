use std::io::{ErrorKind, Write};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use nix::sys::epoll::{Epoll, EpollEvent, EpollFlags};
use turn_proto::{Client, FRAME_BYTES_MAX};

/// What waits for a client that reads slowly; what is more is lost, as datagrams are.
const WAITING_BYTES_MAX: usize = 256 * 1024;

/// The end of a stream that any thread may write to.
pub(crate) struct Stream {
    pub(crate) socket: UnixStream,
    token: u64,
    epoll: Arc<Epoll>,
    /// The rest of a frame that was begun, and whole ones behind it.
    waiting: Mutex<Vec<u8>>,
}

impl Stream {
    pub(crate) fn new(socket: UnixStream, token: u64, epoll: Arc<Epoll>) -> std::io::Result<Self> {
        socket.set_nonblocking(true)?;
        epoll.add(&socket, EpollEvent::new(EpollFlags::EPOLLIN, token))?;
        Ok(Self { socket, token, epoll, waiting: Mutex::default() })
    }

    /// Writes whole frames: all of them, or none, or the rest later.
    pub(crate) fn write(&self, frames: &[u8]) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if !waiting.is_empty() {
            if waiting.len() + frames.len() <= WAITING_BYTES_MAX {
                waiting.extend_from_slice(frames);
            }
            return;
        }
        // An error shows itself when the stream is read.
        let written = (&self.socket).write(frames).unwrap_or(0);
        if written == 0 || written == frames.len() {
            return;
        }
        waiting.extend_from_slice(&frames[written..]);
        let _ = self.wait_for(EpollFlags::EPOLLIN | EpollFlags::EPOLLOUT);
    }

    /// Writes what waits, as far as it goes. Whether the stream can go on.
    pub(crate) fn go_on_writing(&self) -> bool {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.is_empty() {
            return true;
        }
        match (&self.socket).write(&waiting) {
            Ok(written) => {
                waiting.drain(..written);
                if waiting.is_empty() {
                    // A buffer that was large once is not kept.
                    *waiting = Vec::new();
                    return self.wait_for(EpollFlags::EPOLLIN).is_ok();
                }
                true
            }
            Err(error) => matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted),
        }
    }

    fn wait_for(&self, what: EpollFlags) -> nix::Result<()> {
        self.epoll.modify(&self.socket, &mut EpollEvent::new(what, self.token))
    }
}

/// The end of a stream that its thread reads.
pub(crate) struct Reading {
    pub(crate) stream: Arc<Stream>,
    /// `None` until its head has come.
    pub(crate) client: Option<Client>,
    pub(crate) number: u64,
    pub(crate) known: bool,
    pub(crate) since: Duration,
    /// A frame that has not come in whole.
    pub(crate) kept: Vec<u8>,
}

impl Reading {
    pub(crate) fn new(stream: Arc<Stream>, since: Duration) -> Self {
        Self { stream, client: None, number: 0, known: false, since, kept: Vec::new() }
    }

    /// Keeps what is not handled yet; `false` when it is more than any frame.
    pub(crate) fn keep(&mut self, rest: &[u8]) -> bool {
        self.kept.clear();
        if rest.is_empty() {
            self.kept = Vec::new();
        }
        self.kept.extend_from_slice(rest);
        rest.len() <= FRAME_BYTES_MAX
    }
}
