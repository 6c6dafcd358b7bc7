//! The partition table of a raw disk (UEFI 2.10, section 5.3): where the parts are that a test must reach from outside.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

use crate::error::{Fault, Outcome};

const SECTOR: u64 = 512;
const SIGNATURE: &[u8] = b"EFI PART";
/// More than any disk of ours has.
const ENTRIES_MAX: u32 = 128;

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Partition {
    pub(crate) label: String,
    /// In bytes from the disk's beginning.
    pub(crate) start: u64,
    pub(crate) length: u64,
}

/// Every entry in use, in the table's order.
pub(crate) fn read(disk: &Path) -> Outcome<Vec<Partition>> {
    let file = File::open(disk).map_err(Fault::file("open", disk))?;
    let mut header = [0; 92];
    file.read_exact_at(&mut header, SECTOR).map_err(Fault::file("read", disk))?;
    if !header.starts_with(SIGNATURE) {
        return Err(Fault::Wrong(format!("{} has no GUID partition table", disk.display())));
    }
    let (first, count, size) = (u64_at(&header, 72), u32_at(&header, 80), u32_at(&header, 84));
    let mut found = Vec::new();
    for number in 0..count.min(ENTRIES_MAX) {
        let mut entry = [0; 128];
        let at = first * SECTOR + u64::from(number) * u64::from(size);
        file.read_exact_at(&mut entry, at).map_err(Fault::file("read", disk))?;
        found.extend(partition(&entry));
    }
    Ok(found)
}

/// The one with that label.
pub(crate) fn labelled(disk: &Path, is_wanted: impl Fn(&str) -> bool) -> Outcome<Partition> {
    let all = read(disk)?;
    let labels: Vec<String> = all.iter().map(|one| one.label.clone()).collect();
    all.into_iter()
        .find(|one| is_wanted(&one.label))
        .ok_or_else(|| Fault::Wrong(format!("no such partition on {}; it has {}", disk.display(), labels.join(", "))))
}

fn partition(entry: &[u8; 128]) -> Option<Partition> {
    if entry[..16].iter().all(|byte| *byte == 0) {
        return None;
    }
    let (first, last) = (u64_at(entry, 32), u64_at(entry, 40));
    let units: Vec<u16> = entry[56..].chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    let label = String::from_utf16_lossy(&units).trim_end_matches('\0').to_owned();
    Some(Partition { label, start: first * SECTOR, length: (last + 1).saturating_sub(first) * SECTOR })
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes[at..at + 4].iter().rev().fold(0, |value, byte| value << 8 | u32::from(*byte))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes[at..at + 8].iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte))
}

#[test]
fn an_entry_of_the_partition_table_is_read_i7() {
    let mut entry = [0; 128];
    assert_eq!(partition(&entry), None);
    (entry[0], entry[32], entry[41]) = (1, 8, 1);
    entry[56..].iter_mut().step_by(2).zip(b"data").for_each(|(to, from)| *to = *from);
    let expected = Partition { label: "data".to_owned(), start: 4096, length: (256 - 8 + 1) * SECTOR };
    assert_eq!(partition(&entry), Some(expected));
}
