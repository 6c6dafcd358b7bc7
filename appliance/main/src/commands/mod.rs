//! One file per command.

mod add;
mod ask;
mod backup;
mod bar;
mod certificate;
mod check;
mod child;
mod init;
mod media;
mod password;
mod routes;
mod run;
mod server;
mod status;
mod vault;
mod worker;

use crate::cli::{ApplicationCommand, Command, CommandLine, CompanyCommand, UserCommand};
use crate::error::CommandError;
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::signal::{SigSet, Signal};
use std::future::Future;
use std::process::ExitCode;

/// Executes a command line.
///
/// # Errors
/// [`CommandError`], which knows its exit code.
pub fn execute(line: CommandLine) -> Result<ExitCode, CommandError> {
    keep_out_of_dumps()?;
    match line.command {
        Command::Init(init) => init::execute(&init),
        Command::Run(run) => run::execute(&run),
        Command::Server(server) => server::execute(&server),
        Command::Worker(options) => worker::execute(&options),
        Command::Media(media) => media::execute(&media),
        Command::Status(status) => status::execute(&status),
        Command::Check(folder) => check::execute(&folder),
        Command::User(UserCommand::Add(new)) => add::user(&new),
        Command::Company(CompanyCommand::Add(new)) => add::company(&new),
        Command::Application(ApplicationCommand::Add(new)) => add::application(&new),
        Command::Certificate(command) => certificate::execute(&command),
        Command::Vault(command) => vault::execute(&command),
        Command::Backup(command) => backup::execute(&command),
        Command::Routes(routes) => routes::execute(&routes),
    }
}

/// No key and no content in a core dump (D1), of whatever this executable does: a command that opens the box has its root key.
fn keep_out_of_dumps() -> Result<(), CommandError> {
    // What root may still ask for by name, gdb's `gcore` say, takes no memory then (core(5)). First, because it is root's file
    // after the last step. Where there is no such file there is nothing to ask for either.
    let _ = std::fs::write("/proc/self/coredump_filter", "0");
    setrlimit(Resource::RLIMIT_CORE, 0, 0)
        .map_err(|e| CommandError::file("forbid core dumps of", "this process")(e.into()))?;
    // Nor by anybody of the same user who reads this process's memory.
    nix::sys::prctl::set_dumpable(false).map_err(|e| CommandError::file("hide the memory of", "this process")(e.into()))
}

/// Whether there is anything to work on.
fn must_hold_box(on: &crate::cli::Folder) -> Result<(), CommandError> {
    if crate::folder::holds_box(&on.data) { Ok(()) } else { Err(ask::no_box(&on.data)) }
}

/// Makes this process, a child of `run`, end with it. `false`: it has ended already.
fn end_with_supervisor() -> Result<bool, CommandError> {
    // The supervisor waits for signals with its mask, which a child inherits.
    SigSet::all().thread_unblock().map_err(|e| CommandError::file("unblock", "signals")(e.into()))?;
    // When the supervisor is killed, nobody would ever stop this process.
    nix::sys::prctl::set_pdeathsig(Signal::SIGKILL)
        .map_err(|e| CommandError::file("ask to end with", "the supervisor")(e.into()))?;
    Ok(nix::unistd::getppid().as_raw() != 1)
}

/// Threads for what blocks: queries, and names that are looked up. Two processors serve no more at once, each thread keeps
/// memory of its own, and the runtime would start one for each query that comes while another one ends (A2).
const BLOCKING_THREADS_MAX: usize = 10;

/// Runs what a command does on a small runtime.
fn block_on<T>(work: impl Future<Output = Result<T, CommandError>>) -> Result<T, CommandError> {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    runtime.worker_threads(2).max_blocking_threads(BLOCKING_THREADS_MAX).enable_all();
    runtime.build().map_err(CommandError::file("start", "the runtime"))?.block_on(work)
}
