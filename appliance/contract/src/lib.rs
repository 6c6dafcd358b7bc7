//! Messages of the local admin socket, a Unix socket that only the box's own user may open, and of the status socket,
//! which only root may.
//!
//! One request per connection, one answer, each one line of JSON of at most [`LINE_LIMIT_BYTES`]:
//! ```json
//! {"version":1,"body":{"company_add":{"name":"Acme","visibility":"private"}}}
//! {"version":1,"body":{"added":{"id":"5f0c..."}}}
//! ```
//! Pure: bytes in, messages out. The sockets are the caller's.

mod answer;
mod backup;
mod erasure;
mod export;
mod keys;
mod line;
mod request;
mod secret;
mod vault;

pub use answer::{
    Answer, CertificateFacts, CertificateKind, Recovered, Refusal, RelayProbe, RelayTransport, RelayWay, SetupFacts,
    State, Status,
};
pub use backup::{
    BackupBegin, BackupDoing, BackupJob, BackupOutcome, BackupSnapshot, BackupStanding, BackupWish,
    SNAPSHOTS_PER_ANSWER,
};
pub use erasure::{CompanyErase, ErasedAt, ErasurePlan, Receipts};
pub use export::{EXPORTS_PER_ANSWER, ExportBegin, ExportCompany, ExportInfo, ExportOf, ExportPlan, ExportSnapshot};
pub use keys::{KeyPlan, NewRoot, Rekey, RootChange, TurnFacts, TurnStage, Whose};
pub use line::{
    ContractError, LINE_LIMIT_BYTES, PROTOCOL_VERSION, decode_answer, decode_request, encode_answer, encode_request,
};
pub use request::{ApplicationAdd, CertificateSet, CompanyAdd, RelaySite, Request, UserAdd};
pub use secret::Secret;
pub use vault::{
    AcceptedInfo, AnchorInfo, DATABASES_PER_ANSWER, DatabaseInfo, DatabaseInside, FINDING_BYTES_MAX,
    FINDINGS_PER_ANSWER, VaultCheck, VaultChecking, VaultFinding, VaultInfo,
};

/// File name of the socket inside the data folder.
pub const SOCKET_NAME: &str = "admin.sock";

/// Where the box's own screen asks [`Request::Status`], and nothing else is answered. A socket unit makes it, for root
/// alone; connecting starts a server that does not run, so whoever reads waits for a limited time only.
pub const STATUS_SOCKET: &str = "/run/rainbow-edge/status.sock";
