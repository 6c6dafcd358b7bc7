//! What is asked: one file a step, and the table of them.

mod administrator;
mod company;
mod language;
mod name;
mod recovery;

pub(super) use recovery::Recovery;

use crate::{App, AppError};
use domain::ids::CompanyId;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use zeroize::Zeroizing;

/// Every step, in the order in which it is asked and carried out.
pub(super) const STEPS: &[&dyn Step] =
    &[&language::Language, &name::Name, &company::FirstCompany, &administrator::Administrator, &recovery::RecoveryStep];

/// One question of the setup.
pub(super) trait Step: Sync {
    /// Its name in addresses and rows.
    fn name(&self) -> &'static str;

    /// Checks an answer; returns the form in which it is kept and shown. It holds no secret.
    fn check(&self, given: &Given) -> Result<Value, AppError>;

    /// What people see of its answer; `None` before there is one.
    fn shown(&self, progress: &Progress) -> Option<Value> {
        progress.answers.get(self.name()).cloned()
    }

    /// Whether the setup may end without asking this again.
    fn is_answered(&self, progress: &Progress) -> bool {
        progress.answers.contains_key(self.name())
    }

    /// What a browser may propose as an answer.
    fn suggestion(&self, _app: &App) -> Option<Value> {
        None
    }

    /// Does what was answered, at the end of the setup. A crash may cut it anywhere; then all steps are carried out anew.
    fn carry_out<'a>(&'a self, _work: &'a mut Work<'_>) -> Doing<'a> {
        Box::pin(async { Ok(()) })
    }
}

/// A step being carried out.
pub(super) type Doing<'a> = Pin<Box<dyn Future<Output = Result<(), AppError>> + Send + 'a>>;

/// How far the setup is.
#[derive(Clone, Default)]
pub(super) struct Progress {
    /// By step; each passed its check, if need be in an older version.
    pub(super) answers: BTreeMap<&'static str, Value>,
    /// In memory only.
    pub(super) recovery: Option<Recovery>,
}

impl Progress {
    /// The first step that is not answered.
    pub(super) fn missing(&self) -> Option<&'static str> {
        STEPS.iter().find(|step| !step.is_answered(self)).map(|step| step.name())
    }

    /// A text of an answer; empty where it has none.
    fn text(&self, step: &str, field: &str) -> &str {
        self.answers.get(step).and_then(|answer| answer[field].as_str()).unwrap_or_default()
    }
}

/// What the steps have in hand while they are carried out, one after the other.
pub(super) struct Work<'a> {
    pub(super) app: &'a App,
    pub(super) progress: &'a Progress,
    /// Of the administrator.
    pub(super) password: Zeroizing<String>,
    /// The first company, once it is there.
    pub(super) company: Option<CompanyId>,
}

/// What somebody answered, unchecked.
pub(super) struct Given(pub(super) Map<String, Value>);

impl Given {
    /// A text; empty where it is not given.
    fn text(&self, field: &'static str) -> Result<&str, AppError> {
        match self.0.get(field) {
            None | Some(Value::Null) => Ok(""),
            Some(Value::String(text)) => Ok(text),
            Some(_) => Err(AppError::invalid(field, "expected a string")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Checks an answer to the step of a name.
    fn checked(step: &str, answer: Value) -> Result<Value, AppError> {
        let Value::Object(fields) = answer else { panic!("an answer is an object") };
        STEPS.iter().find(|known| known.name() == step).expect("a step").check(&Given(fields))
    }

    #[test]
    fn answers_are_kept_in_one_form_i8() {
        for (step, given, kept) in [
            ("language", json!({"language": "fr", "more": 1}), json!({"language": "fr"})),
            (
                "name",
                json!({"name": " Box.Acme.Example. ", "domain": "ACME.example"}),
                json!({"name": "box.acme.example", "domain": "acme.example"}),
            ),
            ("name", json!({"name": "localhost"}), json!({"name": "localhost", "domain": "localhost"})),
            ("company", json!({"name": " Acme "}), json!({"name": "Acme", "visibility": "public"})),
            (
                "company",
                json!({"name": "Acme", "visibility": "isolated"}),
                json!({"name": "Acme", "visibility": "isolated"}),
            ),
            (
                "administrator",
                json!({"email": "Ada@Acme.Example", "firstName": " Ada ", "lastName": null, "password": "never"}),
                json!({"email": "ada@acme.example", "firstName": "Ada", "lastName": ""}),
            ),
        ] {
            assert_eq!(checked(step, given).expect("a valid answer"), kept, "{step}");
        }
    }

    #[test]
    fn what_is_wrong_is_named_with_what_is_allowed_i8() {
        let long = "x".repeat(256);
        for (step, given, wrong, allowed) in [
            ("language", json!({}), "language", "en, fr or de"),
            ("language", json!({"language": "tlh"}), "language", "en, fr or de"),
            ("language", json!({"language": 7}), "language", "a string"),
            ("name", json!({"name": "bad name", "domain": "acme.example"}), "name", "rainbow.example.org"),
            ("name", json!({"domain": "acme.example"}), "name", "rainbow.example.org"),
            ("name", json!({"name": "box", "domain": "-.-"}), "domain", "rainbow.example.org"),
            ("company", json!({"name": "  "}), "name", "1 to 255"),
            ("company", json!({"name": long}), "name", "1 to 255"),
            (
                "company",
                json!({"name": "A", "visibility": "secret"}),
                "visibility",
                "public, private, closed or isolated",
            ),
            ("company", json!({"name": "A", "visibility": "organization"}), "visibility", "public, private"),
            ("administrator", json!({"firstName": "Ada"}), "email", "name@example.org"),
            ("administrator", json!({"email": "ada"}), "email", "name@example.org"),
            ("administrator", json!({"email": "a@b.test", "firstName": long}), "firstName", "at most 255"),
            ("administrator", json!({"email": "a@b.test", "lastName": "a\u{7}"}), "lastName", "no control characters"),
            ("recovery", json!({"confirmed": true}), "recovery", "setup/recovery-key"),
        ] {
            match checked(step, given.clone()) {
                Err(AppError::Invalid { field, why }) => {
                    assert_eq!(field, wrong, "{step} {given}");
                    assert!(why.contains(allowed), "{step} {given}: {why}");
                }
                other => panic!("{step} {given}: {other:?}"),
            }
        }
    }

    #[test]
    fn the_steps_are_asked_in_the_order_of_the_table_i8() {
        let mut progress = Progress::default();
        for step in ["language", "name", "company", "administrator"] {
            assert_eq!(progress.missing(), Some(step));
            progress.answers.insert(step, json!({}));
        }
        assert_eq!(progress.missing(), Some("recovery"));
    }
}
