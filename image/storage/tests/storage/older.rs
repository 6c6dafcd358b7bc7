//! The question about data that is older than it should be (D3).

use crate::machine::{KEY, Machine, OTHER_KEY};
use storage_contract::{Lock, Phase};
use vault::{Keyring, RecoveryKey, RootSource};

fn with_box(machine: &Machine) {
    machine.root_key().expect("makes a root key");
    let folder = machine.box_folder();
    let root = RootSource::from_key_bytes(&machine.unsealed()).expect("32 bytes");
    let vault = Keyring::create(&folder, &root).expect("creates");
    vault.set_recovery_key(&folder, &RecoveryKey::parse(KEY).expect("a key")).expect("seals");
}

#[test]
fn older_data_is_told_in_the_servers_words_and_only_the_boxs_recovery_key_is_an_answer_d3() {
    let machine = Machine::new("older").with_tpm();
    machine.prepare().expect("opens");
    machine.mount();
    with_box(&machine);
    let before = machine.state();
    assert_eq!((before.phase, before.opened_by), (Phase::Open, Some(Lock::Tpm)));
    machine.server_refuses(
        "the TPM's counter stands at 9, and what is here was noted when it stood at 7. Nothing of it is served.\n",
    );
    machine.will_answer(&["ERASE", OTHER_KEY, KEY]);
    machine.older().expect("the right key");
    assert_eq!(machine.questions(), ["Type the recovery key to go on with this older data:"; 3]);
    let asking = machine.states_at_questions();
    let first = &asking[0];
    assert_eq!(first.phase, Phase::Asking);
    let told = "The data of this box is older than it should be: the TPM's counter stands at 9, and what is here was noted when it \
        stood at 7.";
    assert_eq!(first.problems[0].what, told);
    assert!(first.problems[0].what_to_do.contains("type the recovery key"));
    assert_eq!(first.problems.len(), 1);
    assert!(asking[2].problems[1].what.contains("not the recovery key (2 wrong tries)"), "{:?}", asking[2].problems);
    assert_eq!(machine.state(), before, "what was told before is told again");
}

#[test]
fn who_has_no_recovery_key_goes_on_with_nothing_d3() {
    let machine = Machine::new("older-none").with_tpm();
    machine.root_key().expect("makes a root key");
    let root = RootSource::from_key_bytes(&machine.unsealed()).expect("32 bytes");
    Keyring::create(&machine.box_folder(), &root).expect("creates");
    machine.server_refuses("older");
    machine.will_answer(&[KEY]);
    machine.older().expect_err("there is none");
}
