//! The worker, over its socket on this machine: it looks into pictures, so that no process with keys does (decision 19).
//!
//! A process of it lives for one picture. Whatever becomes of it, the file stays what it is: it has no small picture then.

use app::App;
use app::file::{self, Picture, Reading};
use std::io;
use std::path::PathBuf;
use std::sync::Weak;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use worker_contract::{ANSWER_BYTES_MAX, Refusal, Thumbnails, decode_answer, request_head};

/// How long a picture may take, its way there and back included: longer than the worker's own limit of processor time.
const PATIENCE: Duration = Duration::from_secs(20);
/// Pauses before a worker that is not there is asked again: doubled up to the last.
const PAUSE_FIRST: Duration = Duration::from_secs(1);
const PAUSE_LAST: Duration = Duration::from_secs(30);
/// A picture that ended the worker is shown to it once more: somebody else may have ended it.
const TRIES: usize = 2;

/// Who makes pictures small.
#[derive(Debug, Clone)]
pub struct Worker {
    /// Where it listens; a name in the kernel alone begins with a zero byte.
    pub socket: PathBuf,
}

/// Why there is no answer.
enum Failure {
    /// Nobody listens.
    Absent(io::Error),
    /// It ended, took too long or spoke nonsense.
    Died(String),
    /// The picture could not be read.
    Unread(String),
}

impl Worker {
    /// Has pictures made small until there can be no more, one at a time.
    pub async fn run(self, app: Weak<App>, mut pictures: mpsc::Receiver<Picture>) {
        while let Some(picture) = pictures.recv().await {
            self.make(&app, &picture).await;
        }
    }

    async fn make(&self, app: &Weak<App>, picture: &Picture) {
        let (mut died, mut pause) = (0, PAUSE_FIRST);
        loop {
            let Some(app) = app.upgrade() else { return };
            let outcome = match self.ask(&app, picture).await {
                Ok(None) => return,
                Ok(Some(Ok(small))) => file::keep(&app, picture, small).await,
                Ok(Some(Err(refusal))) => file::do_without(&app, picture, &refusal.to_string()).await,
                Err(Failure::Died(why)) => {
                    died += 1;
                    if died < TRIES {
                        continue;
                    }
                    tracing::warn!(file = %picture.id, why, "the worker ended over a picture");
                    file::do_without(&app, picture, "the worker ended over it").await
                }
                Err(Failure::Unread(why)) => {
                    tracing::error!(file = %picture.id, why, "a picture could not be read to make it small");
                    return;
                }
                Err(Failure::Absent(failure)) => {
                    if pause == PAUSE_FIRST {
                        tracing::warn!(%failure, "the worker is not there: pictures are not shown small until it is");
                    }
                    drop(app);
                    sleep(pause).await;
                    pause = (pause * 2).min(PAUSE_LAST);
                    continue;
                }
            };
            if let Err(failure) = outcome {
                tracing::error!(%failure, file = %picture.id, "a small picture could not be kept");
            }
            return;
        }
    }

    /// `None`: nobody wants it any more.
    async fn ask(&self, app: &App, picture: &Picture) -> Result<Option<Result<Thumbnails, Refusal>>, Failure> {
        let opened = picture.open(app).await.map_err(|e| Failure::Unread(e.to_string()))?;
        let Some(reading) = opened else { return Ok(None) };
        let head = request_head(reading.len()).map_err(|e| Failure::Unread(e.to_string()))?;
        let mut stream = UnixStream::connect(&self.socket).await.map_err(Failure::Absent)?;
        let asking = async {
            let sent = send(&mut stream, &head, reading).await?;
            // It may have answered before it stopped reading.
            let mut said = Vec::new();
            let read = stream.take(ANSWER_BYTES_MAX).read_to_end(&mut said).await;
            match decode_answer(&said) {
                Ok(answer) => Ok(Some(answer)),
                Err(_) if said.is_empty() => Err(Failure::Died(ended(sent.err().or(read.err())))),
                Err(nonsense) => Err(Failure::Died(nonsense.to_string())),
            }
        };
        let in_time = timeout(PATIENCE, asking).await;
        in_time.unwrap_or_else(|_| Err(Failure::Died(String::from("it took too long"))))
    }
}

fn ended(why: Option<io::Error>) -> String {
    why.map_or_else(|| String::from("it ended without an answer"), |e| e.to_string())
}

/// Sends a picture. What the worker does not take is its answer's business.
async fn send(stream: &mut UnixStream, head: &[u8], mut reading: Reading) -> Result<io::Result<()>, Failure> {
    let mut sent = stream.write_all(head).await;
    let mut at = 0;
    while sent.is_ok() && at < reading.len() {
        let (back, piece) = reading.next(at, u64::MAX).await.map_err(|e| Failure::Unread(e.to_string()))?;
        reading = back;
        for part in piece.parts {
            if sent.is_ok() {
                sent = stream.write_all(&piece.bytes[part.clone()]).await;
            }
            at += u64::try_from(part.len()).unwrap_or(u64::MAX);
        }
    }
    Ok(sent)
}
