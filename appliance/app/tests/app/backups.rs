//! Backups against a target in memory that can be looked into, broken and cut off (D7, D2, H7).

use crate::support::Place;
use app::backup::{
    self, BackupError, NamedTarget, Object, Plan, Progress, Restore, Sent, Target, TargetError, UNFINISHED, Wish,
};
use app::company;
use domain::ids::CompanyId;
use domain::visibility::Visibility;
use std::collections::BTreeMap;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use store::StoreError;
use world::SeededRng;

const HOUR_MS: i64 = 3_600_000;
const TARGET: &str = "memory";

/// Objects in memory.
#[derive(Default)]
struct Memory {
    objects: Mutex<BTreeMap<String, Vec<u8>>>,
    /// Calls that still succeed; `None`: all of them.
    calls_left: Mutex<Option<u32>>,
    /// Packs that were written, and bytes that were read.
    written: Mutex<Vec<String>>,
    read: Mutex<u64>,
}

impl Memory {
    fn call(&self) -> Result<(), TargetError> {
        let mut left = self.calls_left.lock().expect("no panic holds this");
        match left.as_mut() {
            Some(0) => return Err(TargetError::Refused(String::from("unplugged"))),
            Some(left) => *left -= 1,
            None => {}
        }
        Ok(())
    }

    fn unplug_after(&self, calls: Option<u32>) {
        *self.calls_left.lock().expect("no panic holds this") = calls;
    }

    fn names(&self, folder: &str) -> Vec<String> {
        let objects = self.objects.lock().expect("no panic holds this");
        objects.keys().filter(|name| name.starts_with(folder)).cloned().collect()
    }

    /// Names of the packs that were written since this was asked last.
    fn packs_written(&self) -> Vec<String> {
        std::mem::take(&mut *self.written.lock().expect("no panic holds this"))
    }

    fn bytes_read(&self) -> u64 {
        std::mem::take(&mut *self.read.lock().expect("no panic holds this"))
    }

    fn change(&self, name: &str, change: impl FnOnce(&mut Vec<u8>)) {
        change(self.objects.lock().expect("no panic holds this").get_mut(name).expect("an object"));
    }
}

impl Target for Memory {
    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), TargetError> {
        self.call()?;
        self.objects.lock().expect("no panic holds this").insert(name.to_owned(), bytes.to_vec());
        if name.starts_with("objects/") {
            self.written.lock().expect("no panic holds this").push(name.to_owned());
        }
        Ok(())
    }

    fn get(&self, name: &str, part: Option<Range<u64>>) -> Result<Option<Vec<u8>>, TargetError> {
        self.call()?;
        let objects = self.objects.lock().expect("no panic holds this");
        let Some(bytes) = objects.get(name) else { return Ok(None) };
        let place = |at: u64| usize::try_from(at).expect("small").min(bytes.len());
        let read = part.map_or(bytes.clone(), |part| bytes[place(part.start)..place(part.end)].to_vec());
        *self.read.lock().expect("no panic holds this") += read.len() as u64;
        Ok(Some(read))
    }

    fn list(&self, folder: &str) -> Result<Vec<Object>, TargetError> {
        self.call()?;
        let objects = self.objects.lock().expect("no panic holds this");
        let below = |(name, bytes): (&String, &Vec<u8>)| {
            let name = name.strip_prefix(folder)?.strip_prefix('/')?;
            Some(Object { name: name.to_owned(), bytes: bytes.len() as u64 })
        };
        Ok(objects.iter().filter_map(below).collect())
    }

    fn remove(&self, name: &str) -> Result<(), TargetError> {
        self.call()?;
        self.objects.lock().expect("no panic holds this").remove(name);
        Ok(())
    }
}

/// A box with two companies that backs up to memory.
struct Backed {
    place: Place,
    memory: Arc<Memory>,
    other: CompanyId,
}

