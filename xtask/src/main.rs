//! The one entry point for people: `cargo xtask help`.

mod bare_debian;
mod bench;
mod build;
mod coverage;
mod cve;
mod day;
mod fuzz;
mod image;
mod image_suite;
mod node;
mod packages;
mod process;
mod python;
mod readme;
mod run;
mod sbom;
mod sdk;
mod speedtest;
mod sqlite;
mod suites;
mod test;
mod web;

use std::process::ExitCode;

/// What a command came to, beyond success.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Something ran and went wrong: exit code 1.
    Failed(String),
    /// A person must do something first, and the text says what: exit code 2.
    NeedsPerson(String),
}

pub(crate) type Outcome = Result<(), Failure>;

struct Command {
    name: &'static str,
    usage: &'static str,
    purpose: &'static str,
    start: fn(&[String]) -> Outcome,
}

const COMMANDS: &[Command] = &[
    Command {
        name: "run",
        usage: "run [--data DIR] [--name HOST] [-- ARGUMENTS OF rainbow-edge run]",
        purpose: "build, then start a box in a data folder (default: data); where there is none yet, it is set up in a browser",
        start: run::start,
    },
    Command {
        name: "test",
        usage: "test [SUITE ...] [--full]",
        purpose: "run the test suites, all of them unless named; --full adds what takes long",
        start: test::start,
    },
    Command {
        name: "fuzz",
        usage: "fuzz TARGET [--seconds N]",
        purpose: "feed a target of tests/fuzz what its coverage asks for (nightly, libFuzzer, AddressSanitizer; default: 60 seconds)",
        start: fuzz::start,
    },
    Command {
        name: "build",
        usage: "build [--release]",
        purpose: "build the browser application and target/release/rainbow-edge (there is one profile, so --release changes nothing)",
        start: build::start,
    },
    Command {
        name: "sbom",
        usage: "sbom [--dpkg-status FILE ...] [--out FILE]",
        purpose: "list what is shipped as CycloneDX: the workspace alone, with Debian's packages where their list is given (default: target/sbom.cdx.json)",
        start: sbom::start,
    },
    Command {
        name: "cve",
        usage: "cve --database FILE|FOLDER [--database ...] [--sbom FILE] [--ignored FILE] [--date YYYY-MM-DD]",
        purpose: "check such a list (default: the workspace) against databases in the form of OSV or of Debian's security tracker",
        start: cve::start,
    },
    Command {
        name: "sdk-coverage",
        usage: "sdk-coverage",
        purpose: "count what of the official SDK's calls the box serves, and what of that a test proves",
        start: coverage::start,
    },
    Command {
        name: "image",
        usage: "image [vm|pc|arm64] [--formats] [--twice] [--version V]",
        purpose: "build the signed disk that boots, target/image/vm/disk.raw; --formats adds those of hypervisors, --twice compares two builds",
        start: image::start,
    },
    Command {
        name: "bench",
        usage: "bench xmpp|collaboration|vault [--full] [--ours] [--scenario NAME]",
        purpose: "load the box and its peers alike (Prosody, ejabberd, nginx; databases: SQLite, SQLCipher): a table, and target/bench/NAME.json; --ours leaves the others out",
        start: bench::start,
    },
    Command { name: "help", usage: "help", purpose: "print this", start: help },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Failed(text)) => {
            eprintln!("error: {text}");
            ExitCode::from(1)
        }
        Err(Failure::NeedsPerson(text)) => {
            eprintln!("{text}");
            ExitCode::from(2)
        }
    }
}

fn dispatch(arguments: &[String]) -> Outcome {
    let Some((name, rest)) = arguments.split_first() else {
        help(&[])?;
        return Err(Failure::NeedsPerson("name one of the commands above, for example: cargo xtask run".to_owned()));
    };
    if name == "--help" || name == "-h" || own_arguments(rest).any(|word| word == "--help" || word == "-h") {
        return help(&[]);
    }
    match COMMANDS.iter().find(|command| command.name == name) {
        Some(command) => (command.start)(rest),
        None => Err(Failure::NeedsPerson(format!("there is no command `{name}`; `cargo xtask help` lists them"))),
    }
}

/// What stands before `--`: the rest belongs to the executable.
fn own_arguments(arguments: &[String]) -> impl Iterator<Item = &String> {
    arguments.iter().take_while(|word| *word != "--")
}

fn help(_: &[String]) -> Outcome {
    println!("cargo xtask COMMAND\n");
    for command in COMMANDS {
        println!("  cargo xtask {}\n      {}", command.usage, command.purpose);
    }
    println!("\nSuites of `cargo xtask test`:\n");
    for suite in suites::SUITES {
        println!("  {:<8} {:>3} min  {}", suite.name, suite.budget_min, suite.purpose);
    }
    Ok(())
}
