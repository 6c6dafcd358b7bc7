use clap::Parser;
use rainbow_edge::cli::CommandLine;
use std::process::ExitCode;

fn main() -> ExitCode {
    match rainbow_edge::commands::execute(CommandLine::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("rainbow-edge: {error}");
            error.exit_code()
        }
    }
}
