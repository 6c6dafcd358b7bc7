use super::*;
use crate::checkpoint::PAGES_MAX;
use crate::migrate::Schema;
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use vault::{Keyring, RootSource, SecretKey};

const PAGE_BYTES: u64 = 4096;
const STEP: &str = "CREATE TABLE line (no INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;";
const SETTINGS: DatabaseSettings = DatabaseSettings { readers: 1, queue_max: 16, page_cache_kib: 64 };

/// A database in a folder of its own.
struct Place {
    folder: PathBuf,
    key: DatabaseKey,
}

impl Place {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("store-database-{}-{number}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("the temporary folder can be written");
        let root = RootSource::Raw(SecretKey::copied(&[7; 32]));
        let vault = Keyring::create(&folder, &root).expect("a keyring in an empty folder");
        let place = Self { folder, key: vault.directory_key().database_key() };
        vault::create(&place.path(), &place.key, |_| Ok(())).expect("a database in an empty folder");
        place
    }

    fn path(&self) -> PathBuf {
        self.folder.join("some.db")
    }

    fn open(&self) -> Arc<Database> {
        let checkpointer = Checkpointer::start().expect("a thread");
        let (path, key, counters) = (self.path(), self.key.clone(), Arc::default());
        let opening = Opening { schema: Schema { steps: &[STEP], idle: None }, mark: 0, settings: SETTINGS };
        let opened = Database::open("some-company", &path, key, opening, &counters, &checkpointer);
        Arc::new(opened.expect("an undamaged database").0)
    }

