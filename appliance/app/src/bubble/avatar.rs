use super::describe::tell;
use super::{look, permitted};
use crate::live::Described;
use crate::{App, AppError, Caller};
use domain::bubble::Action;
use domain::file::kind;
use domain::ids::{BubbleId, CompanyId};
use store::bubble;

/// Largest picture, in bytes.
const PICTURE_BYTES_MAX: usize = 512 * 1024;

/// A picture: its type and its bytes.
#[derive(Debug, Clone)]
pub struct Picture {
    /// `image/png`, `image/jpeg` or `image/gif`, as its first bytes say.
    pub kind: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// Types of pictures that a bubble may have.
const PICTURES: [&str; 3] = ["image/png", "image/jpeg", "image/gif"];

/// Gives a bubble a picture, or takes it off.
///
/// # Errors
/// As [`super::describe`]; what is no picture of a known type, or too large.
pub async fn set_avatar(app: &App, caller: &Caller, id: &BubbleId, bytes: Option<Vec<u8>>) -> Result<(), AppError> {
    let company = permitted(app, caller, id, Action::Describe)?;
    change_avatar(app, (id, &company), bytes).await
}

/// As [`set_avatar`], for who may.
pub(super) async fn change_avatar(
    app: &App,
    (id, company): (&BubbleId, &CompanyId),
    bytes: Option<Vec<u8>>,
) -> Result<(), AppError> {
    let picture = match bytes {
        None => None,
        Some(bytes) if bytes.len() > PICTURE_BYTES_MAX => {
            return Err(AppError::invalid("avatar", format!("at most {PICTURE_BYTES_MAX} bytes")));
        }
        Some(bytes) => {
            let kind = Some(kind(&bytes, "")).filter(|kind| PICTURES.contains(kind));
            let kind = kind.ok_or_else(|| AppError::invalid("avatar", "expected a PNG, JPEG or GIF"))?;
            Some((kind, bytes))
        }
    };
    let (of, there, now_ms) = (id.clone(), picture.is_some(), app.clock.now_ms());
    app.company(company)
        .await?
        .write(move |c| {
            let no = bubble::number(c, &of)?.ok_or(AppError::NotFound(crate::BUBBLE))?;
            let picture = picture.as_ref().map(|(kind, bytes)| (*kind, bytes.as_slice()));
            Ok::<_, AppError>(bubble::set_avatar(c, no, picture, now_ms)?)
        })
        .await?;
    let nothing_else = Described { bubble: id.clone(), name: None, topic: None, custom_data: None, avatar: None };
    tell(app, Described { avatar: Some(there), ..nothing_else });
    Ok(())
}

/// A bubble's picture, for who sees it.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn avatar(app: &App, caller: &Caller, id: &BubbleId) -> Result<Picture, AppError> {
    let home = look(app, caller, id, |bubble| bubble.company.clone())?;
    let of = id.clone();
    let found = app.company(&home).await?.read(move |c| Ok::<_, AppError>(bubble::avatar(c, &of)?)).await?;
    let (kind, bytes) = found.ok_or(AppError::NotFound("picture"))?;
    Ok(Picture { kind, bytes })
}
