//! Small pictures of files that are pictures. Who looks into those is a process without keys: it takes from [`pictures`] and
//! gives to [`keep`] or [`do_without`]. A file is there for everybody before, and without them.

use super::checksum::md5;
use super::desk::lock;
use super::open::{on_disk, open_of};
use super::{FILE, Reading, State, described, look, tell};
use crate::{App, AppError, Caller};
use domain::ids::{CompanyId, FileId};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use store::thumbnail::{self, Made, Sized};
use store::{Connection, FileKey, SealedReader};
use tokio::sync::mpsc;
use worker_contract::{PICTURE_BYTES_MAX, Thumbnails};

/// Pictures that wait in memory. When there are more they wait in their rows.
const WAITING_MAX: usize = 256;

/// A picture that is wanted small.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Which file.
    pub id: FileId,
    pub(super) company: CompanyId,
}

/// Which of the small pictures of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// For lists.
    Small,
    /// For conversations.
    Large,
}

/// A small picture.
#[derive(Debug)]
pub struct SmallPicture {
    /// Its media type.
    pub kind: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Pictures on their way to whoever makes them small.
pub(super) struct Pictures {
    queue: mpsc::Sender<Picture>,
    taken: Mutex<Option<mpsc::Receiver<Picture>>>,
    /// Some wait in their rows.
    more: AtomicBool,
}

impl Default for Pictures {
    fn default() -> Self {
        let (queue, taken) = mpsc::channel(WAITING_MAX);
        Self { queue, taken: Mutex::new(Some(taken)), more: AtomicBool::new(false) }
    }
}

impl Pictures {
    pub(super) fn enter(&self, picture: Picture) {
        if self.queue.try_send(picture).is_err() {
            self.more.store(true, Ordering::Relaxed);
        }
    }

    /// How many wait in memory.
    pub(super) fn waiting(&self) -> usize {
        WAITING_MAX - self.queue.capacity()
    }
}

/// The pictures to make small from now on, for who does. The first call has them all; a second one nothing.
#[must_use]
pub fn pictures(app: &App) -> mpsc::Receiver<Picture> {
    lock(&app.files.pictures.taken).take().unwrap_or_else(|| mpsc::channel(1).1)
}

/// Whether a file that is passed on is wanted small.
pub(super) fn is_wanted(kind: &str, size_bytes: u64) -> bool {
    domain::file::is_picture(kind) && (1..=u64::from(PICTURE_BYTES_MAX)).contains(&size_bytes)
}

/// Enters the pictures of a company that were not made small before an end, or for which there was no room.
pub(super) async fn enter_wanted(app: &App, company: &CompanyId) -> Result<(), AppError> {
    let most = u32::try_from(app.files.pictures.queue.capacity()).unwrap_or(u32::MAX);
    let read = move |c: &Connection| Ok::<_, AppError>(thumbnail::wanted(c, most)?);
    let wanted = app.company(company).await?.read(read).await?;
    if wanted.len() == usize::try_from(most).unwrap_or(usize::MAX) {
        app.files.pictures.more.store(true, Ordering::Relaxed);
    }
    wanted.into_iter().for_each(|id| app.files.pictures.enter(Picture { id, company: company.clone() }));
    Ok(())
}

/// Those for which there was no room, once there is.
pub(super) async fn enter_more(app: &App) -> Result<(), AppError> {
    if app.files.pictures.waiting() > 0 || !app.files.pictures.more.swap(false, Ordering::Relaxed) {
        return Ok(());
    }
    let companies: Vec<CompanyId> = app.relations().companies().map(|(id, _)| id.clone()).collect();
    for company in companies {
        enter_wanted(app, &company).await?;
    }
    Ok(())
}

impl Picture {
    /// Opens the file for whoever makes it small. `None`: nobody wants that any more.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn open(&self, app: &App) -> Result<Option<Reading>, AppError> {
        let file = match described(app, &self.company, &self.id).await {
            Err(AppError::NotFound(_)) => return Ok(None),
            file => file?,
        };
        let is_wanted = file.state == State::Clean && file.thumbnails.is_some_and(|wanted| wanted.made.is_none());
        if !is_wanted {
            return Ok(None);
        }
        Ok(Some(open_of(app, &self.company, &self.id).await?.into_reading()))
    }
}

