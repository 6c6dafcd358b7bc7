//! The supervisor: starts each role as a child process and keeps it running, as the system's service manager does on the box.

mod workers;

use super::child::Pause;
use super::media::keep;
use crate::cli::{Folder, Run};
use crate::error::CommandError;
use crate::folder;
use nix::sys::signal::{SigSet, Signal, kill};
use nix::unistd::Pid;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitCode, ExitStatus};
use std::time::Instant;

/// The role that lives as long as the box; workers and media nodes come and go.
const ROLE: &str = "server";

/// Starts the box, or the setup of one, and keeps it running until SIGTERM or SIGINT, which its roles get too.
pub(super) fn execute(run: &Run) -> Result<ExitCode, CommandError> {
    if !folder::holds_box(&run.folder.data) {
        folder::examine(&run.folder.data)?;
    }
    let signals = SigSet::from_iter([Signal::SIGTERM, Signal::SIGINT, Signal::SIGCHLD]);
    let failed = |e: nix::Error| CommandError::file("listen for", "signals")(e.into());
    signals.thread_block().map_err(failed)?;
    let worker = workers::start()?;
    let media_node = keep::start(Some(&run.folder.data.join(folder::CONFIGURATION_FILE)), run.media)?;
    let mut pause = Pause::default();
    loop {
        let started = Instant::now();
        let mut child = start(run, &worker, media_node.as_deref())?;
        let (status, asked) = supervise(&mut child, &signals)?;
        if asked || status.code().is_some() {
            let code = u8::try_from(status.code().unwrap_or(1)).unwrap_or(1);
            return Ok(ExitCode::from(code));
        }
        let wait = pause.after(started.elapsed());
        eprintln!(
            "rainbow-edge: the {ROLE} role was ended by signal {}; starting it again in {} s",
            status.signal().unwrap_or(0),
            wait.as_secs()
        );
        std::thread::sleep(wait);
    }
}

fn start(run: &Run, worker: &str, media_node: Option<&str>) -> Result<Child, CommandError> {
    let executable = std::env::current_exe().map_err(CommandError::file("find", "this executable"))?;
    let mut command = Command::new(&executable);
    command.arg(ROLE).arg("--supervised").args(["--worker", worker]).arg("--data").arg(&run.folder.data);
    if let Some(media_node) = media_node {
        command.args(["--media-node", media_node]);
    }
    let Folder { key_file, passphrase_file, recovery_key_file, tpm_device, .. } = &run.folder;
    let files = [
        ("--key-file", key_file),
        ("--passphrase-file", passphrase_file),
        ("--recovery-key-file", recovery_key_file),
        ("--tpm-device", tpm_device),
    ];
    for (option, file) in files {
        if let Some(file) = file {
            command.arg(option).arg(file);
        }
    }
    if let Some(name) = &run.name {
        command.arg("--name").arg(name);
    }
    for (option, port) in [("--https", run.https), ("--http", run.http)] {
        if let Some(port) = port {
            command.arg(option).arg(port.to_string());
        }
    }
    command.spawn().map_err(CommandError::file("start", executable))
}

/// Waits for the role's end; passes on what asks the box to stop. `true`: it was asked.
fn supervise(child: &mut Child, signals: &SigSet) -> Result<(ExitStatus, bool), CommandError> {
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap_or(i32::MAX));
    let mut asked = false;
    loop {
        if let Some(status) = child.try_wait().map_err(CommandError::file("wait for", ROLE))? {
            return Ok((status, asked));
        }
        match signals.wait() {
            Ok(Signal::SIGTERM | Signal::SIGINT) => {
                // Who asks twice does not want to wait. The role may have ended by itself meanwhile.
                let _ = kill(pid, if asked { Signal::SIGKILL } else { Signal::SIGTERM });
                asked = true;
            }
            Ok(_) | Err(nix::Error::EINTR) => {}
            Err(e) => return Err(CommandError::file("wait for", "signals")(e.into())),
        }
    }
}
