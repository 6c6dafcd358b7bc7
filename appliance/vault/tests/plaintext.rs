//! No byte on the disk tells what is stored.

mod support;

use std::collections::HashSet;
use std::fs;

use support::{Folder, TABLE, WORD, create, insert, key, open, read_all};

const PAGE: usize = 4096;
const FRAME: usize = 24 + PAGE;

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

/// Searches every file of the folder for what was stored, the schema, SQLite's own marks and the key.
fn assert_nothing_readable(folder: &Folder, when: &str) {
    let words: [&[u8]; 6] =
        [WORD.as_bytes(), b"berraschung", TABLE.as_bytes(), b"SQLite format", b"CREATE TABLE", &[1; 16]];
    let mut bytes_seen = 0;
    for entry in fs::read_dir(folder.path()).expect("a folder") {
        let path = entry.expect("an entry").path();
        let bytes = fs::read(&path).expect("reads");
        bytes_seen += bytes.len();
        for word in words {
            let word_text = String::from_utf8_lossy(word);
            assert!(!contains(&bytes, word), "{when}: {} holds {word_text:?}", path.display());
        }
    }
    assert!(bytes_seen > 10 * PAGE, "{when}: only {bytes_seen} bytes were searched");
}

#[test]
fn no_row_name_or_key_is_readable_in_any_file_at_any_time_d1() {
    let folder = Folder::new("plaintext");
    let path = folder.file("a.db");
    create(&path, &key(1));
    let connection = open(&path, &key(1));
    connection.pragma_update(None, "cache_size", 20).expect("a pragma");
    connection.pragma_update(None, "wal_autocheckpoint", 0).expect("a pragma");
    (1..=200).for_each(|id| insert(&connection, id, 300));
    connection.execute_batch("BEGIN").expect("begins");
    (201..=900).for_each(|id| insert(&connection, id, 300));
    assert_nothing_readable(&folder, "inside a large transaction");
    connection.execute_batch("COMMIT").expect("commits");
    assert_nothing_readable(&folder, "with a full log");
    connection.execute_batch("PRAGMA wal_checkpoint(PASSIVE)").expect("checkpoints");
    assert_nothing_readable(&folder, "after the log was copied back");
    connection.execute_batch("VACUUM").expect("vacuums");
    assert_nothing_readable(&folder, "after VACUUM");
    assert_eq!(read_all(&connection).expect("reads").len(), 900);
    drop(connection);
    assert_nothing_readable(&folder, "after closing");
}

/// Equal pages, and the same page sealed again, look unrelated; frame headers do not tell equal checksums.
#[test]
fn no_block_on_the_disk_repeats_d1() {
    let folder = Folder::new("repeats");
    let path = folder.file("a.db");
    create(&path, &key(1));
    let connection = open(&path, &key(1));
    connection.pragma_update(None, "wal_autocheckpoint", 0).expect("a pragma");
    connection
        .execute_batch("CREATE TABLE zeros(x); INSERT INTO zeros VALUES(zeroblob(400000))")
        .expect("pages that are all alike");
    (0..50).for_each(|_| {
        connection
            .execute_batch("DELETE FROM zeros; INSERT INTO zeros VALUES(zeroblob(400000))")
            .expect("writes the same again");
    });
    let log = fs::read(support::log_of(&path)).expect("reads");
    let (mut blocks, mut nonces) = (HashSet::new(), HashSet::new());
    for frame in log[32..support::written(&log)].chunks_exact(FRAME) {
        assert!(blocks.insert(frame[8..24].to_vec()), "a frame header's block repeats");
        for block in frame[24 + 32..24 + 4064].chunks_exact(16) {
            assert!(blocks.insert(block.to_vec()), "a page's block repeats");
        }
        assert!(nonces.insert(frame[24 + 4064..24 + 4088].to_vec()), "a nonce repeats");
    }
    assert!(nonces.len() > 4000, "only {} frames were compared", nonces.len());
}

#[test]
fn files_are_for_their_owner_only_d1() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new("mode");
    let path = folder.file("a.db");
    create(&path, &key(1));
    let connection = open(&path, &key(1));
    insert(&connection, 1, 10);
    for file in [path.clone(), support::log_of(&path)] {
        let mode = fs::metadata(&file).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", file.display());
    }
}
