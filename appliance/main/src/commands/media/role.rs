//! The media role: what relays, alone with its sockets.

use super::site;
use crate::cli::MediaRole;
use crate::commands::child;
use crate::error::CommandError;
use crate::given::GivenNode;
use crate::log;
use config_schema::Config;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use std::net::SocketAddr;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::ExitCode;

pub(super) fn execute(role: &MediaRole) -> Result<ExitCode, CommandError> {
    if role.supervised && !crate::commands::end_with_supervisor()? {
        return Ok(ExitCode::SUCCESS);
    }
    // Before the first thread.
    let given = GivenNode::take()?;
    let config = configuration(role.config.as_deref())?;
    log::start(&config.log);
    let failed = |e: nix::Error| CommandError::file("set the limits of", "this process")(e.into());
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).map_err(failed)?;
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard).map_err(failed)?;
    match &role.enrolled {
        Some(file) => site::serve(role, file, config),
        None => relay(role, given, &config),
    }
}

/// What is configured; without a file, the defaults.
fn configuration(file: Option<&Path>) -> Result<Config, CommandError> {
    let read = file.map_or_else(|| Ok(Config::default()), Config::read);
    read.map_err(CommandError::configuration)
}

fn relay(role: &MediaRole, given: GivenNode, config: &Config) -> Result<ExitCode, CommandError> {
    let (control, streams) = match (&role.node, given.control.zip(given.streams)) {
        (Some(name), _) => (listen(&format!("{name}-control"))?, listen(&format!("{name}-streams"))?),
        (None, Some(given)) => given,
        (None, None) => {
            let what = "this role is started by `rainbow-edge run` or by systemd (rainbow-edge-media.socket); \
                        a relay at another site is started with --enrolled";
            return Err(CommandError::Usage(String::from(what)));
        }
    };
    let port = role.udp.unwrap_or(config.media.port);
    let bound = || config.gate.listen.iter().map(|address| SocketAddr::new(*address, port)).collect();
    let place = media_node::Place {
        udp: if given.udp.is_empty() { bound() } else { Vec::new() },
        udp_given: given.udp,
        control,
        streams,
        threads: None,
        path: media_io::Wanted { on: config.media.xdp, interfaces: config.media.xdp_interfaces.clone() },
        offloads: media_io::Offloads::ALL,
        confined: true,
        executable: env!("CARGO_PKG_VERSION").to_owned(),
    };
    match media_node::run(place)? {}
}

fn listen(name: &str) -> Result<UnixListener, CommandError> {
    child::listen(name, "the media node's socket")
}
