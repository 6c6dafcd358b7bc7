//! From a disk to data that can be mounted.

use crate::machine::{KEY, Machine, OTHER_KEY, PASSPHRASE};
use storage_contract::{Lock, Phase};

#[test]
fn a_first_start_with_a_tpm_asks_nobody_and_marks_the_filesystem_before_it_is_mounted_d2_i1() {
    let machine = Machine::new("first").with_tpm();
    machine.prepare().expect("opens");
    let state = machine.state();
    assert_eq!((state.phase, state.opened_by), (Phase::Open, Some(Lock::Tpm)));
    assert_eq!(state.slot.as_deref(), Some("A (rainbow-edge_1.0.0)"));
    let calls = machine.calls();
    assert!(calls.contains("systemd-repart --dry-run=no --empty=refuse --no-pager --definitions="), "{calls}");
    assert!(calls.contains("--tpm2-device=auto --tpm2-pcrs=7 --tpm2-public-key="), "{calls}");
    assert!(calls.contains("--tpm2-public-key-pcrs=11"), "{calls}");
    assert!(!calls.contains("systemd-ask-password") && !calls.contains("--factory-reset"), "{calls}");
    assert!(machine.header().contains("rainbow-edge-finished"));
    assert!(calls.trim_end().lines().next_back().is_some_and(|last| last.starts_with("e2fsck -p")), "{calls}");
}

#[test]
fn a_later_start_makes_nothing_and_opens_by_the_tpm_d2() {
    let machine = Machine::new("later").with_tpm();
    machine.prepare().expect("opens");
    machine.restart();
    machine.prepare().expect("opens");
    let calls = machine.calls();
    assert!(calls.contains("systemd-cryptsetup attach data") && calls.contains("tpm2-device=auto"), "{calls}");
    assert!(!calls.contains("--factory-reset"), "{calls}");
}

#[test]
fn a_first_start_that_was_cut_is_begun_again_because_it_held_nothing_d2() {
    let machine = Machine::new("cut").with_tpm();
    machine.make_unfinished();
    machine.prepare().expect("opens");
    assert!(machine.calls().contains("--factory-reset=yes"), "{}", machine.calls());
    assert!(machine.state().problems[0].what.contains("was made again"), "{:?}", machine.state());
}

#[test]
fn a_damaged_header_is_told_and_nothing_is_made_in_its_place_d2() {
    let machine = Machine::new("damaged").with_tpm();
    machine.prepare().expect("opens");
    machine.restart();
    machine.damage_header();
    let error = machine.prepare().expect_err("no header");
    assert!(error.to_string().starts_with("the encryption header of the data partition"), "{error}");
    let state = machine.state();
    assert_eq!(state.phase, Phase::Failed);
    assert!(state.problems[0].what_to_do.contains("Nothing was changed"), "{state:?}");
    let calls = machine.calls();
    assert!(!calls.contains("--factory-reset") && !calls.contains("e2fsck"), "{calls}");
}

#[test]
fn a_tpm_that_refuses_leads_to_the_recovery_key_and_a_wrong_one_is_refused_d2() {
    let machine = Machine::new("refused").with_tpm();
    machine.prepare().expect("opens");
    machine.enrol(KEY).expect("enrols");
    machine.restart();
    machine.tpm_refuses("Esys_Load() Esys Finish ErrorCode (0x0000018b)");
    machine.will_answer(&[OTHER_KEY, "nonsense", KEY]);
    machine.prepare().expect("opens in the end");
    assert_eq!(machine.state().opened_by, Some(Lock::RecoveryKey));
    let (questions, states) = (machine.questions(), machine.states_at_questions());
    assert_eq!(questions, ["Type the recovery key:"; 3]);
    assert!(states[0].problems[0].what.contains("locked by another machine"), "{:?}", states[0]);
    assert_eq!(states[1].problems[1].what, "What was typed is not the recovery key (1 wrong try).");
    assert_eq!(states[2].problems[1].what, "What was typed is not the recovery key (2 wrong tries).");
    let calls = machine.calls();
    assert!(calls.contains("systemd-cryptenroll --wipe-slot=tpm2 --tpm2-device=auto --tpm2-pcrs=7"), "{calls}");
    assert!(calls.contains("--unlock-key-file="), "{calls}");
}

