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
    Delete(String),
    /// Waits for what the folder says.
    SyncFolder,
}

/// What is asked of a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Call {
    Open,
    Read,
    Write,
    /// Zeros, before there is something to write.
    WriteAhead,
    Truncate,
    Sync,
    Size,
    Delete,
    /// Whether there is a file.
    Has,
    /// What a file's whole name is.
    Name,
    Lock,
    /// More room for the log's index, and its locks.
    Index,
    IndexLock,
    /// To map a file, and the limit of that.
    Map,
    Control,
}

/// What a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    Main,
    Log,
    Journal,
    SuperJournal,
    /// What files there are.
    Folder,
}

impl Part {
    pub(crate) fn of(name: &str) -> Self {
        if name.ends_with("-wal") {
            Self::Log
        } else if name.ends_with("-journal") {
            Self::Journal
        } else if name.contains("-mj") {
            Self::SuperJournal
        } else {
            Self::Main
        }
    }
}

/// What goes wrong with one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// This call alone fails with an I/O error.
    Once,
    /// This call and all after it do.
    FromHere,
    /// From here on there is no room: writes that would make a file longer write a part of it.
    Full,
    /// There is none for a few calls.
    FullForAWhile,
}

/// Of [`Fault::FullForAWhile`].
const A_WHILE: usize = 12;

/// A disk that is not what it says to be: what a program does to be safe from a crash, it does not do, and a crash must show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mutant {
    /// Syncs of these files only say that they did something.
    Unsynced(Part),
    /// Some writes to these files never reach the platter.
    Lost(Part),
    /// Of some writes to these files only a half reaches it.
    Torn(Part),
    /// Nobody waits until a removed file is gone.
    Unremoved,
}

/// One of so many writes is lost or torn.
const MUTATED_ONE_OF: usize = 5;

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
    /// What each file is for, and whether somebody has it mapped: then it must stay where it is.
    about: Vec<(Part, bool)>,
    steps: Vec<Step>,
    calls: usize,
    fault: Option<(usize, Fault)>,
    struck: Option<(Call, Part)>,
    mutant: Option<Mutant>,
}

/// What a file may grow to while it is mapped.
const ROOM: usize = 1 << 20;

fn roomy(bytes: &[u8]) -> Vec<u8> {
    let mut file = Vec::with_capacity(ROOM.max(bytes.len()));
    file.extend_from_slice(bytes);
    file
}

impl Disk {
    pub(crate) fn with(platter: Image) -> Self {
        let names = platter.keys().cloned().zip(0..).collect();
        let files = platter.values().map(|bytes| roomy(bytes)).collect();
        let about = platter.keys().map(|name| (Part::of(name), false)).collect();
        Self { platter, files, names, about, steps: Vec::new(), calls: 0, fault: None, struck: None, mutant: None }
    }

