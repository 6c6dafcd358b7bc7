//! The recovery key as a key of the disk, on a real LUKS volume.

use crate::machine::{KEY, Machine, OTHER_KEY, PASSPHRASE};
use rainbow_edge_storage::StorageError;

#[test]
fn the_recovery_key_opens_the_disk_after_it_was_enrolled_and_is_not_itself_on_it_d2() {
    let machine = Machine::new("enrolled").with_tpm();
    machine.prepare().expect("opens");
    assert!(!machine.opens(KEY));
    machine.enrol(KEY).expect("enrols");
    assert!(machine.opens(KEY) && !machine.opens(OTHER_KEY));
    let header = machine.header();
    assert!(header.contains("rainbow-edge-recovery"), "{header}");
    // Any machine must be able to open it: no gigabyte for Argon2id.
    assert!(!header.contains("argon2id"), "{header}");
}

#[test]
fn a_newer_recovery_key_takes_the_place_of_the_older_one_d2() {
    let machine = Machine::new("newer").with_tpm();
    machine.prepare().expect("opens");
    machine.enrol(KEY).expect("enrols");
    machine.enrol(OTHER_KEY).expect("enrols");
    assert!(machine.opens(OTHER_KEY) && !machine.opens(KEY));
    assert_eq!(machine.header().matches("rainbow-edge-recovery").count(), 1, "{}", machine.header());
    let slots = machine.slots();
    machine.enrol(OTHER_KEY).expect("twice is once");
    assert_eq!(machine.slots(), slots);
}

#[test]
fn what_an_enrolment_that_was_cut_has_left_goes_away_with_the_next_d2() {
    let machine = Machine::new("left").with_tpm();
    machine.prepare().expect("opens");
    machine.add_unnamed_slot();
    let before = machine.slots();
    machine.enrol(KEY).expect("enrols");
    assert_eq!(machine.slots(), before, "one came, one went");
    assert!(machine.opens(KEY) && machine.opens_by_tpm());
}

#[test]
fn without_a_tpm_the_passphrase_of_this_start_adds_the_recovery_key_and_stays_d2() {
    let machine = Machine::new("by-passphrase");
    machine.will_answer(&[PASSPHRASE, PASSPHRASE]);
    machine.prepare().expect("opens");
    machine.enrol(KEY).expect("enrols");
    assert!(machine.opens(KEY) && machine.opens_raw(PASSPHRASE));
    machine.restart();
    machine.will_answer(&[KEY]);
    machine.prepare().expect("either opens");
    assert_eq!(machine.questions().last().map(String::as_str), Some("Type the passphrase or the recovery key:"));
}

#[test]
fn a_box_that_a_recovery_key_opened_takes_newer_ones_while_it_runs_d2() {
    let machine = Machine::new("newer-ones").with_tpm();
    machine.prepare().expect("opens");
    machine.enrol(KEY).expect("enrols");
    machine.restart();
    machine.tpm_refuses("0x0000018b");
    machine.will_answer(&[KEY]);
    machine.prepare().expect("opens");
    for key in [OTHER_KEY, KEY, OTHER_KEY] {
        machine.enrol(key).expect("enrols");
        assert!(machine.opens(key));
    }
}

#[test]
fn what_is_no_recovery_key_is_refused_in_words_and_changes_nothing_d2() {
    let machine = Machine::new("no-key").with_tpm();
    machine.prepare().expect("opens");
    let before = machine.header();
    for line in ["", "{}\n", "{\"recovery_key\":\"too short\"}\n"] {
        let (done, answer) = machine.enrol_line(line.as_bytes());
        assert!(matches!(done, Err(StorageError::NoRecoveryKey)), "{line}");
        let refusal = answer.expect("an answer").expect_err("a refusal");
        assert!(refusal.why.contains("no recovery key"), "{refusal:?}");
    }
    assert_eq!(machine.header(), before);
}
