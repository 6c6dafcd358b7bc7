//! What a command can fail on, and the exit code of each.

use config_schema::Mistake;
use std::path::PathBuf;
use std::process::ExitCode;

/// A failure that ends a command. The text says what is wrong, where, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The command cannot be done as asked.
    #[error("{0}")]
    Usage(String),
    /// The folder holds no box yet.
    #[error(
        "{} holds no box yet. Set one up in a browser with:\n  {wizard}\nor make one with:\n  {line}\n(the administrator's password is read from standard input)",
        folder.display()
    )]
    NoBox {
        /// The data folder.
        folder: PathBuf,
        /// The command that begins a setup.
        wizard: String,
        /// The command that makes one.
        line: String,
    },
    /// The folder holds a box already.
    #[error("{} holds a box already; it was left as it is. Choose another folder with --data", .0.display())]
    BoxThere(PathBuf),
    /// The folder for a new box holds something else.
    #[error(
        "{} is not empty: it holds {}; nothing was changed. Choose an empty folder with --data",
        folder.display(), entry.to_string_lossy()
    )]
    NotEmpty {
        /// The data folder.
        folder: PathBuf,
        /// Name of the first thing in the way.
        entry: std::ffi::OsString,
    },
    /// Another process has the data folder open.
    #[error("{} is in use by process {holder}: stop that first (systemctl stop, or kill -TERM {holder})", folder.display())]
    InUse {
        /// The data folder.
        folder: PathBuf,
        /// Process id of the holder, as far as it said.
        holder: String,
    },
    /// The service manager gave a socket that this executable has no use for.
    #[error(
        "the service manager gave the socket `{name}`: {source}; look at FileDescriptorName= and ListenStream= of the socket units"
    )]
    Given {
        /// The socket's name.
        name: String,
        /// What is wrong with it.
        source: std::io::Error,
    },
    /// The service manager gives credentials, and the root key is not among them.
    #[error(
        "{} holds no credential `root-key`: the service manager gives this box its root key, so none is made beside the data. \
         Look at the service that prepares it (systemctl status rainbow-edge-root-key), or name a file: --key-file, \
         --passphrase-file, --recovery-key-file",
        .0.display()
    )]
    NoCredential(PathBuf),
    /// A file could not be used.
    #[error("cannot {action} {}: {source}", path.display())]
    File {
        /// What was tried.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file holds no root key.
    #[error("{}: {source}", path.display())]
    RootKey {
        /// The file.
        path: PathBuf,
        /// What the vault found.
        source: vault::VaultError,
    },
    /// The configuration has mistakes.
    #[error("the configuration has {} mistake(s):\n{}", .0.len(), .0.join("\n"))]
    Configuration(Vec<String>),
    /// The data folder is not the newest that there was (D3).
    #[error(
        "this data folder was put back to an older state: {0}. Nothing of it is served, and nothing was changed. Put the newest data folder \
         back, and find out who exchanged it. If a backup was restored on purpose, or the newest data is lost: rainbow-edge vault accept \
         --older-state"
    )]
    OlderBox(String),
    /// The TPM could not be used.
    #[error("store.tpm_device: {0}")]
    Tpm(#[from] tpm::TpmError),
    /// The vault refused.
    #[error(transparent)]
    Vault(#[from] vault::VaultError),
    /// The store refused.
    #[error(transparent)]
    Store(#[from] store::StoreError),
    /// The application refused.
    #[error("{0}")]
    App(app::AppError),
    /// The gate could not be opened.
    #[error(transparent)]
    Gate(#[from] gate::GateError),
    /// Services outside cannot be called as configured.
    #[error("push.ca_file: {0}")]
    Outbound(#[from] outbound::OutboundError),
    /// The media node cannot go on.
    #[error("the media node: {}", in_full(.0))]
    Media(#[from] media_node::NodeError),
    /// The worker could not give up what it must not have.
    #[error("the worker could not be confined, so it looks at nothing: {0}")]
    Confine(#[from] worker::ConfineError),
    /// The worker was asked nothing that it could answer.
    #[error("the worker has nothing to answer: {0}")]
    Worker(#[from] worker::ServeError),
    /// Some of the targets, or all of them.
    #[error("{}", .0.join("\n"))]
    BackupFailed(Vec<String>),
    /// A restore goes on in the folder.
    #[error(
        "a restore into {} has not ended: give the same `rainbow-edge vault restore` again, it goes on where it was; or empty the folder",
        .0.display()
    )]
    RestoreUnfinished(PathBuf),
    /// A backup or a restore.
    #[error(transparent)]
    Backup(#[from] app::backup::BackupError),
    /// A certificate could not be made.
    #[error("a certificate could not be made: {0}")]
    Certificate(#[from] rcgen::Error),
    /// The running box refused.
    #[error("{message}. {what_to_do}")]
    Refused {
        /// What is wrong.
        message: String,
        /// What to do.
        what_to_do: String,
    },
    /// The running box could not be talked to.
    #[error("the running box did not answer on {}: {what}; look at its log", socket.display())]
    Admin {
        /// The admin socket.
        socket: PathBuf,
        /// What went wrong.
        what: String,
    },
}

impl From<app::AppError> for CommandError {
    /// Storage failures keep their own words: the person at this console is the one who can mend them.
    fn from(error: app::AppError) -> Self {
        match error {
            app::AppError::Store(error) => Self::Store(error),
            other => Self::App(other),
        }
    }
}

/// Exit codes, as `sysexits.h` has them where it has one.
const REFUSED: u8 = 1;
const USAGE: u8 = 2;
const DATA: u8 = 65;
const UNAVAILABLE: u8 = 69;
const INPUT_OUTPUT: u8 = 74;
const IN_USE: u8 = 75;
const CONFIGURATION: u8 = 78;

impl CommandError {
    /// The one place where a failure becomes an exit code.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Usage(_)
            | Self::NoBox { .. }
            | Self::BoxThere(_)
            | Self::NotEmpty { .. }
            | Self::RestoreUnfinished(_) => USAGE,
            Self::BackupFailed(_) | Self::App(_) | Self::Refused { .. } => REFUSED,
            Self::Backup(_)
            | Self::Vault(_)
            | Self::Store(_)
            | Self::RootKey { .. }
            | Self::NoCredential(_)
            | Self::OlderBox(_) => DATA,
            Self::Gate(_) | Self::Admin { .. } | Self::Confine(_) | Self::Worker(_) | Self::Tpm(_) | Self::Media(_) => {
                UNAVAILABLE
            }
            Self::File { .. } | Self::Certificate(_) => INPUT_OUTPUT,
            Self::InUse { .. } => IN_USE,
            Self::Configuration(_) | Self::Outbound(_) | Self::Given { .. } => CONFIGURATION,
        })
    }

    /// Whether it is that data was put back to an older state, or that nobody can tell: what `vault accept` is for.
    pub(crate) fn is_older_state(&self) -> bool {
        use store::StoreError::{Anchor, OlderState};
        matches!(self, Self::OlderBox(_) | Self::Store(OlderState { .. } | Anchor { .. }))
    }

    pub(crate) fn configuration(mistakes: Vec<Mistake>) -> Self {
        Self::Configuration(mistakes.iter().map(ToString::to_string).collect())
    }

    pub(crate) fn file(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { action, path, source }
    }
}

/// An error and what is behind it, in one line.
fn in_full(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |told, cause| format!("{told}: {cause}"))
}
