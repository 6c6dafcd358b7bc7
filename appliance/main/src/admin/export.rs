//! Companies that are written out in clear, at the console: what of it the box itself does (D6).

use super::refusal;
use app::vault::{self, Planned};
use app::{App, AppError};
use appliance_contract::{
    Answer, EXPORTS_PER_ANSWER, ExportBegin, ExportCompany, ExportInfo, ExportOf, ExportPlan, ExportSnapshot, Refusal,
};
use std::sync::Arc;
use store::export::ExportNote;

/// Exports that are told.
pub(crate) const EXPORTS_TOLD: u32 = 5;

pub(super) async fn plan(app: &App, of: &ExportOf, after: Option<&str>) -> Result<Answer, Refusal> {
    let refused = |failure: AppError| refusal(about(of), &failure);
    let companies = vault::exported(app, of.company.as_deref()).await.map_err(refused)?;
    let (planned, next) = vault::plan_export(app, companies, after, EXPORTS_PER_ANSWER).await.map_err(refused)?;
    let companies = planned.into_iter().map(told).collect();
    Ok(Answer::ExportPlan(ExportPlan { companies, next: next.map(|id| id.to_string()) }))
}

pub(super) async fn begin(app: &Arc<App>, asked: ExportBegin) -> Result<Answer, Refusal> {
    let refused = |failure: AppError| match failure {
        AppError::Busy => another(),
        other => refusal(about(&asked.of), &other),
    };
    let companies = vault::exported(app, asked.of.company.as_deref()).await.map_err(refused)?;
    if !asked.snapshot {
        vault::note_export(app, &companies, &asked.to).await.map_err(refused)?;
        return Ok(Answer::Done);
    }
    vault::begin_snapshot(app, companies.clone()).map_err(refused)?;
    vault::note_export(app, &companies, &asked.to).await.map_err(refused)?;
    snapshot(app)
}

pub(super) fn snapshot(app: &App) -> Result<Answer, Refusal> {
    let far = vault::look_at_snapshot(app).map_err(|failure| refusal("the snapshot of an export", &failure))?;
    Ok(Answer::ExportSnapshot(ExportSnapshot {
        done_bytes: far.done_bytes,
        total_bytes: far.total_bytes,
        folder: vault::SNAPSHOT_FOLDER.to_owned(),
        ended: far.ended,
        failure: far.failure,
    }))
}

/// An export as `vault info` tells it.
pub(crate) fn export_of(note: ExportNote) -> ExportInfo {
    ExportInfo { at_ms: u64::try_from(note.begun_ms).unwrap_or(0), company: note.company, to: note.target }
}

fn about(of: &ExportOf) -> &str {
    of.company.as_deref().unwrap_or("all companies")
}

fn told(planned: Planned) -> ExportCompany {
    let Planned { id, name, size } = planned;
    ExportCompany {
        id: id.to_string(),
        name,
        people: size.people,
        messages: size.messages,
        bubbles: size.bubbles,
        files: size.files,
        file_bytes: size.file_bytes,
        database_bytes: size.database_bytes,
        text_bytes: size.text_bytes,
    }
}

fn another() -> Refusal {
    Refusal {
        code: String::from("busy"),
        message: String::from("another export goes on"),
        what_to_do: String::from("Wait until it has ended, or end it; a moment later the next one can begin"),
    }
}
