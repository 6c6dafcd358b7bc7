use super::{roles, set_apart};
use crate::answer::Answer;
use crate::body::Fields;
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::error::RestError;
use crate::profile;
use crate::user;
use app::Caller;
use app::people::{self, NewUser, Profile};
use axum::extract::State;
use domain::ids::CompanyId;
use domain::rights::Roles;
use zeroize::Zeroizing;

/// `POST admin/v1.0/users`; without `companyId` in the caller's own company, without `password` for somebody who joins by
/// a link.
pub(crate) async fn create(State(edge): State<Edge>, SignedIn(caller): SignedIn, fields: Fields) -> Answer {
    let (company, new) = read(&caller, fields)?;
    let created = people::create(&edge.app, &caller, &company, new).await?;
    user::administered(&edge, &caller, &company, created).await
}

fn read(caller: &Caller, mut fields: Fields) -> Result<(CompanyId, NewUser), RestError> {
    let company = match fields.text("companyId")? {
        Some(id) => CompanyId::parse(&id).map_err(|error| RestError::invalid("companyId", error.to_string()))?,
        None => caller.company.clone(),
    };
    let mut profile = Profile::default();
    profile::change(&mut fields)?(&mut profile);
    let new = NewUser {
        email: fields.required_text("loginEmail")?,
        password: fields.text("password")?.map(Zeroizing::new),
        profile,
        set_apart: set_apart(&mut fields)?.flatten(),
        roles: roles(&mut fields)?.unwrap_or(Roles::USER),
        active: fields.flag("isActive")?.unwrap_or(true),
    };
    Ok((company, new))
}
