//! Whether the data folder is the newest there was (D3): the anchor beside the databases (`store::anchor`), and a counter in the TPM
//! that shows how old the anchor itself is.

use crate::clock::SystemClock;
use crate::error::CommandError;
use app::App;
use config_schema::Config;
use domain::clock::Clock;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use store::anchor::{Anchor, Counted, Judgement};
use store::{Purpose, SecretKey};
use tpm::{Auth, Counter, Tpm, TpmError, index_for};
use vault::Vault;

/// How often a running box notes what it has. A TPM's memory takes some hundred thousand writes: 8,760 a year.
pub(crate) const EVERY: Duration = Duration::from_secs(3600);

/// Where the counter of this box is, and what it is counted with: keys of the directory's branch, which the root key opens.
#[derive(Clone)]
pub(crate) struct Witness {
    device: PathBuf,
    index: u32,
    auth: SecretKey,
}

impl Witness {
    /// The counter of a box whose keys `derive` derives; `None` where none is configured.
    pub(crate) fn of(config: &Config, derive: impl Fn(Purpose) -> SecretKey) -> Option<Self> {
        let device = config.store.tpm_device.clone()?;
        let [a, b, c, d, ..] = *derive(Purpose::TpmCounterIndex).expose();
        Some(Self { device, index: index_for([a, b, c, d]), auth: derive(Purpose::TpmCounter) })
    }

    pub(crate) fn open(&self) -> Result<Tpm, TpmError> {
        Tpm::open(&self.device, self.index, Auth::new(*self.auth.expose()))
    }
}

fn in_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Refuses a data folder that is not the newest, before anything of it is used.
///
/// # Errors
/// [`CommandError::OlderBox`]; an anchor or a TPM that cannot be read.
pub(crate) fn verify(data: &Path, vault: &Vault, config: &Config) -> Result<(), CommandError> {
    // Without a counter the anchor is looked at as the store opens.
    let Some(witness) = Witness::of(config, |purpose| purpose.of(vault)) else { return Ok(()) };
    let anchor = Anchor::read(data, vault)?;
    verify_by(&mut witness.open()?, data, vault, anchor)
}

fn verify_by(
    counter: &mut dyn Counter,
    data: &Path,
    vault: &Vault,
    anchor: Option<Anchor>,
) -> Result<(), CommandError> {
    let (machine, value) = (in_hex(&counter.machine()?), counter.read()?);
    match Judgement::of(anchor.as_ref(), &machine, value) {
        Judgement::Current => Ok(()),
        Judgement::Unfinished => Ok(counter.increment().map(drop)?),
        Judgement::NoneYet => begin(counter, data, vault, anchor.unwrap_or_default(), machine),
        Judgement::Moved => {
            tracing::warn!("the disk was moved to another machine, whose TPM counts from now on");
            begin(counter, data, vault, anchor.unwrap_or_default(), machine)
        }
        Judgement::Older(older) => Err(CommandError::OlderBox(older.to_string())),
    }
}

/// The first count. Who is cut off between the count and the note of it is refused at the next start, and has to accept what is there:
/// that is once in the life of a box, and the safe side.
fn begin(
    counter: &mut dyn Counter,
    data: &Path,
    vault: &Vault,
    mut anchor: Anchor,
    machine: String,
) -> Result<(), CommandError> {
    anchor.counter = Some(Counted { machine: machine.clone(), value: 0 });
    anchor.write(data, vault)?;
    if !is_made(counter)? {
        return Ok(());
    }
    let value = counter.increment()?;
    anchor.counter = Some(Counted { machine, value });
    Ok(anchor.write(data, vault)?)
}

/// Makes the counter where there is none. `false` where the TPM refuses, as one without room does: nothing was counted yet that
/// could be lost, so this machine is as good as one without a TPM.
fn is_made(counter: &mut dyn Counter) -> Result<bool, TpmError> {
    if counter.read()?.is_some() {
        return Ok(true);
    }
    match counter.define() {
        Err(refused @ TpmError::Refused { .. }) => {
            tracing::warn!(%refused, "the TPM makes no counter: data that is put back to an older state is not noticed");
            Ok(false)
        }
        made => made.map(|()| true),
    }
}

fn first_count(counter: &mut dyn Counter) -> Result<u64, TpmError> {
    if counter.read()?.is_none() {
        counter.define()?;
    }
    counter.increment()
}

