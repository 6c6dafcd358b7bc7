//! The `sdk` suite: installs the official SDK from npm as its users do, and runs `tests/sdk` against the built box.

use std::path::Path;
use std::process::Command;

use crate::{Outcome, node, packages, process};

/// Both versions that the product is checked against.
const SDK_VERSIONS: [&str; 2] = ["246", "242"];

/// Runs the same dialogue with each version of the SDK.
///
/// # Errors
/// `NeedsPerson` without npm, `Failed` when the SDK cannot be installed or a step fails.
pub(crate) fn suite(_full: bool) -> Outcome {
    let folder = process::root().join("tests/sdk");
    packages::install(packages::SCANNER)?;
    let node = node::program()?;
    node::install(&folder.join("standard"), &node::WITHOUT_OPTIONAL)?;
    // Both speak, whatever the first one says.
    let outcomes = SDK_VERSIONS.map(|version| dialogue(&folder, &node, version));
    outcomes.into_iter().collect()
}

/// Installs the newest of both versions for a suite that needs a bot.
///
/// # Errors
/// As [`suite`].
pub(crate) fn install_newest() -> Outcome {
    node::install(&process::root().join(format!("tests/sdk/sdk-{}", SDK_VERSIONS[0])), &node::WITHOUT_OPTIONAL)
}

fn dialogue(folder: &Path, node: &Path, version: &str) -> Outcome {
    println!("\n-- SDK {version} --");
    node::install(&folder.join(format!("sdk-{version}")), &node::WITHOUT_OPTIONAL)?;
    let mut command = Command::new(node);
    command.current_dir(folder).args(["main.js", "--sdk", version, "--executable"]).arg(process::executable());
    process::run_tests(&mut command)
}
