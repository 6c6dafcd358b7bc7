use super::{check, status};
use crate::cli::{Folder, Server as ServerCommand};
use crate::clock::{SystemClock, SystemRng};
use crate::error::CommandError;
use crate::given::Given;
use crate::server::{MediaSockets, Premises, Server, ServerOptions};
use crate::setup::{self, SetupServer};
use crate::{admin, certificate, folder, log, metrics, root_key, systemd};
use app::setup::Setup;
use appliance_contract::{CertificateFacts, CertificateKind, Recovered};
use config_schema::Config;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use sd_notify::NotifyState;
use std::future::Future;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// In the folder that the service manager gives (`RuntimeDirectory=`).
const OLDER_FILE: &str = "older";

/// The server role: serves until SIGTERM or SIGINT.
pub(super) fn execute(options: &ServerCommand) -> Result<ExitCode, CommandError> {
    if options.supervised && !super::end_with_supervisor()? {
        return Ok(ExitCode::SUCCESS);
    }
    // Before the first thread.
    let given = Given::take()?;
    let run = &options.run;
    let data = &run.folder.data;
    if !folder::holds_box(data) {
        folder::examine(data)?;
    }
    let config = folder::configuration(&run.folder)?;
    log::start(&config.log);
    allow_files(config.gate.connections_max)?;
    if !folder::holds_box(data) {
        folder::make(data)?;
    }
    let held = folder::hold(data)?;
    systemd::tell_status("Opening the data");
    let set_up = folder::holds_box(data);
    let root = if set_up { root_key::find(&run.folder)? } else { setup::begin(&run.folder, &SystemClock)? };
    let metrics = metrics::open(given.metrics, config.metrics.listen)?;
    let warnings = warnings(&run.folder, &config);
    let premises = Premises {
        data: data.clone(),
        config,
        rng: Arc::new(SystemRng),
        pages: web::router(),
        warnings,
        status: given.status,
        metrics,
        worker: worker_socket(options.worker.as_deref()),
        media: MediaSockets::named(options.media_node.as_deref()),
    };
    let (name, https, http) = (run.name.clone(), run.https, run.http);
    let server_options =
        ServerOptions { premises, root, name, https, http, given: given.ports, clock: Arc::new(SystemClock) };
    let served = super::block_on(serve(server_options, set_up));
    tell_if_older(served.as_ref().err())?;
    served?;
    drop(held);
    Ok(ExitCode::SUCCESS)
}

/// What people should know about this set-up, and about what the system allows this process.
fn warnings(folder: &Folder, config: &Config) -> Vec<String> {
    let mut warnings = check::warnings(folder);
    if let (Some(device), None) = (&folder.tpm_device, &config.store.tpm_device) {
        warnings.push(format!(
            "there is no TPM 2.0 ({}): data that is put back to an older state as a whole is not noticed",
            device.display()
        ));
    }
    if !vault::keys_are_locked() {
        warnings.push(String::from(
            "the system does not let this process keep its keys out of swap: raise LimitMEMLOCK or `ulimit -Hl`",
        ));
    }
    warnings
}

/// Says in a file of the unit's own folder, if it has one, that the data is older than it should be: on a box the service beside this
/// one asks for the recovery key then. While the folder is held: who accepts comes after.
fn tell_if_older(failure: Option<&CommandError>) -> Result<(), CommandError> {
    let Some(folder) = std::env::var_os("RUNTIME_DIRECTORY").map(PathBuf::from) else { return Ok(()) };
    match failure.filter(|failure| failure.is_older_state()) {
        Some(failure) => folder::write_private(&folder.join(OLDER_FILE), failure.to_string().as_bytes()),
        None => Ok(()),
    }
}

/// Where the worker listens: by a name in the kernel, as `run` gives it, or where systemd does.
fn worker_socket(name: Option<&str>) -> PathBuf {
    name.map_or_else(|| PathBuf::from(worker_contract::SOCKET), |name| PathBuf::from(format!("\0{name}")))
}

/// Files beside one for each connection: databases, sockets, the log.
const FILES_BESIDE: u64 = 512;

/// As many open files as the system allows: from a shell it is 1024 unless asked, which fewer strangers would fill than
/// the gate may hold (E5).
fn allow_files(connections_max: usize) -> Result<(), CommandError> {
    let failed = |e: nix::Error| CommandError::file("raise the limit of", "open files")(e.into());
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).map_err(failed)?;
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard).map_err(failed)?;
    let wanted = u64::try_from(connections_max).unwrap_or(u64::MAX).saturating_add(FILES_BESIDE);
    if hard < wanted {
        tracing::warn!(
            allowed = hard,
            wanted,
            "fewer open files are allowed than gate.connections_max needs: raise LimitNOFILE or `ulimit -Hn`"
        );
    }
    Ok(())
}

