use super::current;
use crate::error::CommandError;
use app::App;
use appliance_contract::CertificateFacts;
use gate::Certificate;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// What a running box shows. Connections that are open stay when it changes.
pub struct Keeper {
    data: PathBuf,
    shown: Arc<Certificate>,
    facts: Mutex<CertificateFacts>,
}

impl Keeper {
    /// Begins with what the directory holds.
    ///
    /// # Errors
    /// As [`current`], or when chain and key do not fit.
    pub async fn start(app: &App, data: &Path) -> Result<Self, CommandError> {
        let now = current(app, data).await?;
        let (chain, key) = (now.certificate.chain_pem.as_bytes(), now.certificate.key_pem.as_bytes());
        let shown = Certificate::from_pem(chain, key)?;
        let keeper = Self { data: data.to_owned(), shown, facts: Mutex::new(now.facts()) };
        keeper.log();
        Ok(keeper)
    }

    /// For the gate.
    #[must_use]
    pub fn shown(&self) -> Arc<Certificate> {
        Arc::clone(&self.shown)
    }

    /// What is shown now.
    #[must_use]
    pub fn facts(&self) -> CertificateFacts {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Shows what the directory holds now, or what takes its place: renewed, replaced, expired.
    ///
    /// # Errors
    /// As [`Keeper::start`]; what was shown before is shown on.
    pub async fn refresh(&self, app: &App) -> Result<(), CommandError> {
        let now = current(app, &self.data).await?;
        self.shown.replace(now.certificate.chain_pem.as_bytes(), now.certificate.key_pem.as_bytes())?;
        let facts = now.facts();
        let before = std::mem::replace(&mut *self.facts.lock().unwrap_or_else(PoisonError::into_inner), facts);
        if before.fingerprint != self.facts().fingerprint {
            tracing::info!(fingerprint = self.facts().fingerprint, "another certificate is shown from now on");
        }
        self.log();
        Ok(())
    }

    fn log(&self) {
        for warning in self.facts().warnings {
            tracing::warn!("{warning}");
        }
    }
}
