use crate::cli::Folder;
use crate::error::CommandError;
use crate::{folder, root_key};
use std::os::unix::fs::PermissionsExt;
use std::process::ExitCode;

/// Explains every mistake in the configuration, and what is unsafe about the set-up.
pub(super) fn execute(on: &Folder) -> Result<ExitCode, CommandError> {
    let file = on.data.join(folder::CONFIGURATION_FILE);
    folder::configuration(on)?;
    for warning in warnings(on) {
        println!("warning: {warning}");
    }
    let there = if file.exists() { "" } else { " (no such file: every setting has its default)" };
    println!("{}: no mistakes{there}", file.display());
    Ok(ExitCode::SUCCESS)
}

/// What people should know about this set-up.
pub(super) fn warnings(on: &Folder) -> Vec<String> {
    let mut warnings = Vec::new();
    if root_key::is_development(on) {
        warnings.push(root_key::DEVELOPMENT_WARNING.to_owned());
    }
    for path in [on.data.clone(), on.data.join(root_key::FILE)] {
        let open_to_others = std::fs::metadata(&path).is_ok_and(|found| found.permissions().mode() & 0o077 != 0);
        if open_to_others {
            warnings.push(format!("{} is open to other users of this machine: chmod go= it", path.display()));
        }
    }
    warnings
}
