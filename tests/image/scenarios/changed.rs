//! What an attacker with the disk in hand would change: it does not boot, and says why.

use std::path::PathBuf;
use std::time::Duration;

use crate::error::{Fault, Outcome, shown};
use crate::machine::{self, MILESTONE, Machine, Plan};
use crate::{disk, tpm};

/// How long after a refusal the machine is watched for a kernel that starts nevertheless.
const WATCHED: Duration = Duration::from_secs(60);
const KERNEL: &str = "Linux version";
const SERVING: &str = "Set-up code";

fn booted(name: &'static str, disk: PathBuf) -> Outcome<Machine> {
    machine::boot(&Plan::usual(name, disk, tpm::new(name)?)?)
}

/// Waits for the refusal, then makes sure that `forbidden` does not follow it.
fn refused(mut machine: Machine, said: &[&str], forbidden: &str) -> Outcome<()> {
    machine.serial.any_of(0, MILESTONE, said)?;
    machine.note("refused");
    machine.photograph()?;
    // A machine that gives up may switch itself off: that is a refusal, too.
    let _ = machine.serial.any_of(0, WATCHED, &[forbidden]);
    if machine.serial.text_from(0).contains(forbidden) {
        let last = machine.serial.last();
        return Err(Fault::Forbidden { machine: machine.name.to_owned(), found: forbidden.to_owned(), last });
    }
    Ok(())
}

#[test]
fn changed_block_of_the_root_stops_the_boot_and_is_told_i1() {
    let refused = disk::with_changed_root()
        .and_then(|disk| booted("changed-root", disk))
        .and_then(|machine| refused(machine, &["is corrupted", "dm-verity device corrupted"], SERVING));
    shown(&refused);
}

#[test]
fn kernel_without_a_signature_is_refused_by_the_firmware_and_told_i1() {
    let said = ["Access Denied", "Access denied", "Security Violation", "Security violation", "Error loading"];
    let refused = disk::with_unsigned_kernel()
        .and_then(|disk| booted("unsigned-kernel", disk))
        .and_then(|machine| refused(machine, &said, KERNEL));
    shown(&refused);
}
