//! The sealed root key of the vault, with a fake `systemd-creds` whose seal another machine cannot open.

use crate::machine::{KEY, Machine, OTHER_KEY};
use storage_contract::Phase;
use vault::{Keyring, RecoveryKey, RootSource, VaultError};

/// What the server would be handed.
fn credential(machine: &Machine) -> RootSource {
    RootSource::from_key_bytes(&machine.unsealed()).expect("32 bytes")
}

fn key(text: &str) -> RecoveryKey {
    RecoveryKey::parse(text).expect("a recovery key")
}

/// A box whose root key is the credential and whose recovery key is `KEY`.
fn with_box(machine: &Machine) {
    machine.root_key().expect("makes one");
    let folder = machine.box_folder();
    let vault = Keyring::create(&folder, &credential(machine)).expect("creates");
    vault.set_recovery_key(&folder, &key(KEY)).expect("seals");
}

#[test]
fn a_first_start_makes_a_root_key_and_a_later_one_keeps_it_d2() {
    let machine = Machine::new("make").with_tpm();
    machine.root_key().expect("makes one");
    let first = machine.unsealed();
    assert_eq!(first.len(), 32);
    machine.root_key().expect("keeps it");
    assert_eq!(machine.unsealed(), first);
    let calls = machine.calls();
    assert!(calls.contains("systemd-creds encrypt --name=root-key --with-key=tpm2-with-public-key"), "{calls}");
    assert!(calls.contains("--tpm2-pcrs=7 --tpm2-public-key="), "{calls}");
}

#[test]
fn without_a_tpm_the_hosts_key_on_the_encrypted_partition_seals_it_d2() {
    let machine = Machine::new("host");
    machine.root_key().expect("makes one");
    assert!(machine.calls().contains("systemd-creds encrypt --name=root-key --with-key=host"), "{}", machine.calls());
}

#[test]
fn a_root_key_that_the_host_key_has_sealed_is_sealed_to_a_tpm_that_is_there_later_d2() {
    let machine = Machine::new("returned");
    machine.root_key().expect("makes one");
    let before = machine.unsealed();
    let machine = machine.with_tpm();
    machine.root_key().expect("seals it anew");
    let calls = machine.calls();
    assert!(calls.contains("systemd-creds encrypt --name=root-key --with-key=tpm2-with-public-key"), "{calls}");
    assert_eq!(machine.unsealed(), before);
    machine.root_key().expect("keeps it");
    assert_eq!(machine.calls().matches("--with-key=tpm2-with-public-key").count(), 1, "once");
}

#[test]
fn the_recovery_key_that_opened_the_disk_recovers_the_root_key_without_a_second_question_d2() {
    let machine = Machine::new("recover").with_tpm();
    with_box(&machine);
    let before = machine.unsealed();
    machine.other_tpm();
    machine.hold_typed_recovery_key(KEY);
    machine.root_key().expect("recovers");
    assert_eq!(machine.unsealed(), before);
    assert_eq!(machine.questions(), [""; 0]);
    assert!(!machine.holds_typed_recovery_key(), "it is kept no longer than it is needed");
    Keyring::open(&machine.box_folder(), &credential(&machine)).expect("the box opens");
}

#[test]
fn a_root_key_that_cannot_be_opened_is_recovered_by_a_typed_key_and_a_wrong_one_is_refused_d2() {
    let machine = Machine::new("ask").with_tpm();
    with_box(&machine);
    machine.other_tpm();
    machine.will_answer(&["nonsense", OTHER_KEY, KEY]);
    machine.root_key().expect("recovers");
    assert_eq!(machine.questions(), ["Type the recovery key:"; 3]);
    assert_eq!(machine.state().phase, Phase::Open);
    Keyring::open(&machine.box_folder(), &credential(&machine)).expect("the box opens");
}

#[test]
fn a_box_never_gets_another_root_key_than_its_own_d2() {
    let machine = Machine::new("own").with_tpm();
    with_box(&machine);
    machine.lose_credential();
    machine.will_answer(&[KEY]);
    machine.root_key().expect("recovers");
    assert!(machine.states_at_questions()[0].problems[0].what.contains("sealed root key of the box is missing"));
    Keyring::open(&machine.box_folder(), &credential(&machine)).expect("the box opens");
}

#[test]
fn a_box_without_a_recovery_key_says_so_and_no_key_is_made_d2() {
    let machine = Machine::new("none").with_tpm();
    machine.root_key().expect("makes one");
    Keyring::create(&machine.box_folder(), &credential(&machine)).expect("creates");
    machine.lose_credential();
    machine.will_answer(&[KEY]);
    let error = machine.root_key().expect_err("nothing recovers it");
    let rainbow_edge_storage::StorageError::Vault(error) = error else { panic!("{error}") };
    assert!(matches!(error, VaultError::NoRecoveryKey { .. }));
    assert_eq!(machine.state().phase, Phase::Failed);
}
