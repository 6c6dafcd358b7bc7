//! Looking at sealed pages and files without using them (D3).

mod support;

use std::fs;
use std::path::Path;

use rusqlite::Connection;
use support::{Folder, Seeded, TABLE, create, insert, key, open, secret};
use vault::{
    Damage, DatabaseKey, Examination, FileExamination, FileKey, FileWrapping, Mending, Owner, Role, SealedReader,
    SealedWriter,
};

const PAGE: usize = 4096;

fn filled(path: &Path, rows: i64) -> DatabaseKey {
    let key = key(7);
    create(path, &key);
    let connection = open(path, &key);
    connection.execute_batch(&format!("CREATE INDEX by_word ON {TABLE} (word)")).expect("an index");
    connection.execute_batch("BEGIN").expect("begins");
    // Some rows are longer than their page.
    (1..=rows).for_each(|row| insert(&connection, row, if row % 10 == 0 { 9_000 } else { 700 }));
    connection
        .execute_batch("COMMIT; CREATE TABLE gone AS SELECT word FROM confidential_table; DROP TABLE gone")
        .expect("commits");
    key
}

/// All bad pages, in steps of a few blocks.
fn bad_pages(path: &Path, key: &DatabaseKey) -> Vec<(u32, Damage)> {
    let (mut look, _) = Examination::open(path, key).expect("opens");
    let (mut bad, mut next, mut bytes) = (Vec::new(), Some(1), 0);
    while let Some(from) = next {
        let step = look.step(from, 3).expect("the disk answers");
        bad.extend(step.bad);
        bytes += step.bytes;
        next = step.next;
    }
    let there = fs::metadata(path).expect("there").len().next_multiple_of(PAGE as u64);
    let missing = bad.iter().filter(|(page, _)| u64::from(*page) * PAGE as u64 > there).count();
    assert_eq!(bytes, there + (missing * PAGE) as u64, "everything is looked at");
    bad
}

fn roots(connection: &Connection) -> (Vec<String>, Vec<u32>) {
    let mut statement =
        connection.prepare("SELECT name, rootpage FROM sqlite_schema WHERE rootpage > 0").expect("a statement");
    let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, u32>(1)?))).expect("rows");
    let (mut names, mut roots): (Vec<String>, Vec<u32>) = rows.map(|row| row.expect("a row")).unzip();
    names.insert(0, String::from("sqlite_schema"));
    roots.insert(0, 1);
    (names, roots)
}

fn write_at(path: &Path, at: usize, bytes: &[u8]) {
    use std::os::unix::fs::FileExt as _;
    let file = fs::OpenOptions::new().write(true).open(path).expect("opens");
    file.write_all_at(bytes, at as u64).expect("writes");
}

#[test]
fn looking_finds_exactly_the_pages_that_were_damaged_d3() {
    let folder = Folder::new("examine-finds");
    let path = folder.file("a.db");
    let key = filled(&path, 600);
    assert_eq!(bad_pages(&path, &key), []);
    let whole = fs::read(&path).expect("reads");
    let pages = whole.len() / PAGE;
    let mut dice = Seeded(11);
    for _ in 0..20 {
        let mut hurt: Vec<usize> = (0..dice.below(9)).map(|_| 1 + dice.below(pages - 1)).collect();
        hurt.sort_unstable();
        hurt.dedup();
        let mut bytes = whole.clone();
        for page in &hurt {
            bytes[page * PAGE + dice.below(PAGE - 4)] ^= 1 << dice.below(8);
        }
        fs::write(&path, &bytes).expect("writes");
        let expected: Vec<(u32, Damage)> =
            hurt.iter().map(|page| (u32::try_from(page + 1).expect("small"), Damage::Changed)).collect();
        assert_eq!(bad_pages(&path, &key), expected);
    }
    fs::write(&path, &whole[..whole.len() - PAGE - 100]).expect("writes");
    let cut = bad_pages(&path, &key);
    let expected = [pages - 1, pages].map(|page| (u32::try_from(page).expect("small"), Damage::Missing));
    assert_eq!(cut, expected, "what is cut off is known from the first page");
}

