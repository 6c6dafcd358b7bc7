use super::{Doing, Given, Step, Work, language};
use crate::AppError;
use crate::people::{self, NewUser, Profile};
use domain::email::Email;
use domain::rights::{Role, Roles};
use serde_json::{Value, json};

/// Who owns the box and administers its first company. The password comes with the end of the setup and is kept nowhere
/// before.
pub(super) struct Administrator;

impl Step for Administrator {
    fn name(&self) -> &'static str {
        "administrator"
    }

    fn check(&self, given: &Given) -> Result<Value, AppError> {
        let email = Email::parse(given.text("email")?).map_err(|e| AppError::invalid("email", e))?;
        let (first_name, last_name) = (given.text("firstName")?.trim(), given.text("lastName")?.trim());
        people::check_profile(&profile(first_name, last_name, ""))?;
        Ok(json!({ "email": email.as_str(), "firstName": first_name, "lastName": last_name }))
    }

    fn carry_out<'a>(&'a self, work: &'a mut Work<'_>) -> Doing<'a> {
        Box::pin(async {
            let text = |field| work.progress.text(self.name(), field);
            let company = work.company.as_ref().ok_or(AppError::MissingStep("company"))?;
            let owner = NewUser {
                email: text("email").to_owned(),
                password: Some(std::mem::take(&mut work.password)),
                profile: profile(text("firstName"), text("lastName"), language::chosen(work.progress)),
                set_apart: None,
                roles: Roles::USER.with(Role::CompanyAdmin).with(Role::SuperAdministrator),
                active: true,
            };
            people::add(work.app, company, owner).await?;
            Ok(())
        })
    }
}

fn profile(first_name: &str, last_name: &str, language: &str) -> Profile {
    Profile {
        first_name: first_name.to_owned(),
        last_name: last_name.to_owned(),
        language: language.to_owned(),
        ..Profile::default()
    }
}
