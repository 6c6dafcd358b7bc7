//! The media node, over its sockets on this machine (decision 20): it is told what it may relay and for whom, says how it is,
//! and is handed the streams that come in on TCP 443.
//!
//! While it is away everything else goes on (I5): it is looked for until it is back, and then told everything anew.

use app::{App, Visitor, relay};
use media_contract::{
    Configuration, ContractError, Fact, LINE_LIMIT_BYTES, Order, REVOKED_AT_ONCE_MAX, Revoked, StreamHead, decode_fact,
    encode,
};
use std::collections::{HashMap, HashSet};
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::watch;
use tokio::time::{Instant, interval, sleep, timeout};

/// Pauses before a node that is not there is looked for again: doubled up to the last.
const PAUSE_FIRST: Duration = Duration::from_millis(250);
const PAUSE_LAST: Duration = Duration::from_secs(5);
/// What the node is told depends on the time as well.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// A node that says nothing for so long is not there: it reports every few seconds.
const SILENCE_MAX: Duration = Duration::from_secs(30);
/// How long the node may take to accept a stream, and to read what it is told.
const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes of a stream that wait, each way.
const STREAM_BYTES: usize = 16 * 1024;

/// Whoever has a node: a box, or a relay at another site.
pub trait Party: Send + Sync + 'static {
    /// All that the node is told, but for what is revoked; `None` where nothing is relayed.
    fn configuration(&self) -> Option<Configuration>;
    /// Everything that is revoked and has not expired.
    fn revocations(&self) -> Vec<Revoked>;
    /// Wakes when there is something new to tell; what depends on the time is asked for besides.
    fn changes(&self) -> watch::Receiver<()>;
    /// The node said something.
    fn heard(&self, fact: Fact);
    /// The node is no longer heard.
    fn gone(&self);
}

impl Party for App {
    fn configuration(&self) -> Option<Configuration> {
        relay::configuration(self)
    }

    fn revocations(&self) -> Vec<Revoked> {
        relay::revocations(self)
    }

    fn changes(&self) -> watch::Receiver<()> {
        relay::changes(self)
    }

    fn heard(&self, fact: Fact) {
        relay::heard(self, fact);
    }

    fn gone(&self) {
        relay::gone(self);
    }
}

/// Where the node listens; names in the kernel alone begin with a zero byte.
#[derive(Debug, Clone)]
pub struct Media {
    /// For orders and facts.
    pub control: PathBuf,
    /// For streams.
    pub streams: Arc<Streams>,
}

/// The streams that are at the node.
#[derive(Debug)]
pub struct Streams {
    socket: PathBuf,
    next: AtomicU64,
    /// Whom to tell when somebody proved on a stream who they are.
    visitors: Mutex<HashMap<u64, Known>>,
}

struct Known(Visitor);

impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Known")
    }
}

/// Why the node is no longer spoken with.
#[derive(Debug, thiserror::Error)]
enum Lost {
    #[error("it cannot be reached")]
    Io(#[from] io::Error),
    #[error("it does not speak as agreed")]
    Contract(#[from] ContractError),
    #[error("it says nothing")]
    Silent,
    #[error("the box stops")]
    Stopped,
}

/// What the node was told.
#[derive(Default)]
struct Told {
    configuration: Option<Configuration>,
    revoked: HashSet<Revoked>,
}

impl Media {
    /// Keeps the node informed for as long as its party lives.
    pub async fn run<P: Party>(self, party: Weak<P>) {
        let mut pause = PAUSE_FIRST;
        loop {
            let begun = Instant::now();
            let lost = self.speak(&party).await;
            let Some(there) = party.upgrade() else { return };
            there.gone();
            if begun.elapsed() > PAUSE_LAST {
                tracing::warn!(why = %lost, "the media node is away: calls that it relayed have to begin anew");
                pause = PAUSE_FIRST;
            } else if pause == PAUSE_FIRST {
                tracing::info!(why = %lost, "the media node is not there yet");
            }
            drop(there);
            sleep(pause).await;
            pause = (pause * 2).min(PAUSE_LAST);
        }
    }

    /// With one node, until it is gone.
    async fn speak<P: Party>(&self, party: &Weak<P>) -> Lost {
        match self.converse(party).await {
            Ok(never) => match never {},
            Err(lost) => lost,
        }
    }

    async fn converse<P: Party>(&self, party: &Weak<P>) -> Result<std::convert::Infallible, Lost> {
        let stream = timeout(PATIENCE, UnixStream::connect(&self.control)).await.map_err(|_| Lost::Silent)??;
        let (reading, mut writing) = stream.into_split();
        let mut reading = BufReader::new(reading);
        let mut changes = party.upgrade().ok_or(Lost::Stopped)?.changes();
        let (mut told, mut look, mut line) = (Told::default(), interval(LOOK_EVERY), Vec::new());
        let mut heard_at = Instant::now();
        loop {
            tokio::select! {
                fact = read_line(&mut reading, &mut line) => {
                    let fact = decode_fact(fact?)?;
                    line.clear();
                    heard_at = Instant::now();
                    self.heard(&*party.upgrade().ok_or(Lost::Stopped)?, fact);
                }
                _ = look.tick() => tell(&mut writing, &*party.upgrade().ok_or(Lost::Stopped)?, &mut told).await?,
                changed = changes.changed() => {
                    changed.map_err(|_| Lost::Stopped)?;
                    tell(&mut writing, &*party.upgrade().ok_or(Lost::Stopped)?, &mut told).await?;
                }
                () = tokio::time::sleep_until(heard_at + SILENCE_MAX) => return Err(Lost::Silent),
            }
        }
    }

    fn heard(&self, party: &impl Party, fact: Fact) {
        if let Fact::StreamKnown { number } = &fact
            && let Some(Known(visitor)) = self.streams.visitors().get(number)
        {
            visitor.signed_in();
        }
        party.heard(fact);
    }
}

/// Reads on where a cancelled call stopped: what came is in `line`.
async fn read_line<'l>(reading: &mut BufReader<OwnedReadHalf>, line: &'l mut Vec<u8>) -> Result<&'l [u8], Lost> {
    let room = u64::try_from(LINE_LIMIT_BYTES.saturating_sub(line.len())).unwrap_or(0);
    reading.take(room.saturating_add(1)).read_until(b'\n', line).await?;
    if line.is_empty() {
        return Err(Lost::Io(io::ErrorKind::UnexpectedEof.into()));
    }
    Ok(line)
}

