//! `vault rekey`, `vault passphrase` and `vault recovery-key` (D2).

use super::super::ask;
use crate::admin;
use crate::cli::{Folder, VaultPassphrase, VaultRecoveryKey, VaultRekey};
use crate::commands::bar::Bar;
use crate::error::CommandError;
use crate::root_key;
use appliance_contract::{Answer, KeyPlan, NewRoot, Rekey, Request, RootChange, Secret, TurnFacts, TurnStage, Whose};
use std::io::{IsTerminal as _, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;
use vault::{RecoveryKey, RootSource, SEALED_PAGE_BYTES};
use zeroize::Zeroizing;

/// How often a running box is asked how far it is.
const ASKED_EVERY: Duration = Duration::from_millis(200);

pub(super) fn rekey(options: &VaultRekey) -> Result<ExitCode, CommandError> {
    let whose = match (&options.company, options.directory) {
        (Some(id), _) => Whose::Company(id.clone()),
        (None, true) => Whose::Directory,
        (None, false) => return root(options),
    };
    if options.recovery.is_some() || options.new_key_file.is_some() {
        let what = "--new-key-file and --recovery are for the root key: leave them away, or give --root";
        return Err(CommandError::Usage(what.to_owned()));
    }
    let (on, dry_run) = (&options.folder, options.dry_run);
    let begin = |wait| Request::VaultRekey(Rekey { whose: whose.clone(), dry_run, wait });
    super::must_hold_box(on)?;
    let begun = match admin::ask(&on.data, &begin(false))? {
        Some(answer) => answer,
        None => ask::box_of(on, begin(true))?,
    };
    match begun {
        Answer::KeyPlan(plan) => {
            let KeyPlan { pages, keys } = plan;
            println!("{pages} pages would be sealed anew, and the keys of {keys} stored files wrapped anew.");
            println!("People read and write meanwhile. Nothing was changed.");
            Ok(ExitCode::SUCCESS)
        }
        Answer::Turns(turns) => follow(on, turns),
        answer => Err(ask::other(answer)),
    }
}

/// Watches a turn until it is over.
fn follow(on: &Folder, mut turns: Vec<TurnFacts>) -> Result<ExitCode, CommandError> {
    let Some(mut turn) = turns.pop() else { return Err(ask::other(Answer::Turns(turns))) };
    let (mut bar, mut shown) = (Bar::new(), String::new());
    loop {
        show(&turn, &mut bar, &mut shown);
        match turn.stage {
            TurnStage::Done => break,
            TurnStage::Stopped => {
                let message = turn.problem.unwrap_or_default();
                let what_to_do =
                    String::from("It goes on when it is asked for again, and at the next start of the box");
                return Err(CommandError::Refused { message: format!("{}: {message}", turn.database), what_to_do });
            }
            TurnStage::Sealing | TurnStage::Settling => std::thread::sleep(ASKED_EVERY),
        }
        let Some(answer) = admin::ask(&on.data, &Request::VaultTurns)? else {
            let what = "the box was stopped meanwhile: it goes on with its next start";
            return Err(CommandError::Usage(what.to_owned()));
        };
        let Answer::Turns(all) = answer else { return Err(ask::other(answer)) };
        let Some(found) = all.into_iter().find(|found| found.database == turn.database) else {
            let what = "the box was started anew meanwhile: `rainbow-edge status` tells how far it is";
            return Err(CommandError::Usage(what.to_owned()));
        };
        turn = found;
    }
    println!(
        "{}: {} pages sealed and {} file keys wrapped anew. The old key is gone: it opens older copies and backups only.",
        turn.database, turn.pages_resealed, turn.file_keys_rewrapped
    );
    Ok(ExitCode::SUCCESS)
}

/// A bar on a terminal; else a line for each new stage.
fn show(turn: &TurnFacts, bar: &mut Bar, shown: &mut String) {
    if std::io::stderr().is_terminal() {
        let bytes = |pages: u64| pages * SEALED_PAGE_BYTES as u64;
        match turn.stage {
            TurnStage::Sealing => {
                let what = format!("{}: {} pages sealed anew", turn.database, turn.pages_resealed);
                bar.show(&what, bytes(turn.looked_at), bytes(turn.pages));
            }
            TurnStage::Settling => bar.show(&format!("{}: {}", turn.database, stage_in_words(turn)), 0, 0),
            TurnStage::Done | TurnStage::Stopped => bar.clear(),
        }
        return;
    }
    let stage = stage_in_words(turn);
    if *shown != stage {
        eprintln!("{}: {stage}", turn.database);
        *shown = stage;
    }
}

/// How far a turn is.
pub(in crate::commands) fn stage_in_words(turn: &TurnFacts) -> String {
    match turn.stage {
        TurnStage::Sealing => {
            let share = turn.looked_at.saturating_mul(100) / turn.pages.max(1);
            format!("{share} % of {} pages looked at, {} sealed anew", turn.pages, turn.pages_resealed)
        }
        TurnStage::Settling => String::from("looking whether anything is left under the old key"),
        TurnStage::Done => String::from("done"),
        TurnStage::Stopped => format!("stopped: {}", turn.problem.as_deref().unwrap_or_default()),
    }
}

fn root(options: &VaultRekey) -> Result<ExitCode, CommandError> {
    let new = match &options.new_key_file {
        None => NewRoot::Development,
        Some(path) => match root_key::read_key(path)? {
            RootSource::Raw(key) => NewRoot::Key(Secret::new(key.to_hex().to_string())),
            _ => return Err(CommandError::Usage(format!("{} holds no root key", path.display()))),
        },
    };
    change_root(&options.folder, new, options.recovery.as_deref(), options.dry_run)?;
    if !options.dry_run {
        match &options.new_key_file {
            Some(path) => {
                println!("The root key is changed. Start the box with --key-file {} from now on.", path.display())
            }
            None => println!("The root key is changed: root.key in the data folder is another one now."),
        }
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) fn passphrase(options: &VaultPassphrase) -> Result<ExitCode, CommandError> {
    let RootSource::Passphrase(text) = root_key::read_passphrase(&options.new_passphrase_file)? else {
        return Err(CommandError::Usage(String::from("this is no passphrase")));
    };
    let new = NewRoot::Passphrase(Secret::new(text.to_string()));
    change_root(&options.folder, new, options.recovery.as_deref(), options.dry_run)?;
    if !options.dry_run {
        println!("The passphrase is changed; whatever opened the box before opens nothing any more.");
    }
    Ok(ExitCode::SUCCESS)
}

fn change_root(on: &Folder, new: NewRoot, recovery: Option<&Path>, dry_run: bool) -> Result<(), CommandError> {
    let recovery_key = recovery.map(|path| match root_key::read_recovery_key(path)? {
        RootSource::Recovery(key) => Ok(Secret::new(key.shown().to_string())),
        _ => Err(CommandError::Usage(format!("{} holds no recovery key", path.display()))),
    });
    let recovery_key = recovery_key.transpose()?;
    match ask::box_of(on, Request::VaultRoot(RootChange { new, recovery_key, dry_run }))? {
        Answer::Done => Ok(()),
        Answer::KeyPlan(plan) => {
            println!(
                "The keys of the directory and of {} companies would be wrapped anew. Nothing was changed.",
                plan.keys
            );
            Ok(())
        }
        answer => Err(ask::other(answer)),
    }
}

/// Shown, typed, and only then in force.
pub(super) fn recovery_key(options: &VaultRecoveryKey) -> Result<ExitCode, CommandError> {
    super::must_hold_box(&options.folder)?;
    let mut random = Zeroizing::new([0; 20]);
    getrandom::fill(&mut *random).map_err(|e| CommandError::Vault(vault::VaultError::Random(e)))?;
    let key = RecoveryKey::new(random);
    println!("recovery key: {}", key.shown_with_checksum().as_str());
    println!("Write it down: it is shown this once. The one before counts until this one has been typed.");
    print!("Type it: ");
    std::io::stdout().flush().map_err(CommandError::file("write to", "standard output"))?;
    let mut typed = Zeroizing::new(String::with_capacity(TYPED_MAX));
    std::io::stdin().read_line(&mut typed).map_err(CommandError::file("read", "standard input"))?;
    let not_it =
        |what: &str| CommandError::Usage(format!("{what}. Nothing was changed: the recovery key before counts"));
    let read = RecoveryKey::parse(typed.trim()).map_err(|e| not_it(&e.to_string()))?;
    if !read.same_as(&key) {
        return Err(not_it("this is not the recovery key that was shown"));
    }
    let request = Request::VaultRecoveryKey { key: Secret::new(key.shown().to_string()) };
    match ask::box_of(&options.folder, request)? {
        Answer::Done => println!("The recovery key is changed; the one before opens nothing any more."),
        answer => return Err(ask::other(answer)),
    }
    Ok(ExitCode::SUCCESS)
}

/// Room for what is typed, so that no copies are left behind as it grows.
const TYPED_MAX: usize = 256;
