//! Backups as the configuration and the console want them.

use crate::clock::SystemClock;
use crate::root_key;
use app::App;
use app::backup::{BackupError, Far, NamedTarget, Outcome, Sent, SnapshotName, Standing, Verified, Wish};
use appliance_contract::{
    Answer, BackupBegin, BackupDoing, BackupJob, BackupOutcome, BackupSnapshot, BackupStanding, BackupWish, Refusal,
    SNAPSHOTS_PER_ANSWER,
};
use config_schema::Config;
use domain::backup::{Address, Target};
use domain::clock::Clock as _;
use outbound::backup::Means;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use zeroize::Zeroizing;

/// Longest file with a secret.
const SECRET_BYTES_MAX: u64 = 64 * 1024;

/// The targets of the configuration. One that cannot be used says why, whenever it is to be.
#[must_use]
pub fn targets(config: &Config, data: &Path) -> Vec<NamedTarget> {
    let ca_file = config.backup.ca_file.as_ref().map(|file| data.join(file));
    let target = |Target { name, address }: &Target| {
        let secret = if address.needs_secret() { read_secret(&secret_file(name, data)).map(Some) } else { Ok(None) };
        let opened = secret
            .and_then(|secret| outbound::backup::open(address, &Means { secret, ca_file: ca_file.clone(), clock }));
        NamedTarget { name: name.clone(), address: address.to_string(), target: opened }
    };
    config.backup.targets.iter().map(target).collect()
}

fn clock() -> i64 {
    SystemClock.now_ms()
}

/// A systemd credential, else a file of the data folder.
fn secret_file(name: &str, data: &Path) -> PathBuf {
    let credential =
        root_key::credentials().map(|folder| folder.join(format!("backup-{name}"))).filter(|path| path.exists());
    credential.unwrap_or_else(|| data.join(format!("backup-{name}.secret")))
}

/// Reads a secret; the newline at its end is none of it.
///
/// # Errors
/// For people.
pub fn read_secret(path: &Path) -> Result<Zeroizing<String>, String> {
    let mut text = Zeroizing::new(String::new());
    let read = std::fs::File::open(path).and_then(|file| file.take(SECRET_BYTES_MAX).read_to_string(&mut text));
    read.map_err(|e| format!("its secret cannot be read: {}: {e}", path.display()))?;
    let clean = text.trim_end_matches(['\r', '\n']);
    if clean.is_empty() { Err(format!("{} is empty", path.display())) } else { Ok(Zeroizing::new(clean.to_owned())) }
}

/// What takes the objects of an address that was given on the command line.
///
/// # Errors
/// For people.
pub fn target_at(
    address: &str,
    secret: Option<&Path>,
    ca_file: Option<PathBuf>,
) -> Result<Arc<dyn app::backup::Target>, String> {
    let address = Address::parse(address).map_err(|e| format!("--from: {e}"))?;
    if address.needs_secret() && secret.is_none() {
        return Err(String::from("--secret-file is needed for this address"));
    }
    let secret = secret.map(read_secret).transpose()?;
    outbound::backup::open(&address, &Means { secret, ca_file, clock })
}

/// How the targets stand.
#[must_use]
pub fn standing(app: &App) -> Vec<BackupStanding> {
    let told = |Standing { name, address, state, doing }: Standing| BackupStanding {
        address,
        taken_at_ms: unsigned(state.taken_ms),
        sequence: state.sequence,
        verified_at_ms: unsigned(state.verified_ms),
        failure: state.failing().map(|failure| failure.what.clone()),
        doing: doing.map(|far| in_contract(&name, far)),
        target: name,
    };
    app::backup::standing(app).into_iter().map(told).collect()
}

fn unsigned(at_ms: Option<i64>) -> Option<u64> {
    at_ms.and_then(|at| u64::try_from(at).ok())
}

fn in_contract(target: &str, far: Far) -> BackupDoing {
    let (stage, done_bytes, total_bytes) = (far.stage.to_owned(), far.done, far.total);
    BackupDoing { target: target.to_owned(), stage, done_bytes, total_bytes }
}

