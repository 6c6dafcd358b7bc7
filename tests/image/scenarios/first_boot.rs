//! The first boot: from the shipped image to a box that two people have written on, without a keyboard.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Instant;

use serde_json::Value;

use super::{older, relay};
use crate::error::{Fault, Outcome, had, once, shown};
use crate::machine::{self, Machine, Plan};
use crate::place::{keeps, place};
use crate::shell::{SHORT, Shell};
use crate::status_page::StatusPage;
use crate::{browser, disk, status_page, tpm};

pub(super) const SECURE_BOOT: &str =
    "od -An -tu1 -j4 -N1 /sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";

/// What later boots go on from.
pub(super) struct Installed {
    pub(super) disk: PathBuf,
    pub(super) tpm: PathBuf,
}

/// What the first boot showed.
struct Record {
    page: Outcome<StatusPage>,
    screen: Outcome<String>,
    served: Outcome<()>,
    redirection: Outcome<String>,
    verity: Outcome<String>,
    secure_boot: Outcome<String>,
    luks: Outcome<Value>,
    data_source: Outcome<String>,
    no_login: Outcome<String>,
    first_run: Outcome<()>,
    relay: Outcome<relay::Record>,
    older: Outcome<older::Record>,
    failed_units: Outcome<String>,
    switched_off: Outcome<()>,
}

/// The disk and the TPM of a box that is set up, both at rest.
pub(super) fn installed() -> Outcome<&'static Installed> {
    static INSTALLED: OnceLock<Outcome<Installed>> = OnceLock::new();
    once(&INSTALLED, || {
        let found = machine_of_an_earlier_run()?;
        if keeps() && found.disk.exists() && browser::kept()?.exists() {
            return Ok(found);
        }
        let record = record()?;
        match (&record.first_run, &record.switched_off) {
            (Ok(()), Ok(())) => Ok(found),
            (Err(fault), _) | (_, Err(fault)) => {
                // What a broken first boot leaves would only mislead.
                let _ = std::fs::remove_file(&found.disk);
                let _ = std::fs::remove_dir_all(&found.tpm);
                Err(Fault::NotReached(fault.to_string()))
            }
        }
    })
}

fn machine_of_an_earlier_run() -> Outcome<Installed> {
    let state = &place()?.state;
    Ok(Installed { disk: state.join("first-boot.qcow2"), tpm: state.join("first-boot.tpm") })
}

fn record() -> Outcome<&'static Record> {
    static RECORD: OnceLock<Outcome<Record>> = OnceLock::new();
    once(&RECORD, look)
}

fn look() -> Outcome<Record> {
    let name = "first-boot";
    let plan = Plan::usual(name, disk::layer(name, disk::base()?)?, tpm::new(name)?)?;
    let mut machine = machine::boot(&plan)?;
    let page = machine.page_with_code();
    let mut shell = machine.shell()?;
    let screen = screen(&mut machine, &mut shell);
    // Without a status page there is no box that could serve.
    let reached = page.as_ref().map_err(|fault| Fault::NotReached(fault.to_string()));
    let served = reached.and_then(|_| browser::served(&machine, &[]));
    let redirection = browser::redirection(&machine);
    let luks = luks(&mut shell);
    let first_run = match &page {
        Ok(page) => browser::play("first_run_of_image", &machine, page, &[]),
        Err(fault) => Err(Fault::NotReached(fault.to_string())),
    };
    machine.note("first run done");
    let reached = first_run.as_ref().map_err(|fault| Fault::NotReached(fault.to_string()));
    let relay = reached.and_then(|()| relay::beside(&mut shell));
    machine.note("only a relay, beside the box");
    let older = match &first_run {
        Ok(()) => older::put_back(&machine, &mut shell),
        Err(fault) => Err(Fault::NotReached(fault.to_string())),
    };
    machine.note("older data put back, told and accepted");
    Ok(Record {
        page,
        screen,
        served,
        redirection,
        verity: shell.run("veritysetup status root"),
        secure_boot: shell.run(SECURE_BOOT),
        luks,
        data_source: shell.run("findmnt -n -o SOURCE,FSTYPE -T /var/lib/rainbow-edge"),
        no_login: shell.run("cut -d: -f1,2 /etc/shadow; systemctl list-units --plain --no-legend '*getty*' 'ssh*'"),
        first_run,
        relay,
        older,
        failed_units: units_in_trouble(&mut shell),
        switched_off: machine.switch_off(),
    })
}

/// What stands on the screen, in the kernel's own memory of it; a photograph is kept. Each terminal has a service of its
/// own, which looks every ten seconds: the screen may come later to what the serial port shows.
fn screen(machine: &mut Machine, shell: &mut Shell) -> Outcome<String> {
    // The memory of a screen has no line ends: the width of this one is asked for.
    let command = "sleep 1; fold -w $(stty -F /dev/tty1 size | cut -d' ' -f2) < /dev/vcs1";
    let until = Instant::now() + SHORT;
    loop {
        let screen = shell.run(command)?;
        if status_page::read_with_code(&screen).is_some() || Instant::now() > until {
            machine.photograph()?;
            return Ok(screen);
        }
    }
}

/// The header of the data partition: LUKS2's JSON lies 4 KiB from its start.
fn luks(shell: &mut Shell) -> Outcome<Value> {
    let command = "head -c 16384 /dev/disk/by-partlabel/data | tail -c +4097 | tr -d '\\000'";
    let text = shell.run(command)?;
    serde_json::from_str(&text)
        .map_err(|error| Fault::Wrong(format!("the data partition is no LUKS2: {error}: {text}")))
}

