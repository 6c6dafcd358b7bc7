use crate::{App, AppError};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use domain::company::clean_name;
use domain::ids::ApplicationId;
use store::application;
use zeroize::Zeroizing;

/// A registered application; its secret is shown this once.
pub struct NewApplication {
    /// Rainbow's appID.
    pub id: ApplicationId,
    /// Rainbow's appSecret.
    pub secret: Zeroizing<String>,
}

/// Registers an application, on behalf of whoever holds the box's data folder.
///
/// # Errors
/// A name that cannot be one or is in use.
pub async fn add(app: &App, name: &str) -> Result<NewApplication, AppError> {
    let name =
        clean_name(name).ok_or_else(|| AppError::invalid("name", "1 to 255 characters, no control characters"))?;
    let id = ApplicationId::random(app.rng.as_ref());
    let mut bytes = Zeroizing::new([0_u8; 32]);
    app.rng.fill(bytes.as_mut_slice());
    let secret = Zeroizing::new(BASE64.encode(bytes.as_slice()));
    let (row, kept, now_ms) = (id.clone(), secret.clone(), app.clock.now_ms());
    let added = app
        .store
        .directory()
        .write(move |c| Ok::<_, AppError>(application::insert(c, &row, &name, &kept, now_ms)?))
        .await?;
    if added { Ok(NewApplication { id, secret }) } else { Err(AppError::Exists("an application of this name")) }
}