impl Backed {
    async fn new() -> Self {
        let place = Place::new().await;
        let other = company::add(&place.app, "Globex", Visibility::Public).await.expect("a company");
        place.person("backed-ann").await;
        place.person_of(&other, "backed-bob").await;
        let memory = Arc::new(Memory::default());
        let target: Arc<dyn Target> = Arc::clone(&memory) as Arc<dyn Target>;
        let named = NamedTarget { name: TARGET.to_owned(), address: String::from("memory"), target: Ok(target) };
        backup::begin(&place.app, vec![named]);
        Self { place, memory, other }
    }

    async fn try_snapshot(&self, full: bool) -> Result<Sent, BackupError> {
        self.place.clock.advance(HOUR_MS);
        let wish = Wish { full, ..Wish::default() };
        let mut outcomes = backup::run(&self.place.app, &wish).await?;
        outcomes.pop().expect("one target").1
    }

    async fn snapshot(&self) -> Sent {
        self.try_snapshot(false).await.expect("a snapshot")
    }

    fn restore(&self, to: &Path, sequence: Option<u64>) -> Result<Plan, BackupError> {
        std::fs::create_dir_all(to).expect("a folder");
        let restore = Restore {
            target: self.memory.as_ref(),
            source: &self.place.root,
            to,
            sequence,
            rng: &SeededRng::new(7),
            progress: &Arc::new(Progress::default()),
        };
        restore.run(false)
    }

    async fn verify(&self) -> Result<backup::Verified, BackupError> {
        backup::verify(&self.place.app, None, None).await?.pop().expect("one target").1
    }

    async fn snapshots(&self) -> Vec<backup::SnapshotName> {
        let mut listed = backup::list_at(&self.place.app, None).await.expect("a list");
        listed.pop().expect("one target").1.expect("a list")
    }

    /// Makes the directory forget a company, as its erasure does.
    async fn erase_other(&self) {
        let id = self.other.to_string();
        let forget = move |c: &store::Connection| {
            for table in ["login", "member", "company"] {
                let column = if table == "company" { "id" } else { "company_id" };
                c.execute(&format!("DELETE FROM {table} WHERE {column} = ?1"), [&id])?;
            }
            Ok::<_, StoreError>(())
        };
        self.place.store.directory().write(forget).await.expect("the directory forgets it");
    }

