//! Boots in hardship, with `--full`: the box comes up as far as it can, and its status page says what is wrong.

use super::another_machine::question;
use super::first_boot::installed;
use crate::error::{Outcome, shown};
use crate::machine::{self, MILESTONE, Machine, Network, Plan};
use crate::place::is_full;
use crate::{browser, disk, status_page, tpm};

/// The installed box with the same chip; what this scenario does to it is lost afterwards.
fn plan(name: &'static str) -> Outcome<Plan<'static>> {
    let installed = installed()?;
    Plan::usual(name, disk::layer(name, &installed.disk)?, tpm::twin(name, &installed.tpm)?)
}

fn booted(name: &'static str, change: impl FnOnce(&mut Plan<'static>)) -> Outcome<Machine> {
    let mut plan = plan(name)?;
    change(&mut plan);
    machine::boot(&plan)
}

/// Waits until a line of the status page says one of `words`, however it is spelled.
fn says(machine: &mut Machine, words: &[&str]) -> Outcome<()> {
    let wanted = format!("one of {words:?}");
    machine.serial.find(0, MILESTONE, &wanted, |text| {
        let text = text.to_lowercase();
        words.iter().any(|word| text.contains(word)).then_some(())
    })?;
    machine.note("what is wrong is told");
    machine.photograph()?;
    Ok(())
}

fn serves(machine: &Machine) -> Outcome<()> {
    machine.page(status_page::read)?;
    browser::served(machine, &[])
}

/// Runs a scenario where there is time for it.
pub(super) fn in_full(scenario: impl FnOnce() -> Outcome<()>) {
    if is_full() {
        shown(&scenario());
    } else {
        println!("not run: `cargo xtask test image --full` does");
    }
}

#[test]
fn box_whose_tpm_is_gone_asks_for_the_recovery_key_and_serves_with_it_d2() {
    in_full(|| {
        let mut machine = booted("tpm-gone", |plan| plan.tpm = None)?;
        question(&machine, 0)?;
        machine.serial.send(&format!("{}\r", browser::recovery_key()?))?;
        serves(&machine)?;
        says(&mut machine, &["no tpm 2.0"])
    });
}

#[test]
fn new_box_without_a_tpm_says_so_on_its_screen_d2() {
    in_full(|| {
        let name = "never-a-tpm";
        let mut plan = Plan::usual(name, disk::layer(name, disk::base()?)?, Default::default())?;
        plan.tpm = None;
        let mut machine = machine::boot(&plan)?;
        says(&mut machine, &["has no tpm 2.0"])
    });
}

#[test]
fn clock_that_stands_at_1970_is_told_and_the_page_is_served_i1() {
    in_full(|| {
        let mut machine = booted("clock-of-1970", |plan| plan.clock = Some("1970-01-01T00:00:00"))?;
        serves(&machine)?;
        says(&mut machine, &["the clock is wrong", "the clock is not synchronised"])
    });
}

#[test]
fn network_without_dhcp_is_told_i1() {
    in_full(|| {
        let mut machine = booted("no-dhcp", |plan| plan.network = Network::Silent)?;
        says(&mut machine, &["no dhcp server answers"])
    });
}

#[test]
fn cable_that_is_not_plugged_in_is_told_i1() {
    in_full(|| {
        let mut machine = booted("no-cable", |plan| plan.network = Network::Unplugged)?;
        says(&mut machine, &["no cable is plugged in"])
    });
}

#[test]
fn box_without_internet_and_names_serves_all_that_is_its_own_h2() {
    in_full(|| {
        let mut machine = booted("no-internet", |plan| plan.network = Network::Inside)?;
        serves(&machine)?;
        says(&mut machine, &["no time server"])?;
        let page = machine.page(status_page::read)?;
        browser::play("image_again", &machine, &page, &[])
    });
}

#[test]
fn full_data_partition_is_told_and_the_box_comes_up_d3_i1() {
    in_full(|| {
        let name = "data-full";
        let mut plan = plan(name)?;
        let machine = machine::boot(&plan)?;
        serves(&machine)?;
        let mut shell = machine.shell()?;
        // The last blocks are root's own: nothing is left for anybody.
        shell.attempt("cat /dev/zero > /var/lib/filler; df -k /var/lib; sync", MILESTONE)?;
        machine.switch_off()?;
        plan.variables = crate::firmware::variables(name)?;
        let mut machine = machine::boot(&plan)?;
        says(&mut machine, &["the data partition is full"])
    });
}
