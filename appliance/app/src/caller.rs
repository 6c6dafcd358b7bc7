use crate::AppError;
use domain::company::CompanyKind;
use domain::ids::{CompanyId, SessionId, UserId};
use domain::rights::{self, Right, Roles};
use store::person::PersonNo;

/// Who calls a verb: a signed-in user.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The user.
    pub user: UserId,
    /// The user's number in the company's file.
    pub no: PersonNo,
    /// The user's company.
    pub company: CompanyId,
    /// What that company is.
    pub kind: CompanyKind,
    /// The user's roles.
    pub roles: Roles,
    /// The sign-in session.
    pub session: SessionId,
}

impl Caller {
    /// The one line with which a verb names the right that it needs on a company.
    ///
    /// # Errors
    /// [`AppError::NotFound`] or [`AppError::Forbidden`], as decision 6 says.
    pub fn needs(&self, right: Right, on: &CompanyId) -> Result<(), AppError> {
        Ok(rights::need(right, self.roles, self.kind, *on == self.company)?)
    }
}
