//! Sockets that the service manager has opened for this process, told apart by the names of their units
//! (`FileDescriptorName=`). What is not given the process opens itself.

use crate::error::CommandError;
use gate::Listeners;
use listenfd::ListenFd;
use std::net::TcpListener;
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

impl Given {
    /// Takes it. Once in a process, before its first thread: a second call finds nothing.
    ///
    /// # Errors
    /// A socket of another name or kind: then units and executable do not fit.
    pub fn take() -> Result<Self, CommandError> {
        let names = std::env::var("LISTEN_FDNAMES").unwrap_or_default();
        let mut names = names.split(':');
        let mut sockets = ListenFd::from_env();
        let mut given = Self::default();
        for index in 0..sockets.len() {
            let name = names.next().unwrap_or_default();
            given.sort(&mut sockets, index, name)?;
        }
        Ok(given)
    }

    fn sort(&mut self, sockets: &mut ListenFd, index: usize, name: &str) -> Result<(), CommandError> {
        let failed = |source| CommandError::Given { name: name.to_owned(), source };
        match name {
            "https" => self.ports.https.extend(sockets.take_tcp_listener(index).map_err(failed)?),
            "http" => self.ports.http.extend(sockets.take_tcp_listener(index).map_err(failed)?),
            "status" => self.status = sockets.take_unix_listener(index).map_err(failed)?,
            "metrics" => self.metrics = sockets.take_tcp_listener(index).map_err(failed)?,
            _ => return Err(failed(std::io::Error::other("its name is none of https, http, status and metrics"))),
        }
        Ok(())
    }
}
