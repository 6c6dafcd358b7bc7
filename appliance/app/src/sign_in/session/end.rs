use crate::{App, AppError, Caller, SignedInBy, people};
use domain::ids::{CompanyId, SessionId, UserId};
use domain::rights::{Right, Role};
use store::person::PersonNo;
use store::session;

/// Whose sessions are ended.
struct Owner {
    company: CompanyId,
    user: UserId,
    no: PersonNo,
}

impl Owner {
    fn own(caller: &Caller) -> Result<Self, AppError> {
        caller.needs(Right::UseService, &caller.company)?;
        Ok(Self { company: caller.company.clone(), user: caller.user.clone(), no: caller.no })
    }

    /// A member whom the caller administers; the box owner's sessions end only at the owner's own will.
    async fn member(app: &App, caller: &Caller, id: &UserId) -> Result<Self, AppError> {
        let (company, user) = people::find_member(app, caller, id).await?;
        if user.roles.has(Role::SuperAdministrator) {
            caller.needs(Right::OwnBox, &company)?;
        }
        Ok(Self { company, user: user.id, no: user.no })
    }
}

/// Ends one of the caller's own sessions: its token, its XMPP secret, its streams.
///
/// # Errors
/// [`AppError::NotFound`] for anybody else's.
pub async fn end_session(app: &App, caller: &Caller, session: &SessionId) -> Result<(), AppError> {
    end(app, Owner::own(caller)?, session).await
}

/// Ends one session of a member.
///
/// # Errors
/// Missing right; [`AppError::NotFound`] when the member has no such session.
pub async fn end_member_session(
    app: &App,
    caller: &Caller,
    member: &UserId,
    session: &SessionId,
) -> Result<(), AppError> {
    end(app, Owner::member(app, caller, member).await?, session).await
}

/// Ends all of the caller's own sessions, or all but the present one; answers how many.
///
/// # Errors
/// When the store fails.
pub async fn end_all_sessions(app: &App, caller: &Caller, keep_current: bool) -> Result<usize, AppError> {
    let kept = if keep_current { Some(caller.session()?) } else { None };
    end_all(app, Owner::own(caller)?, kept).await
}

/// Ends all sessions of a member; answers how many.
///
/// # Errors
/// Missing right.
pub async fn end_sessions_of_member(app: &App, caller: &Caller, member: &UserId) -> Result<usize, AppError> {
    end_all(app, Owner::member(app, caller, member).await?, None).await
}

async fn end(app: &App, owner: Owner, session: &SessionId) -> Result<(), AppError> {
    let (wanted, no) = (session.clone(), owner.no);
    let database = app.company(&owner.company).await?;
    let ended = database.write(move |c| Ok::<_, AppError>(session::end(c, no, &wanted)?)).await?;
    if !ended {
        return Err(AppError::NotFound("session"));
    }
    app.live.end_sign_in(&owner.user, &SignedInBy::Session(session.clone()));
    Ok(())
}

async fn end_all(app: &App, owner: Owner, kept: Option<&SessionId>) -> Result<usize, AppError> {
    let (kept, no) = (kept.cloned(), owner.no);
    let database = app.company(&owner.company).await?;
    let ended = database.write(move |c| Ok::<_, AppError>(session::end_others(c, no, kept.as_ref())?)).await?;
    let count = ended.len();
    for session in ended {
        app.live.end_sign_in(&owner.user, &SignedInBy::Session(session));
    }
    Ok(count)
}
