use crate::cli::Worker as WorkerCommand;
use crate::error::CommandError;
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::process::ExitCode;

/// The worker role: looks at the one picture that comes over its standard input, which is a connection.
pub(super) fn execute(options: &WorkerCommand) -> Result<ExitCode, CommandError> {
    if options.supervised && !super::end_with_supervisor()? {
        return Ok(ExitCode::SUCCESS);
    }
    let input = std::io::stdin().as_fd().try_clone_to_owned().map_err(CommandError::file("take", "standard input"))?;
    // From here on it can open nothing, call nobody and start nothing.
    worker::confine()?;
    worker::serve(UnixStream::from(input))?;
    Ok(ExitCode::SUCCESS)
}
