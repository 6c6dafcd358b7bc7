use super::Setup;
use super::steps::{Given, STEPS, Step};
use crate::{App, AppError};
use serde_json::{Map, Value};
use store::setup as rows;

/// How far a setup is.
#[derive(Debug, Clone)]
pub struct Answers {
    /// The first step without an answer; `None` when all have one.
    pub step: Option<&'static str>,
    /// What was answered, by step.
    pub answers: Map<String, Value>,
    /// What a browser may propose, by step.
    pub suggestions: Map<String, Value>,
}

/// What was answered so far.
#[must_use]
pub fn answers(app: &App, setup: &Setup) -> Answers {
    let state = setup.state();
    let named = |of: fn(&dyn Step, &App, &super::steps::Progress) -> Option<Value>| {
        STEPS.iter().filter_map(|step| Some((step.name().to_owned(), of(*step, app, &state.progress)?))).collect()
    };
    Answers {
        step: state.progress.missing(),
        answers: named(|step, _, progress| step.shown(progress)),
        suggestions: named(|step, app, _| step.suggestion(app)),
    }
}

/// Checks and keeps the answer to a step; it outlives a restart.
///
/// # Errors
/// [`AppError::NotFound`] for an unknown step, [`AppError::Invalid`] with the field that is wrong, [`AppError::SetUp`].
pub async fn answer(app: &App, setup: &Setup, step: &str, fields: Map<String, Value>) -> Result<(), AppError> {
    let step = STEPS.iter().find(|known| known.name() == step).ok_or(AppError::NotFound("step"))?;
    let kept = step.check(&Given(fields))?;
    let _one_at_a_time = setup.changing.lock().await;
    setup.goes_on()?;
    let text = kept.to_string();
    app.store.directory().write(move |c| Ok::<_, AppError>(rows::put(c, step.name(), &text)?)).await?;
    setup.state().progress.answers.insert(step.name(), kept);
    Ok(())
}
