//! What is asked of keys at the console (D2).

use super::refusal;
use crate::error::CommandError;
use crate::{root_key, setup};
use app::vault::{self, Stage, Turn};
use app::{App, AppError};
use appliance_contract::{Answer, KeyPlan, NewRoot, Refusal, Rekey, RootChange, Secret, TurnFacts, TurnStage, Whose};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use store::{Branch, RecoveryKey, RootSource, StoreError, VaultError};
use zeroize::Zeroizing;

/// Turns that one answer tells of.
pub(super) const TURNS_MAX: usize = 50;
/// How often a turn that is waited for is looked at.
const LOOKED_AT_EVERY: Duration = Duration::from_millis(20);

pub(super) async fn rekey(app: &Arc<App>, asked: Rekey) -> Result<Answer, Refusal> {
    let about = match &asked.whose {
        Whose::Directory => "the directory",
        Whose::Company(id) => id,
    };
    let refused = |failure: AppError| refusal(about, &failure);
    let branch = match &asked.whose {
        Whose::Directory => Branch::Directory,
        Whose::Company(id) => vault::branch_of(app, id).map_err(refused)?,
    };
    if asked.dry_run {
        let plan = vault::plan(app, &branch).await.map_err(refused)?;
        return Ok(Answer::KeyPlan(KeyPlan { pages: u64::from(plan.pages), keys: plan.file_keys }));
    }
    let mut turn = vault::rekey(app, branch.clone()).await.map_err(refused)?;
    while asked.wait && !turn.is_over() {
        tokio::time::sleep(LOOKED_AT_EVERY).await;
        turn = vault::turns(app).into_iter().find(|found| found.branch == branch).unwrap_or(turn);
    }
    Ok(Answer::Turns(vec![told(turn)]))
}

/// The newest turns since the start.
pub(super) fn turns(app: &App) -> Vec<TurnFacts> {
    let turns = vault::turns(app);
    let older = turns.len().saturating_sub(TURNS_MAX);
    turns.into_iter().skip(older).map(told).collect()
}

fn told(turn: Turn) -> TurnFacts {
    let (stage, problem) = match turn.stage {
        Stage::Sealing => (TurnStage::Sealing, None),
        Stage::Settling => (TurnStage::Settling, None),
        Stage::Done => (TurnStage::Done, None),
        Stage::Stopped(why) => (TurnStage::Stopped, Some(why)),
    };
    TurnFacts {
        database: turn.branch.name().to_owned(),
        stage,
        pages: u64::from(turn.pages),
        looked_at: u64::from(turn.looked_at),
        pages_resealed: turn.resealed,
        file_keys_rewrapped: turn.rewrapped,
        problem,
    }
}

pub(super) async fn change_root(app: &App, data: &Path, asked: RootChange) -> Result<Answer, Refusal> {
    const ABOUT: &str = "the root key";
    if root_key::is_given_by_machine() {
        return Err(held_by_machine());
    }
    let refused = |failure: AppError| explained(ABOUT, &failure);
    if asked.dry_run {
        let companies = vault::count_keys(app).await.map_err(refused)?;
        return Ok(Answer::KeyPlan(KeyPlan { pages: 0, keys: u64::try_from(companies).unwrap_or(u64::MAX) }));
    }
    let recovery = asked.recovery_key.as_ref().map(read_recovery_key).transpose()?;
    let source = match &asked.new {
        NewRoot::Key(hex) => Some(RootSource::from_key_bytes(hex.reveal().as_bytes()).map_err(|e| unreadable(&e))?),
        NewRoot::Passphrase(text) => Some(RootSource::Passphrase(Zeroizing::new(text.reveal().to_owned()))),
        NewRoot::Development => None,
    };
    match source {
        Some(source) => vault::change_root(app, source, recovery).await.map_err(refused)?,
        None => {
            let made = root_key::make_next(data).map_err(|e| not_development(&e))?;
            let changed = vault::change_root(app, made, recovery).await;
            // Which of the two files opens the box is decided by the keyring, whatever was cut off here.
            root_key::settle(data).map_err(|e| not_development(&e))?;
            changed.map_err(refused)?;
        }
    }
    Ok(Answer::Done)
}

pub(super) async fn change_recovery_key(app: &App, key: &Secret) -> Result<Answer, Refusal> {
    let key = read_recovery_key(key)?;
    let changed = vault::change_recovery_key(app, key, setup::give_machine).await;
    changed.map_err(|failure| match failure {
        AppError::DiskLock(why) => Refusal {
            code: String::from("disk"),
            message: format!("the disk of this machine did not take the recovery key, so the one before stays: {why}"),
            what_to_do: String::from("Start the machine again and try again; the new key opens nothing"),
        },
        other => explained("the recovery key", &other),
    })?;
    Ok(Answer::Done)
}

fn read_recovery_key(text: &Secret) -> Result<RecoveryKey, Refusal> {
    RecoveryKey::parse(text.reveal()).map_err(|e| unreadable(&e))
}

fn unreadable(error: &VaultError) -> Refusal {
    Refusal {
        code: String::from("unreadable_key"),
        message: error.to_string(),
        what_to_do: String::from("Give the right file; nothing was changed"),
    }
}

/// What the vault refuses about root keys is not the disk's fault.
fn explained(about: &str, failure: &AppError) -> Refusal {
    let AppError::Store(StoreError::Vault { source, .. }) = failure else { return refusal(about, failure) };
    let what_to_do = match source {
        VaultError::RecoveryKeyNeeded { .. } => "Give it with --recovery FILE; nothing was changed",
        VaultError::WrongRecoveryKey { .. } => "Give the right one with --recovery FILE; nothing was changed",
        VaultError::RootChanging { .. } => "Wait a moment and try again; a start of the box ends what was begun",
        _ => return refusal(about, failure),
    };
    let (code, message) = (String::from("root_key"), source.to_string());
    Refusal { code, message, what_to_do: what_to_do.to_owned() }
}

fn held_by_machine() -> Refusal {
    Refusal {
        code: String::from("held_by_machine"),
        message: String::from(
            "this box gets its root key from the machine, which has sealed it to its TPM or to a passphrase asked at the start: \
             it cannot be changed from here, because the sealed copy would not follow",
        ),
        what_to_do: String::from(
            "Turn the keys of the directory and of companies instead (--directory, --company ID): whatever is written from \
             then on does not open with an old one",
        ),
    }
}

fn not_development(error: &CommandError) -> Refusal {
    Refusal {
        code: String::from("not_development"),
        message: error.to_string(),
        what_to_do: String::from("Give the new key with --new-key-file FILE or --new-passphrase-file FILE"),
    }
}
