use super::{CompanyPage, find_administered};
use crate::{App, AppError, Caller};
use domain::ids::CompanyId;
use domain::rights::Right;
use std::sync::PoisonError;
use store::edges;

/// Lets two companies see one another whatever their modes, or ends it (B5): the box owner alone.
///
/// # Errors
/// Missing right; [`AppError::NotFound`] for a company that does not exist.
pub async fn set_visible_by(
    app: &App,
    caller: &Caller,
    one: &CompanyId,
    other: &CompanyId,
    on: bool,
) -> Result<CompanyPage, AppError> {
    app.permit(caller, Right::OwnBox, one)?;
    app.permit(caller, Right::OwnBox, other)?;
    {
        let relations = app.relations();
        if relations.company(one).is_none() || relations.company(other).is_none() {
            return Err(AppError::NotFound("company"));
        }
    }
    if one == other {
        return Err(AppError::invalid("companyId", "expected two different companies"));
    }
    let (a, b, now_ms) = (one.clone(), other.clone(), app.clock.now_ms());
    let change = move |c: &store::Connection| {
        edges::set_visible_by(c, &a, &b, on, now_ms)?;
        Ok((a, b))
    };
    app.change_directory(change, move |relations, (a, b)| {
        relations.write().unwrap_or_else(PoisonError::into_inner).set_visible_by(a, b, on);
    })
    .await?;
    find_administered(app, caller, one).await
}
