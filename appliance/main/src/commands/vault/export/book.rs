//! One company's folder while it is written: each file whole, with its sum, and how far all of it is.

use super::interrupt::Interrupt;
use super::place;
use crate::commands::bar::Bar;
use crate::error::CommandError;
use aws_lc_rs::digest::{Context, SHA256};
use serde::Serialize;
use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Read as _, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

const READ_AT_ONCE: usize = 1 << 20;

/// A file of the export.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Entry {
    /// Below the company's folder.
    pub(super) path: String,
    pub(super) bytes: u64,
    /// In hexadecimal.
    pub(super) sha256: String,
}

/// The folder.
pub(super) struct Book<'a> {
    root: PathBuf,
    entries: Vec<Entry>,
    bar: &'a mut Bar,
    what: String,
    done: u64,
    total: u64,
    interrupt: &'a Interrupt,
}

/// A file that is being written.
pub(super) struct Page {
    path: String,
    full: PathBuf,
    file: BufWriter<File>,
    sum: Context,
    bytes: u64,
}

impl<'a> Book<'a> {
    /// Begins a folder; `done` of `total` bytes were written before it.
    pub(super) fn open(
        root: &Path,
        bar: &'a mut Bar,
        (done, total): (u64, u64),
        interrupt: &'a Interrupt,
    ) -> Result<Self, CommandError> {
        if !root.exists() {
            place::make(root)?;
        }
        Ok(Self { root: root.to_owned(), entries: Vec::new(), bar, what: String::new(), done, total, interrupt })
    }

    /// Makes a folder in it.
    pub(super) fn folder(&self, name: &str) -> Result<(), CommandError> {
        place::make(&self.root.join(name))
    }

    /// What is written from now on.
    pub(super) fn begin(&mut self, what: &str) {
        what.clone_into(&mut self.what);
    }

    /// So much more is done. The error is that somebody does not want it any more.
    pub(super) fn more(&mut self, bytes: u64) -> Result<(), CommandError> {
        self.done += bytes;
        self.bar.show(&self.what, self.done, self.total);
        self.interrupt.goes_on()
    }

    pub(super) fn done(&self) -> u64 {
        self.done
    }

    /// What was written until now.
    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Where a file lies.
    pub(super) fn at(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// Begins a file.
    pub(super) fn page(&self, path: &str) -> Result<Page, CommandError> {
        let full = self.at(path);
        let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&full);
        let file = BufWriter::new(opened.map_err(CommandError::file("write", &full))?);
        Ok(Page { path: path.to_owned(), full, file, sum: Context::new(&SHA256), bytes: 0 })
    }

    /// Ends a file.
    pub(super) fn keep(&mut self, mut page: Page) -> Result<(), CommandError> {
        page.file.flush().map_err(CommandError::file("write", &page.full))?;
        self.entries.push(Entry { path: page.path, bytes: page.bytes, sha256: hex(page.sum.finish().as_ref()) });
        Ok(())
    }

    /// Takes a file away again that could not be written to its end.
    pub(super) fn discard(&self, page: Page) -> Result<(), CommandError> {
        let full = page.full.clone();
        drop(page);
        std::fs::remove_file(&full).map_err(CommandError::file("remove", &full))
    }

    /// A whole file at once.
    pub(super) fn text(&mut self, path: &str, text: &str) -> Result<(), CommandError> {
        let mut page = self.page(path)?;
        page.put(text.as_bytes())?;
        self.keep(page)
    }

    /// A whole file of JSON, for people too.
    pub(super) fn json(&mut self, path: &str, value: &impl Serialize) -> Result<(), CommandError> {
        self.text(path, &pretty(value)?)
    }

    /// Enters a file that others have written.
    pub(super) fn enter(&mut self, path: &str) -> Result<(), CommandError> {
        let full = self.at(path);
        let failed = || CommandError::file("read", &full);
        let (mut file, mut sum, mut bytes) = (File::open(&full).map_err(failed())?, Context::new(&SHA256), 0);
        let mut buffer = vec![0; READ_AT_ONCE];
        loop {
            let read = file.read(&mut buffer).map_err(failed())?;
            if read == 0 {
                break;
            }
            sum.update(&buffer[..read]);
            bytes += u64::try_from(read).unwrap_or(0);
            self.interrupt.goes_on()?;
        }
        self.entries.push(Entry { path: path.to_owned(), bytes, sha256: hex(sum.finish().as_ref()) });
        Ok(())
    }
}

impl Page {
    pub(super) fn put(&mut self, bytes: &[u8]) -> Result<(), CommandError> {
        self.sum.update(bytes);
        self.bytes += u64::try_from(bytes.len()).unwrap_or(0);
        self.file.write_all(bytes).map_err(CommandError::file("write", &self.full))
    }

    /// One line of JSON.
    pub(super) fn line(&mut self, value: &impl Serialize) -> Result<u64, CommandError> {
        let mut text = serde_json::to_vec(value).map_err(unwritable)?;
        text.push(b'\n');
        self.put(&text)?;
        Ok(u64::try_from(text.len()).unwrap_or(0))
    }
}

/// JSON for people.
pub(super) fn pretty(value: &impl Serialize) -> Result<String, CommandError> {
    let text = serde_json::to_string_pretty(value).map_err(unwritable)?;
    Ok(format!("{text}\n"))
}

fn unwritable(e: serde_json::Error) -> CommandError {
    CommandError::Usage(format!("it cannot be written as JSON: {e}"))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