/// A box that is not set up becomes one that is, in this process.
async fn serve(options: ServerOptions, set_up: bool) -> Result<(), CommandError> {
    let stopping = listen_for_stop()?;
    if set_up {
        return serve_box(Server::start(options).await?, asked(stopping)).await;
    }
    let server = SetupServer::start(options).await?;
    let (facts, going_on) = (server.facts().clone(), Arc::clone(server.setup()));
    let ready = move || {
        tell_ready(&format!("Waits at {} for somebody to set the box up", facts.address));
        tell_setup(&facts, &going_on);
    };
    match server.serve(asked(stopping.clone()), ready).await? {
        Some(server) => serve_box(server, asked(stopping)).await,
        None => Ok(()),
    }
}

async fn serve_box(server: Server, shutdown: impl Future<Output = ()>) -> Result<(), CommandError> {
    let mut facts = server.facts().clone();
    let certificate = server.certificate().facts();
    facts.warnings.extend_from_slice(&certificate.warnings);
    let recovered = app::installation::health(server.app()).await?.recovered;
    let recovered: Vec<_> = recovered.into_iter().map(admin::recovered).collect();
    let ready = move || {
        tell_ready(&format!("Serves people at {}", facts.address));
        tell(&facts, &certificate, &recovered);
    };
    server.serve(shutdown, ready).await
}

/// `true` from the first SIGTERM or SIGINT on.
fn listen_for_stop() -> Result<watch::Receiver<bool>, CommandError> {
    let failed = |e| CommandError::file("listen for", "signals")(e);
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let (stop, stopping) = watch::channel(false);
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        systemd::tell(&[NotifyState::Stopping, NotifyState::Status("Finishes what was begun")]);
        stop.send_replace(true);
    });
    Ok(stopping)
}

async fn asked(mut stopping: watch::Receiver<bool>) {
    // The sender lives until it has sent.
    let _ = stopping.wait_for(|stop| *stop).await;
}

/// Ready, and for what.
fn tell_ready(doing: &str) {
    systemd::tell(&[NotifyState::Ready, NotifyState::Status(doing)]);
}

/// Says it at the terminal. Where the output is a file on a disk that is full, that is no reason not to serve.
macro_rules! say {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stdout(), $($text)*);
    }};
}

/// What a person needs who stands before a box that nobody has set up.
fn tell_setup(facts: &admin::Facts, setup: &Setup) {
    let data = facts.data.display();
    say!("Rainbow Edge waits for you: nobody has set this box up yet.");
    say!("  address      {}", facts.address);
    say!("  CA file      {}", facts.ca_file.display());
    say!("  fingerprint  {}", setup.facts().fingerprint);
    if setup::shows_codes() {
        say!("  code         {}", setup.code().as_str());
    }
    for warning in &facts.warnings {
        say!("  warning      {warning}");
    }
    say!("What to do next:");
    say!("  open         the address in a browser. It does not know the box's CA yet and warns: trust the CA file, or");
    say!("               compare the fingerprint of the CA in what the browser shows of the certificate");
    say!("  enter        the code, which `rainbow-edge status --data {data}` tells too, and answer what is asked");
    say!("  stop         Ctrl-C, or kill -TERM {}; what was answered is kept", std::process::id());
}

/// What a person at the terminal needs to know now.
fn tell(facts: &admin::Facts, certificate: &CertificateFacts, recovered: &[Recovered]) {
    let ca = std::fs::read_to_string(&facts.ca_file).unwrap_or_default();
    say!("Rainbow Edge is ready.");
    say!("  address      {}", facts.address);
    match certificate.kind {
        CertificateKind::Uploaded => say!("  certificate  uploaded, {}", certificate.fingerprint),
        CertificateKind::OwnCa => {
            say!("  CA file      {}", facts.ca_file.display());
            say!("  fingerprint  {}", certificate::fingerprint(&ca));
        }
    }
    for one in recovered {
        say!("  recovered    {}", status::recovery_in_words(one));
    }
    for warning in &facts.warnings {
        say!("  warning      {warning}");
    }
    let data = facts.data.display();
    say!("What to do next:");
    say!("  add a user   rainbow-edge user add --data {data} --company NAME --email E < password-file");
    say!(
        "  connect      a bot on the official Rainbow SDK: host and port as above, NODE_EXTRA_CA_CERTS={}",
        facts.ca_file.display()
    );
    say!("  stop         Ctrl-C, or kill -TERM {}", std::process::id());
}
