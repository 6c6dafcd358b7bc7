//! `user add`, `company add`, `application add`: through the running box, or on the data itself while it is stopped.

use super::{block_on, password};
use crate::cli::{ApplicationAdd, CompanyAdd, Folder, UserAdd};
use crate::clock::{SystemClock, SystemRng};
use crate::error::CommandError;
use crate::{admin, folder, root_key, server};
use appliance_contract::{Answer, Request, Secret};
use config_schema::Config;
use std::process::ExitCode;
use std::sync::Arc;

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
    let (name, visibility) = (new.name.clone(), new.visibility.clone());
    perform(&new.folder, Request::CompanyAdd(appliance_contract::CompanyAdd { name, visibility }))
}

pub(super) fn application(new: &ApplicationAdd) -> Result<ExitCode, CommandError> {
    let name = new.name.clone();
    perform(&new.folder, Request::ApplicationAdd(appliance_contract::ApplicationAdd { name }))
}

fn perform(on: &Folder, request: Request) -> Result<ExitCode, CommandError> {
    if !folder::holds_box(&on.data) {
        return Err(super::run::no_box(&on.data));
    }
    let answer = match admin::ask(&on.data, &request)? {
        Some(answer) => answer,
        None => perform_offline(on, request)?,
    };
    tell(answer)
}

fn perform_offline(on: &Folder, request: Request) -> Result<Answer, CommandError> {
    let held = folder::hold(&on.data)?;
    let root = root_key::find(on)?;
    let answer = block_on(async {
        let (clock, rng) = (Arc::new(SystemClock), Arc::new(SystemRng));
        let app = server::open(&on.data, &root, &Config::default(), clock, rng).await?;
        let answer = admin::perform(&app, request).await;
        let closed = tokio::task::spawn_blocking(move || drop(app)).await;
        closed.map_err(|e| CommandError::Usage(format!("the databases could not be closed: {e}")))?;
        Ok(answer)
    })?;
    drop(held);
    Ok(answer)
}

fn tell(answer: Answer) -> Result<ExitCode, CommandError> {
    match answer {
        Answer::Added { id } => println!("{id}"),
        Answer::Application { id, secret } => println!("id     {id}\nsecret {}", secret.reveal()),
        Answer::Refused(refusal) => {
            return Err(CommandError::Refused { message: refusal.message, what_to_do: refusal.what_to_do });
        }
        Answer::Status(_) => {
            return Err(CommandError::Usage(String::from("the box gave an answer to another question")));
        }
    }
    Ok(ExitCode::SUCCESS)
}
