//! What the command line asks of a running box.

use serde::{Deserialize, Serialize};

use crate::{BackupBegin, CompanyErase, ExportBegin, ExportOf, Rekey, RootChange, Secret, VaultCheck};

/// One request. Who may open the socket may ask all of them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// Answered by [`crate::Answer::Status`].
    Status,
    /// Answered by [`crate::Answer::Added`] with the user's id.
    UserAdd(UserAdd),
    /// Answered by [`crate::Answer::Added`] with the company's id.
    CompanyAdd(CompanyAdd),
    /// Answered by [`crate::Answer::Application`].
    ApplicationAdd(ApplicationAdd),
    /// Answered by [`crate::Answer::Certificate`], which new connections see at once.
    CertificateSet(CertificateSet),
    /// Answered by [`crate::Answer::Certificate`].
    CertificateShow,
    /// Goes back to the box's own CA. Answered by [`crate::Answer::Certificate`].
    CertificateRemove,
    /// Answered by [`crate::Answer::BackupBegun`].
    BackupBegin(BackupBegin),
    /// How far a job is. Answered by [`crate::Answer::BackupJob`].
    BackupJob { job: u64 },
    /// Answered by [`crate::Answer::VaultInfo`]: some databases, those after the named one.
    VaultInfo { after: Option<String> },
    /// Begins a check. Answered by [`crate::Answer::VaultChecking`].
    VaultCheck(VaultCheck),
    /// How far the check is; so many findings were told. Answered by [`crate::Answer::VaultChecking`].
    VaultChecking { seen: u64 },
    /// Ends the check. Answered by [`crate::Answer::VaultChecking`].
    VaultCheckStop,
    /// A relay at another site (J10). Answered by [`crate::Answer::Relay`].
    RelayAdd(RelaySite),
    /// Sends no more calls there. Answered by [`crate::Answer::Relays`].
    RelayRemove { host: String },
    /// Answered by [`crate::Answer::Relays`].
    RelayList,
    /// Which relays people are sent to, with credentials to try them. Answered by [`crate::Answer::RelayProbe`].
    RelayProbe,
    /// Answered by [`crate::Answer::Turns`] with this one, or by [`crate::Answer::KeyPlan`].
    VaultRekey(Rekey),
    /// Answered by [`crate::Answer::ErasurePlan`], or by [`crate::Answer::Erased`].
    CompanyErase(CompanyErase),
    /// Answered by [`crate::Answer::Receipts`].
    VaultReceipts,
    /// Answered by [`crate::Answer::Turns`].
    VaultTurns,
    /// Answered by [`crate::Answer::Done`], or by [`crate::Answer::KeyPlan`].
    VaultRoot(RootChange),
    /// Makes it the box's recovery key. Answered by [`crate::Answer::Done`].
    VaultRecoveryKey { key: Secret },
    /// What an export would hold: some companies, those after one. Answered by [`crate::Answer::ExportPlan`].
    ExportPlan { of: ExportOf, after: Option<String> },
    /// Answered by [`crate::Answer::ExportSnapshot`] where one was asked for, else by [`crate::Answer::Done`].
    ExportBegin(ExportBegin),
    /// How far the snapshot is. Answered by [`crate::Answer::ExportSnapshot`].
    ExportSnapshot,
}

/// A new user of an existing company.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserAdd {
    /// Name of the company.
    pub company: String,
    pub email: String,
    pub password: Secret,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    /// Whether the user administers the company.
    pub admin: bool,
}

/// A new company.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompanyAdd {
    pub name: String,
    /// Rainbow's word for the mode (`public`, `private`, `organization`, `closed`, `isolated`); absent means the default (B2).
    pub visibility: Option<String>,
    /// `customer`, `partner` or `default`; absent means a customer.
    #[serde(default)]
    pub kind: Option<String>,
}

/// A new application (A11).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApplicationAdd {
    pub name: String,
}

/// A certificate for the TLS port (E2).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertificateSet {
    /// Where the chain comes from, for words about it.
    pub chain_file: String,
    /// PEM, the box's own certificate first.
    pub chain: String,
    /// Where the key comes from, for words about it.
    pub key_file: String,
    /// PEM.
    pub key: Secret,
}

/// A relay at another site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RelaySite {
    /// Name or address by which clients reach it.
    pub host: String,
    /// UDP and TCP port there.
    pub port: u16,
}
