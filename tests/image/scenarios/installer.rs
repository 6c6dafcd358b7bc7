//! A mini PC and a stick, with `--full`: firmware in setup mode learns our keys, a person says ERASE, and the machine starts from
//! its own disk.

use std::path::{Path, PathBuf};

use super::first_boot::{SECURE_BOOT, units_in_trouble};
use super::hardship::in_full;
use crate::error::{Fault, Outcome};
use crate::machine::{self, Kind, MILESTONE, Machine, Plan};
use crate::{browser, disk, firmware, status_page, tpm};

const ERASE: &str = "Type ERASE";

fn plan(name: &'static str, disk: &Path, variables: &Path, stick: Option<PathBuf>) -> Outcome<Plan<'static>> {
    let mut plan = Plan::usual(name, disk.to_path_buf(), tpm::new(name)?)?;
    variables.clone_into(&mut plan.variables);
    plan.kind = Kind::Pc { stick };
    Ok(plan)
}

/// The firmware has no keys: systemd-boot counts down, enrols ours, and starts the machine anew.
fn enrols_keys(stick: &Path, disk: &Path, variables: &Path) -> Outcome<()> {
    let mut machine = machine::boot(&plan("pc-keys", disk, variables, Some(stick.to_path_buf()))?)?;
    machine.ended(MILESTONE)?;
    machine.note("keys enrolled, started anew");
    Ok(())
}

fn installs(stick: &Path, disk: &Path, variables: &Path) -> Outcome<()> {
    let mut machine = machine::boot(&plan("pc-install", disk, variables, Some(stick.to_path_buf()))?)?;
    asked_for_erase(&machine, 0)?;
    machine.note("asks before it erases");
    machine.photograph()?;
    let mark = machine.serial.mark();
    machine.serial.send("yes\r")?;
    asked_for_erase(&machine, mark)?;
    let mark = machine.serial.mark();
    machine.serial.send("ERASE\r")?;
    let said = machine.serial.any_of(mark, MILESTONE, &["Installed.", "Not installed"])?;
    if said != "Installed." {
        return Err(Fault::Wrong(machine.serial.last()));
    }
    machine.note("installed");
    machine.ended(MILESTONE)
}

fn asked_for_erase(machine: &Machine, mark: usize) -> Outcome<()> {
    machine.serial.any_of(mark, MILESTONE, &[ERASE]).map(drop)
}

fn starts_from_its_own_disk(disk: &Path, variables: &Path) -> Outcome<()> {
    disk::open_door(disk)?;
    let mut machine = machine::boot(&plan("pc-first-boot", disk, variables, None)?)?;
    machine.page(status_page::read_with_code)?;
    browser::served(&machine, &[])?;
    machine.photograph()?;
    let mut shell = machine.shell()?;
    let (secure_boot, failed) = (shell.run(SECURE_BOOT)?, units_in_trouble(&mut shell)?);
    if secure_boot.trim() != "1" || !failed.is_empty() {
        return Err(Fault::Wrong(format!("Secure Boot {secure_boot}, failed units: {failed}")));
    }
    machine.switch_off()
}

fn from_stick_to_box() -> Outcome<()> {
    let stick = disk::stick()?;
    let (disk, variables) = (disk::empty("pc-disk")?, firmware::in_setup_mode("pc")?);
    enrols_keys(&stick, &disk, &variables)?;
    installs(&stick, &disk, &variables)?;
    starts_from_its_own_disk(&disk, &variables)
}

#[test]
fn stick_enrols_our_keys_installs_after_a_word_and_the_pc_serves_from_its_own_disk_i1() {
    in_full(from_stick_to_box);
}
