use clap::Parser;
use rainbow_edge::cli::CommandLine;
use std::process::ExitCode;

/// The system's allocator keeps what a flood of strangers made it take for ever; this one gives it back (E5).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match rainbow_edge::commands::execute(CommandLine::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("rainbow-edge: {error}");
            error.exit_code()
        }
    }
}
