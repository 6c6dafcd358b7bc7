//! `user add`, `company add`, `application add`: through the running box, or on the data itself while it is stopped.

use super::{ask, password};
use crate::cli::{ApplicationAdd, CompanyAdd, Folder, UserAdd};
use crate::error::CommandError;
use appliance_contract::{Answer, Request, Secret};
use std::process::ExitCode;

pub(super) fn user(new: &UserAdd) -> Result<ExitCode, CommandError> {
    let password = password::read_new()?;
    let request = Request::UserAdd(appliance_contract::UserAdd {
        company: new.company.clone(),
        email: new.email.clone(),
        password: Secret::new(password.to_string()),
        first_name: new.first_name.clone(),
        last_name: new.last_name.clone(),
        admin: new.admin,
    });
    perform(&new.folder, request)
}

pub(super) fn company(new: &CompanyAdd) -> Result<ExitCode, CommandError> {
    let (name, visibility, kind) = (new.name.clone(), new.visibility.clone(), new.kind.clone());
    perform(&new.folder, Request::CompanyAdd(appliance_contract::CompanyAdd { name, visibility, kind }))
}

pub(super) fn application(new: &ApplicationAdd) -> Result<ExitCode, CommandError> {
    let name = new.name.clone();
    perform(&new.folder, Request::ApplicationAdd(appliance_contract::ApplicationAdd { name }))
}

fn perform(on: &Folder, request: Request) -> Result<ExitCode, CommandError> {
    tell(ask::box_of(on, request)?)
}

fn tell(answer: Answer) -> Result<ExitCode, CommandError> {
    match answer {
        Answer::Added { id } => println!("{id}"),
        Answer::Application { id, secret } => println!("id     {id}\nsecret {}", secret.reveal()),
        answer => return Err(ask::other(answer)),
    }
    Ok(ExitCode::SUCCESS)
}
