use super::check;
use crate::cli::Server as ServerCommand;
use crate::clock::{SystemClock, SystemRng};
use crate::error::CommandError;
use crate::server::{Server, ServerOptions};
use crate::{certificate, folder, log, root_key};
use config_schema::Config;
use nix::sys::signal::{SigSet, Signal};
use std::process::ExitCode;
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};

/// The server role: serves until SIGTERM or SIGINT.
pub(super) fn execute(options: &ServerCommand) -> Result<ExitCode, CommandError> {
    if options.supervised {
        // The supervisor waits for signals with its mask, which a child inherits.
        SigSet::all().thread_unblock().map_err(|e| CommandError::file("unblock", "signals")(e.into()))?;
        // When the supervisor is killed, nobody would ever stop this process.
        nix::sys::prctl::set_pdeathsig(Signal::SIGKILL)
            .map_err(|e| CommandError::file("ask to end with", "the supervisor")(e.into()))?;
        if nix::unistd::getppid().as_raw() == 1 {
            return Ok(ExitCode::SUCCESS);
        }
    }
    let run = &options.run;
    let data = &run.folder.data;
    if !folder::holds_box(data) {
        return Err(super::run::no_box(data));
    }
    let config = Config::read(&data.join(folder::CONFIGURATION_FILE))
        .map_err(|mistakes| CommandError::Configuration(mistakes.iter().map(ToString::to_string).collect()))?;
    log::start(&config.log);
    // No content in a core dump (D1).
    nix::sys::resource::setrlimit(nix::sys::resource::Resource::RLIMIT_CORE, 0, 0)
        .map_err(|e| CommandError::file("forbid core dumps of", "this process")(e.into()))?;
    let held = folder::hold(data)?;
    let server_options = ServerOptions {
        data: data.clone(),
        root: root_key::find(&run.folder)?,
        config,
        name: run.name.clone(),
        https: run.https,
        http: run.http,
        clock: Arc::new(SystemClock),
        rng: Arc::new(SystemRng),
        warnings: check::warnings(&run.folder),
    };
    super::block_on(serve(server_options))?;
    drop(held);
    Ok(ExitCode::SUCCESS)
}

async fn serve(options: ServerOptions) -> Result<(), CommandError> {
    let failed = |e| CommandError::file("listen for", "signals")(e);
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let server = Server::start(options).await?;
    let facts = server.facts().clone();
    let recovered = app::installation::health(server.app()).await?.recovered;
    let shutdown = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        notify(&[sd_notify::NotifyState::Stopping]);
    };
    let ready = move || {
        notify(&[sd_notify::NotifyState::Ready]);
        tell(&facts, &recovered);
    };
    server.serve(shutdown, ready).await
}

fn notify(states: &[sd_notify::NotifyState<'_>]) {
    if let Err(failure) = sd_notify::notify(states) {
        tracing::debug!(%failure, "the service manager could not be told");
    }
}

/// What a person at the terminal needs to know now.
fn tell(facts: &crate::admin::Facts, recovered: &[store::Recovered]) {
    let ca = std::fs::read_to_string(&facts.ca_file).unwrap_or_default();
    println!("Rainbow Edge is ready.");
    println!("  address      {}", facts.address);
    println!("  CA file      {}", facts.ca_file.display());
    println!("  fingerprint  {}", certificate::fingerprint(&ca));
    for one in recovered {
        println!("  recovered    {}: {} commits, {} pages after an unclean end", one.database, one.commits, one.frames);
    }
    for warning in &facts.warnings {
        println!("  warning      {warning}");
    }
    let data = facts.data.display();
    println!("What to do next:");
    println!("  add a user   rainbow-edge user add --data {data} --company NAME --email E < password-file");
    println!(
        "  connect      a bot on the official Rainbow SDK: host and port as above, NODE_EXTRA_CA_CERTS={}",
        facts.ca_file.display()
    );
    println!("  stop         Ctrl-C, or kill -TERM {}", std::process::id());
}
