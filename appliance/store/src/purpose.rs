//! What the box derives secrets of its own for. The list is closed: when the directory's key is turned, each of these stays
//! what it is, because look-up hashes were written and tokens signed with it (D2).

use vault::{SecretKey, Vault};

/// A purpose. Distinct ones give unrelated secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Keyed hashes of log-in names.
    LoginLookup,
    /// Keyed hashes of companies' names.
    CompanyNameLookup,
    /// Keyed hashes of links to join by.
    JoinLinkLookup,
    /// Keyed hashes of links into bubbles.
    BubbleLinkLookup,
    /// Tokens of links into bubbles.
    BubbleLinkToken,
    /// Passwords of bubbles.
    BubblePassword,
    /// Links to files.
    FileLinks,
    /// Topics of pushes.
    PushTopics,
    /// What stands for a password on an XMPP stream.
    XmppSecret,
    /// Keyed hashes of where users signed in.
    KnownSource,
    /// Salts shown for application passwords that do not exist.
    ApplicationPasswordSalt,
    /// Tokens by which devices come back fast.
    FastToken,
    /// Credentials of relays.
    RelayCredentials,
    /// The note of the newest state of all databases.
    Anchor,
    /// Where the TPM has the counter of this box.
    TpmCounterIndex,
    /// What the TPM's counter is counted with.
    TpmCounter,
    /// Repositories of backups: their keys outlive the turning of the pages' keys and changes of passphrase.
    BackupRepository,
}

impl Purpose {
    /// All of them.
    pub const ALL: [Self; 17] = [
        Self::LoginLookup,
        Self::CompanyNameLookup,
        Self::JoinLinkLookup,
        Self::BubbleLinkLookup,
        Self::BubbleLinkToken,
        Self::BubblePassword,
        Self::FileLinks,
        Self::PushTopics,
        Self::XmppSecret,
        Self::KnownSource,
        Self::ApplicationPasswordSalt,
        Self::FastToken,
        Self::RelayCredentials,
        Self::Anchor,
        Self::TpmCounterIndex,
        Self::TpmCounter,
        Self::BackupRepository,
    ];

    /// The secret, of a vault that no store serves.
    #[must_use]
    pub fn of(self, vault: &Vault) -> SecretKey {
        vault.directory_key().derive(self.name())
    }

    /// Its name in the derivation: never changes.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::LoginLookup => "login lookup",
            Self::CompanyNameLookup => "company name lookup",
            Self::JoinLinkLookup => "join link lookup",
            Self::BubbleLinkLookup => "bubble link lookup",
            Self::BubbleLinkToken => "bubble link token",
            Self::BubblePassword => "bubble password",
            Self::FileLinks => "file links",
            Self::PushTopics => "push topics",
            Self::XmppSecret => "xmpp secret",
            Self::KnownSource => "known source",
            Self::ApplicationPasswordSalt => "application password salt",
            Self::FastToken => "fast token",
            Self::RelayCredentials => "relay credentials",
            Self::Anchor => "anchor",
            Self::TpmCounterIndex => "tpm counter index",
            Self::TpmCounter => "tpm counter",
            Self::BackupRepository => "backup repository",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Purpose;

    /// `ALL` has to name every purpose, or one would change when the directory's key is turned.
    #[test]
    fn every_purpose_is_among_all_and_has_a_name_of_its_own_d2() {
        for (at, purpose) in Purpose::ALL.iter().enumerate() {
            assert_eq!(*purpose as usize, at);
            let same = Purpose::ALL.iter().filter(|other| other.name() == purpose.name());
            assert_eq!(same.count(), 1, "{purpose:?}");
        }
        assert_eq!(Purpose::BackupRepository as usize, Purpose::ALL.len() - 1, "the last one closes the list");
    }
}