#[test]
fn preparing_again_what_is_open_asks_nobody_and_tells_the_same_d2() {
    let machine = Machine::new("again").with_tpm();
    machine.prepare().expect("opens");
    machine.enrol(KEY).expect("enrols");
    machine.restart();
    machine.tpm_refuses("0x000001df");
    machine.will_answer(&[KEY]);
    machine.prepare().expect("opens");
    machine.mount();
    machine.prepare().expect("is open");
    assert_eq!(machine.state().opened_by, Some(Lock::RecoveryKey));
    assert_eq!(machine.questions().len(), 1);
}

#[test]
fn without_a_tpm_a_passphrase_is_chosen_twice_and_asked_for_at_each_start_d2() {
    let machine = Machine::new("passphrase");
    machine.will_answer(&["short", "short", PASSPHRASE, "different one", PASSPHRASE, PASSPHRASE]);
    machine.prepare().expect("opens");
    assert_eq!(machine.state().opened_by, Some(Lock::Passphrase));
    let states = machine.states_at_questions();
    assert!(states[0].problems[0].what.starts_with("This machine has no TPM"), "{:?}", states[0]);
    assert!(states[2].problems[1].what.contains("at least 12 characters"), "{:?}", states[2]);
    assert!(states[4].problems[1].what.contains("were not the same"), "{:?}", states[4]);
    assert!(machine.header().contains("rainbow-edge-passphrase"));
    machine.restart();
    machine.will_answer(&["wrong", PASSPHRASE]);
    machine.prepare().expect("opens");
    assert_eq!(machine.questions().last().map(String::as_str), Some("Type the passphrase:"));
    assert!(!machine.calls().contains("--factory-reset"));
}

#[test]
fn a_box_that_nobody_set_up_and_no_tpm_opens_is_made_anew_only_when_a_person_says_so_d2() {
    let machine = Machine::new("erase").with_tpm();
    machine.prepare().expect("opens");
    machine.restart();
    machine.tpm_refuses_once("Failed to unseal secret using TPM2: Operation not permitted");
    machine.will_answer(&["", "erase", "ERASE"]);
    machine.prepare().expect("is made anew");
    assert_eq!(machine.questions(), ["Type ERASE to begin again:"; 3]);
    assert!(machine.calls().contains("--factory-reset=yes"));
}

#[test]
fn a_box_that_was_set_up_is_never_offered_to_be_erased_d2() {
    let machine = Machine::new("never-erase").with_tpm();
    machine.prepare().expect("opens");
    machine.enrol(KEY).expect("enrols");
    machine.restart();
    machine.tpm_refuses("Failed to unseal secret using TPM2: Operation not permitted");
    machine.will_answer(&["ERASE", KEY]);
    machine.prepare().expect("opens");
    assert_eq!(machine.questions(), ["Type the recovery key:"; 2]);
    assert!(!machine.calls().contains("--factory-reset"));
}

#[test]
fn a_filesystem_that_is_damaged_or_foreign_is_told_and_never_formatted_d2() {
    for (code, expected) in [("8", "holds something that is not our filesystem"), ("4", "could not be repaired")] {
        let machine = Machine::new(&format!("fsck-{code}")).with_tpm();
        machine.prepare().expect("opens");
        machine.restart();
        machine.e2fsck_ends_with(code);
        let error = machine.prepare().expect_err("no filesystem");
        assert!(error.to_string().contains(expected), "{error}");
        assert!(!machine.calls().contains("--factory-reset"));
        assert_eq!(machine.state().phase, Phase::Failed);
    }
}

#[test]
fn a_disk_without_room_is_told_in_words_i1() {
    let machine = Machine::new("small").with_tpm();
    machine.repart_says("Can't fit requested partitions into available free space (198.9M), refusing.");
    let error = machine.prepare().expect_err("no room");
    assert!(error.to_string().contains("has no room for the data partition"), "{error}");
    assert!(machine.state().problems[0].what_to_do.contains("at least 4 GB"));
}