/// The first count of a box that has just been set up, and is served already.
async fn begin_served(app: &Arc<App>, witness: &Witness) -> Result<(), CommandError> {
    if app::vault::is_counted(app) {
        return Ok(());
    }
    let asked = witness.clone();
    let machine = off_the_async_threads(move || {
        let mut counter = asked.open()?;
        // One that is there and not noted is for the next start to judge.
        Ok(if counter.read()?.is_none_or(|value| value == 0) { Some(in_hex(&counter.machine()?)) } else { None })
    });
    let Some(machine) = machine.await? else { return Ok(()) };
    app::vault::set_anchor(app, Some(Counted { machine: machine.clone(), value: 0 })).await?;
    let counting = witness.clone();
    let value = off_the_async_threads(move || {
        let mut counter = counting.open()?;
        if is_made(&mut counter)? { counter.increment().map(Some) } else { Ok(None) }
    });
    if let Some(value) = value.await? {
        app::vault::set_anchor(app, Some(Counted { machine, value })).await?;
    }
    Ok(())
}

/// Takes the data folder of a stopped box for the newest, and counts once more, so that nothing older is taken for it. Gives what was
/// older.
///
/// # Errors
/// When the TPM or the disk refuses.
pub(crate) fn accept(data: &Path, vault: &Vault, config: &Config, why: &str) -> Result<Vec<String>, CommandError> {
    let witness = Witness::of(config, |purpose| purpose.of(vault));
    let counted = witness.map(|witness| count_anew(&mut witness.open()?)).transpose()?;
    Ok(store::Survey::new(data, vault).accept(SystemClock.now_ms(), counted, why)?)
}

fn count_anew(counter: &mut dyn Counter) -> Result<Counted, TpmError> {
    // One that somebody else defined in its place cannot be counted; a new one begins above it.
    if matches!(counter.read(), Err(TpmError::Refused { .. } | TpmError::Answer { .. })) {
        counter.remove()?;
    }
    let value = first_count(counter)?;
    Ok(Counted { machine: in_hex(&counter.machine()?), value })
}

/// Notes what a running box has, where there is anything new.
pub(crate) async fn set(app: &Arc<App>, witness: Option<&Witness>) {
    if let Err(failure) = try_set(app, witness).await {
        tracing::error!(%failure, "the state of the databases could not be noted: the last note counts");
    }
}

async fn try_set(app: &Arc<App>, witness: Option<&Witness>) -> Result<(), CommandError> {
    let reading = witness.cloned().map(|witness| off_the_async_threads(move || next(&witness)));
    let next = match reading {
        Some(reading) => reading.await?,
        None => None,
    };
    let noted = app::vault::set_anchor(app, next.clone()).await?;
    if let (true, Some(next), Some(witness)) = (noted, next, witness.cloned()) {
        let is = off_the_async_threads(move || witness.open()?.increment()).await?;
        if is != next.value {
            tracing::error!(is, noted = next.value, "somebody else counts with the TPM's counter of this box");
        }
    }
    Ok(())
}

/// What the counter will have; `None` where the next start is to make it.
fn next(witness: &Witness) -> Result<Option<Counted>, TpmError> {
    let mut counter = witness.open()?;
    let machine = in_hex(&counter.machine()?);
    Ok(counter.read()?.filter(|value| *value > 0).map(|value| Counted { machine, value: value + 1 }))
}

async fn off_the_async_threads<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, TpmError> + Send + 'static,
) -> Result<T, CommandError> {
    let done = tokio::task::spawn_blocking(work).await;
    let done = done.map_err(|e| CommandError::Usage(format!("the TPM could not be asked: {e}")))?;
    Ok(done?)
}

