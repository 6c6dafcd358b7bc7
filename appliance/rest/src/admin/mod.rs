//! `admin/v1.0`: what administrators do. Which of them may is said by the verbs of `app`, which know whose company it
//! is: 403 for what one sees, 404 for what one may not see (decision 6).

pub(crate) mod companies;
pub(crate) mod organisations;
pub(crate) mod users;

use crate::body::Fields;
use crate::error::RestError;
use crate::user::AS_COMPANY;

const SHARING: &str = "fileSharingCustomisation";

/// Rainbow's word for something that is let or not.
pub(crate) fn customisation(on: bool) -> &'static str {
    if on { "enabled" } else { "disabled" }
}

/// Whether a company's people may share files (C7): `fileSharingCustomisation` of a body.
pub(crate) fn sharing(fields: &mut Fields) -> Result<Option<bool>, RestError> {
    match fields.text(SHARING)?.as_deref() {
        None => Ok(None),
        Some("enabled") => Ok(Some(true)),
        Some("disabled") => Ok(Some(false)),
        Some(_) => Err(RestError::invalid(SHARING, "expected enabled or disabled")),
    }
}

/// The same of one person, who may be as the company as well.
pub(crate) fn sharing_of_member(fields: &mut Fields) -> Result<Option<Option<bool>>, RestError> {
    match fields.text(SHARING)?.as_deref() {
        None => Ok(None),
        Some(AS_COMPANY) => Ok(Some(None)),
        Some("enabled") => Ok(Some(Some(true))),
        Some("disabled") => Ok(Some(Some(false))),
        Some(_) => Err(RestError::invalid(SHARING, "expected enabled, disabled or same_than_company")),
    }
}
