//! `cargo xtask build`.

use crate::{Failure, Outcome, packages, process, web};

/// Builds `target/release/rainbow-edge`.
///
/// # Errors
/// `NeedsPerson` for an unknown argument or a package that cannot be installed, `Failed` when the build fails.
pub(crate) fn start(arguments: &[String]) -> Outcome {
    if let Some(unknown) = arguments.iter().find(|word| *word != "--release") {
        return Err(Failure::NeedsPerson(format!(
            "build does not know `{unknown}`; usage: cargo xtask build [--release]"
        )));
    }
    executable()?;
    println!("{}", process::executable().display());
    Ok(())
}

/// Builds the executable alone.
///
/// # Errors
/// As `start`.
pub(crate) fn executable() -> Outcome {
    executables(&["rainbow-edge"])
}

/// Builds some executables with the features that `everything` builds them with, so that neither undoes the other's work.
///
/// # Errors
/// As `start`.
pub(crate) fn executables(names: &[&str]) -> Outcome {
    packages::install(packages::BUILD)?;
    web::build()?;
    let bins = names.iter().flat_map(|name| ["--bin", *name]);
    process::run(process::cargo().args(["build", "--release", "--workspace"]).args(bins))
}

/// Builds everything that the black-box suites start or are.
///
/// # Errors
/// As `start`.
pub(crate) fn everything() -> Outcome {
    packages::install(packages::BUILD)?;
    web::build()?;
    process::run(process::cargo().args(["build", "--release", "--workspace", "--all-targets"]))
}
