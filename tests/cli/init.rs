//! `init` (A1, A10, D1).

use crate::GOOD;
use std::os::unix::fs::PermissionsExt as _;
use world::{EdgeBox, Person};

#[test]
fn weak_passwords_are_refused_with_what_is_missing_and_leave_nothing_a1() {
    let edge = EdgeBox::empty();
    let long = "Aa1!".repeat(17);
    for (password, missing) in [
        ("", "at least 8"),
        ("Sh0rt!", "at least 8"),
        ("no-upper-c4se", "needs an upper-case letter"),
        ("NO-LOWER-C4SE", "needs a lower-case letter"),
        ("No-Digits-Here", "needs a digit"),
        ("NoSpecial1s", "needs a special character"),
        (long.as_str(), "at most 64"),
    ] {
        let text = edge.run_init(&[], password).refused("init with a weak password");
        assert!(text.contains(missing), "{password:?} should be told {missing:?}: {text}");
        for rule in ["8 to 64", "upper-case", "lower-case", "digits", "special"] {
            assert!(text.contains(rule), "all rules are told at once, {rule:?} too: {text}");
        }
        assert!(password.is_empty() || !text.contains(password), "the password is repeated: {text}");
        assert!(!edge.data().exists(), "a refused init leaves no folder");
    }
    edge.run_init(&[], GOOD).succeeded("init after refusals");
}

#[test]
fn init_on_data_refuses_and_harms_nothing() {
    let edge = EdgeBox::init();
    let before = digest(&edge);
    let text = edge.run_init(&[], GOOD).refused("a second init");
    assert!(text.contains(&*edge.data().to_string_lossy()), "names the folder: {text}");
    assert_eq!(digest(&edge), before);
    edge.start();
}

#[test]
fn init_in_a_folder_with_other_files_refuses() {
    let edge = EdgeBox::empty();
    std::fs::create_dir_all(edge.data()).expect("temp");
    std::fs::write(edge.data().join("holiday.jpg"), b"not ours").expect("temp");
    let text = edge.run_init(&[], GOOD).refused("init in a folder that is not empty");
    assert!(text.contains("holiday.jpg"), "names what is in the way: {text}");
    assert_eq!(digest(&edge), [(edge.data().join("holiday.jpg"), b"not ours".to_vec())]);
}

#[tokio::test]
async fn init_takes_what_its_owner_prepared_and_keeps_it() {
    let edge = EdgeBox::empty();
    edge.configure("[log]\nlevel = \"debug\"\n");
    std::fs::write(edge.data().join("root.key"), [7; 32]).expect("temp");
    std::fs::create_dir(edge.data().join("lost+found")).expect("temp");
    edge.run_init(&[], &Person::first_admin().password).succeeded("init in a prepared folder");
    assert_eq!(std::fs::read(edge.data().join("root.key")).expect("still there"), [7; 32]);
    edge.start();
    Person::first_admin().sign_in(&edge).await;
}

#[tokio::test]
async fn init_that_was_cut_off_is_begun_again_with_the_key_that_lies_there_d2() {
    let edge = EdgeBox::init();
    let key = std::fs::read(edge.data().join("root.key")).expect("init made it");
    std::fs::write(edge.data().join("init.unfinished"), b"").expect("temp");
    edge.start_setup();
    edge.terminate();
    edge.run_init(&[], &Person::first_admin().password).succeeded("init after one that was cut off");
    assert_eq!(std::fs::read(edge.data().join("root.key")).expect("still there"), key);
    edge.start();
    Person::first_admin().sign_in(&edge).await;
}

#[test]
fn init_with_a_key_that_cannot_be_one_leaves_nothing_d2() {
    let edge = EdgeBox::empty();
    let file = edge.beside().join("odd.key");
    std::fs::write(&file, b"short").expect("temp");
    for option in ["--key-file", "--passphrase-file"] {
        let text = edge.run_init(&[option, &file.to_string_lossy()], GOOD).refused("init with an odd key");
        assert!(text.contains("odd.key"), "names the file: {text}");
        assert!(!edge.data().exists(), "a refused init leaves no folder");
    }
}

#[test]
fn init_wants_its_words_and_says_which() {
    let data = std::env::temp_dir().join(format!("rainbow-edge-world-{}-never", std::process::id()));
    let data = data.to_string_lossy().into_owned();
    for (args, missing) in [
        (vec!["init", "--data", &data, "--company", "C", "--admin", "a@b.test"], "--name"),
        (vec!["init", "--data", &data, "--name", "localhost", "--admin", "a@b.test"], "--company"),
        (vec!["init", "--data", &data, "--name", "localhost", "--company", "C"], "--admin"),
    ] {
        let text = world::edge(&args, GOOD).refused("init without a word");
        assert!(text.contains(missing), "{missing}: {text}");
    }
    for (name, domain, admin) in [
        ("bad name", "edge.test", "a@b.test"),
        ("localhost", "-.-", "a@b.test"),
        ("localhost", "edge.test", "no-address"),
    ] {
        let args = ["init", "--data", &data, "--name", name, "--domain", domain, "--company", "C", "--admin", admin];
        world::edge(&args, GOOD).refused("init with a bad word");
    }
    assert!(!std::path::Path::new(&data).exists(), "a refused init leaves no folder");
}

#[test]
fn help_names_every_command_and_unknown_ones_are_refused() {
    let help = world::edge(&["--help"], "").succeeded("--help").text();
    for command in ["init", "user", "company", "application", "run", "status", "check"] {
        assert!(help.contains(command), "{command}: {help}");
    }
    world::edge(&["fly"], "").refused("an unknown command");
    world::edge(&["--version"], "").succeeded("--version");
}

#[test]
fn nobody_else_can_read_the_data_folder_d1() {
    let edge = EdgeBox::init();
    edge.start();
    let folder = edge.data();
    let mode = |path: &std::path::Path| path.symlink_metadata().expect("exists").permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    let mut entries = vec![folder];
    while let Some(path) = entries.pop() {
        if path.is_dir() {
            assert_eq!(mode(&path), 0o700, "{}", path.display());
            entries.extend(std::fs::read_dir(&path).expect("readable").flatten().map(|entry| entry.path()));
        } else {
            assert_eq!(mode(&path) & 0o177, 0, "{} has mode {:o}", path.display(), mode(&path));
        }
    }
    assert_eq!(mode(&edge.data().join("root.key")), 0o600);
}

/// Every file's name and content.
fn digest(edge: &EdgeBox) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let files = world::fault::files(&edge.data());
    files.into_iter().map(|file| (file.clone(), std::fs::read(file).expect("readable"))).collect()
}
