//! `rainbow-edge-console --terminal /dev/ttyN`, started by a systemd unit for each terminal.

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(option), Some(terminal), None) = (arguments.next(), arguments.next(), arguments.next()) else {
        return usage();
    };
    if option != "--terminal" {
        return usage();
    }
    let terminal = PathBuf::from(terminal);
    match rainbow_edge_console::serve(&terminal) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cannot show the status page on {}: {error}", terminal.display());
            ExitCode::FAILURE
        }
    }
}

fn usage() -> ExitCode {
    eprintln!("usage: rainbow-edge-console --terminal /dev/TTY");
    ExitCode::from(2)
}
