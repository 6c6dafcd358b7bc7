use super::desk::{Received, Upload, lock};
use super::open::{failed, on_disk};
use super::{FILE, FileRefused, State, described, own, settings};
use crate::{App, AppError, Caller};
use domain::clock::Clock;
use domain::file::HEAD_BYTES;
use domain::ids::FileId;
use md5::Digest as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use store::file_grant::SharedFile;
use store::{FileBytes, FileKey, SealedWriter, StoreError};
use tokio::sync::{OwnedMutexGuard, watch};

/// Files that are received at once, all together and of one person.
const UPLOADS_MAX: (usize, usize) = (1024, 128);
/// Parts of one file.
const PARTS_MAX: usize = 10_000;
/// How long a request waits for one that received before it and has lost its client.
const TAKE_OVER_WITHIN: Duration = Duration::from_secs(10);

/// Which bytes of a file come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// All of them; what came before counts for nothing.
    Whole,
    /// One part after another, from 0. One that was sent before is replaced, with all that followed.
    Number(usize),
}

/// How far an upload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// The part to send next.
    pub next_part: usize,
    /// Bytes of all whole parts before it.
    pub received_bytes: u64,
}

/// Takes the bytes of a part. Dropped before its end, the part counts for nothing and may be sent again.
pub struct Receiving {
    upload: Arc<Upload>,
    turn: u64,
    turns: watch::Receiver<u64>,
    received: OwnedMutexGuard<Received>,
    clock: Arc<dyn Clock>,
    files: Arc<FileBytes>,
    reserve_bytes: u64,
}

/// How far an upload is, for its owner.
///
/// # Errors
/// [`AppError::NotFound`], [`AppError::Forbidden`]; when it was uploaded already.
pub async fn progress(app: &App, caller: &Caller, id: &FileId) -> Result<Progress, AppError> {
    awaited(app, &own(app, caller, id).await?, id).await?;
    Ok(app.files.upload(id).map(|upload| *lock(&upload.progress)).unwrap_or_default())
}

/// The announced size of a file whose bytes may come.
async fn awaited(app: &App, shared: &SharedFile, id: &FileId) -> Result<u64, AppError> {
    let file = described(app, &shared.company, id).await?;
    match file.state {
        State::Announced => Ok(file.size_bytes),
        State::Held | State::Clean => Err(FileRefused::Uploaded.into()),
        State::Refused => Err(FileRefused::Refused(file.finding.unwrap_or_default()).into()),
    }
}

/// Begins to receive a part of a file.
///
/// # Errors
/// As [`progress`]; a part that is not the next one; too many uploads at once.
pub async fn receive(app: &App, caller: &Caller, id: &FileId, part: Part) -> Result<Receiving, AppError> {
    receive_of(app, &own(app, caller, id).await?, id, part).await
}

/// The same of a file of which whoever calls has asked whether it may come.
pub(super) async fn receive_of(app: &App, shared: &SharedFile, id: &FileId, part: Part) -> Result<Receiving, AppError> {
    let size_bytes = awaited(app, shared, id).await?;
    let reserve_bytes = settings(app)?.reserve_bytes;
    let new = Upload {
        owner: shared.access.owner.clone(),
        size_bytes,
        turn: watch::Sender::new(0),
        progress: std::sync::Mutex::default(),
        used_ms: AtomicI64::new(app.clock.now_ms()),
        received: Arc::default(),
    };
    let entered = app.files.enter(id, new, UPLOADS_MAX);
    let upload = entered.ok_or(FileRefused::TooMany { what: "uploads at once", max: UPLOADS_MAX.1 })?;
    let mut turn = 0;
    upload.turn.send_modify(|turns| {
        *turns += 1;
        turn = *turns;
    });
    let turns = upload.turn.subscribe();
    let locked = tokio::time::timeout(TAKE_OVER_WITHIN, Arc::clone(&upload.received).lock_owned()).await;
    let mut received = locked.map_err(|_| FileRefused::TakenOver)?;
    if received.writer.is_none() {
        let (of, key) = (id.clone(), FileKey::generate().map_err(|e| AppError::Store(e.into()))?);
        *received = Received { key: Some(key.clone()), ..Received::default() };
        received.writer = Some(on_disk(app, move |files| files.receive(&of, key)).await?);
    }
    place(&mut received, part).await?;
    *lock(&upload.progress) = received.progress();
    let (clock, files) = (Arc::clone(&app.clock), Arc::clone(app.store.files()));
    Ok(Receiving { upload, turn, turns, received, clock, files, reserve_bytes })
}