/// What is being done, by target.
#[must_use]
pub fn doing(app: &App) -> Vec<BackupDoing> {
    let standing = app::backup::standing(app).into_iter();
    standing.filter_map(|one| Some(in_contract(&one.name, one.doing?))).collect()
}

/// The last thing that was asked for, and what came of it.
#[derive(Default)]
pub struct Jobs(Mutex<Last>);

#[derive(Default)]
struct Last {
    number: u64,
    outcomes: Option<Vec<BackupOutcome>>,
}

impl Jobs {
    /// Begins what is wanted.
    pub fn begin(self: &Arc<Self>, app: &Arc<App>, wanted: BackupBegin) -> Answer {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if last.number > 0 && last.outcomes.is_none() {
            return Answer::Refused(Refusal {
                code: String::from("busy"),
                message: BackupError::Busy.to_string(),
                what_to_do: String::from("`rainbow-edge status` tells how far it is"),
            });
        }
        last.number += 1;
        last.outcomes = None;
        let (jobs, app, job) = (Arc::clone(self), Arc::clone(app), last.number);
        tokio::spawn(async move {
            let outcomes = perform(&app, wanted).await;
            jobs.0.lock().unwrap_or_else(PoisonError::into_inner).outcomes = Some(outcomes);
        });
        Answer::BackupBegun { job }
    }

    /// How far it is.
    pub fn far(&self, app: &App, job: u64) -> Answer {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let outcomes = if last.number == job { last.outcomes.clone() } else { Some(Vec::new()) };
        Answer::BackupJob(Box::new(BackupJob { doing: doing(app), outcomes }))
    }
}

/// Does what is wanted.
pub async fn perform(app: &Arc<App>, wanted: BackupBegin) -> Vec<BackupOutcome> {
    let BackupBegin { wish, target } = wanted;
    match wish {
        BackupWish::Now { full } => {
            let wish = Wish { target, full, verify: full };
            told(app::backup::run(app, &wish).await, |sent: Sent| BackupOutcome {
                snapshot: Some(BackupSnapshot { sequence: sent.sequence, taken_at_ms: None }),
                sent_bytes: Some(sent.sent),
                bytes: Some(sent.bytes),
                ..BackupOutcome::default()
            })
        }
        BackupWish::Verify { snapshot } => {
            let verified = app::backup::verify(app, target.as_deref(), snapshot).await;
            told(verified, |verified: Verified| BackupOutcome {
                snapshot: Some(BackupSnapshot {
                    sequence: verified.sequence,
                    taken_at_ms: unsigned(Some(verified.taken_ms)),
                }),
                bytes: Some(verified.bytes),
                verified: Some((verified.databases, verified.files)),
                ..BackupOutcome::default()
            })
        }
        BackupWish::List => told(app::backup::list_at(app, target.as_deref()).await, listed),
    }
}

fn listed(names: Vec<SnapshotName>) -> BackupOutcome {
    let older = names.len().saturating_sub(SNAPSHOTS_PER_ANSWER);
    let snapshot =
        |name: &SnapshotName| BackupSnapshot { sequence: name.sequence, taken_at_ms: unsigned(Some(name.taken_ms)) };
    let (snapshots, older) = (names[older..].iter().map(snapshot).collect(), older as u64);
    BackupOutcome { snapshots, older, ..BackupOutcome::default() }
}

fn told<T>(outcomes: Result<Vec<Outcome<T>>, BackupError>, success: impl Fn(T) -> BackupOutcome) -> Vec<BackupOutcome> {
    let failed = |target: String, failure: BackupError| {
        let failure = Some(failure.to_string());
        BackupOutcome { target, failure, ..BackupOutcome::default() }
    };
    match outcomes {
        Err(failure) => vec![failed(String::new(), failure)],
        Ok(outcomes) => outcomes
            .into_iter()
            .map(|(target, outcome)| match outcome {
                Ok(outcome) => BackupOutcome { target, ..success(outcome) },
                Err(failure) => failed(target, failure),
            })
            .collect(),
    }
}
