//! Sockets that the service manager has opened for this process, told apart by the names of their units
//! (`FileDescriptorName=`). What is not given the process opens itself.

use crate::error::CommandError;
use gate::Listeners;
use listenfd::ListenFd;
use media_contract::passed;
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixListener;

/// What was given.
#[derive(Debug, Default)]
pub struct Given {
    /// The ports `https` and `http`.
    pub ports: Listeners,
    /// The socket `status`.
    pub status: Option<UnixListener>,
    /// The socket `metrics`.
    pub metrics: Option<TcpListener>,
}

/// What a media node was given.
#[derive(Debug, Default)]
pub struct GivenNode {
    /// Where the server connects to.
    pub control: Option<UnixListener>,
    /// Where streams are handed over.
    pub streams: Option<UnixListener>,
    /// UDP sockets, bound.
    pub udp: Vec<OwnedFd>,
}

impl GivenNode {
    /// As [`Given::take`].
    ///
    /// # Errors
    /// Likewise.
    pub fn take() -> Result<Self, CommandError> {
        let mut given = Self::default();
        each(|sockets, index, name| {
            match name {
                passed::CONTROL => given.control = sockets.take_unix_listener(index)?,
                passed::STREAMS => given.streams = sockets.take_unix_listener(index)?,
                passed::UDP => given.udp.extend(sockets.take_udp_socket(index)?.map(OwnedFd::from)),
                _ => return Err(std::io::Error::other("its name is none of control, streams and udp")),
            }
            Ok(())
        })?;
        Ok(given)
    }
}

/// Each socket with its name.
fn each(mut take: impl FnMut(&mut ListenFd, usize, &str) -> std::io::Result<()>) -> Result<(), CommandError> {
    let names = std::env::var("LISTEN_FDNAMES").unwrap_or_default();
    let mut names = names.split(':');
    let mut sockets = ListenFd::from_env();
    for index in 0..sockets.len() {
        let name = names.next().unwrap_or_default();
        let failed = |source| CommandError::Given { name: name.to_owned(), source };
        take(&mut sockets, index, name).map_err(failed)?;
    }
    Ok(())
}

impl Given {
    /// Takes it. Once in a process, before its first thread: a second call finds nothing.
    ///
    /// # Errors
    /// A socket of another name or kind: then units and executable do not fit.
    pub fn take() -> Result<Self, CommandError> {
        let mut given = Self::default();
        each(|sockets, index, name| {
            match name {
                "https" => given.ports.https.extend(sockets.take_tcp_listener(index)?),
                "http" => given.ports.http.extend(sockets.take_tcp_listener(index)?),
                "status" => given.status = sockets.take_unix_listener(index)?,
                "metrics" => given.metrics = sockets.take_tcp_listener(index)?,
                _ => return Err(std::io::Error::other("its name is none of https, http, status and metrics")),
            }
            Ok(())
        })?;
        Ok(given)
    }
}
