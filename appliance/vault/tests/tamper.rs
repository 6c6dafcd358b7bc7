//! Whatever is changed, moved, exchanged or cut is an error, never data. The one exception is the last transaction of
//! the log: it cannot be told from one that a power cut interrupted, and is dropped whole.

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use support::{Folder, Seeded, create, insert, key, log_of, open, open_and_read, read_all, snapshot, written};
use vault::{Role, VaultError};

const PAGE: usize = 4096;
const HEADER: usize = 32;
const FRAME: usize = 24 + PAGE;

fn flip(path: &Path, at: usize, mask: u8) {
    let mut bytes = fs::read(path).expect("reads");
    bytes[at] ^= mask;
    fs::write(path, bytes).expect("writes");
}

/// A range as it was before a write that did not reach the disk.
fn put_back(torn: &mut [u8], before: &[u8], range: std::ops::Range<usize>) {
    for (at, byte) in range.clone().zip(&mut torn[range]) {
        *byte = before.get(at).copied().unwrap_or(0);
    }
}

fn is_tampering(error: &VaultError) -> bool {
    matches!(
        error,
        VaultError::PageTampered { .. }
            | VaultError::WalFrameTampered { .. }
            | VaultError::WalHeaderTampered { .. }
            | VaultError::Truncated { .. }
            | VaultError::NotAVaultFile { .. }
            | VaultError::UnsupportedFormat { .. }
            | VaultError::WrongDatabase { .. }
    )
}

fn assert_tampering<T: std::fmt::Debug>(result: Result<T, VaultError>, what: &str) {
    match result {
        Err(error) => assert!(is_tampering(&error), "{what}: {error}"),
        Ok(data) => panic!("{what} gave data: {data:?}"),
    }
}

/// A closed database of `rows` rows, all in the main file.
fn closed(folder: &Folder, name: &str, id: u8, rows: i64) -> PathBuf {
    let path = folder.file(name);
    create(&path, &key(id));
    let connection = open(&path, &key(id));
    (1..=rows).for_each(|row| insert(&connection, row, 900));
    drop(connection);
    path
}

/// A crashed database: `commits` transactions in the log, and where each ends in it.
fn crashed(folder: &Folder, name: &str, commits: i64) -> (PathBuf, Vec<usize>) {
    let (running, path) = (folder.file("running.db"), folder.file(name));
    create(&running, &key(1));
    let connection = open(&running, &key(1));
    let mut ends = Vec::new();
    for id in 1..=commits {
        insert(&connection, id, if id % 3 == 0 { 9000 } else { 200 });
        ends.push(written(&fs::read(log_of(&running)).expect("a log")));
    }
    snapshot(&running, &path);
    drop(connection);
    fs::remove_file(&running).expect("removes");
    (path, ends)
}

#[test]
fn flipped_byte_of_the_database_is_an_error_never_data_d3() {
    let folder = Folder::new("flip-main");
    let original = closed(&folder, "a.db", 1, 60);
    let length = fs::read(&original).expect("reads").len();
    let mut seeded = Seeded(1);
    let mut places: Vec<usize> = (0..400).map(|_| seeded.below(length)).collect();
    places.extend(0..24);
    for page in [0, 1, length / PAGE - 1] {
        places.extend(page * PAGE + PAGE - 48..(page + 1) * PAGE);
    }
    let copy = folder.file("copy.db");
    for at in places {
        snapshot(&original, &copy);
        flip(&copy, at, 1 << seeded.below(8));
        let page = u32::try_from(at / PAGE + 1).expect("fits");
        assert_tampering(open_and_read(&copy, &key(1)), &format!("byte {at}"));
        let verified = vault::verify(&copy, &key(1));
        if page > 1 {
            assert_eq!(verified.expect("the first page is sound"), [page], "byte {at}");
        } else if let Ok(bad) = verified {
            assert_eq!(bad, [1], "byte {at}");
        }
    }
    snapshot(&original, &copy);
    assert_eq!(open_and_read(&copy, &key(1)).expect("unchanged, it reads").len(), 60);
}

