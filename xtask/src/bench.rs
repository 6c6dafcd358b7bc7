//! `cargo xtask bench NAME`: the box and other servers under the same load.

use std::process::Command;

use crate::{Failure, Outcome, build, packages, process, speedtest};

/// Builds the box and the generator, installs the peers, measures.
///
/// # Errors
/// `NeedsPerson` for unknown words or packages that cannot be installed, `Failed` when something does not build or run.
pub(crate) fn start(arguments: &[String]) -> Outcome {
    let name = arguments.first().map(String::as_str).unwrap_or_default();
    if name == "vault" {
        return vault(arguments);
    }
    if name == "media" {
        return media(arguments);
    }
    let peers = match name {
        "xmpp" => packages::PEERS,
        "collaboration" => packages::COLLABORATION_PEERS,
        _ => {
            return Err(Failure::NeedsPerson(
                "name what to measure: cargo xtask bench xmpp|collaboration|vault|media".to_owned(),
            ));
        }
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

/// Databases need no box. The peer is built in a workspace of its own, because a program holds one SQLite.
fn vault(arguments: &[String]) -> Outcome {
    packages::install(packages::BUILD)?;
    process::run(process::cargo().args(["build", "--release", "--workspace", "--bin", "vault-bench"]))?;
    process::run(process::cargo().args(["build", "--release", "--workspace", "--lib"]))?;
    let mut bench = Command::new(process::target_dir().join("release/vault-bench"));
    bench.args(arguments).arg("--speedtest").arg(speedtest::executable()?);
    if !arguments.iter().any(|word| word == "--ours") {
        packages::install(packages::SQLCIPHER)?;
        let target = process::target_dir().join("peers");
        let manifest = process::root().join("tests/bench/peers/sqlcipher/Cargo.toml");
        let mut cargo = process::cargo();
        cargo.args(["build", "--release", "--manifest-path"]).arg(&manifest).arg("--target-dir").arg(&target);
        process::run(&mut cargo)?;
        bench.arg("--peer").arg(target.join("release/sqlcipher-peer"));
    }
    process::run(&mut bench)
}

/// Relays need a box only where TLS is ended before them.
fn media(arguments: &[String]) -> Outcome {
    if !arguments.iter().any(|word| word == "--ours") {
        packages::install_unstarted(packages::RELAY)?;
        packages::install(packages::NETWORKS)?;
    }
    build::executables(&["rainbow-edge", "media-node-alone", "media-bench"])?;
    process::run(Command::new(process::target_dir().join("release/media-bench")).args(arguments))
}
