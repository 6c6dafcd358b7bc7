//! Databases of vulnerabilities, recognized by what is in them.

mod debian;
mod osv;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::value::RawValue;

use super::finding::Finding;
use super::subject::{Kind, Subjects};
use crate::Failure;

/// The tracker's file has some 70 MB, npm's part of OSV some 200.
const FILE_BYTES_MAX: u64 = 1 << 30;
const FILES_MAX: usize = 1_000_000;
const OF_WHAT: &str = "an object, an array or a folder of OSV, or the JSON of Debian's security tracker";

pub(crate) enum Database {
    Debian(debian::Tracker),
    Osv(osv::Records),
}

impl Database {
    /// Reads of the file or folder what concerns `subjects`.
    ///
    /// # Errors
    /// `Failed` with the file and the place when it is damaged, empty, or no database that is known.
    pub(crate) fn read(path: &Path, subjects: &Subjects) -> Result<Self, Failure> {
        if path.is_dir() {
            return folder(path, subjects);
        }
        let bytes = bytes(path)?;
        if bytes.starts_with(b"PK") {
            return Err(damaged(path, "it is a zip; unpack it and name the folder"));
        }
        one(path, &bytes, subjects)
    }

    /// # Errors
    /// `Failed` when the database says something about a package here that cannot be understood.
    pub(crate) fn findings(&self, subjects: &Subjects) -> Result<Vec<Finding>, Failure> {
        match self {
            Self::Debian(tracker) => tracker.findings(subjects),
            Self::Osv(records) => records.findings(subjects),
        }
    }

    /// Kinds of packages that it knows about.
    pub(crate) fn covers(&self) -> BTreeSet<Kind> {
        match self {
            Self::Debian(_) => BTreeSet::from([Kind::Deb]),
            Self::Osv(records) => records.covers(),
        }
    }
}

fn one(path: &Path, bytes: &[u8], subjects: &Subjects) -> Result<Database, Failure> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| damaged(path, &format!("byte {} is no text; a database is {OF_WHAT}", error.valid_up_to())))?;
    let mut records = osv::Records::new(path);
    if text.trim_start().starts_with('[') {
        let all: Vec<&RawValue> = serde_json::from_str(text).map_err(|error| damaged(path, &error.to_string()))?;
        for (index, record) in all.iter().enumerate() {
            let added = records.add(record.get().as_bytes(), subjects);
            added.map_err(|why| damaged(path, &format!("record {}: {why}", index + 1)))?;
        }
        return records.checked().map(Database::Osv);
    }
    let fields: BTreeMap<&str, &RawValue> = fields(text).map_err(|why| damaged(path, &why))?;
    if fields.contains_key("id") && fields.contains_key("modified") {
        records.add(bytes, subjects).map_err(|why| damaged(path, &why))?;
        return records.checked().map(Database::Osv);
    }
    debian::Tracker::read(path, &fields, subjects).map(Database::Debian)
}

/// Keys are taken as they stand: no package, id or field has a letter in its name that JSON would write otherwise.
fn fields(text: &str) -> Result<BTreeMap<&str, &RawValue>, String> {
    serde_json::from_str(text).map_err(|error| format!("{error}; a database is {OF_WHAT}"))
}

fn folder(path: &Path, subjects: &Subjects) -> Result<Database, Failure> {
    let mut files = Vec::new();
    collect(path, &mut files)?;
    files.sort();
    let mut records = osv::Records::new(path);
    for file in &files {
        records.add(&bytes(file)?, subjects).map_err(|why| damaged(file, &why))?;
    }
    records.checked().map(Database::Osv)
}

/// Links are not followed: they may lead round in a circle.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let failed = |error: std::io::Error| damaged(folder, &error.to_string());
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let kind = entry.file_type().map_err(failed)?;
        if kind.is_dir() {
            collect(&entry.path(), files)?;
        } else if kind.is_file() && entry.path().extension().is_some_and(|ending| ending == "json") {
            files.push(entry.path());
        }
        if files.len() > FILES_MAX {
            return Err(damaged(folder, &format!("more than {FILES_MAX} files")));
        }
    }
    Ok(())
}

fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let size = std::fs::metadata(path).map_err(|error| damaged(path, &error.to_string()))?.len();
    if size > FILE_BYTES_MAX {
        return Err(damaged(path, &format!("it has {size} bytes, and more than {FILE_BYTES_MAX} are not read")));
    }
    std::fs::read(path).map_err(|error| damaged(path, &error.to_string()))
}

fn damaged(path: &Path, why: &str) -> Failure {
    Failure::Failed(format!(
        "the database {} cannot be used: {why}. Fetch it again (image/sbom/README.md says from where)",
        path.display()
    ))
}
