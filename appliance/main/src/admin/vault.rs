//! What is told of the databases, by the running box and of a stopped one alike.

use super::refusal;
use app::App;
use appliance_contract::{Answer, DATABASES_PER_ANSWER, DatabaseInfo, DatabaseInside, Refusal, VaultInfo};
use store::{DatabaseFacts, Inside};

/// Some databases of the running box, those after one.
pub(super) async fn info(app: &App, after: Option<String>) -> Result<Answer, Refusal> {
    let facts = app::vault::info(app, after, DATABASES_PER_ANSWER).await;
    let facts = facts.map_err(|refused| refusal("vault info", &refused))?;
    Ok(Answer::VaultInfo(Box::new(info_of(facts, true))))
}

/// Facts as they are told; `running` where a server has the databases open.
pub(crate) fn info_of(facts: Vec<DatabaseFacts>, running: bool) -> VaultInfo {
    let is_full = facts.len() >= DATABASES_PER_ANSWER;
    let next = facts.last().filter(|_| is_full).map(|last| last.database.clone());
    VaultInfo {
        cipher: vault::ALGORITHM.to_owned(),
        acceleration: vault::acceleration(),
        running,
        databases: facts.into_iter().map(|facts| database(facts, running)).collect(),
        next,
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
