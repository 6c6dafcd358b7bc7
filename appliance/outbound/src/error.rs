use std::io;
use std::path::PathBuf;

/// What failed on the way out. No text of it holds more of an address than its host.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    /// The file of further CA certificates cannot be used.
    #[error("{}: {why}", path.display())]
    CaFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// TLS could not be set up.
    #[error("TLS could not be set up: {0}")]
    Tls(#[from] rustls::Error),
    /// The host has no address, or none could be asked for.
    #[error("its name could not be resolved: {0}")]
    Resolve(io::Error),
    /// The host is none that the configuration lists.
    #[error("the configuration lists it no longer")]
    Unlisted,
    /// All addresses of the host are inside of a network.
    #[error("its name leads to an address inside of a network, which is not called (see allow_private)")]
    Private,
    /// Nobody answered on its addresses, or not with a certificate that is trusted.
    #[error("no connection: {0}")]
    Connect(io::Error),
    /// What came back is no HTTP.
    #[error("no answer: {0}")]
    Http(#[from] hyper::Error),
    /// The whole took too long.
    #[error("it took too long")]
    TimedOut,
    /// Something that goes out could not be put together.
    #[error("{0} could not be made")]
    Made(&'static str),
}

impl OutboundError {
    /// Whether the same call may succeed in a moment.
    pub(crate) fn may_pass(&self) -> bool {
        matches!(self, Self::Resolve(_) | Self::Connect(_) | Self::Http(_) | Self::TimedOut)
    }
}
