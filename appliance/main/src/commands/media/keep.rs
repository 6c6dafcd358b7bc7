//! Keeps a node running as a child process, as the system's service manager does on a box: alone, so that its end is the end of
//! what it relayed and of nothing else (I5).

use crate::commands::child::{Pause, kernel_name};
use crate::error::CommandError;
use config_schema::Config;
use std::net::{IpAddr, UdpSocket};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::thread;
use std::time::Instant;

/// Beside 443, which needs rights.
const SPARE_PORT: u16 = 8443;

/// What a node is started with, each time anew: clients go on finding it where it was.
pub(crate) struct Node {
    name: String,
    port: u16,
    configuration: Option<PathBuf>,
}

/// Starts a node and keeps it running as long as this process lives; by which name the server finds it. `None` where nothing
/// is relayed, and where the configuration has mistakes: those the server tells.
///
/// # Errors
/// When there is no port for it.
pub(crate) fn start(configuration: Option<&Path>, port: Option<u16>) -> Result<Option<String>, CommandError> {
    let Ok(config) = configuration.map_or_else(|| Ok(Config::default()), Config::read) else { return Ok(None) };
    if !config.media.relay {
        return Ok(None);
    }
    let port = port.map_or_else(|| free(&config.gate.listen, config.media.port), Ok)?;
    let name = kernel_name("media")?;
    let configuration = configuration.filter(|file| file.exists()).map(Path::to_owned);
    let node = Node { name: name.clone(), port, configuration };
    // The process that it starts ends with the thread that started it (`PR_SET_PDEATHSIG`): with this one, at this process's end.
    let keeper = thread::Builder::new().name(String::from("media node"));
    keeper.spawn(move || node.keep()).map_err(CommandError::file("start", "a thread"))?;
    Ok(Some(name))
}

/// The configured port, the spare one, or any other.
fn free(addresses: &[IpAddr], configured: u16) -> Result<u16, CommandError> {
    let address = addresses.first().copied().unwrap_or(IpAddr::from([0, 0, 0, 0]));
    let mut refused = None;
    for port in [configured, SPARE_PORT, 0] {
        match UdpSocket::bind((address, port)).and_then(|socket| socket.local_addr()) {
            Ok(bound) => return Ok(bound.port()),
            Err(failure) => {
                refused.get_or_insert(failure);
            }
        }
    }
    let failure = refused.unwrap_or_else(|| std::io::Error::other("no port"));
    Err(CommandError::file("listen at", "the UDP port of the relay (media.port)")(failure))
}

impl Node {
    fn keep(&self) {
        let mut pause = Pause::default();
        loop {
            let started = Instant::now();
            let ended = self.command().and_then(|mut command| {
                let run = command.spawn().and_then(|mut child| child.wait());
                run.map_err(CommandError::file("run", command.get_program()))
            });
            let wait = pause.after(started.elapsed());
            let how = ended.map_or_else(|failure| failure.to_string(), in_words);
            eprintln!("rainbow-edge: the media role {how}; starting it again in {} s", wait.as_secs());
            thread::sleep(wait);
        }
    }

    fn command(&self) -> Result<Command, CommandError> {
        let executable = std::env::current_exe().map_err(CommandError::file("find", "this executable"))?;
        let mut command = Command::new(executable);
        command.args(["media", "--supervised", "--node", &self.name, "--udp", &self.port.to_string()]);
        if let Some(configuration) = &self.configuration {
            command.arg("--config").arg(configuration);
        }
        Ok(command)
    }
}

fn in_words(status: ExitStatus) -> String {
    match (status.signal(), status.code()) {
        (Some(signal), _) => format!("was ended by signal {signal}"),
        (None, code) => format!("ended with code {}", code.unwrap_or(1)),
    }
}
