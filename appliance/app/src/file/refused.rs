/// Why something cannot be done with a file now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileRefused {
    /// File sharing is switched off: for the box, the company or the user (C7).
    #[error("file sharing is switched off for you: ask your administrator")]
    Off,
    /// No virus scanner is installed, so no file could ever be passed on (C6).
    #[error("no virus scanner is installed on this box, so it takes no files: install clamav-daemon")]
    NoScanner,
    /// Larger than this box takes.
    #[error("a file may have {limit_bytes} bytes on this box")]
    TooLarge {
        /// The limit.
        limit_bytes: u64,
    },
    /// The owner's share of the disk is used up.
    #[error("your files may take {quota_bytes} bytes together, and {left_bytes} are left: delete some first")]
    QuotaFull {
        /// All of it.
        quota_bytes: u64,
        /// What is left of it.
        left_bytes: u64,
    },
    /// Too many files, or too many on their way at once.
    #[error("{what} may be {max} at most")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many there may be.
        max: usize,
    },
    /// The disk of the box has no room.
    #[error("the disk of this box has no room for it: its owner has to make some")]
    DiskFull,
    /// Not all of it has come, or a part is missing.
    #[error("expected part {next} next: {received_bytes} bytes have come")]
    OutOfOrder {
        /// The part to send next.
        next: usize,
        /// What has come.
        received_bytes: u64,
    },
    /// More or fewer bytes came than were announced.
    #[error("{announced_bytes} bytes were announced and {received_bytes} have come")]
    WrongSize {
        /// As announced.
        announced_bytes: u64,
        /// As came.
        received_bytes: u64,
    },
    /// The same upload went on by another request.
    #[error("this upload goes on by another request")]
    TakenOver,
    /// It was uploaded already: files do not change.
    #[error("this file was uploaded already: announce another one")]
    Uploaded,
    /// Its bytes are not here yet.
    #[error("this file was not uploaded yet")]
    NotUploaded,
    /// It waits for the scanner.
    #[error("this file waits for the virus scan: try again in a moment")]
    Held,
    /// The scanner refused it, or it was never looked at; nothing of it was kept.
    #[error("this file was refused by the virus scan and nothing of it was kept: {0}")]
    Refused(String),
}
