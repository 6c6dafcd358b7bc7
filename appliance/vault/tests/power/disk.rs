//! A disk in memory that remembers what was done to it and can lose power: between two syncs each sector of each write
//! reaches the platter or does not, in any order, and files grow, shrink, come and go with or without.

use std::collections::BTreeMap;

use super::support::Seeded;

/// What a disk writes whole or not at all.
const SECTOR: usize = 512;

/// A file, whatever it is called.
pub(crate) type FileId = usize;

/// Files by name, as they lie on the platter.
pub(crate) type Image = BTreeMap<String, Vec<u8>>;

/// One thing that was done.
enum Step {
    Create(FileId, String),
    Write(FileId, usize, Vec<u8>),
    Truncate(FileId, usize),
    Sync(FileId),
    /// A sync that failed: what of it arrived is chance, and no later one puts down the rest.
    FailedSync(FileId),
    Delete(String, bool),
}

/// What goes wrong with one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// This call alone fails with an I/O error.
    Once,
    /// This call and all after it do.
    FromHere,
    /// From here on there is no room: writes that would make a file longer write a part of it.
    Full,
}

/// What a call answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Io,
    Full,
    Missing,
}

/// The files as programs see them, and all that was done since the disk was put in.
pub(crate) struct Disk {
    platter: Image,
    files: Vec<Vec<u8>>,
    names: BTreeMap<String, FileId>,
    steps: Vec<Step>,
    calls: usize,
    fault: Option<(usize, Fault)>,
}

impl Disk {
    pub(crate) fn with(platter: Image) -> Self {
        let names = platter.keys().cloned().zip(0..).collect();
        let files = platter.values().cloned().collect();
        Self { platter, files, names, steps: Vec::new(), calls: 0, fault: None }
    }

    /// The call number `at` (from 0) and perhaps those after it go wrong.
    pub(crate) fn plan(&mut self, at: usize, fault: Fault) {
        self.fault = Some((at, fault));
    }

    /// Nothing goes wrong any more.
    pub(crate) fn mend(&mut self) {
        self.fault = None;
    }

    pub(crate) fn calls(&self) -> usize {
        self.calls
    }

    /// How much was done: a moment at which the power may go.
    pub(crate) fn now(&self) -> usize {
        self.steps.len()
    }

    /// Counts a call; whether there is no room for it.
    fn call(&mut self) -> Result<bool, Refusal> {
        let call = self.calls;
        self.calls += 1;
        match self.fault {
            Some((at, Fault::Once)) if call == at => Err(Refusal::Io),
            Some((at, Fault::FromHere)) if call >= at => Err(Refusal::Io),
            Some((at, Fault::Full)) => Ok(call >= at),
            _ => Ok(false),
        }
    }

    pub(crate) fn open(&mut self, name: &str, create: bool) -> Result<FileId, Refusal> {
        let full = self.call()?;
        if let Some(file) = self.names.get(name) {
            return Ok(*file);
        }
        if !create {
            return Err(Refusal::Missing);
        }
        if full {
            return Err(Refusal::Full);
        }
        let file = self.files.len();
        self.files.push(Vec::new());
        self.names.insert(name.to_owned(), file);
        self.steps.push(Step::Create(file, name.to_owned()));
        Ok(file)
    }

    /// How many bytes there were.
    pub(crate) fn read(&mut self, file: FileId, at: usize, buffer: &mut [u8]) -> Result<usize, Refusal> {
        self.call()?;
        let there = self.files[file].get(at..).unwrap_or_default();
        let length = there.len().min(buffer.len());
        buffer[..length].copy_from_slice(&there[..length]);
        Ok(length)
    }

    pub(crate) fn write(&mut self, file: FileId, at: usize, bytes: &[u8]) -> Result<(), Refusal> {
        let full = self.call()? && at + bytes.len() > self.files[file].len();
        let taken = if full { &bytes[..bytes.len() / 2] } else { bytes };
        apply(&mut self.files[file], at, taken);
        self.steps.push(Step::Write(file, at, taken.to_vec()));
        if full { Err(Refusal::Full) } else { Ok(()) }
    }