/// Goes to where a part begins.
async fn place(received: &mut Received, part: Part) -> Result<(), AppError> {
    let Progress { next_part, received_bytes } = received.progress();
    let number = match part {
        Part::Whole => 0,
        Part::Number(number) => number,
    };
    if number > next_part {
        return Err(FileRefused::OutOfOrder { next: next_part, received_bytes }.into());
    }
    if number >= PARTS_MAX {
        return Err(FileRefused::TooMany { what: "parts of a file", max: PARTS_MAX }.into());
    }
    let begins = received.parts.get(number).copied();
    if let Some(begins) = begins {
        let back = write(received, move |writer| Ok(writer.truncate(begins)?)).await;
        received.head.truncate(usize::try_from(begins).unwrap_or(usize::MAX));
        received.parts.truncate(number);
        back?;
    }
    received.md5.begin(number, begins.is_some());
    received.parts.push(begins.unwrap_or(received_bytes));
    received.whole = false;
    Ok(())
}

/// Works with the writer off the async threads; it comes back also when the disk refused.
async fn write<T, F>(received: &mut Received, work: F) -> Result<T, AppError>
where
    F: FnOnce(&mut SealedWriter) -> Result<T, StoreError> + Send + 'static,
    T: Send + 'static,
{
    let mut writer = received.writer.take().ok_or(AppError::NotFound(FILE))?;
    let task = tokio::task::spawn_blocking(move || {
        let outcome = work(&mut writer);
        (writer, outcome)
    });
    let (writer, outcome) = task.await.map_err(|_| AppError::Busy)?;
    received.writer = Some(writer);
    outcome.map_err(failed)
}

impl Receiving {
    /// Takes the next bytes of the part.
    ///
    /// # Errors
    /// More bytes than were announced; a disk that is full; another request that goes on with this upload.
    pub async fn append(&mut self, bytes: Vec<u8>) -> Result<(), AppError> {
        if *self.turns.borrow() != self.turn {
            return Err(FileRefused::TakenOver.into());
        }
        let before = self.received.writer.as_ref().map_or(0, SealedWriter::len);
        let received_bytes = before.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        if received_bytes > self.upload.size_bytes {
            return Err(FileRefused::WrongSize { announced_bytes: self.upload.size_bytes, received_bytes }.into());
        }
        self.upload.used_ms.store(self.clock.now_ms(), Ordering::Relaxed);
        let wanted = HEAD_BYTES.saturating_sub(self.received.head.len()).min(bytes.len());
        self.received.head.extend_from_slice(&bytes[..wanted]);
        let mut md5 = self.received.md5.take();
        let (files, reserve_bytes) = (Arc::clone(&self.files), self.reserve_bytes);
        let begins = self.received.parts.last().copied().unwrap_or_default();
        let append = move |writer: &mut SealedWriter| {
            // Others have filled it since there was room for this file: messages need the rest more.
            let room = files.room_for(u64::try_from(bytes.len()).unwrap_or(u64::MAX), reserve_bytes);
            if let Err(failure) = room.and_then(|()| Ok(writer.append(&bytes)?)) {
                // The part counts for nothing: it need not lie there until it comes again.
                let _ = writer.truncate(begins);
                return Err(failure);
            }
            if let Some(md5) = &mut md5 {
                md5.update(&bytes);
            }
            Ok(md5)
        };
        let md5 = write(&mut self.received, append).await?;
        self.received.md5.put(md5);
        Ok(())
    }

    /// Resolves when another request goes on with this upload: whoever waits for bytes of this one's client waits in vain.
    pub async fn overtaken(&mut self) {
        let turn = self.turn;
        // The upload outlives whoever receives for it.
        let _ = self.turns.wait_for(|turns| *turns != turn).await;
    }

    /// All of the part has come.
    pub fn done(mut self) {
        self.received.whole = true;
        *lock(&self.upload.progress) = self.received.progress();
    }
}
