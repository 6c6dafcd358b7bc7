//! What the box remembers of a target between runs, sealed beside its data: which packs lie there, and which files were read.
//! Without it nothing is lost: the target is asked, and files are read once more.

use super::domain::Known;
use super::keys::RepositoryKeys;
use super::manifest::{FileEntry, parse_listing};
use super::pack::{Index, PackName};
use super::{BackupError, write_whole};
use domain::ids::CompanyId;
use std::collections::{HashMap, HashSet};
use std::path::Path;

const VERSION: u8 = 1;

/// What is remembered.
#[derive(Default)]
pub(super) struct Memory {
    /// Packs by tag.
    pub(super) packs: HashMap<String, Vec<Known>>,
    /// Packs that are mostly dead.
    pub(super) sparse: HashSet<PackName>,
    /// Listings by company; of the box under the empty name.
    pub(super) listings: HashMap<String, Vec<Vec<u8>>>,
}

impl Memory {
    /// Reads it; nothing where there is none, or where it does not open.
    pub(super) fn read(path: &Path, target: &str, keys: &RepositoryKeys) -> Self {
        let opened = std::fs::read(path).ok().and_then(|sealed| keys.open_state(target, &sealed));
        opened.and_then(|plain| Self::parse(&plain)).unwrap_or_default()
    }

    /// Keeps it.
    pub(super) fn write(&self, path: &Path, target: &str, keys: &RepositoryKeys) -> Result<(), BackupError> {
        write_whole(path, &keys.seal_state(target, &self.to_bytes())?)
    }

    /// Files of a company, or of the box, that were read, by path.
    pub(super) fn files(&self, company: Option<&CompanyId>) -> HashMap<String, FileEntry> {
        let listings = self.listings.get(company.map_or("", CompanyId::as_str)).into_iter().flatten();
        let entries = listings.filter_map(|plain| parse_listing(plain, company)).flatten();
        entries.map(|entry| (entry.path.clone(), entry)).collect()
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut out = vec![VERSION];
        count(&mut out, self.packs.len());
        for (tag, packs) in &self.packs {
            text(&mut out, tag.as_bytes());
            count(&mut out, packs.len());
            for known in packs {
                out.extend_from_slice(&known.name);
                out.extend_from_slice(&known.bytes.to_be_bytes());
                text(&mut out, &known.index.write());
            }
        }
        count(&mut out, self.sparse.len());
        self.sparse.iter().for_each(|name| out.extend_from_slice(name));
        count(&mut out, self.listings.len());
        for (company, listings) in &self.listings {
            text(&mut out, company.as_bytes());
            count(&mut out, listings.len());
            listings.iter().for_each(|listing| text(&mut out, listing));
        }
        out
    }

    fn parse(plain: &[u8]) -> Option<Self> {
        let mut reader = Reader(plain.strip_prefix(&[VERSION])?);
        let mut memory = Self::default();
        for _ in 0..reader.count()? {
            let tag = String::from_utf8(reader.text()?.to_vec()).ok()?;
            let mut packs = Vec::new();
            for _ in 0..reader.count()? {
                let (name, bytes) = (*reader.array()?, u64::from_be_bytes(*reader.array()?));
                packs.push(Known { name, bytes, index: Index::parse(reader.text()?)? });
            }
            memory.packs.insert(tag, packs);
        }
        for _ in 0..reader.count()? {
            memory.sparse.insert(*reader.array()?);
        }
        for _ in 0..reader.count()? {
            let company = String::from_utf8(reader.text()?.to_vec()).ok()?;
            let mut listings = Vec::new();
            for _ in 0..reader.count()? {
                listings.push(reader.text()?.to_vec());
            }
            memory.listings.insert(company, listings);
        }
        reader.0.is_empty().then_some(memory)
    }
}

fn count(out: &mut Vec<u8>, count: usize) {
    out.extend_from_slice(&u32::try_from(count).unwrap_or(u32::MAX).to_be_bytes());
}

fn text(out: &mut Vec<u8>, text: &[u8]) {
    count(out, text.len());
    out.extend_from_slice(text);
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn array<const N: usize>(&mut self) -> Option<&'a [u8; N]> {
        let (array, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(array)
    }

    fn count(&mut self) -> Option<u32> {
        self.array().map(|count| u32::from_be_bytes(*count))
    }

    fn text(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.count()?).ok()?;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(text)
    }
}
