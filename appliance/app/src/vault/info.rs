use crate::{App, AppError};
use std::sync::Arc;
use store::{DatabaseFacts, StoreError};

/// What each database is: at most `limit` of them, those after `after` by name; the directory comes first.
///
/// # Errors
/// When the directory cannot be read.
pub async fn info(app: &App, after: Option<String>, limit: usize) -> Result<Vec<DatabaseFacts>, AppError> {
    let store = Arc::clone(&app.store);
    let looking = tokio::task::spawn_blocking(move || store.survey().facts(after.as_deref(), limit));
    let facts = looking.await.unwrap_or_else(|_| Err(StoreError::Fault(String::from("the databases"))));
    Ok(facts?)
}