#[test]
fn the_error_names_the_page_and_the_file_d3() {
    let folder = Folder::new("named");
    let path = closed(&folder, "a.db", 1, 60);
    flip(&path, 6 * PAGE + 100, 1);
    let error = open_and_read(&path, &key(1)).expect_err("page 7 was changed");
    assert!(matches!(&error, VaultError::PageTampered { page: 7, path: named } if *named == path), "{error}");
}

#[test]
fn flipped_byte_of_the_log_is_an_error_or_drops_the_last_transaction_only_d3() {
    let folder = Folder::new("flip-log");
    let (original, ends) = crashed(&folder, "a.db", 12);
    let length = *ends.last().expect("some");
    let last_start = ends[ends.len() - 2];
    let mut seeded = Seeded(2);
    let mut places: Vec<usize> = (0..400).map(|_| seeded.below(length)).collect();
    places.extend(0..HEADER);
    for start in (HEADER..length).step_by(FRAME) {
        places.extend([4, 7, 8, 12, 16, 20, 23].map(|at| start + at));
    }
    for start in [HEADER, last_start - FRAME, last_start, length - FRAME] {
        places.extend(start..start + 24);
        places.extend(start + FRAME - 48..start + FRAME);
    }
    let copy = folder.file("copy.db");
    for at in places {
        snapshot(&original, &copy);
        flip(&log_of(&copy), at, 1 << seeded.below(8));
        let changed = fs::read(log_of(&copy)).expect("reads");
        let read = open_and_read(&copy, &key(1));
        if at >= last_start {
            assert_eq!(read.expect("a torn end is recovered"), (1..=11).collect::<Vec<_>>(), "byte {at}");
        } else {
            assert_tampering(read, &format!("byte {at}"));
            assert_eq!(fs::read(log_of(&copy)).expect("reads"), changed, "byte {at}: something was dropped");
        }
    }
    snapshot(&original, &copy);
    assert_eq!(open_and_read(&copy, &key(1)).expect("unchanged, it reads").len(), 12);
}

#[test]
fn a_torn_end_of_the_log_leaves_every_earlier_transaction_d3() {
    let folder = Folder::new("torn");
    let (original, ends) = crashed(&folder, "a.db", 12);
    let length = *ends.last().expect("some");
    let copy = folder.file("copy.db");
    let mut seeded = Seeded(3);
    let mut cuts: Vec<usize> = (0..150).map(|_| seeded.below(length)).collect();
    cuts.extend([0, 1, 31, 32, 33, 56]);
    cuts.extend(ends.iter().flat_map(|end| [end - 1, *end, end - PAGE]));
    for cut in cuts {
        snapshot(&original, &copy);
        let log = fs::read(log_of(&copy)).expect("reads");
        fs::write(log_of(&copy), &log[..cut]).expect("writes");
        let whole = ends.iter().filter(|end| **end <= cut).count();
        let kept = ends[..whole].last().copied().unwrap_or(0);
        let (connection, recovery) = vault::open(&copy, &key(1), Role::Writer).expect("a torn end is recovered");
        assert_eq!(usize::try_from(recovery.commits), Ok(whole), "cut at {cut}");
        // A whole header without a frame is an empty log; a part of one is torn.
        let sound = if cut < HEADER { 0 } else { kept.max(HEADER) };
        // SQLite's VFS takes a file of one byte for an empty one.
        let torn = if cut == 1 { 0 } else { cut - sound };
        assert_eq!(usize::try_from(recovery.torn_bytes), Ok(torn), "cut at {cut}");
        let rows = read_all(&connection).expect("reads").len();
        assert_eq!(rows, whole, "cut at {cut}");
        // And the database goes on: what is written now survives the next crash.
        insert(&connection, 100, 300);
        let again = folder.file("again.db");
        snapshot(&copy, &again);
        drop(connection);
        assert_eq!(open_and_read(&again, &key(1)).expect("opens").len(), whole + 1, "cut at {cut}");
    }
}

