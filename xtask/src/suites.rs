//! The table of the test suites.

use std::process::Command;

use crate::{Failure, Outcome, image_suite, node, packages, process, python, readme, sdk, sqlite, web};

pub(crate) struct Suite {
    /// As a person names it after `cargo xtask test`.
    pub(crate) name: &'static str,
    /// What it may take on a machine with two cores, built or not; beyond it there is a warning.
    pub(crate) budget_min: u64,
    pub(crate) purpose: &'static str,
    /// Whether it starts the built executable.
    pub(crate) needs_box: bool,
    pub(crate) run: fn(full: bool) -> Outcome,
}

/// In the order in which they run: what is quick and says most comes first.
pub(crate) const SUITES: &[Suite] = &[
    Suite { name: "format", budget_min: 1, purpose: "the code is formatted", needs_box: false, run: format },
    Suite {
        name: "tidy",
        budget_min: 2,
        purpose: "the rules of the house: arrows, sizes, documents, licences, requirements",
        needs_box: false,
        run: tidy,
    },
    Suite { name: "lint", budget_min: 8, purpose: "clippy finds nothing", needs_box: false, run: lint },
    Suite {
        name: "unit",
        budget_min: 4,
        purpose: "every crate that has no suite of its own",
        needs_box: true,
        run: unit,
    },
    Suite {
        name: "vault",
        budget_min: 3,
        purpose: "what is on disk: sealed pages, keys, faults",
        needs_box: false,
        run: vault,
    },
    Suite {
        name: "sqlite",
        budget_min: 4,
        purpose: "SQLite's own tests on sealed files; a share of the files, all of them with --full",
        needs_box: false,
        run: sqlite::suite,
    },
    Suite { name: "gate", budget_min: 2, purpose: "the one port: TLS, protocols, limits", needs_box: false, run: gate },
    Suite {
        name: "cli",
        budget_min: 3,
        purpose: "the executable's commands, as scripts call them",
        needs_box: true,
        run: cli,
    },
    Suite {
        name: "rest",
        budget_min: 3,
        purpose: "every route of a running box, as nobody and as the outsider",
        needs_box: true,
        run: rest,
    },
    Suite { name: "xmpp", budget_min: 3, purpose: "stanzas against a running box", needs_box: true, run: xmpp },
    Suite {
        name: "audit",
        budget_min: 2,
        purpose: "the box as auditors see it: nmap, testssl.sh, the redirect",
        needs_box: true,
        run: audit,
    },
    Suite {
        name: "media",
        budget_min: 2,
        purpose: "a media node from outside: coturn's tools, clients that meet, floods, bad networks; calls through NATs",
        needs_box: true,
        run: media,
    },
    Suite {
        name: "fuzz",
        budget_min: 3,
        purpose: "every parser that meets the network, with input that nobody would write",
        needs_box: false,
        run: fuzz,
    },
    Suite {
        name: "crash",
        budget_min: 5,
        purpose: "kill -9 under load; 20 times, 200 with --full",
        needs_box: true,
        run: crash,
    },
    Suite {
        name: "backup",
        budget_min: 3,
        purpose: "backups to real servers and back, everything killed in the middle",
        needs_box: true,
        run: backup,
    },
    Suite {
        name: "flood",
        budget_min: 5,
        purpose: "users are served while strangers flood the box",
        needs_box: true,
        run: flood,
    },
    Suite {
        name: "bench",
        budget_min: 2,
        purpose: "the bench works, against a small box: nothing about how fast",
        needs_box: true,
        run: bench,
    },
    Suite {
        name: "sdk",
        budget_min: 8,
        purpose: "the official Rainbow SDK, unchanged, in two versions",
        needs_box: true,
        run: sdk::suite,
    },
    Suite {
        name: "clients",
        budget_min: 3,
        purpose: "standard XMPP clients, unchanged: slixmpp, xmpp.js, StanzaJS, Converse, Profanity",
        needs_box: true,
        run: clients,
    },
    Suite {
        name: "web",
        budget_min: 8,
        purpose: "the browser application in Chromium, beside the official SDK",
        needs_box: true,
        run: web::suite,
    },
    Suite {
        name: "image",
        budget_min: 25,
        purpose: "the whole box booted in QEMU, looked at by a browser and auditors; more boots with --full",
        needs_box: false,
        run: image_suite::run,
    },
    Suite {
        name: "readme",
        budget_min: 6,
        purpose: "the README as a new user; in a bare Debian 12 with --full",
        needs_box: false,
        run: readme::suite,
    },
];

fn format(_: bool) -> Outcome {
    component("fmt", "rustfmt", &["fmt", "--all", "--check"])
}

fn lint(_: bool) -> Outcome {
    component("clippy", "clippy", &["clippy", "--workspace", "--all-targets", "--release", "--", "-D", "warnings"])
}

/// Needs nothing of the box, and comes before the long build.
fn tidy(full: bool) -> Outcome {
    process::run_tests(tests(full).args(["--package", "tidy"]))
}

