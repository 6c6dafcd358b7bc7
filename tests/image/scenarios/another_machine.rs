//! The disk of a box in another machine, with `--full`: a thief's, or the customer's own after a defect.

use std::sync::OnceLock;

use super::first_boot::installed;
use super::hardship::in_full;
use crate::error::{Fault, Outcome, once, shown};
use crate::machine::{self, MILESTONE, Machine, Plan};
use crate::{browser, disk, status_page, tpm};

const WRONG: &str = "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA-AAAA-AAAA";

struct Record {
    asked: Outcome<()>,
    wrong_refused: Outcome<()>,
    opened: Outcome<()>,
    again: Outcome<()>,
}

fn record() -> Outcome<&'static Record> {
    static RECORD: OnceLock<Outcome<Record>> = OnceLock::new();
    once(&RECORD, look)
}

fn look() -> Outcome<Record> {
    let name = "another-machine";
    let installed = installed()?;
    let plan = Plan::usual(name, disk::layer(name, &installed.disk)?, tpm::new(name)?)?;
    let mut machine = machine::boot(&plan)?;
    let asked = question(&machine, 0);
    machine.photograph()?;
    let wrong_refused = asked.as_ref().map_or_else(again_fault, |_| refused(&machine));
    let opened = wrong_refused.as_ref().map_or_else(again_fault, |()| opened(&machine));
    let again = match &opened {
        Ok(()) => machine.page(status_page::read).and_then(|page| browser::play("image_again", &machine, &page, &[])),
        Err(fault) => again_fault(fault),
    };
    Ok(Record { asked: asked.map(drop), wrong_refused, opened, again })
}

fn again_fault(fault: &Fault) -> Outcome<()> {
    Err(Fault::NotReached(fault.to_string()))
}

/// Waits for the question: a line with `recovery key` and a colon at its end. Where the answer begins.
pub(super) fn question(machine: &Machine, mark: usize) -> Outcome<usize> {
    machine.serial.find(mark, MILESTONE, "the question for the recovery key", |text| {
        let line = text.trim_end().lines().next_back()?.to_lowercase();
        (line.contains("recovery key") && line.contains(':')).then_some(())
    })?;
    Ok(machine.serial.mark())
}

fn refused(machine: &Machine) -> Outcome<()> {
    let mark = machine.serial.mark();
    machine.serial.send(&format!("{WRONG}\r"))?;
    question(machine, mark)?;
    if machine.serial.text_from(0).contains("SHA-256") {
        let last = machine.serial.last();
        return Err(Fault::Forbidden { machine: machine.name.to_owned(), found: "its status page".to_owned(), last });
    }
    machine.note("wrong recovery key refused");
    Ok(())
}

fn opened(machine: &Machine) -> Outcome<()> {
    machine.serial.send(&format!("{}\r", browser::recovery_key()?))?;
    machine.page(status_page::read)?;
    machine.note("opened by the recovery key");
    browser::served(machine, &[])
}

fn in_full_record(look: impl FnOnce(&Record)) {
    in_full(|| {
        look(record()?);
        Ok(())
    });
}

#[test]
fn data_disk_in_another_machine_stays_shut_and_asks_for_the_recovery_key_d2_i1() {
    in_full_record(|record| *shown(&record.asked));
}

#[test]
fn wrong_recovery_key_opens_nothing_d2() {
    in_full_record(|record| *shown(&record.wrong_refused));
}

#[test]
fn right_recovery_key_opens_the_data_and_people_find_what_they_wrote_d2() {
    in_full_record(|record| {
        shown(&record.opened);
        shown(&record.again);
    });
}