/// Sectors of the last transaction that a power cut did not let through, in any order, over what was there before.
#[test]
fn sectors_lost_from_the_last_transaction_lose_no_other_d3() {
    const SECTOR: usize = 512;
    let folder = Folder::new("sectors");
    let (running, copy) = (folder.file("running.db"), folder.file("copy.db"));
    create(&running, &key(1));
    let connection = open(&running, &key(1));
    connection.pragma_update(None, "wal_autocheckpoint", 30).expect("a pragma");
    let mut seeded = Seeded(4);
    let mut dropped = 0;
    for id in 1..=120_i64 {
        let before = fs::read(log_of(&running)).unwrap_or_default();
        snapshot(&running, &copy);
        insert(&connection, id, 6000 * (1 + seeded.below(4)));
        let mut torn = fs::read(log_of(&running)).expect("reads");
        for start in (0..torn.len()).step_by(SECTOR) {
            let end = (start + SECTOR).min(torn.len());
            // The log's first sector is synced before the frames: it is torn only as a whole file would be.
            if start > 0 && seeded.below(2) == 0 {
                put_back(&mut torn, &before, start..end);
            }
        }
        fs::write(log_of(&copy), &torn).expect("writes");
        let ids = open_and_read(&copy, &key(1)).unwrap_or_else(|error| panic!("transaction {id}: {error}"));
        let earlier: Vec<i64> = (1..id).collect();
        assert_eq!(ids[..earlier.len()], earlier, "transaction {id}");
        dropped += usize::from(ids.len() == earlier.len());
    }
    assert!(dropped > 100, "only {dropped} of 120 transactions were torn: this test shows nothing");
}

#[test]
fn a_page_of_another_place_is_an_error_d3() {
    let folder = Folder::new("moved");
    let path = closed(&folder, "a.db", 1, 60);
    let mut bytes = fs::read(&path).expect("reads");
    let (from, to) = (5 * PAGE, 7 * PAGE);
    bytes.copy_within(from..from + PAGE, to);
    fs::write(&path, bytes).expect("writes");
    assert_tampering(open_and_read(&path, &key(1)), "page 6 over page 8");
    assert_eq!(vault::verify(&path, &key(1)).expect("verifies"), [8]);
}

#[test]
fn a_file_or_page_of_another_database_is_an_error_d3() {
    let folder = Folder::new("swapped");
    let (first, second) = (closed(&folder, "a.db", 1, 30), closed(&folder, "b.db", 2, 30));
    let (mut a, b) = (fs::read(&first).expect("reads"), fs::read(&second).expect("reads"));
    fs::write(&first, &b).expect("writes");
    let error = open_and_read(&first, &key(1)).expect_err("another file");
    assert!(matches!(error, VaultError::WrongDatabase { .. }), "{error}");
    // The same key bytes under another database id: only the id tells them apart.
    let twin = vault::DatabaseKey::new([9; 8], vec![(1, support::secret(1))]);
    let third = folder.file("c.db");
    create(&third, &twin);
    let connection = open(&third, &twin);
    (1..=30).for_each(|row| insert(&connection, row, 900));
    drop(connection);
    let c = fs::read(&third).expect("reads");
    a[4 * PAGE..5 * PAGE].copy_from_slice(&c[4 * PAGE..5 * PAGE]);
    fs::write(&first, &a).expect("writes");
    assert_tampering(open_and_read(&first, &key(1)), "page 5 of a twin");
}

#[test]
fn a_database_cut_short_is_an_error_d3() {
    let folder = Folder::new("short");
    let original = closed(&folder, "a.db", 1, 60);
    let copy = folder.file("copy.db");
    let bytes = fs::read(&original).expect("reads");
    for keep in [0, 1, 100, PAGE - 1, PAGE, PAGE + 1, 3 * PAGE, bytes.len() - PAGE, bytes.len() - 1] {
        fs::write(&copy, &bytes[..keep]).expect("writes");
        assert_tampering(vault::open(&copy, &key(1), Role::Writer).map(|_| ()), &format!("{keep} bytes"));
    }
}

#[test]
fn a_blanked_page_is_an_error_d3() {
    let folder = Folder::new("blank");
    let path = closed(&folder, "a.db", 1, 60);
    let mut bytes = fs::read(&path).expect("reads");
    bytes[9 * PAGE..10 * PAGE].fill(0);
    fs::write(&path, bytes).expect("writes");
    assert_tampering(open_and_read(&path, &key(1)), "page 10 of zeros");
}

