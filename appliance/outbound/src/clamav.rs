//! ClamAV's clamd, over its socket on this machine (C6): files are sent to it in memory (`INSTREAM`), so it needs no right to
//! read them, and nothing of them lies in clear on a disk.
//!
//! While it cannot be asked, files wait. Only what it has looked at is passed on or refused.

mod reply;

use app::App;
use app::file::{self, Piece, Scan, Verdict};
use reply::{Reply, reply};
use std::collections::VecDeque;
use std::io;
use std::path::PathBuf;
use std::sync::Weak;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};

/// How long the scanner may take nothing, and how long to answer: an archive in archives takes its time.
const PATIENCE: Duration = Duration::from_secs(120);
/// Pauses before a scanner that could not be asked is asked again: doubled up to the last.
const PAUSE_FIRST: Duration = Duration::from_secs(1);
const PAUSE_LAST: Duration = Duration::from_secs(30);
/// How often the scanner is asked what it is, and how long it may take.
const VERSION_EVERY: Duration = Duration::from_secs(600);
const VERSION_WITHIN: Duration = Duration::from_secs(30);
const VERSION_LENGTH_MAX: usize = 100;
/// Longest reply that is read, in bytes.
const REPLY_BYTES_MAX: u64 = 4096;

/// Who scans.
#[derive(Debug, Clone)]
pub struct ClamAv {
    /// Where clamd listens.
    pub socket: PathBuf,
    /// Files that are scanned at once.
    pub at_once: usize,
}

/// A file that waits, not before a time.
struct Waiting {
    scan: Scan,
    not_before: Instant,
    pause: Duration,
}

