//! The memory of a process as root sees it (proc_pid_mem(5)), and what of it a core dump took along (core(5)).

use crate::Process;
use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;
use std::path::Path;

const PAGE: u64 = 4096;

/// What a piece of memory is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Locked against swap and kept out of dumps.
    Locked,
    /// The first thread's stack.
    Stack,
    /// Of a file: the executable, a library, a mapped database.
    File,
    /// Everything else: what is allocated, and stacks of other threads.
    Heap,
}

/// A mapping of a process, as the system tells it.
#[derive(Debug)]
pub struct Mapping {
    pub from: u64,
    pub to: u64,
    pub name: String,
    /// Two letters each (proc_pid_smaps(5), VmFlags).
    pub flags: String,
}

impl Mapping {
    /// Whether the system has this flag of it.
    pub fn has(&self, flag: &str) -> bool {
        self.flags.split(' ').any(|of_it| of_it == flag)
    }

    fn kind(&self) -> Kind {
        if self.has("lo") && self.has("dd") {
            return Kind::Locked;
        }
        match self.name.as_str() {
            "[stack]" => Kind::Stack,
            name if name.starts_with('/') => Kind::File,
            _ => Kind::Heap,
        }
    }
}

/// The mappings of a process.
pub fn mappings(process: Process) -> Vec<Mapping> {
    let told = fs::read_to_string(format!("/proc/{}/smaps", process.id())).expect("root reads it");
    let mut found: Vec<Mapping> = Vec::new();
    for line in told.lines() {
        if let Some(flags) = line.strip_prefix("VmFlags:") {
            found.last_mut().expect("a mapping comes first").flags = flags.trim().to_owned();
            continue;
        }
        let mut words = line.split_whitespace();
        let range = words.next().and_then(|range| range.split_once('-'));
        let Some((from, to)) = range else { continue };
        if let (Ok(from), Ok(to)) = (u64::from_str_radix(from, 16), u64::from_str_radix(to, 16)) {
            let name = words.nth(4).unwrap_or_default().to_owned();
            found.push(Mapping { from, to, name, flags: String::new() });
        }
    }
    found
}

/// Pages of a mapping that hold something, in memory or in swap: runs of them. A server has reserved ten times as much as it uses.
fn used_runs(pagemap: &File, from: u64, to: u64) -> Vec<(u64, u64)> {
    let mut entries = vec![0; usize::try_from((to - from) / PAGE * 8).expect("it fits")];
    if pagemap.read_exact_at(&mut entries, from / PAGE * 8).is_err() {
        // A mapping of the kernel's.
        return vec![(from, to)];
    }
    let mut runs: Vec<(u64, u64)> = Vec::new();
    for (at, entry) in (from..to).step_by(4096).zip(entries.chunks_exact(8)) {
        // Bits 63 and 62: present, swapped.
        match (entry[7] & 0xC0 != 0, runs.last_mut()) {
            (true, Some(last)) if last.1 == at => last.1 += PAGE,
            (true, _) => runs.push((at, at + PAGE)),
            (false, _) => {}
        }
    }
    runs
}

/// Everything that a process holds in memory at one moment: pieces without a hole, and what each is for.
#[derive(Debug)]
pub struct Memory(pub Vec<(Kind, Vec<u8>)>);

impl Memory {
    /// All memory of a process that can be read and holds something.
    pub fn of(process: Process) -> Self {
        let id = process.id();
        let file = File::open(format!("/proc/{id}/mem")).expect("root reads it");
        let pagemap = File::open(format!("/proc/{id}/pagemap")).expect("root reads it");
        let mut pieces = Vec::new();
        for mapping in mappings(process).into_iter().filter(|mapping| mapping.has("rd")) {
            for (from, to) in used_runs(&pagemap, mapping.from, mapping.to) {
                let mut piece = vec![0; usize::try_from(to - from).expect("it fits")];
                // Some mappings of the kernel's cannot be read.
                if file.read_exact_at(&mut piece, from).is_ok() {
                    pieces.push((mapping.kind(), piece));
                }
            }
        }
        Self(pieces)
    }

    /// What a core dump took along.
    pub fn of_core(file: &Path) -> Self {
        Self(vec![(Kind::Heap, fs::read(file).expect("a core dump"))])
    }

    /// How much was read.
    pub fn bytes(&self) -> usize {
        self.0.iter().map(|(_, piece)| piece.len()).sum()
    }
}
