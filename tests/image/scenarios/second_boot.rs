//! The second boot of the same disk, with `--full`, in a network of its own with an auditor in it.

use std::sync::OnceLock;

use super::first_boot::{installed, units_in_trouble};
use super::hardship::in_full;
use crate::auditors;
use crate::error::{Fault, Outcome, had, once, shown};
use crate::lan::Lan;
use crate::machine::{self, MILESTONE, Network, Plan};
use crate::shell::Shell;
use crate::{browser, disk, sockets, status_page, tpm};

/// At or above it, `systemd-analyze security` calls a unit worse than it need be.
const EXPOSURE_MAX: f64 = 2.0;

/// What took how long, in the words of the machine itself.
const TIMES: &str = "systemd-analyze time; systemd-analyze critical-chain; systemd-analyze blame | head -n 40";

struct Record {
    unlocked: Outcome<()>,
    failed_units: Outcome<String>,
    again: Outcome<()>,
    tcp: Outcome<Vec<u16>>,
    tcp_by_ipv6: Outcome<Vec<u16>>,
    udp: Outcome<Vec<u16>>,
    sockets: Outcome<Vec<String>>,
    exposures: Outcome<Vec<(String, f64)>>,
    lynis: Outcome<u32>,
}

fn record() -> Outcome<&'static Record> {
    static RECORD: OnceLock<Outcome<Record>> = OnceLock::new();
    once(&RECORD, look)
}

fn look() -> Outcome<Record> {
    let name = "second-boot";
    let installed = installed()?;
    let lan = Lan::new()?;
    let mut plan = Plan::usual(name, disk::layer(name, &installed.disk)?, tpm::twin(name, &installed.tpm)?)?;
    plan.network = Network::Seen(&lan);
    plan.more = Some(auditors::lynis_disk()?);
    let mut machine = machine::boot(&plan)?;
    let page = machine.page(status_page::read);
    let mut shell = machine.shell()?;
    let before = lan.inside();
    let by_tpm = machine.serial.any_of(0, MILESTONE, &["unlocked by the TPM"]);
    let unlocked = by_tpm.and_then(|_| browser::served(&machine, &before));
    let again = page.and_then(|page| browser::play("image_again", &machine, &page, &before));
    let welcome = lan.welcome(&mut shell);
    let listed = shell.run(sockets::COMMAND);
    auditors::keep("systemd-analyze.txt", &shell.run(TIMES)?)?;
    let record = Record {
        unlocked,
        failed_units: units_in_trouble(&mut shell),
        again,
        tcp: scan(&welcome, &lan, "nmap-tcp.txt", &TCP, 0),
        tcp_by_ipv6: scan(&welcome, &lan, "nmap-tcp6.txt", &TCP_BY_IPV6, 1),
        udp: udp(&welcome, &lan),
        sockets: listed.map(|listed| sockets::waiting(&listed)),
        exposures: auditors::exposures(&mut shell),
        lynis: lynis(&mut shell),
    };
    machine.photograph()?;
    machine.switch_off()?;
    Ok(record)
}

const TCP: [&str; 5] = ["-sS", "-p-", "--min-rate=5000", "--max-retries=2", "-T4"];
const TCP_BY_IPV6: [&str; 5] = ["-6", "-sS", "--top-ports=1000", "--max-retries=2", "-T4"];

/// `address`: which of the machine's.
fn scan(welcome: &Outcome<()>, lan: &Lan, report: &str, words: &[&str], address: usize) -> Outcome<Vec<u16>> {
    if let Err(fault) = welcome {
        return Err(Fault::NotReached(fault.to_string()));
    }
    let words: Vec<&str> = words.iter().copied().chain([lan.machine()[address]]).collect();
    auditors::open_ports(lan, report, &words)
}

/// nmap takes a number of ports or a list, not both.
fn udp(welcome: &Outcome<()>, lan: &Lan) -> Outcome<Vec<u16>> {
    let mut found = scan(welcome, lan, "nmap-udp.txt", &["-sU", "--top-ports=200", "--max-retries=1", "-T4"], 0)?;
    found.extend(scan(welcome, lan, "nmap-udp443.txt", &["-sU", "-p443", "--max-retries=3"], 0)?);
    Ok(found)
}

fn lynis(shell: &mut Shell) -> Outcome<u32> {
    let index = auditors::lynis(shell)?;
    println!("  lynis finds the machine hardened by {index} of 100");
    Ok(index)
}

/// Minutes where the processor is emulated; what every change could break of it is looked at in the first boot.
fn in_full_record(look: impl FnOnce(&Record)) {
    in_full(|| {
        look(had(record()));
        Ok(())
    });
}

#[test]
fn second_boot_unlocks_the_data_by_itself_and_serves_d2_i1() {
    in_full_record(|record| {
        shown(&record.unlocked);
        assert_eq!(shown(&record.failed_units), "", "no unit has failed");
    });
}

#[test]
fn people_sign_in_after_the_second_boot_and_find_what_they_wrote_i7_d3() {
    in_full_record(|record| *shown(&record.again));
}

#[test]
fn scan_of_the_running_machine_finds_ports_443_and_80_and_no_other_e1() {
    in_full_record(|record| {
        assert_eq!(*shown(&record.tcp), [80, 443]);
        assert_eq!(*shown(&record.tcp_by_ipv6), [80, 443]);
        // The relay answers nobody who does not speak STUN; a scan may see it or not.
        assert!(shown(&record.udp).iter().all(|port| *port == 443), "{:?}", shown(&record.udp));
    });
}

#[test]
fn nothing_in_the_machine_waits_for_strangers_but_the_two_ports_e1() {
    in_full_record(|record| {
        let found = shown(&record.sockets);
        let doors = ["tcp 443", "tcp 80", "tcp6 443", "tcp6 80", "udp 443", "udp6 443"];
        let expected = |one: &&String| doors.contains(&one.as_str());
        assert_eq!(found.iter().filter(|one| !expected(one)).collect::<Vec<_>>(), [&""; 0]);
        assert!(!found.is_empty(), "the box's own two ports are among those looked at");
    });
}

#[test]
fn each_unit_of_ours_is_graded_below_two_by_systemd_i5() {
    in_full_record(|record| {
        let exposures = shown(&record.exposures);
        assert!(!exposures.is_empty(), "units of ours run");
        let bad: Vec<_> = exposures.iter().filter(|(_, grade)| *grade >= EXPOSURE_MAX).collect();
        assert!(bad.is_empty(), "{bad:?}; the reasons are in target/image/reports/systemd-analyze-security.txt");
    });
}

#[test]
fn lynis_audits_the_running_machine_and_its_report_is_kept_i5() {
    in_full_record(|record| {
        shown(&record.lynis);
    });
}