    fn beside(&self, name: &str) -> PathBuf {
        self.place.folder.join(name)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_snapshot_sends_only_what_has_changed_d7() {
    let backed = Backed::new().await;
    let first = backed.snapshot().await;
    backed.memory.packs_written();
    let second = backed.snapshot().await;
    assert_eq!((first.sequence, second.sequence), (1, 2));
    assert!(backed.memory.packs_written().is_empty(), "nothing has changed, so nothing is sent");
    backed.place.person_of(&backed.other, "backed-new").await;
    let third = backed.snapshot().await;
    let packs = backed.memory.packs_written();
    assert!(third.sent > 0 && third.sent < first.sent / 2, "{} of {}", third.sent, first.sent);
    assert_eq!(packs.len(), 2, "one of the directory, one of the company that changed: {packs:?}");
    let verified = backed.verify().await.expect("it can be restored");
    assert_eq!((verified.sequence, verified.databases), (3, 3));
    let standing = backup::standing(&backed.place.app);
    assert_eq!(standing[0].state.verified_ms, Some(verified.taken_ms));
    assert!(backup::alarms(&backed.place.app).is_empty());
    backed.place.clock.advance(37 * HOUR_MS);
    let alarms = backup::alarms(&backed.place.app);
    assert!(alarms.iter().any(|alarm| alarm.contains(TARGET)), "{alarms:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_company_that_was_erased_stays_erased_in_older_snapshots_d2_d7() {
    let backed = Backed::new().await;
    backed.snapshot().await;
    let before = backed.memory.names("objects/");
    backed.erase_other().await;
    backed.snapshot().await;
    let folder = |name: &str| name.split('/').nth(1).unwrap_or_default().to_owned();
    let folders = |names: &[String]| names.iter().map(|name| folder(name)).collect::<std::collections::BTreeSet<_>>();
    let (was, is) = (folders(&before), folders(&backed.memory.names("objects/")));
    assert_eq!((was.len(), is.len()), (3, 2), "its packs are gone");
    let to = backed.beside("restored");
    let plan = backed.restore(&to, Some(1)).expect("the older snapshot is restored");
    assert_eq!(plan.erased, std::slice::from_ref(&backed.other));
    assert!(!to.join(format!("companies/{}.db", backed.other)).exists());
    let vault = vault::Keyring::open(&to, &backed.place.root).expect("the keyring");
    let (directory, _) =
        vault::open(&to.join("directory.db"), &vault.directory_key().database_key(), vault::Role::Reader)
            .expect("opens");
    let companies: u32 = directory.query_row("SELECT count(*) FROM company", [], |row| row.get(0)).expect("a count");
    assert_eq!(companies, 1, "the directory does not name it any more");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erasure_takes_the_key_from_a_backup_at_once_or_says_that_it_could_not_d2_d7() {
    let backed = Backed::new().await;
    let third = company::add(&backed.place.app, "Initech", Visibility::Public).await.expect("a company");
    backed.snapshot().await;
    backed.memory.unplug_after(Some(0));
    let erased = company::destroy(&backed.place.app, &third).await.expect("a backup stops no erasure");
    assert!(matches!(&erased.backups[..], [(name, Err(_))] if name == TARGET), "{:?}", erased.backups);
    backed.memory.unplug_after(None);
    let erased = company::destroy(&backed.place.app, &backed.other).await.expect("it is erased");
    assert!(matches!(&erased.backups[..], [(name, Ok(()))] if name == TARGET), "{:?}", erased.backups);
    let owed = || backup::standing(&backed.place.app)[0].state.erased_ms;
    assert!(owed().is_some(), "what else lies there of it is owed");

    // No run since: the snapshot from before is restored without the company whose key is gone.
    let to = backed.beside("restored");
    let plan = backed.restore(&to, None).expect("the snapshot is restored");
    assert_eq!(plan.erased, std::slice::from_ref(&backed.other));
    assert!(to.join(format!("companies/{third}.db")).exists(), "its key could not be reached");
    backed.snapshot().await;
    assert_eq!(owed(), None, "a run does the rest");
    let plan = backed.restore(&backed.beside("again"), Some(1)).expect("the snapshot is restored");
    assert_eq!(plan.erased.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_that_was_cut_off_leaves_the_old_state_and_goes_on_where_it_was_d7() {
    let backed = Backed::new().await;
    backed.snapshot().await;
    backed.place.person_of(&backed.other, "backed-cut").await;
    backed.place.person("backed-cut-too").await;
    let mut sent_before = Vec::new();
    let mut cuts = 0;
    backed.memory.packs_written();
    for calls in 0.. {
        backed.memory.unplug_after(Some(calls));
        let outcome = backed.try_snapshot(false).await;
        let packs = backed.memory.packs_written();
        sent_before.extend(packs);
        backed.memory.unplug_after(None);
        if outcome.is_ok() {
            break;
        }
        cuts += 1;
        let newest = backed.snapshots().await;
        assert!(newest.last().is_some_and(|name| name.sequence <= 2), "no half a snapshot");
    }
    assert!(cuts > 5, "it was cut off at {cuts} places");
    // The directory and two companies: each pack went once, whatever was cut off.
    assert!(sent_before.len() <= 4, "{sent_before:?}");
    backed.verify().await.expect("what is there now can be restored");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_that_was_cut_off_is_no_box_and_goes_on_where_it_was_d7() {
    let backed = Backed::new().await;
    backed.snapshot().await;
    backed.memory.bytes_read();
    backed.restore(&backed.beside("at-once"), None).expect("a restore that nothing cuts off");
    let at_once = backed.memory.bytes_read();
    let to = backed.beside("restored");
    let mut last = 0;
    let mut cuts = 0;
    for calls in 3.. {
        backed.memory.unplug_after(Some(calls));
        let outcome = backed.restore(&to, None);
        let read = backed.memory.bytes_read();
        if let Ok(plan) = outcome {
            assert_eq!((plan.companies, plan.sequence), (2, 1));
            last = read;
            break;
        }
        cuts += 1;
        assert!(!to.join("keyring.json").exists(), "half a box is none");
    }
    assert!(cuts > 3, "{cuts}");
    assert!(last < at_once * 2 / 3, "most had come before: {last} of {at_once} bytes were read");
    assert!(!to.join(UNFINISHED).exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn snapshots_expire_and_packs_that_nothing_needs_go_with_them_d7() {
    let backed = Backed::new().await;
    for number in 0..4 {
        backed.place.person(&format!("backed-old-{number}")).await;
        backed.snapshot().await;
    }
    let before = backed.memory.names("objects/").len();
    backed.place.clock.advance(8 * 24 * HOUR_MS);
    backed.try_snapshot(true).await.expect("a full one");
    backed.try_snapshot(true).await.expect("and another");
    let snapshots = backed.snapshots().await;
    assert_eq!(snapshots.iter().map(|name| name.sequence).collect::<Vec<_>>(), [5, 6]);
    let after = backed.memory.names("objects/").len();
    assert!(after < before, "{before} packs became {after}");
    backed.verify().await.expect("what is kept can be restored");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_people_laid_into_the_folder_comes_back_and_what_the_box_noted_there_does_not_d2_d3_d7() {
    let backed = Backed::new().await;
    assert!(app::vault::set_anchor(&backed.place.app, None).await.expect("noted"), "the databases have changed");
    let folder = &backed.place.folder;
    assert!(folder.join("anchor.sealed").exists());
    for name in ["edge.toml", "own.pem", "root.key", "root.key.next", "scrub.json"] {
        std::fs::write(folder.join(name), name).expect("writes");
    }
    backed.snapshot().await;
    for name in ["edge.toml", "own.pem", "root.key", "root.key.next", "scrub.json"] {
        std::fs::remove_file(folder.join(name)).expect("removes");
    }
    let to = backed.beside("restored");
    backed.restore(&to, None).expect("restored");
    for name in ["edge.toml", "own.pem"] {
        assert_eq!(std::fs::read_to_string(to.join(name)).ok().as_deref(), Some(name));
    }
    for name in ["root.key", "root.key.next", "scrub.json", "anchor.sealed"] {
        assert!(!to.join(name).exists(), "{name}");
    }
    let image = folder.join("backup/image");
    assert!(image.join("own.pem").exists() && !image.join("root.key.next").exists(), "nor is it in the image");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_box_is_fenced_once_its_restored_self_has_written_h7() {
    let backed = Backed::new().await;
    backed.snapshot().await;
    let to = backed.beside("restored");
    backed.restore(&to, None).expect("restored");
    let vault = vault::Keyring::open(&to, &backed.place.root).expect("the keyring");
    let bounds = store::DatabaseSettings { readers: 1, queue_max: 64, page_cache_kib: 512 };
    let store = Arc::new(store::Store::open(&to, vault, bounds, 8).expect("opens"));
    let clock = Arc::clone(&backed.place.clock) as Arc<dyn domain::clock::Clock>;
    let again = app::App::start(store, clock, Arc::new(SeededRng::new(99)), crate::support::settings()).await;
    let again = again.expect("the restored box starts");
    let target: Arc<dyn Target> = Arc::clone(&backed.memory) as Arc<dyn Target>;
    backup::begin(&again, vec![NamedTarget { name: TARGET.to_owned(), address: String::new(), target: Ok(target) }]);
    let sent = backup::run(&again, &Wish::default()).await.expect("a run").pop().expect("one").1;
    assert_eq!(sent.expect("the restored box goes on").sequence, 2);
    let fenced = backed.try_snapshot(false).await;
    assert!(matches!(fenced, Err(BackupError::Fenced { .. })), "{fenced:?}");
    let snapshots = backed.snapshots().await;
    assert_eq!(snapshots.len(), 2, "the old box has written nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_damaged_missing_or_foreign_is_named_and_nothing_else_is_believed_d7() {
    let backed = Backed::new().await;
    backed.snapshot().await;
    let pack = backed.memory.names("objects/").pop().expect("a pack");
    let whole = backed.memory.objects.lock().expect("no panic holds this").clone();
    let refused = |name: &str, change: &dyn Fn(&mut Vec<u8>)| {
        backed.memory.change(name, change);
        let refused = backed.restore(&backed.beside("refused"), None).expect_err("refused").to_string();
        whole.clone_into(&mut backed.memory.objects.lock().expect("no panic holds this"));
        let _ = std::fs::remove_dir_all(backed.beside("refused"));
        refused
    };
    for at in [0.1, 0.5, 0.9] {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in an object")]
        let flip = |bytes: &mut Vec<u8>| {
            let place = (bytes.len() as f64 * at) as usize;
            bytes[place] ^= 1;
        };
        let told = refused(&pack, &flip);
        assert!(told.contains(&pack), "{told}");
    }
    let told = refused(&pack, &|bytes| bytes.truncate(bytes.len() / 2));
    assert!(told.contains(&pack), "{told}");
    let manifest = backed.memory.names("snapshots/").pop().expect("a manifest");
    let told = refused(&manifest, &|bytes| bytes[40] ^= 1);
    assert!(told.contains(&manifest), "{told}");
    let told = refused("keys", &|bytes| bytes[40] ^= 1);
    assert!(told.contains("keys is damaged"), "{told}");
    backed.memory.objects.lock().expect("no panic holds this").remove(&pack);
    let told = backed.restore(&backed.beside("refused"), None).expect_err("a pack is missing").to_string();
    assert!(told.contains(&pack) && told.contains("missing"), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_verification_that_failed_is_told_until_another_succeeds_d7() {
    let backed = Backed::new().await;
    backed.snapshot().await;
    backed.verify().await.expect("it can be restored");
    let pack = backed.memory.names("objects/").pop().expect("a pack");
    let flip = || backed.memory.change(&pack, |bytes| bytes[100] ^= 1);
    flip();
    backed.verify().await.expect_err("it is damaged");
    let told = || backup::alarms(&backed.place.app).iter().any(|alarm| alarm.contains(&pack));
    assert!(told());
    backed.snapshot().await;
    assert!(told(), "another snapshot needs the same pack");
    flip();
    backed.verify().await.expect("it is whole again");
    assert!(!told());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_rotted_is_mended_from_the_backup_that_has_its_very_version_d3_d7() {
    let backed = Backed::new().await;
    let place = &backed.place;
    let path = place.folder.join("directory.db");
    let key = vault::Keyring::open(&place.folder, &place.root).expect("the keyring").directory_key().database_key();
    let (beside, _) = vault::open(&path, &key, vault::Role::Reader).expect("opens");
    let left: i64 = beside.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).expect("a checkpoint");
    assert_eq!(left, 0, "all of the log is in the file");
    drop(beside);
    backed.snapshot().await;
    let whole = std::fs::read(&path).expect("reads");
    let (at, page) = (2 * 4096, &whole[2 * 4096..3 * 4096]);
    let file = std::fs::File::options().read(true).write(true).open(&path).expect("opens");
    file.write_all_at(&[page[100] ^ 1], at + 100).expect("writes");
    let is_whole = || {
        let mut now = [0; 4096];
        file.read_exact_at(&mut now, at).expect("reads");
        now == *page
    };
    let settings = app::vault::ScrubSettings { round_ms: 0, rate_bytes: 1 << 30 };
    let scrubbing = app::vault::scrub(Arc::downgrade(&place.app), place.folder.clone(), settings);
    let scrubbing = tokio::spawn(scrubbing);
    let mended = async {
        while !is_whole() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    let mended = tokio::time::timeout(std::time::Duration::from_secs(45), mended).await;
    let counters = app::vault::scrub_counters(&place.app);
    assert!(
        mended.is_ok(),
        "{} bytes read, {} mended, {:?}",
        counters.bytes.read(),
        counters.mended.read(),
        app::vault::scrub_warnings(&place.app)
    );
    scrubbing.abort();
    assert_eq!(app::vault::scrub_warnings(&place.app), Vec::<String>::new());
}
