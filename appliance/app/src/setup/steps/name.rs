use super::{Doing, Given, Step, Work};
use crate::{App, AppError, installation};
use domain::host;
use serde_json::{Value, json};

/// Under which name clients reach the box, and the domain of every address on it.
pub(super) struct Name;

impl Step for Name {
    fn name(&self) -> &'static str {
        "name"
    }

    /// Without a domain it is the name.
    fn check(&self, given: &Given) -> Result<Value, AppError> {
        let clean = |field: &'static str, text: &str| {
            host::clean_name(text).ok_or_else(|| AppError::invalid(field, host::EXPECTED))
        };
        let name = clean("name", given.text("name")?)?;
        let domain = match given.text("domain")? {
            "" => name.clone(),
            domain => clean("domain", domain)?,
        };
        Ok(json!({ "name": name, "domain": domain }))
    }

    /// By which the box is reached while it is set up.
    fn suggestion(&self, app: &App) -> Option<Value> {
        Some(json!(app.name()))
    }

    fn carry_out<'a>(&'a self, work: &'a mut Work<'_>) -> Doing<'a> {
        let text = |field| work.progress.text(self.name(), field);
        let (name, domain) = (text("name"), text("domain"));
        Box::pin(installation::settle(work.app, name, domain))
    }
}