#[test]
fn a_damaged_page_is_told_with_the_table_or_index_that_it_belongs_to_d3() {
    let folder = Folder::new("examine-owners");
    let path = folder.file("a.db");
    let key = filled(&path, 600);
    let connection = open(&path, &key);
    let (names, roots) = roots(&connection);
    // SQLite's own account of who has which page.
    let mut statement = connection.prepare("SELECT pageno, name FROM dbstat").expect("dbstat");
    let rows =
        statement.query_map([], |row| Ok((row.get::<_, u32>(0)?, row.get::<_, Option<String>>(1)?))).expect("rows");
    let mut expected: Vec<(u32, Option<String>)> = rows.map(|row| row.expect("a row")).collect();
    drop(statement);
    let pages: u32 = connection.query_row("PRAGMA page_count", [], |row| row.get(0)).expect("a count");
    let free: u32 = connection.query_row("PRAGMA freelist_count", [], |row| row.get(0)).expect("a count");
    assert!(free > 0, "some pages are free");
    expected.extend(
        (1..=pages)
            .filter(|page| expected.iter().all(|(taken, _)| taken != page))
            .map(|page| (page, None))
            .collect::<Vec<_>>(),
    );
    let (mut look, _) = Examination::open(&path, &key).expect("opens");
    let wanted: Vec<u32> = expected.iter().map(|(page, _)| *page).collect();
    let owners = look.owners(&roots, &wanted);
    for ((page, name), owner) in expected.iter().zip(owners) {
        let told = match owner {
            Owner::Tree(at) => Some(names[at].clone()),
            Owner::Free => None,
            Owner::Unknown => panic!("page {page} of {name:?} is not found"),
        };
        assert_eq!(&told, name, "page {page}");
    }
}

#[test]
fn a_page_is_mended_by_its_very_version_and_by_no_other_d3() {
    let folder = Folder::new("examine-mend");
    let path = folder.file("a.db");
    let key = filled(&path, 200);
    let older = fs::read(&path).expect("reads");
    let connection = open(&path, &key);
    connection.execute(&format!("UPDATE {TABLE} SET word = word || '!' WHERE id = 5"), []).expect("updates");
    drop(connection);
    let backup = fs::read(&path).expect("reads");
    let page = |bytes: &[u8], number: usize| bytes[(number - 1) * PAGE..number * PAGE].to_vec();
    let changed = (2..=older.len() / PAGE).find(|number| page(&older, *number) != page(&backup, *number)).expect("one");
    let number = u32::try_from(changed).expect("small");
    let at = (changed - 1) * PAGE;
    let mend = |offered: &[u8]| {
        Examination::open(&path, &key).expect("opens").0.mend(number, offered).expect("the disk works")
    };
    assert_eq!(mend(&page(&older, changed)), Mending::Whole, "what is whole is left alone");
    assert_eq!(page(&fs::read(&path).expect("reads"), changed), page(&backup, changed));
    for (what, from, length) in [("a byte", 100, 1), ("the trailer", 4048, 48), ("all but a sector", 512, PAGE - 512)] {
        write_at(&path, at + from, &vec![0xEE; length]);
        assert_eq!(bad_pages(&path, &key), [(number, Damage::Changed)], "{what}");
        assert_eq!(mend(&page(&older, changed)), Mending::OtherVersion, "{what}: an older version is valid, and wrong");
        assert_eq!(mend(&page(&backup, changed + 1)), Mending::Foreign, "{what}: another page");
        assert_eq!(mend(&page(&backup, changed)[1..]), Mending::Foreign, "{what}: no page");
        assert_eq!(mend(&page(&backup, changed)), Mending::Mended, "{what}");
        assert_eq!(fs::read(&path).expect("reads"), backup, "{what}");
    }
    write_at(&path, at, &[0; PAGE]);
    assert_eq!(mend(&page(&backup, changed)), Mending::OtherVersion, "nothing tells which version it was");
}

#[test]
fn looking_beside_a_writer_finds_nothing_and_takes_no_lock_away_d3() {
    let folder = Folder::new("examine-beside");
    let path = folder.file("a.db");
    let key = filled(&path, 300);
    let writer = open(&path, &key);
    let (of_looker, looked_key) = (path.clone(), key.clone());
    let looker = std::thread::spawn(move || {
        for _ in 0..60 {
            let (mut look, _) = Examination::open(&of_looker, &looked_key).expect("opens");
            let mut next = Some(1);
            while let Some(from) = next {
                let step = look.step(from, 1).expect("the disk answers");
                assert_eq!(step.bad, [], "nothing is damaged");
                next = step.next;
            }
            assert!(look.bad_frames().expect("the log opens").is_empty());
        }
    });
    for row in 1_000..1_400 {
        insert(&writer, row, 3_000);
        if row % 20 == 0 {
            writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).expect("copies back");
        }
    }
    looker.join().expect("nothing was found");
    drop(writer);
    vault::open(&path, &key, Role::Writer).expect("opens");
}

#[test]
fn a_damaged_frame_of_the_log_is_found_while_the_database_is_open_d3() {
    let folder = Folder::new("examine-log");
    let path = folder.file("a.db");
    let key = filled(&path, 10);
    let writer = open(&path, &key);
    insert(&writer, 1_000, 3_000);
    let (mut look, _) = Examination::open(&path, &key).expect("opens");
    assert!(look.bad_frames().expect("opens").is_empty());
    write_at(&support::log_of(&path), 32 + 24 + 4096 + 24 + 77, &[0xEE; 3]);
    assert_eq!(look.bad_frames().expect("opens"), [2]);
}

