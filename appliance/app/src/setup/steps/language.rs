use super::{Given, Progress, Step};
use crate::AppError;
use serde_json::{Value, json};

/// Languages that the setup and the browser application speak.
const LANGUAGES: [&str; 3] = ["en", "fr", "de"];

/// The language of who sets the box up; it becomes the administrator's.
pub(super) struct Language;

impl Step for Language {
    fn name(&self) -> &'static str {
        "language"
    }

    fn check(&self, given: &Given) -> Result<Value, AppError> {
        let language = given.text("language")?;
        if !LANGUAGES.contains(&language) {
            return Err(AppError::invalid("language", "expected en, fr or de"));
        }
        Ok(json!({ "language": language }))
    }
}

/// What was answered; empty before.
pub(super) fn chosen(progress: &Progress) -> &str {
    progress.text(Language.name(), "language")
}
