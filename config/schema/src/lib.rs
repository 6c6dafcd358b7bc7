//! Typed configuration from one optional TOML file, one file per section.
//!
//! A setting is declared once, in its section's `read`: key, default, range, meaning. That declaration reads the
//! file, supplies the default, names the mistake and writes the sample file.
//!
//! To add a setting: one field and one line in its section. To add a section: one file and one line in [`Config`].

mod backup;
mod files;
mod gate;
mod log;
mod media;
mod metrics;
mod mistake;
mod push;
mod reader;
mod sample;
mod scrub;
mod sign_in;
mod store;
mod xmpp;

use std::path::Path;

pub use backup::Backup;
pub use files::Files;
pub use gate::Gate;
pub use log::{Log, LogFormat, LogLevel};
pub use media::{Media, MediaLimits};
pub use metrics::Metrics;
pub use mistake::Mistake;
pub use push::Push;
pub use scrub::Scrub;
pub use sign_in::{LockOut, SignIn};
pub use store::Store;
pub use xmpp::Xmpp;

use reader::Document;

/// Largest configuration file that is read, in bytes.
pub const FILE_LIMIT_BYTES: u64 = 1024 * 1024;

/// Everything that can be configured; every value is within its documented range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    pub gate: Gate,
    pub sign_in: SignIn,
    pub xmpp: Xmpp,
    pub store: Store,
    pub files: Files,
    pub scrub: Scrub,
    pub backup: Backup,
    pub push: Push,
    pub media: Media,
    pub metrics: Metrics,
    pub log: Log,
}

impl Default for Config {
    fn default() -> Self {
        Self::from_document(&mut Document::empty())
    }
}

impl Config {
    /// Reads `path`; a file that does not exist means the defaults.
    ///
    /// # Errors
    /// Every mistake of the file, in the order of its lines.
    pub fn read(path: &Path) -> Result<Self, Vec<Mistake>> {
        let file_name = path.display().to_string();
        match reader::text_of(path) {
            Ok(Some(text)) => Self::parse(&text, &file_name),
            Ok(None) => Ok(Self::default()),
            Err(problem) => Err(vec![Mistake::of_file(&file_name, problem)]),
        }
    }

    /// Reads `text`; `file_name` is what mistakes name.
    ///
    /// # Errors
    /// Every mistake of the text, in the order of its lines. With a syntax error only the syntax errors are told,
    /// because what follows one is guesswork.
    pub fn parse(text: &str, file_name: &str) -> Result<Self, Vec<Mistake>> {
        let mut document = Document::parse(text, file_name)?;
        let config = Self::from_document(&mut document);
        let mistakes = document.into_mistakes();
        if mistakes.is_empty() { Ok(config) } else { Err(mistakes) }
    }

    /// The text of a sample file: every section and key with meaning, range and default. Keys are commented out, so
    /// that a copied sample keeps following later defaults.
    pub fn sample() -> String {
        let mut document = Document::empty();
        Self::from_document(&mut document);
        sample::write(document.declared())
    }

    fn from_document(document: &mut Document<'_>) -> Self {
        Self {
            gate: document.section("gate", "The one public port (443) and the redirect on port 80.", Gate::read),
            sign_in: document.section("sign_in", "Tokens, sessions, password hashing and lock-out.", SignIn::read),
            xmpp: document.section("xmpp", "XMPP streams over WebSocket.", Xmpp::read),
            store: document.section("store", "The encrypted databases.", Store::read),
            files: document.section(
                "files",
                "Shared files; each is scanned by ClamAV before anybody gets it (docs/files.md).",
                Files::read,
            ),
            scrub: document.section(
                "scrub",
                "All stored data is read in slow rounds, so that what a disk forgets is found (docs/vault.md).",
                Scrub::read,
            ),
            backup: document.section("backup", "Sealed backups of the whole box (docs/backup.md).", Backup::read),
            push: document.section("push", "Pushes to browsers of people who are away (Web Push).", Push::read),
            media: document.section(
                "media",
                "The relay for calls that find no direct way: UDP 443, and TLS on TCP 443 (docs/media.md).",
                Media::read,
            ),
            metrics: document.section(
                "metrics",
                "Numbers for Prometheus, for programs of this machine only (docs/metrics.md).",
                Metrics::read,
            ),
            log: document.section("log", "Technical log on standard error.", Log::read),
        }
    }
}
