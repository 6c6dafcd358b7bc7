//! What an attacker with the disk in hand would change: it does not boot, and says why.

use std::path::PathBuf;
use std::time::Duration;

use crate::error::{Fault, Outcome, shown};
use crate::machine::{self, MILESTONE, Machine, Plan};
use crate::{disk, tpm};

/// How long after a refusal the machine is watched for a kernel that starts nevertheless.
const WATCHED: Duration = Duration::from_secs(30);
const KERNEL: &str = "Linux version";
const SERVING: &str = "Set-up code";

fn booted(name: &'static str, disk: PathBuf) -> Outcome<Machine> {
    machine::boot(&Plan::usual(name, disk, tpm::new(name)?)?)
}

/// Waits for the refusal in one of these words.
fn refused(machine: &mut Machine, said: &[&str]) -> Outcome<()> {
    machine.serial.any_of(0, MILESTONE, said)?;
    machine.note("refused");
    machine.photograph()?;
    Ok(())
}

/// What must not be among all that the machine has said.
fn never_said(machine: &Machine, forbidden: &str) -> Outcome<()> {
    if machine.serial.text_from(0).contains(forbidden) {
        let last = machine.serial.last();
        return Err(Fault::Forbidden { machine: machine.name.to_owned(), found: forbidden.to_owned(), last });
    }
    Ok(())
}

fn changed_root() -> Outcome<()> {
    let mut machine = booted("changed-root", disk::with_changed_root()?)?;
    refused(&mut machine, &["is corrupted", "dm-verity device corrupted"])?;
    // It starts anew by itself, so that the boot loader comes to the other version in the end.
    machine.ended(MILESTONE)?;
    machine.note("started anew");
    never_said(&machine, SERVING)
}

fn unsigned_kernel() -> Outcome<()> {
    let said = ["Access Denied", "Access denied", "Security Violation", "Security violation", "Error loading"];
    let mut machine = booted("unsigned-kernel", disk::with_unsigned_kernel()?)?;
    refused(&mut machine, &said)?;
    let _ = machine.serial.any_of(0, WATCHED, &[KERNEL]);
    never_said(&machine, KERNEL)
}

#[test]
fn changed_block_of_the_root_stops_the_boot_and_is_told_i1() {
    shown(&changed_root());
}

#[test]
fn kernel_without_a_signature_is_refused_by_the_firmware_and_told_i1() {
    shown(&unsigned_kernel());
}
