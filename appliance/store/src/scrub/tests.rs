use super::*;
use crate::installation::Installation;
use crate::survey::Survey;
use crate::{Connection, DatabaseSettings};
use domain::clock::Rng;
use domain::ids::Incarnation;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use vault::{Keyring, RootSource, SecretKey, Vault};

const PAGE: u64 = 4096;
const SETTINGS: DatabaseSettings = DatabaseSettings { readers: 2, queue_max: 16, page_cache_kib: 256 };

struct Zeros;

impl Rng for Zeros {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

/// A box whose directory has some MiB.
struct Box(PathBuf);

impl Box {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("scrub-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("a folder");
        let vault = Keyring::create(&folder, &root()).expect("an empty folder");
        let (name, domain) = (String::from("box"), String::from("box"));
        let new = Installation { name, domain, incarnation: Incarnation::random(&Zeros) };
        Store::create(&folder, &vault, &new, 1).expect("a directory");
        Self(folder)
    }

    fn vault(&self) -> Vault {
        Keyring::open(&self.0, &root()).expect("its key")
    }

    fn store(&self) -> Arc<Store> {
        Arc::new(Store::open(&self.0, self.vault(), SETTINGS, 4).expect("opens"))
    }

    fn directory(&self) -> PathBuf {
        self.0.join("directory.db")
    }

    fn damage(&self, page: u64, at: u64, bytes: &[u8]) {
        let file = std::fs::File::options().write(true).open(self.directory()).expect("opens");
        file.write_all_at(bytes, (page - 1) * PAGE + at).expect("writes");
    }
}

impl Drop for Box {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn root() -> RootSource {
    RootSource::Raw(SecretKey::copied(&[7; 32]))
}

async fn fill(store: &Store, rows: std::ops::Range<u32>) {
    let insert = move |c: &Connection| -> Result<(), StoreError> {
        for row in rows {
            c.execute("INSERT INTO certificate VALUES (?1, 'n', ?2, '', 0)", (format!("k{row}"), "x".repeat(3000)))?;
        }
        Ok(())
    };
    store.directory().write(insert).await.expect("commits");
}

/// Steps to the end of a round, as if the box were restarted after each; the steps, and what they found.
fn round(data: &Path, vault: &Vault, now_ms: i64) -> (usize, Vec<Found>) {
    let survey = Survey::new(data, vault);
    let mut scrub = Scrub::read(data);
    survey.begin_scrub(&mut scrub, now_ms);
    let (mut steps, mut fresh) = (0, Vec::new());
    while !scrub.ended {
        let step = survey.scrub(&mut scrub, now_ms).expect("a directory that opens");
        assert!(step.bytes <= 1 << 20, "a step is short");
        fresh.extend(step.fresh);
        scrub.write(data).expect("the disk takes it");
        scrub = Scrub::read(data);
        steps += 1;
    }
    assert_eq!((scrub.done_bytes, scrub.last_ended_ms), (scrub.total_bytes, now_ms), "everything is read once");
    (steps, fresh)
}

/// Copies as a backup has them: whole files.
struct Backup(Vec<u8>);

impl Copies for Backup {
    fn page(&self, database: &str, page: u32) -> Option<Vec<u8>> {
        assert_eq!(database, "directory");
        let at = usize::try_from((u64::from(page) - 1) * PAGE).expect("small");
        self.0.get(at..at + 4096).map(<[u8]>::to_vec)
    }