#[test]
fn frames_exchanged_in_the_log_are_an_error_d3() {
    let folder = Folder::new("frames");
    let (original, ends) = crashed(&folder, "a.db", 12);
    let copy = folder.file("copy.db");
    let committed = (ends[ends.len() - 2] - HEADER) / FRAME;
    let mut seeded = Seeded(5);
    for _ in 0..60 {
        let (a, b) = (seeded.below(committed), seeded.below(committed));
        if a == b {
            continue;
        }
        snapshot(&original, &copy);
        let mut log = fs::read(log_of(&copy)).expect("reads");
        let (a_at, b_at) = (HEADER + a * FRAME, HEADER + b * FRAME);
        let frame = log[a_at..a_at + FRAME].to_vec();
        log.copy_within(b_at..b_at + FRAME, a_at);
        log[b_at..b_at + FRAME].copy_from_slice(&frame);
        fs::write(log_of(&copy), log).expect("writes");
        assert_tampering(open_and_read(&copy, &key(1)), &format!("frames {a} and {b}"));
    }
}

#[test]
fn the_log_of_another_database_is_an_error_d3() {
    let folder = Folder::new("foreign-log");
    let (original, _) = crashed(&folder, "a.db", 4);
    let other = closed(&folder, "b.db", 2, 30);
    fs::copy(log_of(&original), log_of(&other)).expect("copies");
    assert_tampering(open_and_read(&other, &key(2)), "a foreign log");
}

#[test]
fn another_key_is_told_from_a_changed_file_d2() {
    let folder = Folder::new("wrong-key");
    let path = closed(&folder, "a.db", 1, 30);
    let (crashed, _) = crashed(&folder, "c.db", 4);
    let other = vault::DatabaseKey::new([1; 8], vec![(1, support::secret(7))]);
    for path in [path, crashed] {
        let error = open_and_read(&path, &other).expect_err("another key");
        assert!(matches!(error, VaultError::WrongKey { .. }), "{error}");
    }
    let plain = folder.file("plain.db");
    Connection::open(&plain).and_then(|plain| plain.execute_batch("CREATE TABLE t(x)")).expect("a plain database");
    let error = vault::open(&plain, &key(1), Role::Writer).map(|_| ()).expect_err("not ours");
    assert!(matches!(error, VaultError::NotAVaultFile { .. }), "{error}");
}

#[test]
fn files_changed_under_a_running_process_are_an_error_d3() {
    let folder = Folder::new("running");
    let path = folder.file("a.db");
    create(&path, &key(1));
    let writer = open(&path, &key(1));
    (1..=40).for_each(|row| insert(&writer, row, 3000));
    writer.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").expect("checkpoints");
    (41..=60).for_each(|row| insert(&writer, row, 3000));
    let check = |what: &str| {
        let (reader, _) = vault::open(&path, &key(1), Role::Reader)?;
        let read = read_all(&reader).map_err(|source| vault::diagnose(&path, source));
        read.map(|ids| assert_eq!(ids.len(), 60, "{what}"))
    };
    check("unchanged").expect("reads");
    let (main, log) = (fs::read(&path).expect("reads"), fs::read(log_of(&path)).expect("reads"));
    // Written in place: the process keeps the same file.
    let overwrite = |file: &Path, bytes: &[u8]| {
        use std::os::unix::fs::FileExt as _;
        let file = fs::OpenOptions::new().write(true).open(file).expect("opens");
        file.write_all_at(bytes, 0).expect("writes");
    };
    let mut exchanged = log.clone();
    let (third, fourth) = (HEADER + 2 * FRAME, HEADER + 3 * FRAME);
    exchanged.copy_within(fourth..fourth + FRAME, third);
    overwrite(&log_of(&path), &exchanged);
    assert_tampering(check("a frame over another"), "a frame over another");
    overwrite(&log_of(&path), &log);
    check("restored").expect("reads");
    // The newest frame of a page, replaced by an older one of the same page: both are genuine.
    let page_of = |frame: usize| &log[HEADER + frame * FRAME..HEADER + frame * FRAME + 4];
    let frames = (log.len() - HEADER) / FRAME;
    let (older, newest) = (0..frames)
        .filter(|frame| page_of(*frame) != [0, 0, 0, 1])
        .filter_map(|older| (older + 1..frames).rfind(|newer| page_of(*newer) == page_of(older)).map(|it| (older, it)))
        .next()
        .expect("some page was written twice");
    let mut replayed = log.clone();
    let (from, to) = (HEADER + older * FRAME, HEADER + newest * FRAME);
    replayed.copy_within(from..from + FRAME, to);
    overwrite(&log_of(&path), &replayed);
    assert_tampering(check("an older frame of the same page"), "an older frame of the same page");
    overwrite(&log_of(&path), &log);
    check("restored").expect("reads");
    let mut moved = main.clone();
    moved.copy_within(6 * PAGE..7 * PAGE, 10 * PAGE);
    overwrite(&path, &moved);
    assert_tampering(check("a page over another"), "a page over another");
    overwrite(&path, &main);
    check("restored").expect("reads");
}

