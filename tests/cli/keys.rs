//! Where the root key comes from (D2).

use crate::GOOD;
use std::fs;
use world::{EdgeBox, Person};

#[tokio::test]
async fn key_file_outside_the_data_folder_works_and_a_wrong_one_is_refused_d2() {
    let edge = EdgeBox::init();
    let (own, foreign) = (edge.beside().join("own.key"), EdgeBox::init());
    fs::rename(edge.data().join("root.key"), &own).expect("init made root.key");
    let refused = edge.start_refused().refused("run without a key");
    assert!(refused.to_lowercase().contains("key"), "{refused}");

    let other = foreign.data().join("root.key");
    let edge = edge.with_args(&["--key-file", &other.to_string_lossy()]);
    let refused = edge.start_refused().refused("run with a wrong key");
    assert!(refused.to_lowercase().contains("key"), "says that the key is wrong: {refused}");
    assert!(!refused.to_lowercase().contains("corrupt"), "a wrong key is no damage: {refused}");

    let edge = edge.with_args(&["--key-file", &own.to_string_lossy()]);
    edge.start();
    Person::first_admin().sign_in(&edge).await;
}

#[test]
fn key_files_that_cannot_be_one_are_explained_d2() {
    let edge = EdgeBox::init();
    for content in [&b""[..], b"short", &[0x41; 5_000]] {
        let file = edge.beside().join("odd.key");
        fs::write(&file, content).expect("temp");
        let name = file.to_string_lossy().into_owned();
        let text =
            edge.edge(&["user", "add", "--company", world::ACME, "--email", "x@acme.test", "--key-file", &name], GOOD);
        assert!(text.refused("an odd key file").contains("odd.key"));
    }
    let missing = edge.beside().join("missing.key").to_string_lossy().into_owned();
    let text =
        edge.edge(&["user", "add", "--company", world::ACME, "--email", "x@acme.test", "--key-file", &missing], GOOD);
    assert!(text.refused("a missing key file").contains("missing.key"));
}

#[tokio::test]
async fn recovery_key_of_init_opens_a_box_whose_passphrase_is_lost_and_no_other_key_does_d2() {
    let edge = EdgeBox::empty();
    let file = |name: &str, content: &str| {
        let path = edge.beside().join(name);
        fs::write(&path, content).expect("temp");
        path.to_string_lossy().into_owned()
    };
    let passphrase = file("passphrase", "correct horse battery staple 42\n");
    let made = edge.run_init(&["--passphrase-file", &passphrase, "--recovery-key"], &Person::first_admin().password);
    let told = made.succeeded("init with a recovery key").out;
    let key = told.lines().find_map(|line| line.strip_prefix("recovery key: ")).expect("it is printed").to_owned();
    assert_eq!(key.split('-').map(str::len).collect::<Vec<_>>(), [4; 8], "{key}");
    assert!(world::secrecy::search(&edge.data(), &[&key, &key.replace('-', "")]).is_empty());

    let (right, short) = (file("right", &format!(" {key}\n")), file("short", &key[..38]));
    let wrong = file("wrong", &key.chars().rev().collect::<String>());
    let edge = edge.with_args(&["--recovery-key-file", &wrong]);
    assert!(edge.start_refused().refused("another recovery key").contains("recovery key"));
    let edge = edge.with_args(&["--recovery-key-file", &short]);
    assert!(edge.start_refused().refused("half a recovery key").contains("short"));
    let edge = edge.with_args(&["--recovery-key-file", &right]);
    edge.start();
    Person::first_admin().sign_in(&edge).await;
    edge.terminate();
    let edge = edge.with_args(&["--passphrase-file", &passphrase]);
    edge.start();

    let without = EdgeBox::init().with_args(&["--recovery-key-file", &right]);
    assert!(without.start_refused().refused("a box without a recovery key").contains("without a recovery key"));
    let refused = EdgeBox::empty().run_init(&["--recovery-key-file", &right], GOOD).refused("init with a recovery key");
    assert!(refused.contains("opens a box that is there"), "{refused}");
}

#[tokio::test]
async fn passphrase_opens_what_it_made_and_no_other_does_d2() {
    let edge = EdgeBox::empty();
    let (right, wrong) = (edge.beside().join("right"), edge.beside().join("wrong"));
    fs::write(&right, "correct horse battery staple 42\n").expect("temp");
    fs::write(&wrong, "correct horse battery staple 43\n").expect("temp");
    let (right, wrong) = (right.to_string_lossy().into_owned(), wrong.to_string_lossy().into_owned());
    edge.run_init(&["--passphrase-file", &right], GOOD).succeeded("init with a passphrase");
    assert!(!edge.data().join("root.key").exists(), "no key lies in the data folder");
    assert!(world::secrecy::search(&edge.data(), &["correct horse battery staple"]).is_empty());

    edge.start_refused().refused("run without the passphrase");
    let edge = edge.with_args(&["--passphrase-file", &wrong]);
    let text = edge.start_refused().refused("run with a wrong passphrase");
    assert!(text.to_lowercase().contains("passphrase") || text.to_lowercase().contains("key"), "{text}");
    let edge = edge.with_args(&["--passphrase-file", &right]);
    edge.start();
    let mut admin = Person::first_admin();
    admin.password = GOOD.to_owned();
    admin.sign_in(&edge).await;
}
