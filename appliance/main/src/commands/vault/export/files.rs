//! Shared files, under names that can be written.

use super::book::{Book, Page};
use super::names::Names;
use super::people::People;
use crate::error::CommandError;
use domain::clock::iso8601;
use serde::Serialize;
use std::collections::HashMap;
use store::export::{Export, ExportedFile};

/// What was written.
#[derive(Default)]
pub(super) struct Files {
    /// Where each lies, by id.
    pub(super) paths: HashMap<String, String>,
    pub(super) written: u64,
    pub(super) missing: Vec<Missing>,
}

/// A file whose bytes could not be read.
#[derive(Debug, Serialize)]
pub(super) struct Missing {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) why: String,
}

#[derive(Serialize)]
struct Told {
    id: String,
    /// As its owner called it.
    name: String,
    /// Where it lies; absent: it could not be read.
    path: Option<String>,
    owner: String,
    owner_id: String,
    #[serde(rename = "type")]
    kind: String,
    bytes: u64,
    shared_at: String,
    /// Ids of people and bubbles that see it.
    seen_by: Vec<String>,
}

pub(super) fn write(export: &Export<'_>, people: &People, book: &mut Book<'_>) -> Result<Files, CommandError> {
    book.folder("files")?;
    let (mut files, mut names, mut told) = (Files::default(), Names::default(), Vec::new());
    let mut last: Option<ExportedFile> = None;
    loop {
        let some = export.files_after(last.as_ref())?;
        for file in &some {
            let path = format!("files/{}", names.choose(&file.name, &file.id));
            let written = one(export, file, &path, book)?;
            match &written {
                None => {
                    files.paths.insert(file.id.clone(), path.clone());
                    files.written += 1;
                }
                Some(why) => {
                    let (id, name) = (file.id.clone(), file.name.clone());
                    files.missing.push(Missing { id, name, why: why.clone() });
                }
            }
            told.push(tell(file, written.is_none().then_some(path), people));
        }
        match some.into_iter().next_back() {
            Some(file) => last = Some(file),
            None => break,
        }
    }
    book.json("files.json", &told)?;
    Ok(files)
}

/// Writes a file; why it could not be read, if it could not.
fn one(
    export: &Export<'_>,
    file: &ExportedFile,
    path: &str,
    book: &mut Book<'_>,
) -> Result<Option<String>, CommandError> {
    let mut reader = match export.open(file) {
        Ok(reader) => reader,
        Err(why) => return Ok(Some(why.to_string())),
    };
    let mut page: Page = book.page(path)?;
    let mut at = 0;
    loop {
        let read = match reader.read_at(at) {
            Ok([]) => break,
            Ok(bytes) => {
                page.put(bytes)?;
                u64::try_from(bytes.len()).unwrap_or(0)
            }
            Err(why) => {
                book.discard(page)?;
                return Ok(Some(why.to_string()));
            }
        };
        at += read;
        book.more(read)?;
    }
    book.keep(page)?;
    Ok(None)
}

fn tell(file: &ExportedFile, path: Option<String>, people: &People) -> Told {
    Told {
        id: file.id.clone(),
        name: file.name.clone(),
        path,
        owner: people.name(&file.owner).to_owned(),
        owner_id: file.owner.clone(),
        kind: file.kind.clone(),
        bytes: file.bytes,
        shared_at: iso8601(file.announced_ms),
        seen_by: file.viewers.clone(),
    }
}
