use clap::Parser;
use rainbow_edge::cli::CommandLine;
use std::io::Write as _;
use std::process::ExitCode;

/// The system's allocator keeps what a flood of strangers made it take for ever; this one gives it back (E5). What was in it is
/// wiped before (D1).
#[global_allocator]
static ALLOCATOR: vault::Wiping<mimalloc::MiMalloc> = vault::Wiping(mimalloc::MiMalloc);

fn main() -> ExitCode {
    // Touching one byte of a huge page takes 2 MiB, 50 MiB of the memory of 10,000 idle sessions (`cargo xtask bench xmpp`),
    // and buys no speed that could be measured. The allocator is built so that it asks for none, not even before this line;
    // here that of kernels which give them unasked is refused. Where the kernel has none, none are taken.
    let _ = nix::sys::prctl::set_thp_disable(true);
    match rainbow_edge::commands::execute(CommandLine::parse()) {
        Ok(code) => code,
        Err(error) => {
            // Where that is a file on a full disk, the exit code still says it.
            let _ = writeln!(std::io::stderr(), "rainbow-edge: {error}");
            error.exit_code()
        }
    }
}
