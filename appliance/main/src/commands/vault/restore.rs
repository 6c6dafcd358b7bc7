//! `vault restore`: a box from a backup.

use super::in_bytes;
use crate::cli::VaultRestore as Options;
use crate::clock::{SystemClock, SystemRng};
use crate::commands::bar::Bar;
use crate::error::CommandError;
use crate::{anchor, backup, folder, root_key};
use app::backup::{Plan, Progress, Restore};
use domain::clock::{Clock as _, iso8601};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use vault::{Keyring, RootSource};

const LOOK_EVERY: Duration = Duration::from_millis(200);

pub(super) fn execute(options: &Options) -> Result<ExitCode, CommandError> {
    let data = &options.folder.data;
    folder::examine_for_restore(data)?;
    let source = root_key::find(&options.folder)?;
    let target = backup::target_at(&options.from, options.secret_file.as_deref(), options.ca_file.clone());
    let target = target.map_err(CommandError::Usage)?;
    let progress = Arc::new(Progress::default());
    let restore = Restore {
        target: target.as_ref(),
        source: &source,
        to: data,
        sequence: options.snapshot,
        rng: &SystemRng,
        progress: &progress,
    };
    if options.dry_run {
        let plan = restore.run(true)?;
        println!("Nothing was written. A restore would bring back:");
        tell(&plan);
        return Ok(ExitCode::SUCCESS);
    }
    folder::make(data)?;
    let held = folder::hold(data)?;
    let plan = shown(&progress, || restore.run(false))?;
    let noted = note_restored(options, &source);
    drop(held);
    println!("A box was restored into {}:", data.display());
    tell(&plan);
    tell_what_changed(options);
    if let Err(failure) = noted {
        println!("The TPM did not count that this is the newest state: {failure}");
        println!("Until `rainbow-edge vault accept --older-state` has told it, the box refuses to start.");
    }
    Ok(ExitCode::SUCCESS)
}

/// Where a counter in the TPM tells an older state from the newest, this older one is the newest from now on (D3).
fn note_restored(options: &Options, source: &RootSource) -> Result<(), CommandError> {
    let data = &options.folder.data;
    let config = folder::configuration(&options.folder)?;
    if config.store.tpm_device.is_some() {
        anchor::accept(data, &Keyring::open(data, source)?, &config, "it was restored from a backup")?;
    }
    Ok(())
}

/// Does the work, and tells meanwhile how far it is.
fn shown<T: Send>(progress: &Progress, work: impl FnOnce() -> T + Send) -> T {
    let ended = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut bar = Bar::new();
            while !ended.load(Ordering::Acquire) {
                let far = progress.read();
                bar.show(far.stage, far.done, far.total);
                std::thread::park_timeout(LOOK_EVERY);
            }
            bar.clear();
        });
        let done = work();
        ended.store(true, Ordering::Release);
        done
    })
}

fn tell(plan: &Plan) {
    if plan.resumed {
        println!("  (an earlier restore was gone on with)");
    }
    println!("  box          {} as version {} left it", plan.name, plan.version);
    println!("  snapshot     {} of {}", plan.sequence, iso8601(plan.taken_ms));
    println!("  content      {} companies, {} files, {}", plan.companies, plan.files, in_bytes(plan.bytes));
    println!("What is missing:");
    let ago_min = SystemClock.now_ms().saturating_sub(plan.taken_ms) / 60_000;
    println!("  later        everything that came after {}, {ago_min} minutes ago", iso8601(plan.taken_ms));
    for company in &plan.erased {
        println!("  erased       company {company}: it was erased, its key is gone from the backups too");
    }
    for (company, why) in &plan.left_behind {
        println!("  left behind  company {company} is older or missing, it could not be read then: {why}");
    }
    if plan.lost > 0 {
        println!("  files        {} were missing on the box already", plan.lost);
    }
}

fn tell_what_changed(options: &Options) {
    let data = options.folder.data.display();
    println!("This is another life of the box:");
    println!("  sign-ins     have all ended; people sign in again. Passwords are those of the snapshot");
    println!("  the old box  must not run any more: backups and other boxes take this one for the right one");
    let key = options.folder.recovery_key_file.as_ref();
    let key = key.map(|file| format!(" --recovery-key-file {}", file.display())).unwrap_or_default();
    println!("Next: rainbow-edge run --data {data}{key}");
}
