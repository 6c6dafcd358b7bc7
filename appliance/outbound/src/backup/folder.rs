//! A folder: a USB disk, a mounted share.

use super::PARTIAL;
use app::backup::{OBJECT_BYTES_MAX, Object, Target, TargetError};
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::ops::Range;
use std::os::unix::fs::{DirBuilderExt as _, FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

pub(super) struct Folder {
    root: PathBuf,
}

impl Folder {
    pub(super) fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// Never made: a disk that is not mounted must not be taken for an empty one.
    fn path(&self, name: &str) -> Result<PathBuf, TargetError> {
        match self.root.metadata() {
            Ok(about) if about.is_dir() => Ok(self.root.join(name)),
            Ok(_) => Err(TargetError::Refused(format!("{} is no folder", self.root.display()))),
            Err(e) => Err(told(&self.root)(e)),
        }
    }
}

fn told(path: &Path) -> impl FnOnce(std::io::Error) -> TargetError + '_ {
    move |e| {
        let what = format!("{}: {e}", path.display());
        match e.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => TargetError::Full(what),
            ErrorKind::Interrupted | ErrorKind::TimedOut | ErrorKind::StaleNetworkFileHandle => {
                TargetError::Passing(what)
            }
            _ => TargetError::Refused(what),
        }
    }
}

impl Target for Folder {
    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), TargetError> {
        let path = self.path(name)?;
        let folder = path.parent().unwrap_or(&self.root);
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(told(folder))?;
        let partial = self.path(&format!("{name}{PARTIAL}"))?;
        let write = || -> std::io::Result<()> {
            let mut options = OpenOptions::new();
            let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&partial)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            std::fs::rename(&partial, &path)?;
            File::open(folder)?.sync_all()
        };
        write().map_err(|e| {
            // What is left of it is in nobody's way, but takes room.
            let _ = std::fs::remove_file(&partial);
            told(&path)(e)
        })
    }

    fn get(&self, name: &str, part: Option<Range<u64>>) -> Result<Option<Vec<u8>>, TargetError> {
        let path = self.path(name)?;
        let file = match File::open(&path) {
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
            file => file.map_err(told(&path))?,
        };
        let bytes = file.metadata().map_err(told(&path))?.len();
        let part = part.map_or(0..bytes, |part| part.start.min(bytes)..part.end.min(bytes));
        let wanted = part.end.saturating_sub(part.start);
        if wanted > OBJECT_BYTES_MAX {
            return Err(TargetError::Refused(format!("{} is far too large", path.display())));
        }
        let mut read = vec![0; usize::try_from(wanted).unwrap_or(0)];
        file.read_exact_at(&mut read, part.start).map_err(told(&path))?;
        Ok(Some(read))
    }

    fn list(&self, folder: &str) -> Result<Vec<Object>, TargetError> {
        let path = self.path(folder)?;
        let entries = match std::fs::read_dir(&path) {
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(told(&path))?,
        };
        let mut objects = Vec::new();
        for entry in entries {
            let entry = entry.map_err(told(&path))?;
            let (name, about) = (entry.file_name(), entry.metadata().map_err(told(&path))?);
            if let Some(name) = name.to_str().filter(|name| about.is_file() && !name.ends_with(PARTIAL)) {
                objects.push(Object { name: name.to_owned(), bytes: about.len() });
            }
        }
        Ok(objects)
    }

    fn remove(&self, name: &str) -> Result<(), TargetError> {
        let path = self.path(name)?;
        match std::fs::remove_file(&path) {
            Err(e) if e.kind() != ErrorKind::NotFound => Err(told(&path)(e)),
            _ => Ok(()),
        }
    }
}
