use crate::{App, AppError};
use store::anchor::{Anchor, Counted};
use store::{Purpose, SecretKey};

/// Notes the state of all databases that were changed (D3), with the value that the TPM's counter is to have; whether there was
/// anything to note.
///
/// # Errors
/// When the note cannot be written.
pub async fn set_anchor(app: &App, counted: Option<Counted>) -> Result<bool, AppError> {
    Ok(app.store.set_anchor(app.now_ms(), counted).await?)
}

/// What is noted now.
#[must_use]
pub fn anchor(app: &App) -> Anchor {
    app.store.anchor()
}

/// Whether a counter in the TPM shows how old the whole data folder is.
#[must_use]
pub fn is_counted(app: &App) -> bool {
    app.settings.tpm_counter && anchor(app).counter.is_some_and(|counted| counted.value > 0)
}

/// A key of the whole box, for what stands outside of it.
#[must_use]
pub fn key(app: &App, purpose: Purpose) -> SecretKey {
    app.store.derive(purpose)
}
