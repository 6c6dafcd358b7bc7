//! Branch keys as backups keep them: in the stored form, under a key of the backups' own, so that a snapshot opens with the keys
//! of its day, whatever was turned since.

use super::branch::BranchKey;
use super::secret::SecretKey;
use super::wrap::{self, Owner};
use crate::error::VaultError;

fn owner(company: Option<&str>) -> Owner<'_> {
    company.map_or(Owner::Directory, Owner::Company)
}

impl BranchKey {
    /// Seals it for a company, or for the directory.
    ///
    /// # Errors
    /// [`VaultError::Random`].
    pub fn keep(&self, keeper: &SecretKey, company: Option<&str>) -> Result<Vec<u8>, VaultError> {
        wrap::wrap(keeper, owner(company), self)
    }

    /// Opens what [`BranchKey::keep`] sealed for the same; `None` where it was changed.
    #[must_use]
    pub fn kept(keeper: &SecretKey, company: Option<&str>, sealed: &[u8]) -> Option<Self> {
        wrap::unwrap(keeper, owner(company), sealed)
    }

    /// Tells its keys from those of another day.
    #[must_use]
    pub fn label(&self) -> String {
        let numbers: Vec<String> = self.epochs().iter().map(|(epoch, _)| epoch.to_string()).collect();
        numbers.join("-")
    }
}
