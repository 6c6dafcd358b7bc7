//! From a disk to an open volume whose filesystem is whole, ready to be mounted at `/data`. Nothing that may hold data is ever formatted: a partition is made where there
//! is none, and anew only where the mark of a finished filesystem is missing, which is set before the first mount.

mod check;
mod make;
mod open;

use crate::disk::{Disk, Partition};
use crate::error::StorageError;
use crate::header::{FINISHED_TOKEN, Header};
use crate::luks::Luks;
use crate::place::Place;
use crate::telling::{Telling, problem};
use crate::tool::Tools;
use crate::tpm;
use storage_contract::{Lock, Problem};

const DATA_LABEL: &str = "data";

/// Makes, opens and checks the data partition. Asks a person where the TPM does not open it, and never gives up asking.
///
/// # Errors
/// What no key can mend; it is on the screen then, too.
pub fn prepare(place: &Place, tools: &Tools) -> Result<(), StorageError> {
    let mut telling = Telling::begin(place)?;
    let done = Work { place, tools, telling: &mut telling, notes: Vec::new() }.prepare();
    if let Err(error) = &done {
        telling.failed(error)?;
    }
    done
}

/// What the steps share.
struct Work<'a, 'p> {
    place: &'p Place,
    tools: &'a Tools,
    telling: &'a mut Telling<'p>,
    /// For the screen, once the data is open.
    notes: Vec<Problem>,
}

impl Work<'_, '_> {
    fn prepare(mut self) -> Result<(), StorageError> {
        if check::is_mounted(self.tools, &self.place.data())? {
            let opened_by = self.telling.opened_before().unwrap_or(Lock::Tpm);
            return self.telling.open(opened_by, Vec::new());
        }
        let disk = Disk::of_root(self.place, self.tools)?;
        self.telling.started_from(disk.slot())?;
        tpm::wait_for_driver(self.place);
        let (partition, header) = match disk.partition(DATA_LABEL) {
            None => self.make(&disk, make::Instead::OfNothing)?,
            Some(partition) => self.found(&disk, partition)?,
        };
        let opened_by = self.open(&disk, &partition, &header)?;
        check::check(self.tools, &self.place.mapper(), &mut self.notes)?;
        self.telling.open(opened_by, self.notes)
    }

    /// A partition that is there: with a whole header, and finished once, or else made anew.
    fn found(&mut self, disk: &Disk, partition: &Partition) -> Result<(Partition, Header), StorageError> {
        let luks = Luks::new(self.tools, &partition.node);
        let header = luks.header()?;
        if header.is_finished() {
            self.grow(disk);
            return Ok((partition.clone(), header));
        }
        self.notes.push(problem(
            "The first start was cut short; the data partition, which held nothing yet, was made again.",
            "Nothing needs to be done.",
        ));
        self.make(disk, make::Instead::OfUnfinished)
    }
}

/// Sets the mark. From here on the partition is never made anew by itself.
fn finish(luks: &Luks<'_>) -> Result<Header, StorageError> {
    luks.add_token(FINISHED_TOKEN, None)?;
    luks.header()
}

/// How a partition that was just made opens.
fn lock_of_new(has_tpm: bool) -> Lock {
    if has_tpm { Lock::Tpm } else { Lock::Passphrase }
}
