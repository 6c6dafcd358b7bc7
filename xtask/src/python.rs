//! Python: what a list of requirements names, in an environment of its own.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Failure, Outcome, packages, process};

/// Installs what `requirements` pins, from PyPI and nowhere else, into a folder of that name, unless exactly that is there; the
/// answer is the Python that finds it.
///
/// # Errors
/// `NeedsPerson` when `python3-venv` is missing and cannot be installed, `Failed` when pip fails.
pub(crate) fn install(requirements: &Path, name: &str) -> Result<PathBuf, Failure> {
    let folder = process::target_dir().join(name);
    let (python, stamp) = (folder.join("bin/python"), folder.join("installed-from"));
    let [wanted, installed] = [requirements, &stamp].map(|path| std::fs::read(path).ok());
    if wanted.is_some() && wanted == installed {
        return Ok(python);
    }
    make(&folder)?;
    let mut pip = Command::new(&python);
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--only-binary=:all:",
        "-r",
    ]);
    process::run(pip.arg(requirements))?;
    std::fs::copy(requirements, &stamp)
        .map_err(|error| Failure::Failed(format!("cannot write {}: {error}", stamp.display())))?;
    Ok(python)
}

/// An environment without anything in it. Debian has the module that makes one in a package of its own, and says so only
/// when it is used.
fn make(folder: &Path) -> Outcome {
    let mut command = Command::new("python3");
    command.args(["-m", "venv", "--clear"]).arg(folder);
    if process::output(&mut command).is_ok() {
        return Ok(());
    }
    packages::install(packages::PYTHON)?;
    process::run(&mut command)
}