    pub(crate) fn truncate(&mut self, file: FileId, size: usize) -> Result<(), Refusal> {
        self.call()?;
        self.files[file].resize(size, 0);
        self.steps.push(Step::Truncate(file, size));
        Ok(())
    }

    pub(crate) fn sync(&mut self, file: FileId) -> Result<(), Refusal> {
        let answer = self.call().map(|_| ());
        self.steps.push(if answer.is_ok() { Step::Sync(file) } else { Step::FailedSync(file) });
        answer
    }

    pub(crate) fn size(&mut self, file: FileId) -> Result<usize, Refusal> {
        self.call()?;
        Ok(self.files[file].len())
    }

    pub(crate) fn delete(&mut self, name: &str, sync_folder: bool) -> Result<(), Refusal> {
        self.call()?;
        self.names.remove(name).ok_or(Refusal::Missing)?;
        self.steps.push(Step::Delete(name.to_owned(), sync_folder));
        Ok(())
    }

    pub(crate) fn has(&mut self, name: &str) -> Result<bool, Refusal> {
        self.call()?;
        Ok(self.names.contains_key(name))
    }
}

fn apply(file: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    let end = at + bytes.len();
    if file.len() < end {
        file.resize(end, 0);
    }
    file[at..end].copy_from_slice(bytes);
}

/// How the sectors fare that were on their way when the power went.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fate {
    /// None arrived.
    Lost,
    /// All did.
    Arrived,
    /// Those of the first steps did, and a part of the next.
    InOrder,
    /// Each step did or did not, whole.
    Reordered,
    /// Each sector for itself.
    Scattered,
}

const FATES: [Fate; 6] = [Fate::Lost, Fate::Arrived, Fate::InOrder, Fate::InOrder, Fate::Reordered, Fate::Scattered];

/// Plays what was done again, up to the moments at which the power goes.
pub(crate) struct Replay<'a> {
    disk: &'a Disk,
    at: usize,
    /// From this step on, syncs only say that they did something.
    pub(crate) lies_from: usize,
    durable: Vec<Vec<u8>>,
    /// Whether the folder's entry is on the platter.
    names: BTreeMap<String, FileId>,
    created: BTreeMap<FileId, String>,
    deleted: Vec<String>,
    /// Steps that no sync has covered.
    pending: Vec<usize>,
}

impl<'a> Replay<'a> {
    pub(crate) fn new(disk: &'a Disk) -> Self {
        Self {
            disk,
            at: 0,
            lies_from: usize::MAX,
            durable: disk.platter.values().cloned().collect(),
            names: disk.platter.keys().cloned().zip(0..).collect(),
            created: BTreeMap::new(),
            deleted: Vec::new(),
            pending: Vec::new(),
        }
    }

    /// Goes on to the moment `to`, which is not before the last.
    pub(crate) fn advance(&mut self, to: usize) {
        while self.at < to {
            let at = self.at;
            match &self.disk.steps[at] {
                Step::Create(file, name) => {
                    self.durable.resize(self.durable.len().max(file + 1), Vec::new());
                    self.created.insert(*file, name.clone());
                }
                Step::Write(..) | Step::Truncate(..) => self.pending.push(at),
                Step::Sync(file) if at < self.lies_from => self.put_down(*file),
                Step::Sync(_) => {}
                Step::FailedSync(file) => self.leave(*file, &mut Seeded(at as u64)),
                Step::Delete(name, synced) => {
                    self.created.retain(|_, created| created != name);
                    self.deleted.push(name.clone());
                    if *synced && at < self.lies_from {
                        self.names.remove(name);
                        self.deleted.retain(|deleted| deleted != name);
                    }
                }
            }
            self.at += 1;
        }
    }

