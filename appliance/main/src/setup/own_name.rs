use crate::error::CommandError;
use domain::host;

/// Under which name a box is reached before anybody has given it one: the one asked for, else the machine's own.
///
/// # Errors
/// When the one asked for is no host name.
pub(super) fn of_setup(asked: Option<String>) -> Result<String, CommandError> {
    match asked {
        Some(name) => host::clean_name(&name).ok_or_else(|| CommandError::Usage(format!("--name: {}", host::EXPECTED))),
        None => Ok(own().unwrap_or_else(|| String::from("localhost"))),
    }
}

fn own() -> Option<String> {
    let name = nix::unistd::gethostname().ok()?;
    host::clean_name(name.to_str()?)
}
