use crate::AppError;
use domain::company::CompanyKind;
use domain::ids::{ApplicationPasswordId, CompanyId, SessionId, UserId};
use domain::rights::{self, Right, Roles, Whose};
use store::person::PersonNo;

/// By what somebody has signed in. Its end is the end of the streams that were opened with it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SignedInBy {
    /// A sign-in session: its token, or its XMPP secret.
    Session(SessionId),
    /// An application password (A11).
    ApplicationPassword(ApplicationPasswordId),
}

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
    /// By what the user has signed in.
    pub signed_in_by: SignedInBy,
}

impl Caller {
    /// The sign-in session, for verbs that are about it.
    ///
    /// # Errors
    /// [`AppError::Forbidden`] for who has none, because an application password brought him here.
    pub fn session(&self) -> Result<&SessionId, AppError> {
        match &self.signed_in_by {
            SignedInBy::Session(session) => Ok(session),
            SignedInBy::ApplicationPassword(_) => Err(AppError::Forbidden),
        }
    }

    /// The one line with which a verb on the caller's own things names the right that it needs. Verbs of administration
    /// ask `App::permit`.
    ///
    /// # Errors
    /// [`AppError::NotFound`] or [`AppError::Forbidden`], as decision 6 says.
    pub fn needs(&self, right: Right, on: &CompanyId) -> Result<(), AppError> {
        let whose = (*on == self.company).then_some(Whose::Own);
        Ok(rights::need(right, self.roles, self.kind, whose)?)
    }
}