    fn put_down(&mut self, file: FileId) {
        if let Some(name) = self.created.remove(&file) {
            // SQLite syncs the folder too, and with it what went before.
            for deleted in self.deleted.drain(..) {
                self.names.remove(&deleted);
            }
            self.names.insert(name, file);
        }
        self.take(file, carry_out);
    }

    fn leave(&mut self, file: FileId, seeded: &mut Seeded) {
        self.take(file, |durable, step| scatter(durable, step, seeded));
    }

    /// Does away with what waits for a sync of `file`.
    fn take(&mut self, file: FileId, mut each: impl FnMut(&mut Vec<u8>, &Step)) {
        let (steps, durable) = (&self.disk.steps, &mut self.durable[file]);
        self.pending.retain(|at| {
            let covered = file_of(&steps[*at]) == file;
            if covered {
                each(durable, &steps[*at]);
            }
            !covered
        });
    }

    /// What lies on the platter if the power goes now.
    pub(crate) fn crash(&self, seeded: &mut Seeded) -> (Image, Fate) {
        let fate = FATES[seeded.below(FATES.len())];
        let mut files = self.durable.clone();
        let arrived = seeded.below(self.pending.len() + 1);
        for (place, at) in self.pending.iter().enumerate() {
            let step = &self.disk.steps[*at];
            let file = &mut files[file_of(step)];
            match fate {
                Fate::Lost => {}
                Fate::Arrived => carry_out(file, step),
                Fate::InOrder if place < arrived => carry_out(file, step),
                Fate::InOrder if place == arrived => scatter(file, step, seeded),
                Fate::Reordered if seeded.below(2) == 0 => carry_out(file, step),
                Fate::InOrder | Fate::Reordered => {}
                Fate::Scattered => scatter(file, step, seeded),
            }
        }
        let mut names = self.names.clone();
        let mut chance = || match fate {
            Fate::Lost => false,
            Fate::Arrived => true,
            Fate::InOrder | Fate::Reordered | Fate::Scattered => seeded.below(2) == 0,
        };
        // What a folder says changes in order: an entry that came after another went is not there without it.
        for name in &self.deleted {
            if !chance() {
                return (named(&names, &files), fate);
            }
            names.remove(name);
        }
        for (file, name) in &self.created {
            if chance() {
                names.insert(name.clone(), *file);
            }
        }
        (named(&names, &files), fate)
    }
}

fn named(names: &BTreeMap<String, FileId>, files: &[Vec<u8>]) -> Image {
    names.iter().map(|(name, file)| (name.clone(), files[*file].clone())).collect()
}

fn file_of(step: &Step) -> FileId {
    match step {
        Step::Write(file, ..) | Step::Truncate(file, _) => *file,
        Step::Create(..) | Step::Sync(_) | Step::FailedSync(_) | Step::Delete(..) => {
            unreachable!("only changes of content wait for a sync")
        }
    }
}

fn carry_out(file: &mut Vec<u8>, step: &Step) {
    match step {
        Step::Write(_, at, bytes) => apply(file, *at, bytes),
        Step::Truncate(_, size) => file.resize(*size, 0),
        Step::Create(..) | Step::Sync(_) | Step::FailedSync(_) | Step::Delete(..) => {}
    }
}

/// Some sectors of a write, others not; a truncation or not.
fn scatter(file: &mut Vec<u8>, step: &Step, seeded: &mut Seeded) {
    let Step::Write(_, at, bytes) = step else {
        if seeded.below(2) == 0 {
            carry_out(file, step);
        }
        return;
    };
    let mut from = 0;
    while from < bytes.len() {
        let to = bytes.len().min(((at + from) / SECTOR + 1) * SECTOR - at);
        if seeded.below(2) == 0 {
            apply(file, at + from, &bytes[from..to]);
        }
        from = to;
    }
    // The length may have arrived although the last sectors did not.
    if file.len() < at + bytes.len() && seeded.below(4) == 0 {
        file.resize(at + bytes.len(), 0);
    }
}