    /// The same, which is not what it says to be.
    pub(crate) fn mutated(platter: Image, mutant: Mutant) -> Self {
        Self { mutant: Some(mutant), ..Self::with(platter) }
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

    /// The first call that went wrong.
    pub(crate) fn struck(&self) -> Option<(Call, Part)> {
        self.struck
    }

    /// What the step before the moment `at` did, to what.
    pub(crate) fn done_before(&self, at: usize) -> Option<(Call, Part)> {
        Some(match self.steps.get(at.checked_sub(1)?)? {
            Step::Create(file, _) => (Call::Open, self.about[*file].0),
            Step::Write(file, ..) => (Call::Write, self.about[*file].0),
            Step::Truncate(file, _) => (Call::Truncate, self.about[*file].0),
            Step::Sync(file) | Step::FailedSync(file) => (Call::Sync, self.about[*file].0),
            Step::Delete(name) => (Call::Delete, Part::of(name)),
            Step::SyncFolder => (Call::Sync, Part::Folder),
        })
    }

    /// Counts a call; whether there is no room for it.
    fn call(&mut self, call: Call, part: Part) -> Result<bool, Refusal> {
        let number = self.calls;
        self.calls += 1;
        match self.fault {
            Some((at, Fault::Once)) if number == at => Err(self.strike(call, part, Refusal::Io)),
            Some((at, Fault::FromHere)) if number >= at => Err(self.strike(call, part, Refusal::Io)),
            Some((at, Fault::Full)) => Ok(number >= at),
            Some((at, Fault::FullForAWhile)) => Ok((at..at + A_WHILE).contains(&number)),
            _ => Ok(false),
        }
    }

    fn strike(&mut self, call: Call, part: Part, refusal: Refusal) -> Refusal {
        self.struck.get_or_insert((call, part));
        refusal
    }

    /// Something that only asks, or changes memory only.
    pub(crate) fn ask(&mut self, call: Call, file: FileId) -> Result<(), Refusal> {
        self.call(call, self.about[file].0).map(|_| ())
    }

    pub(crate) fn name(&mut self, name: &str) -> Result<(), Refusal> {
        self.call(Call::Name, Part::of(name)).map(|_| ())
    }

    /// Where a file's bytes lie, which stays so as long as it is no longer than [`ROOM`].
    pub(crate) fn map(&mut self, file: FileId) -> Result<*mut u8, Refusal> {
        self.ask(Call::Map, file)?;
        self.about[file].1 = true;
        Ok(self.files[file].as_mut_ptr())
    }

    pub(crate) fn open(&mut self, name: &str, create: bool) -> Result<FileId, Refusal> {
        let part = Part::of(name);
        let full = self.call(Call::Open, part)?;
        if let Some(file) = self.names.get(name) {
            return Ok(*file);
        }
        if !create {
            return Err(Refusal::Missing);
        }
        if full {
            return Err(self.strike(Call::Open, part, Refusal::Full));
        }
        let file = self.files.len();
        self.files.push(roomy(&[]));
        self.about.push((part, false));
        self.names.insert(name.to_owned(), file);
        self.steps.push(Step::Create(file, name.to_owned()));
        Ok(file)
    }

    /// How many bytes there were.
    pub(crate) fn read(&mut self, file: FileId, at: usize, buffer: &mut [u8]) -> Result<usize, Refusal> {
        self.ask(Call::Read, file)?;
        let there = self.files[file].get(at..).unwrap_or_default();
        let length = there.len().min(buffer.len());
        buffer[..length].copy_from_slice(&there[..length]);
        Ok(length)
    }

    pub(crate) fn write(&mut self, file: FileId, at: usize, bytes: &[u8]) -> Result<(), Refusal> {
        let part = self.about[file].0;
        let ahead = part == Part::Log && bytes.iter().all(|byte| *byte == 0);
        let call = if ahead { Call::WriteAhead } else { Call::Write };
        let full = self.call(call, part)? && at + bytes.len() > self.files[file].len();
        let taken = if full { &bytes[..bytes.len() / 2] } else { bytes };
        assert!(!self.about[file].1 || at + taken.len() <= ROOM, "a mapped file must stay where it is");
        apply(&mut self.files[file], at, taken);
        let arrives = match self.mutant {
            Some(Mutant::Lost(mutated)) if mutated == part && self.steps.len().is_multiple_of(MUTATED_ONE_OF) => 0,
            Some(Mutant::Torn(mutated)) if mutated == part && self.steps.len().is_multiple_of(MUTATED_ONE_OF) => {
                taken.len() / 2
            }
            _ => taken.len(),
        };
        self.steps.push(Step::Write(file, at, taken[..arrives].to_vec()));
        if full { Err(self.strike(call, part, Refusal::Full)) } else { Ok(()) }
    }

    pub(crate) fn truncate(&mut self, file: FileId, size: usize) -> Result<(), Refusal> {
        self.ask(Call::Truncate, file)?;
        self.files[file].resize(size, 0);
        self.steps.push(Step::Truncate(file, size));
        Ok(())
    }

    pub(crate) fn sync(&mut self, file: FileId) -> Result<(), Refusal> {
        let answer = self.ask(Call::Sync, file);
        if self.mutant == Some(Mutant::Unsynced(self.about[file].0)) {
            return answer;
        }
        self.steps.push(if answer.is_ok() { Step::Sync(file) } else { Step::FailedSync(file) });
        answer
    }

    pub(crate) fn size(&mut self, file: FileId) -> Result<usize, Refusal> {
        self.ask(Call::Size, file)?;
        Ok(self.files[file].len())
    }

    pub(crate) fn delete(&mut self, name: &str, sync_folder: bool) -> Result<(), Refusal> {
        self.call(Call::Delete, Part::of(name))?;
        self.names.remove(name).ok_or(Refusal::Missing)?;
        self.steps.push(Step::Delete(name.to_owned()));
        if sync_folder && self.mutant != Some(Mutant::Unremoved) {
            self.steps.push(Step::SyncFolder);
        }
        Ok(())
    }

    pub(crate) fn has(&mut self, name: &str) -> Result<bool, Refusal> {
        self.call(Call::Has, Part::of(name))?;
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
                Step::Delete(name) => {
                    self.created.retain(|_, created| created != name);
                    self.deleted.push(name.clone());
                }
                Step::SyncFolder if at < self.lies_from => self.put_folder_down(),
                Step::SyncFolder => {}
            }
            self.at += 1;
        }
    }

    fn put_down(&mut self, file: FileId) {
        if self.created.contains_key(&file) {
            // SQLite syncs the folder too, and with it what went before.
            self.put_folder_down();
        }
        self.take(file, carry_out);
    }

    fn put_folder_down(&mut self) {
        for deleted in self.deleted.drain(..) {
            self.names.remove(&deleted);
        }
        let created = std::mem::take(&mut self.created);
        self.names.extend(created.into_iter().map(|(file, name)| (name, file)));
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

    /// Whether something was done that a crash may take back, or half of it.
    pub(crate) fn at_risk(&self) -> bool {
        !(self.pending.is_empty() && self.created.is_empty() && self.deleted.is_empty())
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
        Step::Create(..) | Step::Sync(_) | Step::FailedSync(_) | Step::Delete(_) | Step::SyncFolder => {
            unreachable!("only changes of content wait for a sync")
        }
    }
}

fn carry_out(file: &mut Vec<u8>, step: &Step) {
    match step {
        Step::Write(_, at, bytes) => apply(file, *at, bytes),
        Step::Truncate(_, size) => file.resize(*size, 0),
        Step::Create(..) | Step::Sync(_) | Step::FailedSync(_) | Step::Delete(_) | Step::SyncFolder => {}
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
