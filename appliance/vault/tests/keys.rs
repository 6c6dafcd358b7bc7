//! The key tree: what opens under which key, and what does not.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use vault::{FileKey, KEYRING_FILE, Keyring, RecoveryKey, RootKey, RootSource, VaultError};
use zeroize::Zeroizing;

mod support;
use support::Folder;

fn raw(byte: u8) -> RootSource {
    RootSource::Raw(support::secret(byte))
}

fn passphrase(text: &str) -> RootSource {
    RootSource::Passphrase(Zeroizing::new(text.to_owned()))
}

fn recovery_key(byte: u8) -> RecoveryKey {
    RecoveryKey::new(Zeroizing::new([byte; 20]))
}

#[test]
fn a_keyring_gives_the_same_keys_each_time_it_is_opened_d2() {
    let folder = Folder::new("keyring");
    let made = Keyring::create(folder.path(), &raw(1)).expect("creates");
    let opened = Keyring::open(folder.path(), &raw(1)).expect("opens");
    assert_eq!(made.box_id(), opened.box_id());
    let (a, b) = (made.directory_key(), opened.directory_key());
    assert_eq!(a.database_key().id(), b.database_key().id());
    assert!(a.derive("token mac").same_as(&b.derive("token mac")));
    assert!(!a.derive("token mac").same_as(&a.derive("log-in lookup")), "two purposes share a key");
    let path = folder.file("directory.db");
    support::create(&path, &a.database_key());
    assert_eq!(support::open_and_read(&path, &b.database_key()).expect("opens"), Vec::<i64>::new());
}

#[test]
fn the_keyring_is_whole_for_its_owner_only_and_never_replaced_d2() {
    let folder = Folder::new("keyring-file");
    Keyring::create(folder.path(), &raw(1)).expect("creates");
    let path = folder.file(KEYRING_FILE);
    let before = fs::read(&path).expect("reads");
    assert_eq!(fs::metadata(&path).expect("a file").permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1, "something lies beside it");
    assert!(matches!(Keyring::create(folder.path(), &raw(2)), Err(VaultError::AlreadyExists { .. })));
    assert_eq!(fs::read(&path).expect("reads"), before);
    assert!(!before.windows(8).any(|bytes| bytes == [1; 8]), "the root key is in the keyring");
}

#[test]
fn another_root_key_is_refused_in_words_d2() {
    let folder = Folder::new("wrong-root");
    Keyring::create(folder.path(), &raw(1)).expect("creates");
    let error = Keyring::open(folder.path(), &raw(2)).expect_err("another root key");
    assert!(matches!(error, VaultError::WrongRootKey { .. }));
    assert!(error.to_string().starts_with("this root key does not open this data folder"), "{error}");
    let error = Keyring::open(folder.path(), &passphrase("x")).expect_err("a passphrase");
    assert!(error.to_string().contains("created with a root key, but a passphrase was given"), "{error}");
}

