//! Data that was put back to an older state (D3): the TPM's counter shows it, the box says so and serves nothing of it, and goes on
//! with it when somebody types the recovery key.

use super::first_boot::installed;
use super::hardship::in_full;
use crate::error::{Fault, Outcome};
use crate::machine::{self, MILESTONE, Machine, Plan};
use crate::shell::{SHORT, Shell};
use crate::{browser, disk, status_page, tpm};

const INFO: &str = "rainbow-edge vault info --data /var/lib/rainbow-edge";
const ADD: &str = "rainbow-edge company add --data /var/lib/rainbow-edge --name";
/// With its sockets, or whoever asks starts it again.
const STOP: &str = "systemctl stop rainbow-edge-status.socket rainbow-edge-metrics.socket rainbow-edge-server-http.socket \
    rainbow-edge-server.socket rainbow-edge-server.service";
const START: &str = "systemctl start rainbow-edge-server.service";
const WRONG: &str = "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA-AAAA-AAAA";

/// What a box told of itself.
pub(super) struct Record {
    /// `vault info` of a box that nobody has told about a TPM.
    pub(super) before: String,
    /// How systemd says that the server is while older data lies there.
    pub(super) server: String,
    /// `vault info` once the older data was accepted.
    pub(super) after: String,
}

/// Puts the data folder of a running box back to what it was a moment ago.
pub(super) fn put_back(machine: &Machine, shell: &mut Shell) -> Outcome<Record> {
    let before = shell.run(INFO)?;
    shell.run(&format!("{STOP}; cp -a /var/lib/rainbow-edge /var/lib/older && {START}"))?;
    shell.run(&format!("{ADD} Later"))?;
    let mark = machine.serial.mark();
    shell.run(&format!("{STOP}; rm -r /var/lib/rainbow-edge && mv /var/lib/older /var/lib/rainbow-edge"))?;
    // It is refused, and tried again and again.
    shell.attempt(START, SHORT)?;
    asked(machine, mark, "older than it should be")?;
    let server = shell.attempt("systemctl is-active rainbow-edge-server.service", SHORT)?.0;
    accepted(machine)?;
    Ok(Record { before, server, after: shell.run(INFO)? })
}

/// Waits for a page that says `words`, with the question below it.
fn asked(machine: &Machine, mark: usize, words: &str) -> Outcome<()> {
    machine.serial.find(mark, MILESTONE, &format!("{words:?} and the question for the recovery key"), |text| {
        let (_, below) = text.split_once(words)?;
        below.trim_end().ends_with("Type the recovery key to go on with this older data:").then_some(())
    })
}

/// Another key is none; the box's own is, and then it serves.
fn accepted(machine: &Machine) -> Outcome<()> {
    let mark = machine.serial.mark();
    machine.serial.send(&format!("{WRONG}\r"))?;
    asked(machine, mark, "1 wrong try")?;
    machine.serial.send(&format!("{}\r", browser::recovery_key()?))?;
    machine.serial.find(machine.serial.mark(), MILESTONE, "the status page of a box that serves", status_page::read)?;
    browser::served(machine, &[])
}

/// The same of a whole disk, at the same TPM.
fn older_disk() -> Outcome<()> {
    let installed = installed()?;
    let chip = tpm::twin("older-disk", &installed.tpm)?;
    let machine =
        machine::boot(&Plan::usual("newer-disk", disk::layer("newer-disk", &installed.disk)?, chip.clone())?)?;
    machine.page(status_page::read)?;
    machine.shell()?.run(&format!("{ADD} Newer"))?;
    machine.switch_off()?;
    let mut machine = machine::boot(&Plan::usual("older-disk", disk::layer("older-disk", &installed.disk)?, chip)?)?;
    asked(&machine, 0, "older than it should be")?;
    machine.note("older data told");
    machine.photograph()?;
    if status_page::read(&machine.serial.text_from(0)).is_some() {
        return Err(Fault::Wrong("a box with older data served".to_owned()));
    }
    accepted(&machine)?;
    let told = machine.shell()?.run(INFO)?;
    if told.contains("an older state: accepted at the box") { Ok(()) } else { Err(Fault::Wrong(told)) }
}

#[test]
fn older_disk_at_the_same_tpm_is_told_and_served_only_for_the_recovery_key_d3() {
    in_full(older_disk);
}