#[test]
fn a_stored_file_is_looked_at_segment_by_segment_and_mended_by_any_good_copy_d3() {
    let folder = Folder::new("examine-file");
    let path = folder.file("f");
    let wrapping = FileWrapping::from(secret(3));
    let key = FileKey::generate().expect("random");
    let wrapped = key.wrap(&wrapping, "f").expect("wraps");
    let key = || FileKey::unwrap(&wrapping, "f", &wrapped).expect("unwraps");
    let plain: Vec<u8> = (0..300_000_u32).map(|at| at.to_le_bytes()[0]).collect();
    let mut writer = SealedWriter::create(&path, key()).expect("creates");
    writer.append(&plain).expect("writes");
    writer.finish().expect("finishes");
    let whole = fs::read(&path).expect("reads");
    let open = || FileExamination::open(&path, &key(), plain.len() as u64).expect("opens");
    let bad = || {
        let mut look = open();
        (0..look.segments()).filter_map(|number| look.look(number).1.map(|damage| (number, damage))).collect::<Vec<_>>()
    };
    assert_eq!(bad(), []);
    write_at(&path, 70_000, &[whole[70_000] ^ 1]);
    fs::OpenOptions::new().write(true).open(&path).expect("opens").set_len(200_000).expect("cuts");
    assert_eq!(bad(), [(1, Damage::Changed), (3, Damage::Missing), (4, Damage::Missing)]);
    let mut look = open();
    for (number, _) in bad() {
        let (at, length) = look.place(number);
        let at = usize::try_from(at).expect("small");
        assert!(!look.mend(number, &whole[at - 1..at - 1 + length]).expect("the disk works"), "it does not open there");
        assert!(look.mend(number, &whole[at..at + length]).expect("the disk works"));
    }
    assert_eq!(fs::read(&path).expect("reads"), whole);
    assert_eq!(SealedReader::open(&path, key()).expect("opens").len(), plain.len() as u64);
    fs::OpenOptions::new()
        .append(true)
        .open(&path)
        .and_then(|mut file| std::io::Write::write_all(&mut file, b"more"))
        .expect("writes");
    assert_eq!(open().surplus_bytes(), 4);
    fs::remove_file(&path).expect("removes");
    let mut anew = FileExamination::begin_anew(&path, &key(), plain.len() as u64).expect("begins");
    for number in 0..anew.segments() {
        let (at, length) = anew.place(number);
        let at = usize::try_from(at).expect("small");
        assert!(anew.mend(number, &whole[at..at + length]).expect("the disk works"));
    }
    assert_eq!(fs::read(&path).expect("reads"), whole);
}

/// Whether a file is in the system's memory, in pages of it; `None` where its file system does not tell.
fn in_memory(path: &Path) -> Option<usize> {
    use rustix::io::{ReadWriteFlags, preadv2};
    let file = fs::File::open(path).expect("opens");
    // Else looking at a page would bring in those behind it.
    rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::Random).expect("advice is taken");
    let pages = usize::try_from(file.metadata().expect("there").len()).expect("small") / PAGE;
    let mut page = vec![0; PAGE];
    let mut there = 0;
    for number in 0..pages {
        let read =
            preadv2(&file, &mut [std::io::IoSliceMut::new(&mut page)], (number * PAGE) as u64, ReadWriteFlags::NOWAIT);
        match read {
            Ok(_) => there += 1,
            Err(rustix::io::Errno::AGAIN) => {}
            Err(_) => return None,
        }
    }
    Some(there)
}

#[test]
fn what_looking_brought_into_memory_goes_out_again_and_what_was_there_stays_d7() {
    use rustix::fs::{Advice, fadvise};
    let folder = Folder::new("examine-cold");
    let path = folder.file("a.db");
    let key = filled(&path, 2_000);
    let file = fs::File::open(&path).expect("opens");
    file.sync_all().expect("syncs");
    let pages = usize::try_from(file.metadata().expect("there").len()).expect("small") / PAGE;
    // Asking for a page brings it in, so what was asked about goes out before anything else is done.
    let forget = || fadvise(&file, 0, None, Advice::DontNeed).expect("advice is taken");
    forget();
    let Some(before) = in_memory(&path).filter(|there| *there < pages / 4) else {
        println!("this file system keeps everything in memory: nothing to see here");
        return;
    };
    let mut byte = [0];
    let dontcache = rustix::io::ReadWriteFlags::from_bits_retain(0x80);
    if rustix::io::preadv2(&file, &mut [std::io::IoSliceMut::new(&mut byte)], 0, dontcache).is_err() {
        println!("before Linux 6.14 it depends on how fast the disk is: nothing to see here");
        return;
    }
    // What is still on its way in does not go out at once.
    for _ in 0..50 {
        forget();
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    assert_eq!(bad_pages(&path, &key), []);
    let after = in_memory(&path).expect("it told before");
    assert!(after <= before + pages / 4, "{before} pages of {pages} were in memory, {after} are");
    fs::read(&path).expect("reads");
    let warm = in_memory(&path).expect("it told before");
    assert_eq!(bad_pages(&path, &key), []);
    assert!(in_memory(&path).expect("it told before") >= warm, "what others use stays");
}
