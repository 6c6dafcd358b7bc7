//! What a running box answers to the command line.

use serde::{Deserialize, Serialize};

use crate::{
    BackupJob, BackupStanding, ErasedAt, ErasurePlan, ExportPlan, ExportSnapshot, KeyPlan, Receipts, RelaySite, Secret,
    TurnFacts, VaultChecking, VaultInfo,
};

/// One answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    Status(Box<Status>),
    /// The id of what was added.
    Added {
        id: String,
    },
    /// The new application. Its secret is told this once.
    Application {
        id: String,
        secret: Secret,
    },
    Certificate(CertificateFacts),
    VaultInfo(Box<VaultInfo>),
    VaultChecking(Box<VaultChecking>),
    /// What a relay at another site is started with. Its key is told this once.
    Relay {
        realm: String,
        key: Secret,
    },
    /// The relays at other sites.
    Relays(Vec<RelaySite>),
    RelayProbe(Box<RelayProbe>),
    /// A job with backups has begun.
    BackupBegun {
        job: u64,
    },
    BackupJob(Box<BackupJob>),
    KeyPlan(KeyPlan),
    /// The newest turns of keys since the start.
    Turns(Vec<TurnFacts>),
    ErasurePlan(ErasurePlan),
    /// With the signed receipt, as JSON for people.
    Erased {
        receipt: String,
        #[serde(default)]
        backups: Vec<ErasedAt>,
    },
    Receipts(Receipts),
    ExportPlan(ExportPlan),
    ExportSnapshot(ExportSnapshot),
    /// There is nothing to tell of it.
    Done,
    Refused(Refusal),
}

/// How a relay is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RelayTransport {
    Udp,
    Tls,
}

/// One way to a relay, and what is shown there.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RelayWay {
    pub transport: RelayTransport,
    pub host: String,
    pub port: u16,
    pub username: String,
    pub password: Secret,
}

/// What is needed to try the relays of a box.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RelayProbe {
    /// Whether the configuration lets calls be relayed.
    pub relay: bool,
    /// Whether the box's own media node is there.
    pub node: bool,
    /// What it found of ways to be faster, each in words (G4).
    pub capabilities: Vec<String>,
    /// The box's name.
    pub name: String,
    /// Addresses that the configuration says the box is reached by from outside.
    pub external: Vec<String>,
    /// Whether relayed addresses are virtual.
    pub virtual_addresses: bool,
    /// PEM of the box's own CA, where its certificate is of that.
    pub ca: Option<String>,
    pub ways: Vec<RelayWay>,
}

/// Whose certificate the TLS port shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CertificateKind {
    /// One of the box's own CA, which clients must be told to trust.
    OwnCa,
    /// One that was given to the box with its key.
    Uploaded,
}

/// The certificate that the TLS port shows to new connections (E2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertificateFacts {
    pub kind: CertificateKind,
    /// DNS names that it covers, wildcards as written.
    pub names: Vec<String>,
    /// Milliseconds since 1970-01-01 UTC.
    pub expires_at_ms: u64,
    /// SHA-256, as people compare it: `AB:CD:...`.
    pub fingerprint: String,
    /// Sentences for people, each with what to do.
    pub warnings: Vec<String>,
}

/// Why a request was refused; nothing was changed by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    /// For programs, stable, in snake case: `email_in_use`, `company_unknown`, ...
    pub code: String,
    /// For people: what is wrong.
    pub message: String,
    /// For people: what to do.
    pub what_to_do: String,
}

/// What a box that answers is doing. One whose data is locked has no server that could answer: its service says why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Nobody has set it up yet.
    SettingUp,
    /// People are served.
    Serving,
}

/// How the box is.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Status {
    /// Whether it serves people; not while it is set up.
    pub ready: bool,
    /// The same as a word.
    pub state: State,
    /// What who sets the box up needs; absent once it is set up.
    #[serde(default)]
    pub setup: Option<SetupFacts>,
    /// Version of the product.
    pub version: String,
    /// The box's name, as in its certificate.
    pub name: String,
    /// The XMPP domain.
    pub domain: String,
    /// Where people reach it: an `https` URL.
    pub address: String,
    /// The same by name and by each address of the machine, for whoever cannot resolve the name.
    pub urls: Vec<String>,
    /// SHA-256 of the box's own CA, as people compare it: `AB:CD:...`.
    pub ca_fingerprint: String,
    /// File with the certificate of the CA that clients must trust.
    pub ca_file: String,
    pub data_folder: String,
    /// What the TLS port shows; its warnings stand among `warnings` too.
    pub certificate: CertificateFacts,
    pub companies: u64,
    pub users: u64,
    /// Milliseconds since 1970-01-01 UTC.
    pub started_at_ms: u64,
    /// What the start found unfinished after a crash and made whole, per database.
    pub recovered: Vec<Recovered>,
    /// How backups stand, by target.
    #[serde(default)]
    pub backups: Vec<BackupStanding>,
    /// Keys that are being turned, or whose turning stopped.
    #[serde(default)]
    pub turns: Vec<TurnFacts>,
    /// Sentences for people, each with what to do.
    pub warnings: Vec<String>,
}

/// A box that nobody has set up yet: what its console shows.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetupFacts {
    /// The one-time code that a browser must enter. Another one at every start, and after too many wrong tries.
    pub code: Secret,
    /// SHA-256 of the box's own CA, as people compare it: `AB:CD:...`.
    pub fingerprint: String,
    /// The first step that nobody has answered; absent when all are.
    pub step: Option<String>,
}

/// What one database had in its write-ahead log when it was opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recovered {
    /// `directory` or the company's id.
    pub database: String,
    pub commits: u64,
    pub frames: u64,
    /// Bytes of a transaction that never completed and was never acknowledged; they were dropped.
    pub torn_bytes: u64,
}