/// Failed units, and how each unit of ours is; the journal of those goes into the logs.
pub(super) fn units_in_trouble(shell: &mut Shell) -> Outcome<String> {
    let failed = shell.run("systemctl list-units --failed --plain --no-legend")?;
    let journal = shell.attempt("journalctl -b --no-pager -o short-monotonic | tail -n 400", SHORT)?.0;
    crate::auditors::keep("journal-of-the-last-boot.txt", &journal)?;
    Ok(failed)
}

#[test]
fn first_boot_ends_at_a_served_page_without_a_keyboard_i1_i7() {
    shown(&had(record()).served);
}

#[test]
fn port_80_of_the_machine_only_redirects_e1() {
    let said = shown(&had(record()).redirection);
    assert!(said.starts_with("30") && said.contains(" https://"), "port 80 answers {said}");
}

#[test]
fn serial_port_and_screen_of_a_new_box_show_address_ca_and_set_up_code_i8() {
    let record = had(record());
    let page = shown(&record.page);
    let screen = shown(&record.screen);
    assert!(page.code.is_some());
    let seen = status_page::read_with_code(screen);
    let same = seen.as_ref().map(|seen| (&seen.address, &seen.fingerprint));
    assert_eq!(
        same,
        Some((&page.address, &page.fingerprint)),
        "the screen shows what the serial port shows:\n{screen}"
    );
}

#[test]
fn running_root_is_verified_and_the_firmware_checks_signatures_i1() {
    let record = had(record());
    let verity = shown(&record.verity);
    for word in ["VERITY", "verified", "readonly"] {
        assert!(verity.contains(word), "`{word}` is missing in: {verity}");
    }
    assert_eq!(shown(&record.secure_boot), "1", "Secure Boot is on");
}

#[test]
fn data_partition_is_made_at_first_boot_and_sealed_to_the_tpm_d2_i1() {
    let record = had(record());
    let luks = shown(&record.luks);
    let tokens = luks["tokens"].as_object().map(|all| all.values().cloned().collect::<Vec<_>>()).unwrap_or_default();
    let sealed = tokens.iter().find(|token| token["type"] == "systemd-tpm2");
    let sealed = sealed.unwrap_or_else(|| panic!("no token of a TPM in {luks}"));
    assert_eq!(sealed["tpm2-pcrs"], serde_json::json!([7]), "sealed to the Secure Boot state: {sealed}");
    assert_eq!(sealed["tpm2_pubkey_pcrs"], serde_json::json!([11]), "and to kernels that we signed: {sealed}");
    let source = shown(&record.data_source);
    assert!(source.starts_with("/dev/mapper/data") && source.contains("ext4"), "the server's data is on {source}");
}

#[test]
fn nobody_has_a_password_and_no_login_waits_i5() {
    let text = shown(&had(record()).no_login);
    let (accounts, units): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| line.contains(':'));
    let open: Vec<_> = accounts.iter().filter(|line| !line.contains(":!") && !line.contains(":*")).collect();
    assert!(open.is_empty(), "these accounts have a password, or need none: {open:?}");
    let waiting: Vec<_> = units.iter().filter(|line| line.contains(".service") && line.contains(" active ")).collect();
    assert!(waiting.is_empty(), "somebody can log in at {waiting:?}");
}

#[test]
fn first_run_is_done_in_a_browser_and_a_message_reaches_the_official_sdk_i7_i8() {
    shown(&had(record()).first_run);
}

#[test]
fn printed_unit_of_a_machine_that_is_only_a_relay_runs_and_brings_its_node_back_j10() {
    let relay::Record { sockets, after } = shown(&had(record()).relay);
    // Two of UDP and two of TCP, for either family: 443 in the kernel's hexadecimal.
    let families: Vec<_> = sockets.lines().filter(|line| line.contains(":01BB ")).collect();
    assert!(families.len() >= 4, "it listens for calls by UDP and by TCP: {sockets}");
    assert!(after.contains("ActiveState=active") && after.contains("NRestarts=0"), "{after}");
}

#[test]
fn box_counts_with_its_tpm_from_the_setup_on_and_says_so_d3() {
    let before = &shown(&had(record()).older).before;
    let counted = before.split_once("counter in the TPM: ").and_then(|(_, rest)| rest.split_whitespace().next());
    assert!(counted.and_then(|word| word.parse::<u64>().ok()).is_some_and(|value| value > 0), "{before}");
    assert!(before.contains("the whole folder that is put back to before the note is not served"), "{before}");
}

#[test]
fn data_put_back_is_told_on_the_screen_and_served_only_for_the_recovery_key_d3() {
    let older::Record { before, server, after } = shown(&had(record()).older);
    assert_ne!(server, "active", "nothing of it is served");
    assert!(after.contains("an older state: accepted at the box by who has the recovery key"), "{after}");
    let databases = |told: &str| told.lines().find(|line| line.starts_with("box ")).map(str::to_owned);
    assert_eq!(databases(after), databases(before), "it is the older data: the company of later is not in it");
    assert!(before.contains("box       running, "), "{before}");
}

#[test]
fn no_unit_of_the_first_boot_has_failed_i1() {
    let failed = shown(&had(record()).failed_units);
    assert_eq!(failed, "");
}

#[test]
fn power_button_switches_the_box_off_cleanly_i1() {
    shown(&had(record()).switched_off);
}
