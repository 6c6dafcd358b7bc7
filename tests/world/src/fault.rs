//! Faults as named knobs, all from one seed.

use domain::clock::Rng;
use std::fs;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

const USUAL_SEED: u64 = 0x7261_696e_626f_7700;

/// A seeded generator (SplitMix64): small, and the same on every machine.
#[derive(Clone, Debug)]
pub struct Seeded(u64);

impl Seeded {
    /// From a given seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// From `RAINBOW_EDGE_SEED`, else a fresh one with `--full`, else always the same, so that what has passed once fails
    /// for what was changed; prints the seed so that a failure can be played again.
    pub fn from_environment() -> Self {
        let given = std::env::var("RAINBOW_EDGE_SEED").ok().and_then(|text| text.parse().ok());
        let full = std::env::var("RAINBOW_EDGE_FULL").is_ok_and(|value| value == "1");
        let fresh = || if full { RandomState::new().build_hasher().finish() } else { USUAL_SEED };
        let seed = given.unwrap_or_else(fresh);
        println!("seed: RAINBOW_EDGE_SEED={seed}");
        Self(seed)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number in `from..until`.
    pub fn between(&mut self, from: u64, until: u64) -> u64 {
        from + self.bits() % (until - from)
    }
}

/// Bytes that no packer shortens and that are the same on every run.
pub fn noise(length: usize, seed: u64) -> Vec<u8> {
    let mut seeded = Seeded::new(seed);
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        bytes.extend_from_slice(&seeded.bits().to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

/// The chance that the product is handed, from a seed.
#[derive(Debug)]
pub struct SeededRng(Mutex<Seeded>);

impl SeededRng {
    /// From a given seed.
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(Seeded::new(seed)))
    }
}

impl Rng for SeededRng {
    fn fill(&self, bytes: &mut [u8]) {
        let mut seeded = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        bytes.fill_with(|| seeded.bits().to_le_bytes()[0]);
    }
}

/// Flips the lowest bit of the byte at `offset`.
pub fn flip_byte(file: &Path, offset: u64) {
    let mut bytes = fs::read(file).expect("the file to damage can be read");
    let at = usize::try_from(offset).expect("the file fits memory");
    bytes[at] ^= 1;
    fs::write(file, bytes).expect("the file to damage can be written");
}

/// Cuts a file down to `length` bytes.
pub fn truncate(file: &Path, length: u64) {
    let handle = fs::File::options().write(true).open(file).expect("the file to damage can be written");
    handle.set_len(length).expect("a file can be cut");
}

/// Exchanges pages `one` and `other` (counted from 0) of `page` bytes each.
pub fn swap_pages(file: &Path, page: usize, one: usize, other: usize) {
    let mut bytes = fs::read(file).expect("the file to damage can be read");
    let (low, high) = (one.min(other), one.max(other));
    let (head, rest) = bytes.split_at_mut(high * page);
    head[low * page..(low + 1) * page].swap_with_slice(&mut rest[..page]);
    fs::write(file, bytes).expect("the file to damage can be written");
}

/// Every file below a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else { return found };
    for entry in entries.flatten() {
        // A file may vanish between listing and looking while the box runs.
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => found.extend(files(&entry.path())),
            Ok(kind) if kind.is_file() => found.push(entry.path()),
            _ => {}
        }
    }
    found.sort();
    found
}

/// Copies a folder with all below it; sockets and the like are left out. Modes are kept.
pub fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("the target folder can be made");
    fs::set_permissions(to, fs::metadata(from).expect("the source exists").permissions()).expect("own folder");
    for entry in fs::read_dir(from).expect("the source can be read").flatten() {
        let target = to.join(entry.file_name());
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => copy_folder(&entry.path(), &target),
            Ok(kind) if kind.is_file() => {
                fs::copy(entry.path(), &target).expect("a file can be copied");
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_seed_gives_the_same_faults() {
        let (mut one, mut other) = (Seeded::new(7), Seeded::new(7));
        assert!((0..100).all(|_| one.between(10, 20) == other.between(10, 20)));
        // First output of the published reference for seed 0.
        assert_eq!(Seeded::new(0).bits(), 0xE220_A839_7B1D_CDAF);
    }

    #[test]
    fn damage_is_where_it_was_asked_for() {
        let file = std::env::temp_dir().join(format!("fault-{}", std::process::id()));
        fs::write(&file, b"aabbcc").expect("temp");
        swap_pages(&file, 2, 2, 0);
        assert_eq!(fs::read(&file).expect("temp"), b"ccbbaa");
        flip_byte(&file, 1);
        truncate(&file, 3);
        assert_eq!(fs::read(&file).expect("temp"), b"cbb");
        fs::remove_file(&file).expect("temp");
    }
}
