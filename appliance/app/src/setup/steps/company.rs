use super::{Doing, Given, Step, Work};
use crate::{AppError, company};
use domain::company::clean_name;
use domain::visibility::Visibility;
use serde_json::{Value, json};

/// The modes that a company may have before it belongs to an organization (B2).
const MODES: [Visibility; 4] = [Visibility::Public, Visibility::Private, Visibility::Closed, Visibility::Isolated];

/// The first company.
pub(super) struct FirstCompany;

impl Step for FirstCompany {
    fn name(&self) -> &'static str {
        "company"
    }

    fn check(&self, given: &Given) -> Result<Value, AppError> {
        let name = clean_name(given.text("name")?).ok_or_else(company::wrong_name)?;
        let mode = match given.text("visibility")? {
            "" => Visibility::Public,
            mode => mode_of(mode)
                .ok_or_else(|| AppError::invalid("visibility", "expected public, private, closed or isolated"))?,
        };
        Ok(json!({ "name": name, "visibility": mode.name() }))
    }

    fn carry_out<'a>(&'a self, work: &'a mut Work<'_>) -> Doing<'a> {
        Box::pin(async {
            let text = |field| work.progress.text(self.name(), field);
            let mode = mode_of(text("visibility")).ok_or(AppError::MissingStep(self.name()))?;
            work.company = Some(company::add(work.app, text("name"), mode).await?);
            Ok(())
        })
    }
}

fn mode_of(name: &str) -> Option<Visibility> {
    Visibility::parse(name).filter(|mode| MODES.contains(mode))
}
