//! Running an auditor's program to its end, bounded.

use std::process::{Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

/// Far beyond what any of them takes here.
const LIMIT: Duration = Duration::from_secs(240);

/// Starts the first of `names` that this machine has (distributions differ in the name) and returns its standard
/// output. Its exit code is not looked at: testssl.sh counts findings in it.
pub(crate) fn run(names: &[&str], arguments: &[&str]) -> String {
    let name = names.iter().find(|name| is_present(name)).unwrap_or_else(|| {
        panic!("{} is not installed: run `cargo xtask test audit`, which brings it", names.join(" or "))
    });
    let mut command = Command::new(name);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap_or_else(|error| panic!("{name} cannot be started: {error}"));
    let pid = child.id();
    let (done, ended) = sync_channel(1);
    std::thread::spawn(move || done.send(child.wait_with_output()));
    match ended.recv_timeout(LIMIT) {
        Ok(output) => {
            let output = output.unwrap_or_else(|error| panic!("{name} cannot be waited for: {error}"));
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(!text.is_empty(), "{name} said nothing but: {}", String::from_utf8_lossy(&output.stderr));
            text
        }
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
            let pid = nix::unistd::Pid::from_raw(i32::try_from(pid).expect("a process id fits"));
            let _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL);
            panic!("{name} {arguments:?} did not end within {LIMIT:?}")
        }
    }
}

fn is_present(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}