/// Tells what has changed since the last time.
async fn tell(writing: &mut OwnedWriteHalf, party: &impl Party, told: &mut Told) -> Result<(), Lost> {
    let Some(configuration) = party.configuration() else { return Ok(()) };
    let revoked = party.revocations();
    let mut fresh = revoked.iter().filter(|one| !told.revoked.contains(one)).cloned().collect::<Vec<_>>().into_iter();
    if told.configuration.as_ref() != Some(&configuration) {
        let whole =
            Configuration { revoked: fresh.by_ref().take(REVOKED_AT_ONCE_MAX).collect(), ..configuration.clone() };
        send(writing, &Order::Configure(Box::new(whole))).await?;
        told.configuration = Some(configuration);
    }
    for one in fresh {
        send(writing, &Order::Revoke(one)).await?;
    }
    told.revoked = revoked.into_iter().collect();
    Ok(())
}

async fn send(writing: &mut OwnedWriteHalf, order: &Order) -> Result<(), Lost> {
    let line = encode(order)?;
    timeout(PATIENCE, writing.write_all(&line)).await.map_err(|_| Lost::Silent)??;
    Ok(())
}

impl Streams {
    /// For a node that listens there.
    #[must_use]
    pub fn at(socket: PathBuf) -> Arc<Self> {
        Arc::new(Self { socket, next: AtomicU64::new(1), visitors: Mutex::default() })
    }

    /// Hands a stream over and carries its bytes both ways until one end is through, or `closing` is done. Neither way is
    /// read faster than the other end takes it.
    pub async fn hand_over<S>(
        &self,
        mut stream: S,
        (client, server): (SocketAddr, SocketAddr),
        visitor: Visitor,
        closing: impl Future<Output = ()>,
    ) where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let reached = timeout(PATIENCE, self.reach(StreamHead { number, client, server })).await;
        let Ok(Ok(mut node)) = reached else {
            // Without a node there is nothing to say: the client tries elsewhere.
            let _untaken = timeout(PATIENCE, stream.shutdown()).await;
            return;
        };
        self.visitors().insert(number, Known(visitor));
        let forgotten = Forgotten { streams: self, number };
        tokio::select! {
            // Whoever broke off: both ends are closed.
            _ended = tokio::io::copy_bidirectional_with_sizes(&mut stream, &mut node, STREAM_BYTES, STREAM_BYTES) => {}
            () = closing => {}
        }
        drop(forgotten);
    }

    async fn reach(&self, head: StreamHead) -> io::Result<UnixStream> {
        let mut node = UnixStream::connect(&self.socket).await?;
        node.write_all(&head.encode()).await?;
        Ok(node)
    }

    fn visitors(&self) -> MutexGuard<'_, HashMap<u64, Known>> {
        self.visitors.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A stream that is no longer at the node, whatever ended it.
struct Forgotten<'s> {
    streams: &'s Streams,
    number: u64,
}

impl Drop for Forgotten<'_> {
    fn drop(&mut self) {
        self.streams.visitors().remove(&self.number);
    }
}