#[test]
fn a_passphrase_opens_what_it_made_and_no_other_does_d2() {
    let folder = Folder::new("passphrase");
    let made = Keyring::create(folder.path(), &passphrase("correct horse")).expect("creates");
    let text = fs::read_to_string(folder.file(KEYRING_FILE)).expect("reads");
    for part in ["argon2id", "\"m\": 65536", "\"t\": 3", "\"p\": 1"] {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
    let opened = Keyring::open(folder.path(), &passphrase("correct horse")).expect("opens");
    assert_eq!(opened.box_id(), made.box_id());
    assert!(matches!(
        Keyring::open(folder.path(), &passphrase("correct horse ")),
        Err(VaultError::WrongRootKey { .. })
    ));
    assert!(matches!(Keyring::open(folder.path(), &raw(1)), Err(VaultError::RootKeyKind { .. })));
}

#[test]
fn a_company_key_opens_for_its_company_and_box_only_d2() {
    let (folder, other) = (Folder::new("company"), Folder::new("company-other"));
    let vault = Keyring::create(folder.path(), &raw(1)).expect("creates");
    let (branch, wrapped) = vault.new_company_key("acme1").expect("a key");
    let opened = vault.open_company_key("acme1", &wrapped).expect("opens");
    assert_eq!(opened.database_key().id(), branch.database_key().id());
    assert!(opened.derive("x").same_as(&branch.derive("x")));
    assert!(vault.open_company_key("acme2", &wrapped).is_err(), "it opened for another company");
    let elsewhere = Keyring::create(other.path(), &raw(2)).expect("creates");
    assert!(elsewhere.open_company_key("acme1", &wrapped).is_err(), "it opened in another box");
    let (second, _) = vault.new_company_key("acme1").expect("a key");
    assert!(!second.derive("x").same_as(&branch.derive("x")), "two companies share a key");
    assert!(!vault.directory_key().derive("x").same_as(&branch.derive("x")));
}

#[test]
fn a_changed_or_cut_wrapped_key_does_not_open_d2() {
    let folder = Folder::new("wrapped");
    let vault = Keyring::create(folder.path(), &raw(1)).expect("creates");
    let (_, wrapped) = vault.new_company_key("acme1").expect("a key");
    for at in 0..wrapped.len() {
        let mut changed = wrapped.clone();
        changed[at] ^= 0x10;
        assert!(vault.open_company_key("acme1", &changed).is_err(), "byte {at}");
        assert!(vault.open_company_key("acme1", &wrapped[..at]).is_err(), "{at} bytes");
    }
    assert!(vault.open_company_key("acme1", &[wrapped.clone(), vec![0]].concat()).is_err());
    vault.open_company_key("acme1", &wrapped).expect("unchanged, it opens");
}

#[test]
fn a_damaged_keyring_is_an_error_that_names_it_d2() {
    let folder = Folder::new("damaged");
    Keyring::create(folder.path(), &raw(1)).expect("creates");
    let path = folder.file(KEYRING_FILE);
    let text = fs::read_to_string(&path).expect("reads");
    let costly = r#"{"kind": "argon2id", "m": 4294967295, "t": 3, "p": 1, "salt": "AAAAAAAAAAAAAAAAAAAAAA=="}"#;
    for changed in [
        String::new(),
        text[..text.len() / 2].to_owned(),
        text.replace("\"format\": 1", "\"format\": 2"),
        text.replace("\"box_id\"", "\"other\""),
    ] {
        fs::write(&path, changed).expect("writes");
        let error = Keyring::open(folder.path(), &raw(1)).expect_err("damaged");
        assert!(matches!(&error, VaultError::KeyringFormat { path: named, .. } if *named == path), "{error}");
    }
    let start = text.find("\"kdf\": ").expect("a field") + 7;
    let end = start + text[start..].find('}').expect("an end") + 1;
    fs::write(&path, format!("{}{costly}{}", &text[..start], &text[end..])).expect("writes");
    assert!(matches!(Keyring::open(folder.path(), &passphrase("x")), Err(VaultError::Passphrase { .. })));
    fs::remove_file(&path).expect("removes");
    assert!(matches!(Keyring::open(folder.path(), &raw(1)), Err(VaultError::Io { .. })));
}

#[test]
fn a_key_file_holds_32_bytes_or_64_digits_d2() {
    let folder = Folder::new("key-file");
    let root = RootKey::generate().expect("random bytes");
    Keyring::create(folder.path(), &root.to_source()).expect("creates");
    let digits = format!("{}\n", root.to_hex().as_str());
    for text in [digits.clone(), digits.to_uppercase(), digits.trim().to_owned()] {
        let source = RootSource::from_key_bytes(text.as_bytes()).expect("64 digits");
        Keyring::open(folder.path(), &source).expect("opens");
    }
    RootSource::from_key_bytes(&[7; 32]).expect("32 bytes");
    for wrong in [&b""[..], &[7; 31], &[7; 33], &[b'g'; 64], &digits.as_bytes()[..63]] {
        assert!(matches!(RootSource::from_key_bytes(wrong), Err(VaultError::RootKeyFormat { .. })));
    }
}

#[test]
fn keys_do_not_print_d2() {
    let folder = Folder::new("print");
    let vault = Keyring::create(folder.path(), &raw(0xab)).expect("creates");
    let branch = vault.directory_key();
    let printed = format!("{vault:?} {branch:?} {:?} {:?} {:?}", branch.database_key(), branch.derive("x"), raw(0xab));
    let lists_of =
        |key: [u8; 32]| [key.map(|byte| byte.to_string()).join(", "), key.map(|byte| format!("{byte:02x}")).concat()];
    let derived = branch.derive("x");
    for list in lists_of([0xab; 32]).into_iter().chain(lists_of(*derived.expose())) {
        assert!(!printed.contains(&list), "{printed}");
    }
}

#[test]
fn a_recovery_key_opens_a_box_whatever_else_does_and_only_the_last_one_d2() {
    for source in [raw(1), passphrase("correct horse")] {
        let folder = Folder::new("recovery");
        let vault = Keyring::create(folder.path(), &source).expect("creates");
        let (_, wrapped) = vault.new_company_key("acme1").expect("a key");
        let none = Keyring::open(folder.path(), &RootSource::Recovery(recovery_key(3)));
        assert!(matches!(none, Err(VaultError::NoRecoveryKey { .. })), "none was made");
        vault.set_recovery_key(folder.path(), &recovery_key(3)).expect("seals");
        let opened = Keyring::open(folder.path(), &RootSource::Recovery(recovery_key(3))).expect("opens");
        assert_eq!(opened.box_id(), vault.box_id());
        assert!(opened.directory_key().derive("x").same_as(&vault.directory_key().derive("x")));
        opened.open_company_key("acme1", &wrapped).expect("companies too");
        opened.set_recovery_key(folder.path(), &recovery_key(4)).expect("a new one, by means of the old one");
        let old = Keyring::open(folder.path(), &RootSource::Recovery(recovery_key(3)));
        assert!(matches!(old, Err(VaultError::WrongRecoveryKey { .. })), "the old one is void");
        Keyring::open(folder.path(), &RootSource::Recovery(recovery_key(4))).expect("opens");
        Keyring::open(folder.path(), &source).expect("what it was made with still opens it");
    }
}

#[test]
fn an_altered_or_foreign_recovery_record_does_not_open_and_harms_no_other_key_d2() {
    let (folder, other) = (Folder::new("recovery-altered"), Folder::new("recovery-other"));
    let vault = Keyring::create(folder.path(), &raw(1)).expect("creates");
    vault.set_recovery_key(folder.path(), &recovery_key(3)).expect("seals");
    let by_recovery = || Keyring::open(folder.path(), &RootSource::Recovery(recovery_key(3)));
    by_recovery().expect("unchanged, it opens");
    let path = folder.file(KEYRING_FILE);
    let text = fs::read_to_string(&path).expect("reads");
    let start = text.find("\"root\": \"").expect("a field") + 9;
    let end = start + text[start..].find('"').expect("an end");
    for at in (start..end).step_by(11) {
        let changed = if &text[at..=at] == "A" { "B" } else { "A" };
        fs::write(&path, format!("{}{changed}{}", &text[..at], &text[at + 1..])).expect("writes");
        assert!(matches!(by_recovery(), Err(VaultError::WrongRecoveryKey { .. })), "place {at}");
        Keyring::open(folder.path(), &raw(1)).expect("the root key needs no record");
    }
    for changed in [format!("{}{}", &text[..start], &text[end..]), text.replace("\"t\": 3", "\"t\": 2")] {
        fs::write(&path, changed).expect("writes");
        assert!(matches!(by_recovery(), Err(VaultError::WrongRecoveryKey { .. })));
    }
    fs::write(&path, text.replace("\"m\": 65536", "\"m\": 4294967295")).expect("writes");
    assert!(matches!(by_recovery(), Err(VaultError::Passphrase { .. })), "costs are bounded");
    let elsewhere = Keyring::create(other.path(), &raw(1)).expect("creates");
    assert_ne!(elsewhere.box_id(), vault.box_id());
    fs::write(&path, text.replace(vault.box_id(), elsewhere.box_id())).expect("writes");
    assert!(matches!(by_recovery(), Err(VaultError::WrongRecoveryKey { .. })), "the record of another box");
    assert!(vault.set_recovery_key(folder.path(), &recovery_key(5)).is_err(), "another box's keyring took its place");
}

#[test]
fn a_recovery_key_is_shown_in_groups_and_read_with_what_people_do_to_it_d2() {
    let key = RecoveryKey::new(Zeroizing::new(*b"\x00\x11\x22\x33 twenty bytes! \xff"));
    let shown = key.shown();
    let groups: Vec<&str> = shown.split('-').collect();
    assert_eq!(groups.len(), 8, "{}", shown.as_str());
    assert!(groups.iter().all(|group| group.len() == 4));
    assert!(!shown.contains(['I', 'L', 'O', 'U']));
    let typed = [
        shown.to_lowercase(),
        shown.replace('-', " "),
        shown.replace('-', ""),
        shown.replace('0', "O").replace('1', "l"),
    ];
    for text in typed {
        assert!(RecoveryKey::parse(&text).expect("forgiven").same_as(&key), "{text}");
    }
    assert!(!recovery_key(1).same_as(&key));
    for wrong in ["", "ABCD", &shown[..38], &format!("{}0", shown.as_str()), &shown.replace('-', "U")] {
        assert!(matches!(RecoveryKey::parse(wrong), Err(VaultError::RecoveryKeyFormat)), "{wrong}");
    }
    assert!(!format!("{key:?}{:?}", RootSource::Recovery(key.clone())).contains(groups[1]));
}

#[test]
fn a_recovery_key_makes_no_box_d2() {
    let folder = Folder::new("recovery-makes-nothing");
    let refused = Keyring::create(folder.path(), &RootSource::Recovery(recovery_key(1)));
    assert!(matches!(refused, Err(VaultError::RecoveryMakesNothing)));
    assert!(!folder.file(KEYRING_FILE).exists());
}

#[test]
fn the_recovery_key_gives_the_root_key_back_and_no_other_key_does_d2() {
    let folder = Folder::new("recover-root");
    let root = RootKey::generate().expect("randomness");
    let vault = Keyring::create(folder.path(), &root.to_source()).expect("creates");
    let none = Keyring::recover_root_key(folder.path(), &recovery_key(3));
    assert!(matches!(none, Err(VaultError::NoRecoveryKey { .. })));
    vault.set_recovery_key(folder.path(), &recovery_key(3)).expect("seals");
    let back = Keyring::recover_root_key(folder.path(), &recovery_key(3)).expect("gives it back");
    assert_eq!(back.to_hex().as_str(), root.to_hex().as_str());
    Keyring::open(folder.path(), &back.to_source()).expect("and it opens the keyring");
    let wrong = Keyring::recover_root_key(folder.path(), &recovery_key(4));
    assert!(matches!(wrong, Err(VaultError::WrongRecoveryKey { .. })));
}

#[test]
fn a_root_key_that_a_passphrase_makes_is_not_given_out_d2() {
    let folder = Folder::new("recover-passphrase");
    let vault = Keyring::create(folder.path(), &passphrase("correct horse")).expect("creates");
    vault.set_recovery_key(folder.path(), &recovery_key(3)).expect("seals");
    let refused = Keyring::recover_root_key(folder.path(), &recovery_key(3)).expect_err("a passphrase makes it");
    assert!(refused.to_string().contains("passphrase"), "{refused}");
}

#[test]
fn one_recovery_key_gives_unrelated_keys_for_other_locks_d2() {
    let key = recovery_key(3);
    // Computed by Python's hmac after RFC 5869: a disk that was enrolled once must open for ever.
    let expected = "45f65ff57905fe67881f82cc3d3615cbe81f0fbdd4340d7375feb51e47cfd40f";
    assert_eq!(key.derive("rainbow-edge data disk").to_hex().as_str(), expected);
    assert!(!key.derive("a").same_as(&key.derive("b")));
    assert!(!key.derive("a").same_as(&recovery_key(4).derive("a")));
}

#[test]
fn any_changed_byte_of_the_keyring_is_an_error_or_changes_no_key_d2_d3() {
    let folder = Folder::new("keyring-flip");
    let made = Keyring::create(folder.path(), &raw(1)).expect("creates");
    let known = made.directory_key().derive("token mac");
    let path = folder.file(KEYRING_FILE);
    let whole = fs::read(&path).expect("reads");
    let mut refused = 0;
    for at in 0..whole.len() {
        for bit in 0..8 {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << bit;
            fs::write(&path, bytes).expect("writes");
            match Keyring::open(folder.path(), &raw(1)) {
                Ok(vault) => {
                    let same = vault.directory_key().derive("token mac").same_as(&known);
                    assert!(same, "byte {at}, bit {bit}: the keyring opens to another key");
                }
                Err(
                    VaultError::KeyringFormat { .. }
                    | VaultError::WrongRootKey { .. }
                    | VaultError::RootKeyKind { .. }
                    | VaultError::Io { .. },
                ) => refused += 1,
                Err(error) => panic!("byte {at}, bit {bit}: {error}"),
            }
        }
    }
    assert!(refused > whole.len() * 4, "only {refused} of {} changes were refused", whole.len() * 8);
}

#[test]
fn a_turned_key_keeps_its_purposes_and_opens_what_both_epochs_wrapped_d2() {
    let folder = Folder::new("turned-branch");
    let mut vault = Keyring::create(folder.path(), &raw(1)).expect("creates");
    let first = vault.directory_key();
    let turned = first.with_a_new_epoch(&["token mac", "log-in lookup"]).expect("a key");
    assert!(turned.is_turning() && !first.is_turning());
    vault.set_directory_key(folder.path(), turned.clone()).expect("stores");
    let opened = Keyring::open(folder.path(), &raw(1)).expect("opens").directory_key();
    assert!(opened.is_turning(), "a start finds what is not over");
    let last = opened.with_the_newest_epoch();
    vault.set_directory_key(folder.path(), last.clone()).expect("stores");
    let reopened = Keyring::open(folder.path(), &raw(1)).expect("opens").directory_key();
    for key in [&turned, &opened, &last, &reopened] {
        assert!(key.derive("token mac").same_as(&first.derive("token mac")));
        assert!(key.derive("log-in lookup").same_as(&first.derive("log-in lookup")));
        assert!(!key.derive("not in use before").same_as(&first.derive("not in use before")));
        assert!(key.derive("not in use before").same_as(&last.derive("not in use before")));
        assert_eq!((key.newest_epoch(), key.database_key().id()), (2, first.database_key().id()));
    }
    let again = last.with_a_new_epoch(&[]).expect("a key").with_the_newest_epoch();
    assert!(again.derive("token mac").same_as(&first.derive("token mac")), "a second turn leaves purposes alone");

    let file = FileKey::generate().expect("random bytes");
    let wrapped = file.wrap(&first.file_wrapping(), "f1").expect("wraps");
    assert!(FileKey::unwrap(&last.file_wrapping(), "f1", &wrapped).is_err(), "the old epoch is gone");
    let both = turned.file_wrapping();
    let anew = FileKey::rewrap(&both, "f1", &wrapped).expect("opens").expect("it was wrapped under the old one");
    assert!(FileKey::rewrap(&both, "f1", &anew).expect("opens").is_none());
    assert!(FileKey::unwrap(&last.file_wrapping(), "f1", &anew).is_ok());
    assert!(FileKey::unwrap(&first.file_wrapping(), "f1", &anew).is_err());
}

#[test]
fn no_bit_of_a_turned_and_stored_key_can_be_changed_or_moved_to_another_company_d2() {
    let folder = Folder::new("turned-stored");
    let vault = Keyring::create(folder.path(), &raw(1)).expect("creates");
    let (branch, _) = vault.new_company_key("acme1").expect("a key");
    let turned = branch.with_a_new_epoch(&["kept"]).expect("a key");
    let stored = vault.wrap_company_key("acme1", &turned).expect("wraps");
    assert!(vault.open_company_key("acme1", &stored).expect("opens").derive("kept").same_as(&branch.derive("kept")));
    assert!(vault.open_company_key("acme2", &stored).is_err());
    for at in 0..stored.len() {
        let mut changed = stored.clone();
        changed[at] ^= 1;
        assert!(vault.open_company_key("acme1", &changed).is_err(), "byte {at}");
        assert!(vault.open_company_key("acme1", &stored[..at]).is_err(), "{at} bytes");
    }
    assert!(vault.open_company_key("acme1", &[&stored[..], &[0]].concat()).is_err());
}

#[test]
fn another_root_key_takes_over_at_once_and_companies_follow_over_a_crash_d2() {
    let folder = Folder::new("root-change");
    let mut vault = Keyring::create(folder.path(), &raw(1)).expect("creates");
    let (recovery, other) = (recovery_key(7), recovery_key(8));
    vault.set_recovery_key(folder.path(), &recovery).expect("stores");
    let (branch, stored) = vault.new_company_key("acme1").expect("a key");
    let refused = |vault: &mut vault::Vault, key| vault.change_root(folder.path(), &raw(2), key).expect_err("refused");
    assert!(matches!(refused(&mut vault, None), VaultError::RecoveryKeyNeeded { .. }));
    assert!(matches!(refused(&mut vault, Some(&other)), VaultError::WrongRecoveryKey { .. }));
    assert!(Keyring::open(folder.path(), &raw(1)).is_ok(), "a refusal changes nothing");

    vault.change_root(folder.path(), &passphrase("another root, from words"), Some(&recovery)).expect("changes");
    assert!(Keyring::open(folder.path(), &raw(1)).is_err(), "the old one opens nothing");
    let mut opened = Keyring::open(folder.path(), &passphrase("another root, from words")).expect("opens");
    assert!(opened.has_old_root(), "a start finds what is not over");
    assert!(opened.open_company_key("acme1", &stored).expect("opens").derive("x").same_as(&branch.derive("x")));
    assert!(matches!(refused(&mut opened, Some(&recovery)), VaultError::RootChanging { .. }));
    let anew = opened.rewrap_company_key("acme1", &stored).expect("opens").expect("it was under the old root");
    assert!(opened.rewrap_company_key("acme1", &anew).expect("opens").is_none());
    opened.forget_root(folder.path()).expect("stores");
    for source in [passphrase("another root, from words"), RootSource::Recovery(recovery)] {
        let last = Keyring::open(folder.path(), &source).expect("opens");
        assert!(!last.has_old_root() && last.open_company_key("acme1", &stored).is_err());
        assert!(last.open_company_key("acme1", &anew).expect("opens").derive("x").same_as(&branch.derive("x")));
        assert!(last.directory_key().derive("x").same_as(&vault.directory_key().derive("x")));
    }
}

#[test]
fn a_mistyped_letter_of_a_recovery_key_is_told_by_its_checksum_d2() {
    let key = recovery_key(0x5a);
    let shown = key.shown_with_checksum();
    assert_eq!(shown.split('-').map(str::len).collect::<Vec<_>>(), [4; 10], "{}", shown.as_str());
    assert!(shown.starts_with(key.shown().as_str()), "the key itself is the same with and without");
    assert!(RecoveryKey::parse(&shown.to_lowercase()).expect("reads").same_as(&key));
    for (at, letter) in shown.char_indices().filter(|(_, letter)| *letter != '-') {
        let other = if letter == '7' { '8' } else { '7' };
        let mistyped = format!("{}{other}{}", &shown[..at], &shown[at + 1..]);
        assert!(matches!(RecoveryKey::parse(&mistyped), Err(VaultError::RecoveryKeyMistyped)), "{mistyped}");
    }
    assert!(matches!(RecoveryKey::parse(&shown[..44]), Err(VaultError::RecoveryKeyFormat)));
}

#[test]
fn while_it_is_open_which_recovery_key_counts_both_open_the_box_d2() {
    let folder = Folder::new("two-recovery-keys");
    let vault = Keyring::create(folder.path(), &raw(1)).expect("creates");
    let (first, second, third) = (recovery_key(1), recovery_key(2), recovery_key(3));
    let opens = |key: &RecoveryKey| Keyring::open(folder.path(), &RootSource::Recovery(key.clone())).is_ok();
    vault.set_recovery_key(folder.path(), &first).expect("stores");
    vault.add_recovery_key(folder.path(), &second).expect("stores");
    assert!(opens(&first) && opens(&second) && !opens(&third));
    vault.settle_recovery_key(folder.path(), false).expect("stores");
    assert!(opens(&first) && !opens(&second));
    vault.add_recovery_key(folder.path(), &second).expect("stores");
    vault.settle_recovery_key(folder.path(), true).expect("stores");
    assert!(!opens(&first) && opens(&second));
}
