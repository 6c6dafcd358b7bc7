//! The key tree: what opens under which key, and what does not.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use vault::{KEYRING_FILE, Keyring, RootKey, RootSource, VaultError};
use zeroize::Zeroizing;

mod support;
use support::Folder;

fn raw(byte: u8) -> RootSource {
    RootSource::Raw(Zeroizing::new([byte; 32]))
}

fn passphrase(text: &str) -> RootSource {
    RootSource::Passphrase(Zeroizing::new(text.to_owned()))
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
    let bytes = |key: &vault::SecretKey| key.expose().map(|byte| byte.to_string()).join(", ");
    assert!(!printed.contains(&bytes(&branch.derive("x"))) && !printed.contains("171"), "{printed}");
}
