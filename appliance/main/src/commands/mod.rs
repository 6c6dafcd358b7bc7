//! One file per command.

mod add;
mod ask;
mod certificate;
mod check;
mod init;
mod password;
mod routes;
mod run;
mod server;
mod status;

use crate::cli::{ApplicationCommand, Command, CommandLine, CompanyCommand, UserCommand};
use crate::error::CommandError;
use std::future::Future;
use std::process::ExitCode;

/// Executes a command line.
///
/// # Errors
/// [`CommandError`], which knows its exit code.
pub fn execute(line: CommandLine) -> Result<ExitCode, CommandError> {
    match line.command {
        Command::Init(init) => init::execute(&init),
        Command::Run(run) => run::execute(&run),
        Command::Server(server) => server::execute(&server),
        Command::Status(status) => status::execute(&status),
        Command::Check(folder) => check::execute(&folder),
        Command::User(UserCommand::Add(new)) => add::user(&new),
        Command::Company(CompanyCommand::Add(new)) => add::company(&new),
        Command::Application(ApplicationCommand::Add(new)) => add::application(&new),
        Command::Certificate(command) => certificate::execute(&command),
        Command::Routes(routes) => routes::execute(&routes),
    }
}

/// Runs what a command does on a small runtime.
fn block_on<T>(work: impl Future<Output = Result<T, CommandError>>) -> Result<T, CommandError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.map_err(CommandError::file("start", "the runtime"))?.block_on(work)
}
