use super::{GroupPage, find, tell};
use crate::live::{Notice, NoticeAction};
use crate::{App, AppError, Caller, people};
use domain::ids::{GroupId, UserId};
use store::{group, person};

/// People of one group.
const PEOPLE_MAX: usize = 1000;

/// Puts somebody whom the caller may know of into a group, or takes out whoever is in it.
///
/// # Errors
/// [`AppError::NotFound`] for a group that is not the caller's, or anybody else; a full group.
pub async fn set_member(
    app: &App,
    caller: &Caller,
    id: &GroupId,
    whom: &UserId,
    on: bool,
) -> Result<GroupPage, AppError> {
    find(app, caller, id).await?;
    let company = match people::find(app, caller, whom).await {
        Ok(seen) => Some(seen.company),
        // Who can be seen no longer can still be taken out.
        Err(AppError::NotFound(_)) if !on => None,
        Err(refused) => return Err(refused),
    };
    let database = app.company(&caller.company).await?;
    let (wanted, peer) = (id.clone(), whom.clone());
    let changed = database
        .write(move |c| {
            if on && group::members(c, &wanted)?.len() >= PEOPLE_MAX {
                return Err(AppError::invalid("userId", format!("at most {PEOPLE_MAX} people in a group")));
            }
            let no = match &company {
                Some(company) => person::enter(c, &peer, company)?,
                None => person::find(c, &peer)?.ok_or(AppError::NotFound("user"))?,
            };
            let changed = group::set_member(c, &wanted, no, on)?;
            if company.is_none() && !changed { Err(AppError::NotFound("user")) } else { Ok(changed) }
        })
        .await?;
    if changed {
        let action = if on { NoticeAction::Create } else { NoticeAction::Delete };
        tell(app, caller, Notice::GroupMember { id: id.clone(), action, user: whom.clone() });
    }
    find(app, caller, id).await
}
