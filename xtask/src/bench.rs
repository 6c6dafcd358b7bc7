//! `cargo xtask bench xmpp`: the box and other XMPP servers under the same load.

use std::process::Command;

use crate::{Failure, Outcome, build, packages, process};

/// Builds the box and the generator, installs the peers, measures.
///
/// # Errors
/// `NeedsPerson` for unknown words or packages that cannot be installed, `Failed` when something does not build or run.
pub(crate) fn start(arguments: &[String]) -> Outcome {
    let Some(("xmpp", options)) = arguments.split_first().map(|(name, rest)| (name.as_str(), rest)) else {
        return Err(Failure::NeedsPerson("name what to measure: cargo xtask bench xmpp".to_owned()));
    };
    if !options.iter().any(|word| word == "--ours") {
        packages::install_unstarted(packages::PEERS)?;
    }
    build::executables(&["rainbow-edge", "xmpp-bench"])?;
    process::run(Command::new(process::target_dir().join("release/xmpp-bench")).args(options))
}