    /// Flips a byte in every page but the first.
    fn damage(&self) {
        let file = std::fs::File::options().read(true).write(true).open(self.path()).expect("exists");
        let pages = file.metadata().expect("exists").len() / PAGE_BYTES;
        assert!(pages > 10, "the lines fill pages");
        for page in 1..pages {
            let mut byte = [0];
            file.read_exact_at(&mut byte, page * PAGE_BYTES + 99).expect("inside");
            file.write_all_at(&[byte[0] ^ 1], page * PAGE_BYTES + 99).expect("inside");
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn insert(connection: &Connection, text: &str) -> Result<(), StoreError> {
    connection.execute("INSERT INTO line (text) VALUES (?1)", [text])?;
    Ok(())
}

fn count(connection: &Connection) -> Result<u32, StoreError> {
    Ok(connection.query_row("SELECT count(*) FROM line WHERE text LIKE 'line%'", [], |row| row.get(0))?)
}

async fn filled(place: &Place) {
    let database = place.open();
    for number in 0..100 {
        let text = format!("line {number} {}", "x".repeat(1000));
        database.write(move |c| insert(c, &text)).await.expect("a line");
    }
}

#[tokio::test]
async fn damaged_page_is_an_error_naming_database_file_and_page_d3() {
    let place = Place::new();
    filled(&place).await;
    place.damage();
    let database = place.open();
    let read = database.read(count).await.expect_err("a damaged page is read");
    let change = |c: &Connection| -> Result<(), StoreError> {
        c.execute("UPDATE line SET text = 'gone'", [])?;
        Ok(())
    };
    let written = database.write(change).await.expect_err("a damaged page is changed");
    for (error, what) in [(read, "read"), (written, "written")] {
        let text = error.to_string();
        assert!(text.contains("some-company"), "{what}: names the database: {text}");
        assert!(text.contains("some.db"), "{what}: names the file: {text}");
        assert!(text.contains("page "), "{what}: names the page: {text}");
    }
}

#[tokio::test]
async fn refused_change_is_rolled_back_and_names_the_database() {
    let place = Place::new();
    let database = place.open();
    let twice = |c: &Connection| -> Result<(), StoreError> {
        insert(c, "line")?;
        c.execute("INSERT INTO line (no, text) VALUES (1, 'line')", [])?;
        Ok(())
    };
    let refused = database.write(twice).await.expect_err("one number twice");
    assert!(refused.to_string().contains("some-company"), "{refused}");
    assert_eq!(database.read(count).await.expect("readable"), 0);
}

/// What SQLite does by itself on a failing disk.
#[tokio::test]
async fn change_that_ends_the_transaction_takes_the_whole_lot_with_it() {
    let place = Place::new();
    let database = place.open();
    let (started, wait) = std::sync::mpsc::sync_channel::<()>(1);
    let (sender, mut answers) = mpsc::channel(8);
    let blocking = move |_: &Connection| -> Result<(), StoreError> {
        let _ = wait.recv();
        Ok(())
    };
    database.write_then(blocking, |_| ()).await.expect("queued");
    let ending = |c: &Connection| -> Result<(), StoreError> { Ok(c.execute_batch("ROLLBACK")?) };
    let (one, other, last) = (sender.clone(), sender.clone(), sender);
    let answer = |to: mpsc::Sender<bool>| {
        move |outcome: Result<(), StoreError>| to.try_send(outcome.is_ok()).expect("the test waits, with room")
    };
    database.write_then(|c| insert(c, "line before"), answer(one)).await.expect("queued");
    database.write_then(ending, answer(other)).await.expect("queued");
    database.write_then(|c| insert(c, "line after"), answer(last)).await.expect("queued");
    drop(started);
    for _ in 0..3 {
        assert_eq!(answers.recv().await, Some(false), "each is told that it was not committed");
    }
    assert_eq!(database.read(count).await.expect("readable"), 0, "and none was");
    database.write(|c| insert(c, "line later")).await.expect("the writer goes on");
    assert_eq!(database.read(count).await.expect("readable"), 1);
}

type Simple = fn(&Connection) -> Result<(), StoreError>;

/// The answers of changes that may run again and are in one lot: the writer is held up while they are queued.
async fn in_one_lot(database: &Database, changes: Vec<Simple>) -> Vec<bool> {
    let (started, wait) = std::sync::mpsc::sync_channel::<()>(1);
    let (sender, mut answers) = mpsc::channel(changes.len());
    let blocking = move |_: &Connection| -> Result<(), StoreError> {
        let _ = wait.recv();
        Ok(())
    };
    database.write_then(blocking, |_| ()).await.expect("queued");
    for change in changes {
        let sender = sender.clone();
        let answer = move |outcome: Result<(), StoreError>| sender.try_send(outcome.is_ok()).expect("there is room");
        database.write_again_then(change, answer).await.expect("queued");
    }
    drop((started, sender));
    let mut told = Vec::new();
    while let Some(answer) = answers.recv().await {
        told.push(answer);
    }
    told
}

fn half(c: &Connection) -> Result<(), StoreError> {
    insert(c, "line that must not stay")?;
    c.execute("INSERT INTO line (no, text) VALUES (1, 'line')", [])?;
    c.execute("INSERT INTO line (no, text) VALUES (1, 'line')", [])?;
    Ok(())
}

#[tokio::test]
async fn refused_change_leaves_nothing_behind_and_its_neighbours_stand_once_each() {
    let place = Place::new();
    let database = place.open();
    let told = in_one_lot(&database, vec![|c| insert(c, "line 1"), half, |c| insert(c, "line 2"), half]).await;
    assert_eq!(told, [true, false, true, false], "each hears what became of it, in order");
    assert_eq!(database.read(count).await.expect("readable"), 2);
}

#[tokio::test]
async fn refusal_before_anything_is_written_and_a_panic_leave_their_neighbours_alone() {
    let place = Place::new();
    let database = place.open();
    let refused = |_: &Connection| Err(StoreError::Fault(String::from("refused")));
    let panicking = |_: &Connection| -> Result<(), StoreError> { panic!("a fault of a change") };
    let changes: Vec<Simple> = vec![|c| insert(c, "line 1"), refused, panicking, |c| insert(c, "line 2")];
    assert_eq!(in_one_lot(&database, changes).await, [true, false, false, true]);
    assert_eq!(database.read(count).await.expect("readable"), 2);
}

#[tokio::test]
async fn change_among_neighbours_that_ends_the_transaction_takes_the_whole_lot_with_it() {
    let place = Place::new();
    let database = place.open();
    let ending = |c: &Connection| -> Result<(), StoreError> { Ok(c.execute_batch("ROLLBACK")?) };
    let told = in_one_lot(&database, vec![|c| insert(c, "line 1"), ending, |c| insert(c, "line 2")]).await;
    assert_eq!(told, [false, false, false], "each is told that it was not committed");
    assert_eq!(database.read(count).await.expect("readable"), 0, "and none was");
}

#[tokio::test]
async fn query_that_panics_gives_its_place_back() {
    let place = Place::new();
    let database = place.open();
    for _ in 0..3 {
        let panicking = |_: &Connection| -> Result<u32, StoreError> { panic!("a fault of a query") };
        let fault = database.read(panicking).await.expect_err("the query panics");
        assert!(matches!(&fault, StoreError::Fault(name) if name == "some-company"), "{fault}");
    }
    assert_eq!(database.read(count).await.expect("one reader is enough"), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn query_whose_caller_went_away_keeps_its_place_until_it_ends() {
    let place = Place::new();
    let database = place.open();
    let (end, wait) = std::sync::mpsc::sync_channel::<()>(1);
    let (entered, inside) = oneshot::channel();
    let asked = Arc::clone(&database);
    let caller = tokio::spawn(async move {
        let long = move |c: &Connection| -> Result<u32, StoreError> {
            let _ = entered.send(());
            let _ = wait.recv();
            count(c)
        };
        asked.read(long).await
    });
    inside.await.expect("the query has begun");
    caller.abort();
    let _ = caller.await;
    assert_eq!(database.reading.available_permits(), 0, "the connection is still in use");
    drop(end);
    assert_eq!(database.read(count).await.expect("its place is free again"), 0);
}

/// A change of about `pages` pages.
fn large(pages: usize) -> impl FnOnce(&Connection) -> Result<(), StoreError> {
    let text = format!("line {}", "x".repeat(3_900));
    move |connection| (0..pages).try_for_each(|_| insert(connection, &text))
}

#[tokio::test]
async fn log_that_has_grown_is_copied_back_and_started_anew_while_the_writer_goes_on_d7() {
    let place = Place::new();
    let database = place.open();
    // More than the log may ever hold: what nobody else copies back in time the writer does (`checkpoint::PAGES_MAX`).
    for _ in 0..80 {
        database.write(large(500)).await.expect("lines");
    }
    let log = place.folder.join("some.db-wal").metadata().expect("a log").len();
    let main = place.path().metadata().expect("exists").len();
    let most = u64::try_from(PAGES_MAX).expect("a count") + 1_000;
    assert!(log < most * PAGE_BYTES && main > 2_000 * PAGE_BYTES, "a log of {log} bytes beside {main}");
    assert_eq!(database.read(count).await.expect("readable"), 40_000);
}

#[tokio::test]
async fn database_that_is_closed_while_its_log_is_copied_back_ends_cleanly_d3_d7() {
    let place = Place::new();
    for round in 1..=10 {
        let database = place.open();
        // The last one may find the thread at work.
        for _ in 0..3 {
            database.write(large(700)).await.expect("lines");
        }
        assert_eq!(database.read(count).await.expect("readable"), round * 2_100);
        drop(database);
        assert!(!place.folder.join("some.db-wal").exists(), "the last one out copies the log back and removes it");
    }
    assert_eq!(vault::verify(&place.path(), &place.key).expect("verifies"), Vec::<u32>::new());
}
