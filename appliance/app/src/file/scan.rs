use super::desk::{Desk, lock};
use super::open::on_disk;
use super::{FileRefused, Picture, Reading, tell};
use crate::{App, AppError};
use domain::ids::{CompanyId, FileId, UserId};
use store::{Connection, FileKey, file, thumbnail};
use tokio::sync::mpsc;

/// Files that wait for the scanner; when there are more, no upload ends.
const HELD_MAX: usize = 4096;
/// Characters of what the scanner found that are kept.
const FINDING_LENGTH_MAX: usize = 200;

/// A file that is held for the scanner.
#[derive(Debug, Clone)]
pub struct Scan {
    /// Which.
    pub id: FileId,
    pub(super) company: CompanyId,
    pub(super) owner: UserId,
    pub(super) key: FileKey,
    pub(super) held_ms: i64,
    /// Wanted small, too.
    pub(super) picture: bool,
}

/// What the scanner says of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing was found.
    Clean,
    /// Something was found, or it cannot be looked at: what.
    Refused(String),
}

/// Who scans.
pub(super) struct Scanner {
    queue: mpsc::Sender<Scan>,
    is_there: Box<dyn Fn() -> bool + Send + Sync>,
}

/// The files to scan from now on, for whoever asks the scanner; `is_there` says whether one is installed. Until this was
/// called no file is taken.
#[must_use]
pub fn scans(app: &App, is_there: impl Fn() -> bool + Send + Sync + 'static) -> mpsc::Receiver<Scan> {
    let (queue, scans) = mpsc::channel(HELD_MAX);
    // A second one would share the files by chance: its queue ends here.
    let _ = app.files.scanner.set(Scanner { queue, is_there: Box::new(is_there) });
    scans
}

/// How files stand on this box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// They are not shared here.
    Off,
    /// They would be, but no virus scanner is installed.
    NoScanner,
    /// They are shared; so many wait for the scanner.
    On {
        /// Files that wait.
        held: usize,
        /// What the scanner says of itself; nothing where it does not answer.
        scanner: Option<String>,
    },
}

/// How files stand on this box, for its owner.
#[must_use]
pub fn standing(app: &App) -> Standing {
    match (&app.settings.files, app.files.scanner_is_there()) {
        (None, _) => Standing::Off,
        (Some(_), false) => Standing::NoScanner,
        (Some(_), true) => Standing::On { held: app.files.held_count(), scanner: lock(&app.files.version).clone() },
    }
}

/// What the scanner says of itself now: its version, and how new its signatures are.
pub fn note_scanner(app: &App, version: Option<String>) {
    *lock(&app.files.version) = version;
}

/// A place in the queue of the scanner.
pub(super) struct Place(mpsc::OwnedPermit<Scan>);

impl Place {
    pub(super) fn send(self, scan: Scan) {
        drop(self.0.send(scan));
    }
}

impl Desk {
    pub(super) fn scanner_is_there(&self) -> bool {
        self.scanner.get().is_some_and(|scanner| (scanner.is_there)())
    }

    pub(super) fn place_in_queue(&self) -> Result<Place, AppError> {
        let scanner = self.scanner.get().ok_or(FileRefused::NoScanner)?;
        // What the scanner has taken and not judged counts as well.
        let full = self.held_count() >= HELD_MAX;
        let place = scanner.queue.clone().try_reserve_owned().ok().filter(|_| !full);
        place.map(Place).ok_or(AppError::Busy)
    }
}

impl Scan {
    /// Opens the file for the scanner. `None`: it is not held any more, because it was deleted.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn open(&self, app: &App) -> Result<Option<Reading>, AppError> {
        if app.files.held(&self.id).is_none() {
            return Ok(None);
        }
        let (id, key) = (self.id.clone(), self.key.clone());
        on_disk(app, move |files| files.read_staged(&id, key)).await.map(|reader| Some(Reading::new(reader)))
    }
}

/// Passes a held file on, or refuses it and keeps nothing of it (C6). Of a file that was deleted meanwhile nothing comes.
///
/// # Errors
/// When disk or databases refuse: the file stays held.
pub async fn judge(app: &App, scan: &Scan, verdict: Verdict) -> Result<(), AppError> {
    if app.files.held(&scan.id).is_none() {
        return Ok(());
    }
    match verdict {
        Verdict::Clean => publish(app, scan).await,
        Verdict::Refused(finding) => refuse(app, scan, finding).await,
    }
}

async fn publish(app: &App, scan: &Scan) -> Result<(), AppError> {
    let wrapping = app.store.file_wrapping(&scan.company).await?;
    let (company, id) = (scan.company.clone(), scan.id.clone());
    on_disk(app, move |files| files.publish(&company, &id)).await?;
    let (id, key, picture, now_ms) = (scan.id.clone(), scan.key.clone(), scan.picture, app.clock.now_ms());
    let clean = move |c: &Connection| {
        let wrapped = wrapping.wrap(&key, id.as_str())?;
        let passed_on = file::set_clean(c, &id, &wrapped)?;
        if passed_on && picture {
            thumbnail::want(c, &id, now_ms)?;
        }
        Ok::<_, AppError>(passed_on)
    };
    let committed = app.company(&scan.company).await?.write(clean).await;
    let passed_on = match committed {
        Ok(passed_on) => passed_on,
        Err(failure) => {
            let (company, id) = (scan.company.clone(), scan.id.clone());
            on_disk(app, move |files| files.take_back(&company, &id)).await?;
            return Err(failure);
        }
    };
    app.files.release(&scan.id);
    if passed_on {
        app.counters.files_clean.one();
        if scan.picture {
            app.files.pictures.enter(Picture { id: scan.id.clone(), company: scan.company.clone() });
        }
        tell::passed_on(app, scan).await
    } else {
        let (company, id) = (scan.company.clone(), scan.id.clone());
        on_disk(app, move |files| files.remove(&company, &id)).await
    }
}

pub(super) async fn refuse(app: &App, scan: &Scan, finding: String) -> Result<(), AppError> {
    let finding: String = finding.chars().filter(|c| !c.is_control()).take(FINDING_LENGTH_MAX).collect();
    // A file that was refused is what an administrator looks for; its name is its owner's business.
    tracing::warn!(file = %scan.id, owner = %scan.owner, finding, "a file was refused and nothing of it is kept");
    app.counters.files_refused.one();
    let (id, why) = (scan.id.clone(), finding);
    let refused = move |c: &Connection| Ok::<_, AppError>(file::set_refused(c, &id, &why)?);
    app.company(&scan.company).await?.write(refused).await?;
    let id = scan.id.clone();
    on_disk(app, move |files| files.discard(&id)).await?;
    app.files.release(&scan.id);
    tell::refused(app, scan);
    Ok(())
}