impl ClamAv {
    /// Whether a scanner is installed here: its socket is there, whether it answers or not.
    pub fn is_there(&self) -> impl Fn() -> bool + Send + Sync + 'static {
        let socket = self.socket.clone();
        move || socket.exists()
    }

    /// Has files scanned until there can be no more. What waits when this is dropped is uploaded again after the next start.
    pub async fn run(self, app: Weak<App>, mut scans: mpsc::Receiver<Scan>) {
        let mut waiting: VecDeque<Waiting> = VecDeque::new();
        let mut at_work: JoinSet<Option<Waiting>> = JoinSet::new();
        let mut is_down = false;
        loop {
            let now = Instant::now();
            while at_work.len() < self.at_once {
                let Some(due) = waiting.iter().position(|one| one.not_before <= now) else { break };
                let Some(one) = waiting.remove(due) else { break };
                at_work.spawn(self.clone().scan(app.clone(), one));
            }
            let next = waiting.iter().map(|one| one.not_before).min().filter(|_| at_work.len() < self.at_once);
            tokio::select! {
                scan = scans.recv() => match scan {
                    Some(scan) => waiting.push_back(Waiting { scan, not_before: now, pause: PAUSE_FIRST }),
                    None => return,
                },
                Some(done) = at_work.join_next(), if !at_work.is_empty() => {
                    let again = done.unwrap_or_default();
                    if again.is_some() != is_down {
                        is_down = again.is_some();
                        tell(is_down);
                    }
                    waiting.extend(again);
                }
                () = sleep_until(next.unwrap_or(now)), if next.is_some() => {}
            }
        }
    }

    /// Asks the scanner what it is, again and again, for whoever owns the box.
    pub async fn watch(self, app: Weak<App>) {
        loop {
            let asked = timeout(VERSION_WITHIN, self.version()).await;
            let version = asked.ok().and_then(Result::ok).filter(|said| !said.is_empty());
            let pause = if version.is_some() { VERSION_EVERY } else { PAUSE_LAST };
            let Some(app) = app.upgrade() else { return };
            file::note_scanner(&app, version);
            drop(app);
            tokio::time::sleep(pause).await;
        }
    }

    async fn version(&self) -> io::Result<String> {
        let mut stream = UnixStream::connect(&self.socket).await?;
        stream.write_all(b"zVERSION\0").await?;
        let mut said = Vec::new();
        stream.take(REPLY_BYTES_MAX).read_to_end(&mut said).await?;
        let text = String::from_utf8_lossy(&said);
        let text = text.trim_matches(|c: char| c == '\0' || c.is_whitespace());
        Ok(text.chars().filter(|c| !c.is_control()).take(VERSION_LENGTH_MAX).collect())
    }

    /// Scans one file; it comes back when the scanner could not be asked.
    async fn scan(self, app: Weak<App>, mut one: Waiting) -> Option<Waiting> {
        let app = app.upgrade()?;
        let outcome = self.ask(&app, &one.scan).await;
        let judged = match outcome {
            Ok(None) => Ok(()),
            Ok(Some(verdict)) => file::judge(&app, &one.scan, verdict).await.map_err(|e| e.to_string()),
            Err(why) => Err(why),
        };
        let Err(why) = judged else { return None };
        tracing::debug!(file = %one.scan.id, why, "a file waits for the virus scan");
        one.not_before = Instant::now() + one.pause;
        one.pause = (one.pause * 2).min(PAUSE_LAST);
        Some(one)
    }

    /// `None`: the file is not held any more. An error: the scanner, or the disk, could not be asked.
    async fn ask(&self, app: &App, scan: &Scan) -> Result<Option<Verdict>, String> {
        let Some(mut reading) = scan.open(app).await.map_err(|e| e.to_string())? else { return Ok(None) };
        let connecting = timeout(PATIENCE, UnixStream::connect(&self.socket)).await;
        let mut stream = connecting.map_err(|_| "it took too long")?.map_err(|e| e.to_string())?;
        let mut at = 0;
        let mut sent = send(&mut stream, b"zINSTREAM\0").await;
        while sent.is_ok() && at < reading.len() {
            let (back, piece) = reading.next(at, u64::MAX).await.map_err(|e| e.to_string())?;
            reading = back;
            let chunk = chunk(&piece);
            at += u64::try_from(chunk.len() - 4).unwrap_or(u64::MAX);
            sent = send(&mut stream, &chunk).await;
        }
        if sent.is_ok() {
            sent = send(&mut stream, &[0; 4]).await;
        }
        // It may have said why before it stopped listening.
        let mut said = Vec::new();
        let answer = timeout(PATIENCE, stream.take(REPLY_BYTES_MAX).read_to_end(&mut said)).await;
        match (reply(&said), answer, sent) {
            (Reply::Verdict(verdict), ..) => Ok(Some(verdict)),
            (Reply::Unknown(why), Ok(Ok(_)), Ok(())) => Err(why),
            (_, Err(_), _) => Err(String::from("it did not answer in time")),
            (_, Ok(Err(e)), _) | (_, _, Err(e)) => Err(e.to_string()),
        }
    }
}

/// The next bytes as clamd takes them: how many there are in four bytes, then themselves.
fn chunk(piece: &Piece) -> Vec<u8> {
    let length = u32::try_from(piece.parts.iter().map(ExactSizeIterator::len).sum::<usize>()).unwrap_or(u32::MAX);
    let mut chunk = length.to_be_bytes().to_vec();
    piece.parts.iter().for_each(|part| chunk.extend_from_slice(&piece.bytes[part.clone()]));
    chunk
}

async fn send(stream: &mut UnixStream, bytes: &[u8]) -> io::Result<()> {
    let sending = timeout(PATIENCE, stream.write_all(bytes)).await;
    sending.unwrap_or_else(|_| Err(io::Error::new(io::ErrorKind::TimedOut, "it took nothing for too long")))
}

/// Once, until it works again.
fn tell(is_down: bool) {
    if is_down {
        tracing::warn!("the virus scanner cannot be asked: files are held until it can (see docs/files.md)");
    } else {
        tracing::info!("the virus scanner answers again");
    }
}
