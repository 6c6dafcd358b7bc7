//! A peer's byte stream that holds the connection's place, and that gives up on a peer that takes nothing, on a stranger
//! whose time is over, and on one that has to make room.

use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep, sleep_until};

use crate::activity::Activity;
use crate::admission::Place;
use crate::counters::{Counters, Event};
use crate::pace::Pace;
use crate::settings::GateLimits;

/// After the last byte of this end, for the peer to close too: closing with unread bytes would reset the connection, and
/// the reset overtakes the answer that explains it.
const LINGER: Duration = Duration::from_secs(1);
const LINGER_BYTES: usize = 256 * 1024;

/// Under TLS, for as long as anybody holds the connection: an upgraded one too.
#[derive(Debug)]
pub(crate) struct Line<S> {
    stream: S,
    place: Place,
    activity: Arc<Activity>,
    counters: Arc<Counters>,
    /// Of what the peer takes.
    pace: Pace,
    /// Runs while a write waits for the peer.
    stalled: Option<Pin<Box<Sleep>>>,
    /// Runs until somebody signs in.
    life: Option<Pin<Box<Sleep>>>,
    life_is_over: bool,
    lingering: Option<Lingering>,
}

#[derive(Debug)]
struct Lingering {
    over: Pin<Box<Sleep>>,
    bytes_left: usize,
}

impl<S> Line<S> {
    pub(crate) fn new(
        stream: S,
        place: Place,
        activity: Arc<Activity>,
        counters: Arc<Counters>,
        limits: &GateLimits,
    ) -> Self {
        Self {
            stream,
            place,
            activity,
            counters,
            pace: Pace::new(limits.write_stall_timeout, limits.rate_min_bytes_per_s),
            stalled: None,
            life: Some(Box::pin(sleep(limits.stranger_life))),
            life_is_over: false,
            lingering: None,
        }
    }

    /// An error when a stranger's connection must end.
    fn may_go_on(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        if !self.place.is_strangers() {
            self.life = None;
            return Ok(());
        }
        if self.place.cut().while_reading(cx.waker()) {
            return Err(made_room());
        }
        if self.life.as_mut().is_some_and(|life| life.as_mut().poll(cx).is_ready()) {
            self.life = None;
            self.life_is_over = true;
            self.counters.count(Event::LifeOver);
        }
        if self.life_is_over {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "nobody signed in in time"));
        }
        Ok(())
    }

    /// Passes a write's outcome on; one that waited for longer than allowed is an error.
    fn bounded(&mut self, cx: &mut Context<'_>, outcome: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(result) = outcome {
            self.stalled = None;
            self.activity.happened();
            self.pace.moved(*result.as_ref().unwrap_or(&0), Instant::now());
            return Poll::Ready(result);
        }
        if self.place.is_strangers() && self.place.cut().while_writing(cx.waker()) {
            return Poll::Ready(Err(made_room()));
        }
        let until = self.pace.wait(Instant::now());
        let timer = self.stalled.get_or_insert_with(|| Box::pin(sleep_until(until)));
        ready!(timer.as_mut().poll(cx));
        self.counters.count(Event::AnswerUntaken);
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the peer takes nothing")))
    }
}

fn made_room() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionAborted, "the connection made room for others")
}

impl<S: AsyncRead + Unpin> Line<S> {
    /// Takes what the peer still sends, until it closes or its time or bytes are over.
    fn poll_linger(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let lingering =
            self.lingering.get_or_insert_with(|| Lingering { over: Box::pin(sleep(LINGER)), bytes_left: LINGER_BYTES });
        let mut unread = [MaybeUninit::uninit(); 8 * 1024];
        loop {
            let mut buf = ReadBuf::uninit(&mut unread);
            match Pin::new(&mut self.stream).poll_read(cx, &mut buf) {
                Poll::Ready(Ok(())) if !buf.filled().is_empty() && lingering.bytes_left > buf.filled().len() => {
                    lingering.bytes_left -= buf.filled().len();
                }
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending => return lingering.over.as_mut().poll(cx),
            }
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Line<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.may_go_on(cx)?;
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Line<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.bounded(cx, outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.bounded(cx, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.lingering.is_none() {
            ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
        }
        self.poll_linger(cx).map(Ok)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

    use super::*;
    use crate::admission::{Admission, Connection};

    fn line(limits: &GateLimits) -> (Line<DuplexStream>, DuplexStream, Connection, Arc<Counters>) {
        let (near, far) = duplex(16);
        let (activity, counters) = (Activity::new(), Arc::new(Counters::default()));
        let admission = Admission::new(limits);
        let peer = ([192, 0, 2, 1], 1).into();
        let (place, _) = admission.admit(peer, Arc::clone(&activity), Instant::now()).expect("free");
        let connection = place.connection();
        (Line::new(near, place, activity, Arc::clone(&counters), limits), far, connection, counters)
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_takes_nothing_is_given_up_e5() {
        let (mut line, _far, _, counters) = line(&GateLimits::default());
        let error = line.write_all(&[0; 64]).await.expect_err("nobody reads");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(counters.read().answers_untaken, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_takes_a_byte_now_and_then_is_given_up_too_e5() {
        let (mut line, mut far, connection, _) = line(&GateLimits::default());
        connection.sign_in();
        let sipping = tokio::spawn(async move {
            while far.read_u8().await.is_ok() {
                tokio::time::sleep(Duration::from_secs(10)).await;
            }
        });
        let error = line.write_all(&[0; 4096]).await.expect_err("it would take hours");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        drop(line);
        sipping.await.expect("the line ends");
    }

    #[tokio::test(start_paused = true)]
    async fn a_strangers_life_ends_however_lively_it_is_and_a_known_ones_does_not_e5() {
        for known in [false, true] {
            let limits = GateLimits::default();
            let (mut line, mut far, connection, counters) = line(&limits);
            if known {
                connection.sign_in();
            }
            let lively = tokio::spawn(async move {
                for _ in 0..10 {
                    tokio::time::sleep(Duration::from_secs(29)).await;
                    if far.write_all(b"x").await.is_err() {
                        break;
                    }
                }
            });
            let mut bytes = Vec::new();
            let outcome = line.read_to_end(&mut bytes).await;
            assert_eq!(outcome.is_ok(), known);
            assert_eq!(bytes.len(), if known { 10 } else { 4 }, "120 seconds are four times 29");
            assert_eq!(counters.read().life_over, u64::from(!known));
            drop(line);
            lively.await.expect("it ends");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn closing_takes_what_the_peer_still_sends_but_not_for_ever_e5() {
        let (mut line, mut far, _, _) = line(&GateLimits::default());
        let sending = tokio::spawn(async move { while far.write_all(&[0; 16]).await.is_ok() {} });
        line.shutdown().await.expect("the bytes are over");
        drop(line);
        sending.await.expect("the other end closed");
        let (mut line, _far, _, _) = self::line(&GateLimits::default());
        line.shutdown().await.expect("the time is over");
    }
}