    fn file(&self, _: &str, _: &str, _: bool, _: u64, _: usize) -> Option<Vec<u8>> {
        None
    }
}

#[tokio::test]
async fn rot_is_found_once_remembered_over_restarts_and_mended_by_the_very_version_alone_d3() {
    let edge = Box::new("rot");
    let store = edge.store();
    fill(&store, 0..900).await;
    drop(store);
    let first_backup = std::fs::read(edge.directory()).expect("reads");
    let (vault, pages) = (edge.vault(), first_backup.len() as u64 / PAGE);
    let (steps, found) = round(&edge.0, &vault, 10);
    assert!(steps >= 3 && found.is_empty(), "{steps} steps, {found:?}");
    let store = edge.store();
    fill(&store, 900..1_000).await;
    let change = |c: &Connection| c.execute("UPDATE certificate SET name = 'other'", []).map_err(StoreError::from);
    store.directory().write(change).await.expect("commits");
    drop(store);
    let second_backup = std::fs::read(edge.directory()).expect("reads");
    // In the middle of what both backups have, each in a version of its own.
    let hurt = [pages / 2, pages / 2 + 1];
    hurt.iter().for_each(|page| edge.damage(*page, 700, &[0xEE; 5]));
    let (_, found) = round(&edge.0, &vault, 20);
    let items: Vec<Item> = hurt.iter().map(|page| Item::Page(u32::try_from(*page).expect("small"))).collect();
    assert_eq!(found.iter().map(|found| found.item.clone()).collect::<Vec<_>>(), items);
    assert_eq!(round(&edge.0, &vault, 30).1, [], "what is known is not told again");
    assert_eq!(Scrub::read(&edge.0).found, found, "and not forgotten, nor younger");
    let store = edge.store();
    let mend = async |backup: &[u8]| {
        store.mend(&found[0], Arc::new(Backup(backup.to_vec()))).await.expect("the disk takes it")
    };
    assert_eq!(mend(&first_backup[..4096]).await, Mended::NoCopy);
    assert_eq!(mend(&first_backup).await, Mended::OtherVersion, "an older version would be valid, and wrong");
    assert_eq!(mend(&second_backup).await, Mended::Yes);
    assert_eq!(mend(&second_backup).await, Mended::NotNeeded);
    drop(store);
    assert_eq!(round(&edge.0, &vault, 40).1, []);
    let left = Scrub::read(&edge.0).found;
    assert_eq!(left, found[1..], "the other one is still damaged");
    edge.damage(hurt[1], 0, &second_backup[usize::try_from((hurt[1] - 1) * PAGE).expect("small")..][..4096]);
    round(&edge.0, &vault, 50);
    assert_eq!(Scrub::read(&edge.0).found, [], "somebody mended it");
    assert_eq!(std::fs::read(edge.directory()).expect("reads"), second_backup);
}

#[tokio::test]
async fn a_page_that_was_written_anew_meanwhile_is_not_mended_by_its_older_version_d3() {
    let edge = Box::new("anew");
    let store = edge.store();
    fill(&store, 0..100).await;
    let free = |c: &Connection| c.execute("DELETE FROM certificate WHERE name = 'n'", []).map_err(StoreError::from);
    store.directory().write(free).await.expect("commits");
    drop(store);
    let backup = std::fs::read(edge.directory()).expect("reads");
    let all: Vec<u32> = (1..=u32::try_from(backup.len()).expect("small") / 4096).collect();
    let key = edge.vault().directory_key().database_key();
    let owners = Examination::open(&edge.directory(), &key).expect("opens").0.owners(&[], &all);
    let free = all.iter().zip(owners).filter(|(_, owner)| *owner == vault::Owner::Free).map(|(page, _)| *page);
    // Not the first, which lists the others.
    let page = free.max().expect("some page is free");
    edge.damage(u64::from(page), 700, &[0xEE; 5]);
    let (_, found) = round(&edge.0, &edge.vault(), 10);
    assert_eq!(found.iter().map(|found| found.item.clone()).collect::<Vec<_>>(), [Item::Page(page)]);
    let store = edge.store();
    // What is free is written anew without being read: into the log, while the file still has what is damaged.
    fill(&store, 200..290).await;
    let before = std::fs::read(edge.directory()).expect("reads");
    let mended = store.mend(&found[0], Arc::new(Backup(backup))).await.expect("answers");
    assert_eq!(mended, Mended::NotNeeded, "its new version is in the log");
    assert_eq!(std::fs::read(edge.directory()).expect("reads"), before, "the file was left alone");
    drop(store);
    assert_eq!(round(&edge.0, &edge.vault(), 20).1, []);
    assert_eq!(Scrub::read(&edge.0).found, [], "with the log it became whole");
}
