//! A media node without a box around it: whoever tests it is its server.

use clap::Parser;
use media_node::{Place, run};
use std::net::SocketAddr;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Serves until it is killed.
#[derive(Parser)]
struct Arguments {
    /// Where it takes datagrams.
    #[arg(long)]
    udp: Vec<SocketAddr>,
    /// Where its sockets are made: `control.sock` and `streams.sock`.
    #[arg(long)]
    folder: PathBuf,
    #[arg(long)]
    threads: Option<usize>,
    /// Ways to be faster that are not used: gro, gso, batches, xdp.
    #[arg(long, value_delimiter = ',')]
    without: Vec<String>,
    /// Interfaces whose driver may carry packets; none: all that it is found at.
    #[arg(long)]
    xdp_at: Vec<String>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let listener = |name: &str| listen(&arguments.folder.join(name));
    let (Some(streams), Some(control)) = (listener("streams.sock"), listener("control.sock")) else {
        return ExitCode::FAILURE;
    };
    let used = |name: &str| !arguments.without.iter().any(|without| without == name);
    let error = run(Place {
        udp: arguments.udp,
        udp_given: Vec::new(),
        control,
        streams,
        threads: arguments.threads,
        path: media_io::Wanted { on: used("xdp"), interfaces: arguments.xdp_at },
        offloads: media_io::Offloads { gro: used("gro"), gso: used("gso"), batches: used("batches") },
        confined: true,
        executable: env!("CARGO_PKG_VERSION").to_owned(),
    });
    let Err(error) = error;
    eprintln!("media-node-alone: {error}: {:?}", std::error::Error::source(&error));
    ExitCode::FAILURE
}

/// One that was left by an earlier node makes room.
fn listen(path: &Path) -> Option<UnixListener> {
    let _ = std::fs::remove_file(path);
    UnixListener::bind(path).inspect_err(|error| eprintln!("media-node-alone: {}: {error}", path.display())).ok()
}