/// As often as it is due, until the task is ended.
pub(crate) async fn keep(app: Arc<App>, witness: Option<Witness>) {
    if let Some(witness) = witness.clone() {
        let app = Arc::clone(&app);
        // Apart, so that an end that comes just now waits for it: what is counted must be noted.
        let begun = tokio::spawn(async move {
            if let Err(failure) = begin_served(&app, &witness).await {
                tracing::error!(%failure, "the TPM does not count yet: the next start tries again");
            }
        });
        drop(begun.await);
    }
    loop {
        tokio::time::sleep(EVERY).await;
        set(&app, witness.as_ref()).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use store::Store;
    use tpm::Fake;
    use vault::{Keyring, RootSource};

    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("anchor-{name}-{}", std::process::id()));
            let _ = std::fs::remove_dir_all(&path);
            std::fs::create_dir_all(&path).expect("a folder");
            Self(path)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    fn vault(folder: &Folder) -> Vault {
        let root = RootSource::Raw(SecretKey::copied(&[7; 32]));
        Keyring::create(&folder.0, &root).expect("an empty folder")
    }

    fn check(counter: &Fake, folder: &Folder, vault: &Vault) -> Result<(), String> {
        let anchor = Anchor::read(&folder.0, vault).map_err(|e| e.to_string())?;
        verify_by(&mut counter.clone(), &folder.0, vault, anchor).map_err(|e| e.to_string())
    }

    /// As a running box does it: the note first, then the count.
    fn note(counter: &Fake, folder: &Folder, vault: &Vault) -> Result<u64, TpmError> {
        let mut anchor = Anchor::read(&folder.0, vault).expect("reads").expect("there");
        let counted = anchor.counter.as_mut().expect("counted");
        counted.value += 1;
        anchor.write(&folder.0, vault).expect("the disk takes it");
        counter.clone().increment()
    }

    fn copy(folder: &Folder) -> Vec<u8> {
        std::fs::read(folder.0.join("anchor.sealed")).expect("an anchor")
    }

    fn put_back(folder: &Folder, anchor: &[u8]) {
        std::fs::write(folder.0.join("anchor.sealed"), anchor).expect("the disk takes it");
    }

    #[test]
    fn an_anchor_put_back_is_refused_and_a_power_cut_at_any_point_is_not_d3() {
        let folder = Folder::new("back");
        let (vault, counter) = (vault(&folder), Fake::in_machine(b"one"));
        check(&counter, &folder, &vault).expect("a new box begins to count");
        check(&counter, &folder, &vault).expect("and is the newest");
        let mut older = vec![copy(&folder)];
        for round in 0..5 {
            // The power goes between note and count.
            counter.fail_after(Some(0));
            note(&counter, &folder, &vault).expect_err("no power");
            counter.fail_after(None);
            check(&counter, &folder, &vault).unwrap_or_else(|e| panic!("round {round}: {e}"));
            note(&counter, &folder, &vault).expect("counts");
            let newest = copy(&folder);
            for earlier in &older {
                put_back(&folder, earlier);
                let refused = check(&counter, &folder, &vault).expect_err("an older state");
                assert!(
                    refused.contains("put back to an older state") && refused.contains("vault accept"),
                    "{refused}"
                );
            }
            std::fs::remove_file(folder.0.join("anchor.sealed")).expect("removes");
            check(&counter, &folder, &vault).expect_err("no note at all is no newer");
            put_back(&folder, &newest);
            check(&counter, &folder, &vault).expect("the newest");
            older.push(newest);
        }
        counter.clone().remove().expect("removes");
        check(&counter, &folder, &vault).expect_err("without the counter nobody can tell");
        let other = Fake::in_machine(b"another");
        check(&other, &folder, &vault).expect("a disk that was moved, which takes a key, counts there");
    }

    #[test]
    fn a_machine_whose_tpm_makes_no_counter_starts_as_one_without_and_counts_once_it_does_d3() {
        let folder = Folder::new("no-room");
        let (vault, counter) = (vault(&folder), Fake::in_machine(b"one"));
        let noted = || Anchor::read(&folder.0, &vault).expect("reads").expect("there").counter.expect("noted").value;
        counter.refuse_to_define(true);
        for _ in 0..2 {
            check(&counter, &folder, &vault).expect("starts");
            assert_eq!(noted(), 0, "nothing was counted");
        }
        counter.refuse_to_define(false);
        check(&counter, &folder, &vault).expect("begins to count");
        assert_eq!(noted(), 1);
        let older = copy(&folder);
        note(&counter, &folder, &vault).expect("counts");
        put_back(&folder, &older);
        check(&counter, &folder, &vault).expect_err("older");
    }

    #[tokio::test]
    async fn who_accepts_leaves_a_trace_and_nothing_older_is_taken_afterwards_d3() {
        let folder = Folder::new("accept");
        let (vault, counter) = (vault(&folder), Fake::in_machine(b"one"));
        let installation = store::installation::Installation {
            name: String::from("box"),
            domain: String::from("box"),
            incarnation: domain::ids::Incarnation::random(&crate::clock::SystemRng),
        };
        Store::create(&folder.0, &vault, &installation, 1).expect("a directory");
        check(&counter, &folder, &vault).expect("begins");
        let older = copy(&folder);
        note(&counter, &folder, &vault).expect("counts");
        put_back(&folder, &older);
        check(&counter, &folder, &vault).expect_err("older");
        let counted = count_anew(&mut counter.clone()).expect("counts");
        store::Survey::new(&folder.0, &vault).accept(5, Some(counted), "restored").expect("accepts");
        check(&counter, &folder, &vault).expect("accepted");
        let accepted = Anchor::read(&folder.0, &vault).expect("reads").expect("there").accepted;
        assert_eq!((accepted.len(), accepted[0].at_ms, accepted[0].why.as_str()), (1, 5, "restored"));
        put_back(&folder, &older);
        check(&counter, &folder, &vault).expect_err("it was accepted once, not for good");
    }
}
