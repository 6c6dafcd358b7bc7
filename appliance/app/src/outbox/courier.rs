//! Delivers what outboxes hold: one courier a lane at a time, woken by commits, patient with what fails. A lane that fails or
//! is busy keeps no other waiting.

use super::{DIRECTORY, directory, message};
use crate::{App, AppError};
use domain::ids::CompanyId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::time::Duration;
use store::inbox::Origin;
use store::outbox::{self, Effect};
use store::{StoreError, company};

/// Effects of one lot.
const LOT: u32 = 200;
/// Pause after the first failure; it doubles with each further one.
const PAUSE_MIN: Duration = Duration::from_millis(250);
const PAUSE_MAX: Duration = Duration::from_secs(60);

/// A lane of a company's outbox: the company, and the file that follows.
type Lane = (CompanyId, String);

/// The couriers of all lanes.
pub(crate) struct Couriers {
    app: OnceLock<Weak<App>>,
    runtime: tokio::runtime::Handle,
    /// Lanes whose courier is on the way; `true`: there is more since it began.
    on_the_way: Mutex<HashMap<Lane, bool>>,
    /// One deliverer of a lane at a time.
    lanes: Mutex<HashMap<Lane, Arc<tokio::sync::Mutex<()>>>>,
}

impl Couriers {
    /// Must be made inside the runtime that delivers.
    pub(crate) fn new() -> Arc<Self> {
        let runtime = tokio::runtime::Handle::current();
        Arc::new(Self { app: OnceLock::new(), runtime, on_the_way: Mutex::default(), lanes: Mutex::default() })
    }

    pub(crate) fn serve(&self, app: &Arc<App>) {
        // Set once, by the one start of the application.
        let _ = self.app.set(Arc::downgrade(app));
    }

    /// There is something to deliver from a company to another. From any thread, at once.
    pub(crate) fn wake(self: &Arc<Self>, company: &CompanyId, to: &CompanyId) {
        let lane = (company.clone(), to.to_string());
        let mut on_the_way = self.on_the_way.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(more) = on_the_way.get_mut(&lane) {
            *more = true;
            return;
        }
        on_the_way.insert(lane.clone(), false);
        drop(on_the_way);
        self.runtime.spawn(Arc::clone(self).run(lane));
    }

    async fn run(self: Arc<Self>, lane: Lane) {
        let mut pause = PAUSE_MIN;
        loop {
            let Some(app) = self.app.get().and_then(Weak::upgrade) else { return };
            let outcome = deliver(&app, &lane).await;
            drop(app);
            match outcome {
                Ok(()) => {
                    pause = PAUSE_MIN;
                    if self.is_done(&lane) {
                        return;
                    }
                }
                // One of the two was erased: nothing is owed any more.
                Err(AppError::NotFound(_)) if self.is_over(&lane) => return,
                Err(failure) => {
                    let again_in_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
                    let (company, to) = &lane;
                    tracing::error!(%company, to, %failure, again_in_ms, "what this company owes another waits");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(PAUSE_MAX);
                }
            }
        }
    }

    /// Whether a company of the lane is not on the box any more; ends the way then.
    fn is_over(&self, lane: &Lane) -> bool {
        let Some(app) = self.app.get().and_then(Weak::upgrade) else { return true };
        let gone = app.relations().company(&lane.0).is_none();
        if gone {
            self.on_the_way.lock().unwrap_or_else(PoisonError::into_inner).remove(lane);
        }
        gone
    }

    /// Ends the way, unless there is more since it began.
    fn is_done(&self, lane: &Lane) -> bool {
        let mut on_the_way = self.on_the_way.lock().unwrap_or_else(PoisonError::into_inner);
        match on_the_way.get_mut(lane) {
            Some(more) if *more => {
                *more = false;
                false
            }
            _ => {
                on_the_way.remove(lane);
                true
            }
        }
    }

    fn lane(&self, lane: &Lane) -> Arc<tokio::sync::Mutex<()>> {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(lanes.entry(lane.clone()).or_default())
    }
}

impl App {
    /// Applies what a company owes the directory, so that who asks next sees it.
    pub(crate) async fn settle_directory(&self, company: &CompanyId) -> Result<(), AppError> {
        deliver(self, &(company.clone(), String::from(DIRECTORY))).await
    }

    /// After an unclean end: what the recovered companies owe the directory is applied before anybody is served.
    pub(crate) async fn deliver_recovered(&self) {
        for recovered in self.store.recovered() {
            let Ok(company) = CompanyId::parse(&recovered.database) else { continue };
            // A damaged company must not keep the others from being served.
            if let Err(failure) = self.deliver_left_over(&company).await {
                tracing::error!(%company, %failure, "what this company owes others could not be read");
            }
        }
    }

    /// What the last run of the box left in a company's outbox.
    pub(crate) async fn deliver_left_over(&self, company: &CompanyId) -> Result<(), AppError> {
        let database = self.company(company).await?;
        let lanes = database.read(|c| Ok::<_, AppError>(outbox::lanes(c)?)).await?;
        if !lanes.is_empty() {
            tracing::info!(%company, lanes = lanes.len(), "delivering what the last run left in the outbox");
        }
        for lane in lanes {
            match CompanyId::parse(&lane) {
                Ok(to) if to != *company => self.couriers.wake(company, &to),
                _ => deliver(self, &(company.clone(), lane)).await?,
            }
        }
        Ok(())
    }
}

/// Delivers a lane until it is empty.
async fn deliver(app: &App, lane: &Lane) -> Result<(), AppError> {
    let one = app.couriers.lane(lane);
    let _one_deliverer = one.lock().await;
    let (company, lane) = lane;
    let database = app.company(company).await?;
    loop {
        let wanted = lane.clone();
        let lot = database.read(move |c| Ok::<_, AppError>(outbox::oldest(c, &wanted, LOT)?)).await?;
        let Some(last) = lot.last().map(|effect| effect.seq) else { return Ok(()) };
        apply(app, company, lane, lot).await?;
        let done = lane.clone();
        database.write(move |c| Ok::<_, AppError>(outbox::delivered(c, &done, last)?)).await?;
    }
}

async fn apply(app: &App, company: &CompanyId, lane: &str, lot: Vec<Effect>) -> Result<(), AppError> {
    // The first schema put the directory's effects into the lane of the company itself.
    if lane == DIRECTORY || lane == company.as_str() {
        for effect in lot {
            directory::apply(app, company, &effect.payload).await?;
        }
        return Ok(());
    }
    let unknown = |_| StoreError::Row { table: "outbox", what: format!("lane {lane}") };
    let target = CompanyId::parse(lane).map_err(unknown)?;
    if app.relations().company(&target).is_none() {
        // It was erased: what it would have been told is not missed.
        return Ok(());
    }
    let database = app.company(company).await?;
    let incarnation = database.read(|c| Ok::<_, AppError>(company::incarnation(c)?)).await?;
    message::apply(app, Origin { company: company.clone(), incarnation }, &target, lot).await
}