/// What stands beside the code in every crate, and the tests of crates without a suite of their own.
fn unit(full: bool) -> Outcome {
    packages::install(packages::SERVICES)?;
    packages::install(packages::STORAGE)?;
    packages::install(packages::TPM)?;
    let own = [
        "app", "lines", "messages", "reading", "services", "storage", "agent", "cve", "swtpm", "vectors", "machine",
        "same",
    ]
    .map(|test| ["--test", test]);
    let mut targets = vec!["--lib", "--bins"];
    targets.extend(own.as_flattened());
    of_workspace(full, &targets)
}

fn vault(full: bool) -> Outcome {
    of_workspace(
        full,
        &[
            "database",
            "differential",
            "examine",
            "files",
            "full_disk",
            "keys",
            "mapping",
            "modes",
            "plaintext",
            "power",
            "still",
            "tamper",
            "turning",
        ]
        .map(|test| ["--test", test])
        .concat(),
    )
}

fn gate(full: bool) -> Outcome {
    of_workspace(full, &["--test", "gate"])
}

fn cli(full: bool) -> Outcome {
    packages::install(packages::TPM)?;
    packages::install(packages::SCANNER)?;
    packages::install(packages::DEBUGGER)?;
    of_workspace(full, &["--test", "cli"])
}

fn rest(full: bool) -> Outcome {
    packages::install(packages::SCANNER)?;
    packages::install_unstarted(packages::RELAY)?;
    of_workspace(full, &["--test", "rest"])
}

fn xmpp(full: bool) -> Outcome {
    packages::install(packages::SCANNER)?;
    of_workspace(full, &["--test", "xmpp"])
}

fn clients(full: bool) -> Outcome {
    let folder = process::root().join("tests/clients");
    packages::install(packages::BROWSER)?;
    packages::install(packages::CLIENTS)?;
    packages::install(packages::SCANNER)?;
    let (python, node) = (python::install(&folder.join("requirements.txt"), "python")?, node::program()?);
    // Converse is driven in a browser as the browser application is.
    for folder in [folder.join("node"), process::root().join("tests/web")] {
        node::install(&folder, &node::WITHOUT_OPTIONAL)?;
    }
    let mut command = tests(full);
    command.args(["--workspace", "--test", "clients"]).env("RAINBOW_EDGE_PYTHON", python);
    process::run_tests(command.env("RAINBOW_EDGE_NODE", node))
}

fn audit(full: bool) -> Outcome {
    packages::install(packages::AUDIT)?;
    packages::install_unstarted(packages::RELAY)?;
    of_workspace(full, &["--test", "audit"])
}

fn media(full: bool) -> Outcome {
    packages::install_unstarted(packages::RELAY)?;
    packages::install(packages::NETWORKS)?;
    // The same media as in the calls of standard clients, so the same environment.
    let python = python::install(&process::root().join("tests/clients/requirements.txt"), "python")?;
    let mut command = tests(full);
    process::run_tests(command.args(["--workspace", "--test", "media"]).env("RAINBOW_EDGE_PYTHON", python))
}

fn fuzz(full: bool) -> Outcome {
    of_workspace(full, &["--test", "fuzz"])
}

fn crash(full: bool) -> Outcome {
    of_workspace(full, &["--test", "crash"])
}

fn backup(full: bool) -> Outcome {
    let folder = process::root().join("tests/backup");
    packages::install(packages::SCANNER)?;
    packages::install_unstarted(packages::SFTP)?;
    let (python, node) = (python::install(&folder.join("requirements.txt"), "python-of-backup")?, node::program()?);
    node::install(&folder, &node::WITHOUT_OPTIONAL)?;
    let mut command = tests(full);
    command.args(["--workspace", "--test", "backup"]).env("RAINBOW_EDGE_PYTHON", python);
    process::run_tests(command.env("RAINBOW_EDGE_NODE", node))
}

fn flood(full: bool) -> Outcome {
    of_workspace(full, &["--test", "flood"])
}

fn bench(full: bool) -> Outcome {
    packages::install(packages::SCANNER)?;
    of_workspace(full, &["--test", "bench"])
}

/// Test targets are named within the whole workspace, never by `--package`: for a single package cargo chooses other
/// features of the dependencies and builds them once more for each suite.
fn of_workspace(full: bool, targets: &[&str]) -> Outcome {
    process::run_tests(tests(full).arg("--workspace").args(targets))
}

/// `RAINBOW_EDGE_FULL=1` tells a suite that it has time; `RAINBOW_EDGE_EXECUTABLE` is what the black-box suites start.
pub(crate) fn tests(full: bool) -> Command {
    let mut command = process::cargo();
    command.args(["test", "--release", "--no-fail-fast"]).env("RAINBOW_EDGE_EXECUTABLE", process::executable());
    if full {
        command.env("RAINBOW_EDGE_FULL", "1");
    }
    command
}

/// A developer without the component is told so and goes on; the machine whose word counts (`CI=true`) is not let off.
fn component(subcommand: &str, name: &str, arguments: &[&str]) -> Outcome {
    packages::install(packages::BUILD)?;
    if process::output(process::cargo().args([subcommand, "--version"])).is_ok() {
        return process::run(process::cargo().args(arguments));
    }
    let text = format!("{name} is not installed, so this was NOT checked; `rustup component add {name}` brings it");
    if std::env::var("CI").is_ok_and(|value| value == "true") {
        return Err(Failure::Failed(text));
    }
    println!("\n*** {text} ***\n");
    Ok(())
}
