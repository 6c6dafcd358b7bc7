//! The browser application: checked and built from TypeScript into the folder that its crate takes into the executable.

use std::process::Command;

use crate::{Outcome, node, packages, process, sdk};

/// Installs what the application is built with, checks its types and strings, and builds it. What has not changed is left
/// alone, so that cargo builds nothing again for it.
///
/// # Errors
/// `NeedsPerson` without npm, `Failed` when npm, the check or the build fails, or the first load is over its limit.
pub(crate) fn build() -> Outcome {
    let folder = process::root().join("appliance/web/app");
    let node = node::program()?;
    node::install(&folder, &[])?;
    let mut path = std::ffi::OsString::from(node.parent().unwrap_or(std::path::Path::new("")));
    if let Some(rest) = std::env::var_os("PATH") {
        path.push(":");
        path.push(rest);
    }
    // npm's scripts call `node`, which must be the one that was chosen.
    process::run(Command::new("npm").current_dir(&folder).args(["run", "--silent", "check"]).env("PATH", path))?;
    process::run(Command::new(&node).current_dir(&folder).arg("build.mjs"))
}

/// Plays `tests/web` in Debian's Chromium against the built box, with a bot on the official SDK beside it. What every page
/// looks like is left in `target/web/screenshots`.
///
/// # Errors
/// `NeedsPerson` without npm or the browser, `Failed` when a scenario fails.
pub(crate) fn suite(full: bool) -> Outcome {
    packages::install(packages::BROWSER)?;
    packages::install(packages::SCANNER)?;
    let node = node::program()?;
    sdk::install_newest()?;
    let folder = process::root().join("tests/web");
    node::install(&folder, &node::WITHOUT_OPTIONAL)?;
    let mut command = Command::new(node);
    command.current_dir(&folder).args(["main.js", "--executable"]).arg(process::executable());
    command.arg("--screenshots").arg(process::target_dir().join("web/screenshots"));
    if full {
        command.arg("--full");
    }
    process::run_tests(&mut command)
}
