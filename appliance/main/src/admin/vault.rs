//! What is told of the databases, by the running box and of a stopped one alike.

use super::export::{EXPORTS_TOLD, export_of};
use super::refusal;
use app::{App, AppError};
use appliance_contract::{
    AcceptedInfo, AnchorInfo, Answer, DATABASES_PER_ANSWER, DatabaseInfo, DatabaseInside, FINDING_BYTES_MAX,
    FINDINGS_PER_ANSWER, Refusal, VaultCheck, VaultChecking, VaultFinding, VaultInfo,
};
use domain::ids::CompanyId;
use store::anchor::Anchor;
use store::{CheckWish, DatabaseFacts, Finding, Inside};

/// Some databases of the running box, those after one.
pub(super) async fn info(app: &App, after: Option<String>) -> Result<Answer, Refusal> {
    let facts = app::vault::info(app, after, DATABASES_PER_ANSWER).await;
    let facts = facts.map_err(|refused| refusal("vault info", &refused))?;
    let exports = app::vault::exports(app, EXPORTS_TOLD).await.map_err(|refused| refusal("vault info", &refused))?;
    let noted = (&app::vault::anchor(app), app::vault::is_counted(app));
    let mut info = info_of(facts, noted, true);
    info.exports = exports.into_iter().map(export_of).collect();
    Ok(Answer::VaultInfo(Box::new(info)))
}

/// Facts as they are told; `running` where a server has the databases open. With the note it is told whether the TPM's counter shows
/// how old that is.
pub(crate) fn info_of(facts: Vec<DatabaseFacts>, noted: (&Anchor, bool), running: bool) -> VaultInfo {
    let is_full = facts.len() >= DATABASES_PER_ANSWER;
    let next = facts.last().filter(|_| is_full).map(|last| last.database.clone());
    VaultInfo {
        cipher: vault::ALGORITHM.to_owned(),
        acceleration: vault::acceleration(),
        running,
        databases: facts.into_iter().map(|facts| database(facts, running)).collect(),
        next,
        anchor: (noted.0.made_ms > 0).then(|| anchor_of(noted)),
        exports: Vec::new(),
    }
}

/// Acceptances that are told.
const ACCEPTED_TOLD: usize = 5;
/// Characters of a reason that are told.
const REASON_TOLD: usize = 500;

fn anchor_of((anchor, counted): (&Anchor, bool)) -> AnchorInfo {
    let at = |ms: i64| u64::try_from(ms).unwrap_or(0);
    let told = anchor.accepted.iter().skip(anchor.accepted.len().saturating_sub(ACCEPTED_TOLD));
    AnchorInfo {
        noted_at_ms: at(anchor.made_ms),
        counter: anchor.counter.as_ref().map(|counted| counted.value).filter(|value| *value > 0),
        counted,
        accepted: told
            .map(|one| AcceptedInfo { at_ms: at(one.at_ms), why: one.why.chars().take(REASON_TOLD).collect() })
            .collect(),
    }
}

fn database(facts: DatabaseFacts, running: bool) -> DatabaseInfo {
    let (inside, problem) = match facts.inside {
        Ok(inside) => (Some(inside_of(inside)), None),
        Err(problem) => (None, Some(problem)),
    };
    DatabaseInfo {
        database: facts.database,
        file: facts.path.display().to_string(),
        bytes: facts.bytes,
        log_bytes: facts.log_bytes,
        written_at_ms: facts.written_ms.and_then(|at| u64::try_from(at).ok()),
        ended_cleanly: (!running).then_some(facts.log_bytes == 0),
        inside,
        problem,
    }
}

fn inside_of(inside: Inside) -> DatabaseInside {
    DatabaseInside {
        id: inside.id,
        key_epochs: inside.key_epochs,
        pages: inside.pages,
        schema: inside.schema,
        schema_known: u64::try_from(inside.schema_known).unwrap_or(u64::MAX),
        files: inside.files,
        file_bytes: inside.file_bytes,
    }
}

/// Begins a check of the running box.
pub(super) fn begin_check(app: &App, wish: VaultCheck) -> Result<Answer, Refusal> {
    let wish = wish_of(&wish).ok_or_else(|| {
        let why = String::from("expected a company's id, as `rainbow-edge vault info` lists them");
        refusal("company", &AppError::Invalid { field: "company", why })
    })?;
    app::vault::begin_check(app, wish).map_err(|refused| refusal("another check goes on", &refused))?;
    checking(app, 0)
}

/// How far it is.
pub(super) fn checking(app: &App, seen: u64) -> Result<Answer, Refusal> {
    let seen = usize::try_from(seen).unwrap_or(usize::MAX);
    let state = app::vault::look_at_check(app, seen, FINDINGS_PER_ANSWER);
    let state = state.map_err(|refused| refusal("vault check", &refused))?;
    Ok(Answer::VaultChecking(Box::new(VaultChecking {
        done_bytes: state.done_bytes,
        total_bytes: state.total_bytes,
        database: state.database,
        what: state.what.to_owned(),
        findings: state.findings.into_iter().map(|finding| shortened(finding_of(finding))).collect(),
        found: state.found,
        ended: state.ended,
    })))
}

/// Ends it.
pub(super) fn end_check(app: &App) -> Result<Answer, Refusal> {
    app::vault::end_check(app);
    checking(app, u64::MAX)
}

/// What a check is to look at; `None` where that is no company's id.
pub(crate) fn wish_of(wish: &VaultCheck) -> Option<CheckWish> {
    let company = wish.company.as_deref().map(CompanyId::parse).transpose().ok()?;
    Some(CheckWish { company, files: wish.files, quick: wish.quick, ..CheckWish::default() })
}

/// A finding as it is told.
pub(crate) fn finding_of(finding: Finding) -> VaultFinding {
    let Finding { database, kind, text } = finding;
    VaultFinding { database, kind: kind.name().to_owned(), hurts: kind.hurts(), text }
}

/// So that an answer fits into its line.
fn shortened(mut finding: VaultFinding) -> VaultFinding {
    if finding.text.len() > FINDING_BYTES_MAX {
        let end = (0..=FINDING_BYTES_MAX).rev().find(|end| finding.text.is_char_boundary(*end)).unwrap_or(0);
        finding.text.truncate(end);
        finding.text.push_str(" ... (the whole list: stop the box and check again)");
    }
    finding
}