/// A power cut while the log is copied back leaves torn pages in the main file, whose whole form is still in the log.
#[test]
fn a_main_file_torn_while_the_log_was_copied_back_is_repaired_from_it_d3() {
    let folder = Folder::new("torn-main");
    let (running, copy) = (folder.file("running.db"), folder.file("copy.db"));
    create(&running, &key(1));
    let connection = open(&running, &key(1));
    connection.pragma_update(None, "wal_autocheckpoint", 0).expect("a pragma");
    (1..=40).for_each(|row| insert(&connection, row, 3000));
    connection.execute_batch("CREATE TABLE second(x)").expect("page 1 changes too");
    let log = fs::read(log_of(&running)).expect("reads");
    let before = fs::read(&running).expect("reads");
    connection.execute_batch("PRAGMA wal_checkpoint(PASSIVE)").expect("checkpoints");
    let after = fs::read(&running).expect("reads");
    let mut seeded = Seeded(6);
    for round in 0..40 {
        let length = if round % 2 == 0 { after.len() } else { before.len() + seeded.below(after.len() - before.len()) };
        let mut torn = after[..length].to_vec();
        for start in (512..length).step_by(512) {
            if seeded.below(2) == 0 {
                let end = (start + 512).min(length);
                put_back(&mut torn, &before, start..end);
            }
        }
        fs::write(&copy, &torn).expect("writes");
        fs::write(log_of(&copy), &log).expect("writes");
        assert_eq!(open_and_read(&copy, &key(1)).expect("opens").len(), 40, "round {round}");
        assert_eq!(vault::verify(&copy, &key(1)).expect("verifies"), Vec::<u32>::new(), "round {round}");
    }
}

/// What cannot be detected without a counter outside the file, shown so that nobody relies on it.
#[test]
fn return_to_an_older_whole_state_is_not_detected_by_the_file_alone_d3() {
    let folder = Folder::new("rollback");
    let path = closed(&folder, "a.db", 1, 10);
    let older = fs::read(&path).expect("reads");
    let connection = open(&path, &key(1));
    insert(&connection, 11, 100);
    drop(connection);
    assert_eq!(open_and_read(&path, &key(1)).expect("reads").len(), 11);
    fs::write(&path, older).expect("writes");
    assert_eq!(open_and_read(&path, &key(1)).expect("reads").len(), 10);
}

/// Every page over every other one.
#[test]
fn any_two_pages_exchanged_are_errors_d3() {
    let folder = Folder::new("exchanged");
    let original = closed(&folder, "a.db", 1, 20);
    let whole = fs::read(&original).expect("reads");
    let pages = whole.len() / PAGE;
    assert!(pages >= 7, "{pages} pages show little");
    let copy = folder.file("copy.db");
    for one in 0..pages {
        for other in one + 1..pages {
            let mut bytes = whole.clone();
            let (before, after) = bytes.split_at_mut(other * PAGE);
            before[one * PAGE..][..PAGE].swap_with_slice(&mut after[..PAGE]);
            fs::write(&copy, bytes).expect("writes");
            assert_tampering(open_and_read(&copy, &key(1)), &format!("pages {} and {}", one + 1, other + 1));
            let verified = vault::verify(&copy, &key(1));
            let expected = [u32::try_from(one + 1).expect("few"), u32::try_from(other + 1).expect("few")];
            // Without a first page there is nothing to verify.
            assert!(one == 0 && verified.is_err() || verified.is_ok_and(|bad| bad == expected));
        }
    }
}

