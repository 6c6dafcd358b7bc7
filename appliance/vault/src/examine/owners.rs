//! Whom pages belong to: the trees of tables and indexes are walked page by page, as SQLite's file format describes them
//! (sections 1.5 and 1.6), from what can still be opened.

use std::collections::BTreeMap;
use std::fs::File;
use std::sync::Arc;

use super::Examination;
use super::raw::Raw;
use crate::log_format::{FRAME_HEADER_BYTES, be32, frame_offset};
use crate::page::{PAGE_BYTES, Page, RESERVE_BYTES};
use crate::vfs::LastFrames;

const USABLE: usize = PAGE_BYTES - RESERVE_BYTES;
const INDEX_INTERIOR: u8 = 2;
const TABLE_INTERIOR: u8 = 5;
const INDEX_LEAF: u8 = 10;
const TABLE_LEAF: u8 = 13;

/// Whom a page belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    /// The tree with this place in the list of roots.
    Tree(usize),
    /// Nobody: it is on the list of free pages.
    Free,
    /// Not known: what would lead to it is damaged too.
    Unknown,
}

/// How a page is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Tree,
    /// The rest of a long row: its first word leads to the next.
    Overflow,
}

/// One bit a page.
struct Seen(Vec<u64>);

impl Seen {
    fn new(pages: u32) -> Self {
        Self(vec![0; usize::try_from(pages).unwrap_or(0) / 64 + 1])
    }

    /// Whether it is a page of the file that was not seen before.
    fn first(&mut self, number: u32) -> bool {
        let number = usize::try_from(number).unwrap_or(usize::MAX);
        let Some(word) = self.0.get_mut(number / 64) else { return false };
        let bit = 1 << (number % 64);
        let fresh = *word & bit == 0;
        *word |= bit;
        fresh && number > 0
    }
}

impl Examination {
    /// Whom each of `wanted` belongs to. `roots` are the first pages of tables and indexes. Takes a bit of memory a page, and
    /// reads all of what the trees have but their leaves without overflow pages.
    pub fn owners(&mut self, roots: &[u32], wanted: &[u32]) -> Vec<Owner> {
        let mut found: BTreeMap<u32, Owner> = wanted.iter().map(|number| (*number, Owner::Unknown)).collect();
        let newest = self.database.log.read().last_frames();
        let pages = self.pages().max(newest.keys().copied().max().unwrap_or(0));
        let mut seen = Seen::new(pages);
        let log = File::open(self.database.log_path()).ok().map(|log| Raw::of(Arc::new(log)));
        let mut open = |number: u32| self.newest(&newest, log.as_ref(), number);
        for (at, root) in roots.iter().enumerate() {
            let mut waiting = vec![(*root, Shape::Tree)];
            while let Some((number, shape)) = waiting.pop() {
                if !seen.first(number) {
                    continue;
                }
                if let Some(owner) = found.get_mut(&number) {
                    *owner = Owner::Tree(at);
                }
                match open(number) {
                    Some(page) if shape == Shape::Tree => children(&page, number, &mut waiting),
                    Some(page) => waiting.push((be32(&page, 0), Shape::Overflow)),
                    None => {}
                }
            }
        }
        let mut trunk = open(1).map_or(0, |first| be32(&first, 32));
        while seen.first(trunk) {
            note_free(&mut found, trunk);
            let Some(page) = open(trunk) else { break };
            let leaves = usize::try_from(be32(&page, 4)).unwrap_or(0).min(USABLE / 4 - 2);
            (0..leaves).for_each(|at| note_free(&mut found, be32(&page, 8 + 4 * at)));
            trunk = be32(&page, 0);
        }
        wanted.iter().map(|number| found.get(number).copied().unwrap_or(Owner::Unknown)).collect()
    }

    fn newest(&mut self, newest: &LastFrames, log: Option<&Raw>, number: u32) -> Option<Page> {
        let mut page = match (newest.get(&number), log) {
            (Some((frame, _)), Some(log)) => {
                let mut page = [0; PAGE_BYTES];
                log.read(&mut page, frame_offset(*frame) + FRAME_HEADER_BYTES as u64);
                page
            }
            _ => self.sealed(number).ok()?,
        };
        self.cipher.open(&mut page, number).ok()?;
        Some(page)
    }
}

fn note_free(found: &mut BTreeMap<u32, Owner>, number: u32) {
    if let Some(owner) = found.get_mut(&number).filter(|owner| **owner == Owner::Unknown) {
        *owner = Owner::Free;
    }
}

/// The pages that a page of a tree leads to.
fn children(page: &Page, number: u32, waiting: &mut Vec<(u32, Shape)>) {
    let head = if number == 1 { 100 } else { 0 };
    let kind = page[head];
    let interior = matches!(kind, INDEX_INTERIOR | TABLE_INTERIOR);
    if !interior && !matches!(kind, INDEX_LEAF | TABLE_LEAF) {
        return;
    }
    let cells = usize::from(u16::from_be_bytes([page[head + 3], page[head + 4]]));
    let pointers = head + if interior { 12 } else { 8 };
    if interior {
        waiting.push((be32(page, head + 8), Shape::Tree));
    }
    for at in 0..cells {
        let Some(&[high, low]) = page.get(pointers + 2 * at..pointers + 2 * at + 2) else { break };
        let cell = usize::from(u16::from_be_bytes([high, low]));
        if interior && let Some(child) = page.get(cell..cell + 4) {
            waiting.push((be32(child, 0), Shape::Tree));
        }
        if kind != TABLE_INTERIOR
            && let Some(first) = overflow(page, cell + if interior { 4 } else { 0 }, kind)
        {
            waiting.push((first, Shape::Overflow));
        }
    }
}

/// The first overflow page of a cell whose payload is too long for its page.
fn overflow(page: &Page, at: usize, kind: u8) -> Option<u32> {
    let (payload, mut at) = varint(page, at)?;
    if kind == TABLE_LEAF {
        at = varint(page, at)?.1;
    }
    let payload = usize::try_from(payload).ok()?;
    let most = if kind == TABLE_LEAF { USABLE - 35 } else { (USABLE - 12) * 64 / 255 - 23 };
    if payload <= most {
        return None;
    }
    let least = (USABLE - 12) * 32 / 255 - 23;
    let local = least + (payload - least) % (USABLE - 4);
    let local = if local <= most { local } else { least };
    page.get(at + local..at + local + 4).map(|number| be32(number, 0))
}

fn varint(page: &Page, at: usize) -> Option<(u64, usize)> {
    let mut value = 0_u64;
    for (count, byte) in page.get(at..)?.iter().take(9).enumerate() {
        if count == 8 {
            return Some((value << 8 | u64::from(*byte), at + 9));
        }
        value = value << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((value, at + count + 1));
        }
    }
    None
}
