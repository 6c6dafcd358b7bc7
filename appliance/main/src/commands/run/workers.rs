//! Workers: one for each connection, as systemd starts them on a box, and none for longer than a picture may take.

use crate::commands::child;
use crate::error::CommandError;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{getsockopt, sockopt::PeerCredentials};
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

/// Longer than the server waits for an answer.
const LIFE_MS: u16 = 30_000;
/// Before the next one after one that could not be started.
const PAUSE: Duration = Duration::from_secs(1);

/// Starts workers for whoever connects, from now on and as long as this process lives; the name to connect to. Who is not this
/// user is refused.
pub(super) fn start() -> Result<String, CommandError> {
    let name = child::kernel_name("worker")?;
    let listener = child::listen(&name, "the worker's socket")?;
    let thread = thread::Builder::new().name(String::from("workers"));
    thread.spawn(move || keep(&listener)).map_err(CommandError::file("start", "a thread"))?;
    Ok(name)
}

fn keep(listener: &UnixListener) {
    for stream in listener.incoming() {
        let outcome = stream.and_then(|stream| if is_ours(&stream) { work(stream) } else { Ok(()) });
        if let Err(error) = outcome {
            eprintln!("rainbow-edge: a worker could not be started: {error}");
            thread::sleep(PAUSE);
        }
    }
}

fn is_ours(stream: &UnixStream) -> bool {
    getsockopt(stream, PeerCredentials).is_ok_and(|peer| peer.uid() == nix::unistd::getuid().as_raw())
}

/// One worker, to its end.
fn work(stream: UnixStream) -> std::io::Result<()> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["worker", "--supervised"]).stdin(Stdio::from(OwnedFd::from(stream))).stdout(Stdio::piped());
    let mut child = command.spawn()?;
    drop(command);
    if let Some(output) = &child.stdout {
        // It writes nothing: its end is the end of this.
        let mut ends = [PollFd::new(output.as_fd(), PollFlags::POLLIN)];
        if poll(&mut ends, PollTimeout::from(LIFE_MS)) == Ok(0) {
            child.kill()?;
        }
    }
    child.wait().map(drop)
}