/// A page is as good as the file that it is in: an older one in its own place opens.
#[test]
fn return_of_a_single_page_to_an_older_state_is_not_detected_by_the_page_d3() {
    let folder = Folder::new("rollback-page");
    let path = closed(&folder, "a.db", 1, 60);
    let older = fs::read(&path).expect("reads");
    let connection = open(&path, &key(1));
    let later = "UPDATE confidential_table SET word = 'later' WHERE id = 30";
    connection.execute(later, []).expect("updates");
    drop(connection);
    let mut bytes = fs::read(&path).expect("reads");
    let differs = |page: &usize| bytes[page * PAGE..][..PAGE] != older[page * PAGE..][..PAGE];
    // Page 1 counts changes; the others are the row's.
    let changed: Vec<usize> = (1..older.len() / PAGE).filter(differs).collect();
    assert!(!changed.is_empty(), "no page but the first was changed");
    for page in changed {
        bytes[page * PAGE..][..PAGE].copy_from_slice(&older[page * PAGE..][..PAGE]);
    }
    fs::write(&path, bytes).expect("writes");
    assert_eq!(vault::verify(&path, &key(1)).expect("verifies"), Vec::<u32>::new());
    assert_eq!(open_and_read(&path, &key(1)).expect("reads what was there before").len(), 60);
}

/// So is a log: removed, or an older one of the same database put back, it takes whole transactions with it.
#[test]
fn a_removed_or_shortened_log_is_not_detected_and_costs_whole_transactions_d3() {
    let folder = Folder::new("rollback-log");
    let (original, ends) = crashed(&folder, "a.db", 6);
    let copy = folder.file("copy.db");
    for (kept, end) in ends.iter().enumerate() {
        snapshot(&original, &copy);
        let log = fs::read(log_of(&copy)).expect("reads");
        fs::write(log_of(&copy), &log[..*end]).expect("writes");
        let rows = open_and_read(&copy, &key(1)).expect("reads what is left");
        assert_eq!(rows.len(), kept + 1);
        // Or blanked from there on, as it is written ahead.
        snapshot(&original, &copy);
        let blanked = [&log[..*end], &vec![0; log.len() - end]].concat();
        fs::write(log_of(&copy), blanked).expect("writes");
        assert_eq!(open_and_read(&copy, &key(1)).expect("reads what is left").len(), kept + 1);
    }
    snapshot(&original, &copy);
    fs::remove_file(log_of(&copy)).expect("removes");
    assert_eq!(open_and_read(&copy, &key(1)).expect("reads the main file"), Vec::<i64>::new());
}

/// Zeros are what the log is written ahead in; before a frame of a later transaction they are damage.
#[test]
fn a_blanked_frame_of_the_log_is_an_error_or_drops_the_last_transaction_only_d3() {
    let folder = Folder::new("blank-log");
    let (original, ends) = crashed(&folder, "a.db", 6);
    let copy = folder.file("copy.db");
    let last = ends[ends.len() - 2];
    for at in (32..ends[ends.len() - 1]).step_by(24 + 4096) {
        snapshot(&original, &copy);
        let mut log = fs::read(log_of(&copy)).expect("reads");
        log[at..at + 24 + 4096].fill(0);
        fs::write(log_of(&copy), log).expect("writes");
        let rows = open_and_read(&copy, &key(1));
        if at < last {
            assert_tampering(rows, &format!("the frame at {at}"));
        } else {
            assert_eq!(rows.expect("reads what is left").len(), ends.len() - 1, "the frame at {at}");
        }
    }
}

#[test]
fn a_log_written_ahead_is_not_torn_and_goes_on_d3() {
    let folder = Folder::new("ahead");
    let (path, ends) = crashed(&folder, "a.db", 40);
    let log = fs::read(log_of(&path)).expect("reads");
    assert!(log.len() > written(&log) && log.len() <= 2 * written(&log) + 17 * (24 + 4096), "{}", log.len());
    let (connection, recovery) = vault::open(&path, &key(1), Role::Writer).expect("opens");
    assert_eq!((recovery.commits as usize, recovery.torn_bytes), (ends.len(), 0));
    insert(&connection, 41, 9000);
    let (before, after) = (log.len(), fs::read(log_of(&path)).expect("reads").len());
    assert_eq!(before, after, "the next commit lies in what was there");
}
