//! `cargo xtask bench NAME`: the box and other servers under the same load.

use std::process::Command;

use crate::{Failure, Outcome, build, packages, process};

/// Builds the box and the generator, installs the peers, measures.
///
/// # Errors
/// `NeedsPerson` for unknown words or packages that cannot be installed, `Failed` when something does not build or run.
pub(crate) fn start(arguments: &[String]) -> Outcome {
    let name = arguments.first().map(String::as_str).unwrap_or_default();
    let peers = match name {
        "xmpp" => packages::PEERS,
        "collaboration" => packages::COLLABORATION_PEERS,
        _ => return Err(Failure::NeedsPerson("name what to measure: cargo xtask bench xmpp|collaboration".to_owned())),
    };
    if !arguments.iter().any(|word| word == "--ours") {
        packages::install_unstarted(peers)?;
    }
    if name == "collaboration" {
        packages::install(packages::SCANNER)?;
    }
    build::executables(&["rainbow-edge", "xmpp-bench"])?;
    process::run(Command::new(process::target_dir().join("release/xmpp-bench")).args(arguments))
}
