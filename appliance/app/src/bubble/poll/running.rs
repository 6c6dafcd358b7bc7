use super::{POLL, tell};
use crate::live::PollEvent;
use crate::{App, AppError};
use domain::ids::{CompanyId, PollId};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError, Weak};
use std::time::Duration;
use store::{Connection, poll};

/// How often is looked whose time is over. What may be done ends on the dot: voting asks.
const EVERY: Duration = Duration::from_secs(1);

/// The polls that end by themselves, with their ends, in memory: nothing is read while none is due.
#[derive(Debug, Default)]
pub struct Running(Mutex<BTreeMap<PollId, (CompanyId, i64)>>);

impl Running {
    /// A poll ends then.
    pub(super) fn enter(&self, company: &CompanyId, id: &PollId, ends_ms: Option<i64>) {
        let Some(ends_ms) = ends_ms else { return };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone(), (company.clone(), ends_ms));
    }

    /// A poll ends no longer by itself.
    pub(super) fn forget(&self, id: &PollId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }

    /// Takes those out whose time is over.
    fn take_due(&self, now_ms: i64) -> Vec<(PollId, CompanyId)> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let due = all.extract_if(.., |_, (_, ends_ms)| *ends_ms <= now_ms);
        due.map(|(id, (company, _))| (id, company)).collect()
    }
}

impl App {
    /// After the start, for each company: which of its polls end by themselves.
    pub(crate) async fn learn_polls(&self, company: &CompanyId) -> Result<(), AppError> {
        let running = self.company(company).await?.read(|c| Ok::<_, AppError>(poll::running(c)?)).await?;
        for found in running {
            self.running_polls.enter(company, &found.id, found.poll.ends_ms());
        }
        Ok(())
    }
}

/// From now on: polls whose time is over are ended, and everybody who sees them hears of it.
pub(crate) async fn watch(app: Weak<App>) {
    loop {
        tokio::time::sleep(EVERY).await;
        let Some(app) = app.upgrade() else { return };
        end_due(&app).await;
    }
}

/// Ends every poll whose time is over. One that cannot be written stays over by its time, and is ended after the next start.
pub async fn end_due(app: &App) {
    for (id, company) in app.running_polls.take_due(app.now_ms()) {
        match end(app, &company, &id).await {
            Ok(()) | Err(AppError::NotFound(_)) => {}
            Err(failure) => tracing::error!(%company, %failure, "a poll could not be ended"),
        }
    }
}

async fn end(app: &App, company: &CompanyId, id: &PollId) -> Result<(), AppError> {
    let (wanted, now_ms) = (id.clone(), app.now_ms());
    let end = move |c: &Connection| {
        let found = poll::find(c, &wanted, None)?.ok_or(AppError::NotFound(POLL))?;
        // It may have been taken back and published anew meanwhile.
        let Some(over_ms) = found.poll.over_ms(now_ms) else { return Err(AppError::NotFound(POLL)) };
        poll::end(c, found.no, over_ms)?;
        Ok(found)
    };
    let found = app.company(company).await?.write(end).await?;
    tell(app, (&found.bubble, id), &found.poll, PollEvent::Terminated);
    Ok(())
}
