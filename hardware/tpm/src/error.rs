use crate::ResponseCode;
use std::path::PathBuf;

/// What failed in talking to the TPM.
#[derive(Debug, thiserror::Error)]
pub enum TpmError {
    /// The device cannot be used.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The device.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The TPM answered what is no answer to what it was asked.
    #[error("the TPM's answer to {command} cannot be read: {what}")]
    Answer {
        /// What it was asked.
        command: &'static str,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The TPM refused.
    #[error("the TPM refused {command}: {code}")]
    Refused {
        /// What it was asked.
        command: &'static str,
        /// Its code.
        code: ResponseCode,
    },
}
