//! What this interface tells the box owner of the process and the machine around it. It knows neither: whoever starts it
//! hands a look at them in.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// Looks around; may take as long as a disk takes.
pub type Look = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Surroundings> + Send>> + Send + Sync>;

/// What there is to see.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// Version of the product.
    pub version: &'static str,
    /// When the process started, in milliseconds since 1970.
    pub started_ms: i64,
    /// What runs.
    pub services: Vec<Service>,
    /// Where the data lies; `None` when the system does not say.
    pub disk: Option<Disk>,
    /// What the TLS port shows.
    pub certificate: Certificate,
    /// How pages are sealed.
    pub algorithm: &'static str,
    /// What of the processor helps, in words.
    pub acceleration: String,
    /// How fast pages are sealed; `None` when it could not be measured.
    pub speed: Option<Speed>,
    /// Sentences for people, each with what to do.
    pub warnings: Vec<String>,
}

/// A part of the box.
#[derive(Debug, Clone)]
pub struct Service {
    /// Its name.
    pub name: &'static str,
    /// Whether it does what it is there for.
    pub running: bool,
    /// One line about it.
    pub detail: String,
}

/// The file system of the data folder.
#[derive(Debug, Clone, Copy)]
pub struct Disk {
    /// Its size, in bytes.
    pub total_bytes: u64,
    /// What the box may still take of it, in bytes.
    pub free_bytes: u64,
    /// What the box's files take, in bytes.
    pub data_bytes: u64,
}

/// What the TLS port shows.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// `own_ca` or `uploaded`.
    pub kind: &'static str,
    /// DNS names that it covers.
    pub names: Vec<String>,
    /// Its end, in milliseconds since 1970.
    pub expires_ms: i64,
    /// SHA-256: `AB:CD:...`.
    pub fingerprint: String,
    /// Sentences for people, each with what to do.
    pub warnings: Vec<String>,
}

/// How fast pages are sealed and opened.
#[derive(Debug, Clone, Copy)]
pub struct Speed {
    /// MiB sealed in a second.
    pub seal_mib_per_s: u64,
    /// MiB opened in a second.
    pub open_mib_per_s: u64,
}