/// Keeps the small pictures of a file, sealed as files are, and tells whoever sees it. Of a file that was deleted meanwhile nothing is kept.
///
/// # Errors
/// When disk or databases refuse: they are made again after the next start.
pub async fn keep(app: &App, picture: &Picture, small: Thumbnails) -> Result<(), AppError> {
    let Picture { id, company } = picture;
    let failed = |e: store::VaultError| AppError::Store(e.into());
    let key = FileKey::generate().map_err(failed)?;
    let wrapping = app.store.file_wrapping(company).await?;
    let kept = key.clone();
    let sized = |bytes: &[u8]| Sized { bytes: u64::try_from(bytes.len()).unwrap_or(u64::MAX), md5: md5(bytes) };
    let made = Made {
        kind: small.kind.name().to_owned(),
        width: small.width,
        height: small.height,
        small: sized(&small.small),
        large: sized(&small.large),
    };
    let bytes = [small.small, small.large].concat();
    let (home, of) = (company.clone(), id.clone());
    on_disk(app, move |files| files.write_thumbnails(&home, &of, key, &bytes)).await?;
    let (of, row) = (id.clone(), made.clone());
    let enter = move |c: &Connection| {
        let wrapped = wrapping.wrap(&kept, &thumbnail::sealed_for(&of))?;
        Ok::<_, AppError>(thumbnail::set_made(c, &of, &row, &wrapped)?)
    };
    if !app.company(company).await?.write(enter).await? {
        let (home, of) = (company.clone(), id.clone());
        return on_disk(app, move |files| files.remove_thumbnails(&home, &of)).await;
    }
    app.counters.thumbnails_made.one();
    tell::made_small(app, id, &described(app, company, id).await?, &made).await
}

/// There are no small pictures of a file, and why: it stays what it is.
///
/// # Errors
/// When the database refuses.
pub async fn do_without(app: &App, picture: &Picture, why: &str) -> Result<(), AppError> {
    tracing::info!(file = %picture.id, why, "a picture is not shown small");
    app.counters.thumbnails_failed.one();
    let id = picture.id.clone();
    let none = move |c: &Connection| Ok::<_, AppError>(thumbnail::set_none(c, &id)?);
    app.company(&picture.company).await?.write(none).await
}

/// A small picture of a file, for who sees the file.
///
/// # Errors
/// [`AppError::NotFound`] also where there is none.
pub async fn thumbnail(app: &App, caller: &Caller, id: &FileId, side: Side) -> Result<SmallPicture, AppError> {
    let company = look(app, caller, id).await?.company;
    let file = described(app, &company, id).await?;
    let made = file.thumbnails.and_then(|known| known.made).ok_or(AppError::NotFound("thumbnail"))?;
    let of = id.clone();
    let read = move |c: &Connection| Ok::<_, AppError>(thumbnail::wrapped_key(c, &of)?);
    let wrapped = app.company(&company).await?.read(read).await?.ok_or(AppError::NotFound(FILE))?;
    let wrapping = app.store.file_wrapping(&company).await?;
    let key = wrapping.unwrap(&thumbnail::sealed_for(id), &wrapped)?;
    let (from, until) = match side {
        Side::Small => (0, made.small.bytes),
        Side::Large => (made.small.bytes, made.small.bytes.saturating_add(made.large.bytes)),
    };
    let of = id.clone();
    let bytes = on_disk(app, move |files| part(files.read_thumbnails(&company, &of, key)?, from, until)).await?;
    Ok(SmallPicture { kind: made.kind, bytes })
}

fn part(mut reader: SealedReader, from: u64, until: u64) -> Result<Vec<u8>, store::StoreError> {
    let (mut bytes, mut at) = (Vec::new(), from);
    while at < until {
        let segment = reader.read_at(at)?;
        let left = usize::try_from(until - at).unwrap_or(usize::MAX);
        let wanted = &segment[..segment.len().min(left)];
        if wanted.is_empty() {
            break;
        }
        bytes.extend_from_slice(wanted);
        at = at.saturating_add(u64::try_from(wanted.len()).unwrap_or(u64::MAX));
    }
    Ok(bytes)
}
