use crate::call::{self, Calls};
use crate::file::{self, Desk, FileSettings};
use crate::live::Live;
use crate::network::Vain;
use crate::node::Known;
use crate::outbox::Couriers;
use crate::people::Names;
use crate::relations::{self, Shared};
use crate::relay::{self, RelaySettings};
use crate::sign_in::Lives;
use crate::sign_in::LockOutSettings;
use crate::sign_in::hash_pool::HashPool;
use crate::sign_in::lock_out::LockOut;
use crate::sign_in::token::TokenKeys;
use crate::vault::{Checks, Exports, Scrubbing};
use crate::web_push::{BoxKey, Pager};
use crate::{AppError, Counters, backup, bubble, guest};
use domain::clock::{Clock, Rng};
use domain::company::CompanyKind;
use domain::ids::CompanyId;
use domain::outbound::AllowedHost;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};
use store::installation::{self, Installation};
use store::{Database, Store, company};

/// What the operator may set.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Life of a token, in seconds.
    pub token_life_s: i64,
    /// A session that is not used for so long has ended, in seconds.
    pub session_idle_life_s: i64,
    /// A session ends at this age at the latest, in seconds.
    pub session_life_s: i64,
    /// A key signs tokens for so long, in seconds.
    pub signing_key_life_s: i64,
    /// Sessions of one user; the least recently used ends when there are more.
    pub sessions_per_user_max: u32,
    /// Threads that hash passwords; each holds 19 MiB.
    pub hash_workers: usize,
    /// Sign-ins that wait for one of them; when there are more, those of the source that has most waiting are refused.
    pub hash_queue_max: usize,
    /// Sign-ins of one source among them.
    pub hash_queue_per_source_max: usize,
    /// When wrong passwords make an account wait.
    pub lock_out: LockOutSettings,
    /// An account that is not used for so long is blocked, in seconds; 0: never.
    pub unused_account_life_s: i64,
    /// A guest who is not there for so long is put out of his bubble, in seconds (C4).
    pub guest_life_s: i64,
    /// Pushes that wait for one device; a device that lets more pile up is cut off.
    pub device_queue_max: usize,
    /// Devices of one user at once.
    pub devices_per_user_max: usize,
    /// Push services that may be subscribed to (E6); `None`: nobody is pushed to.
    pub push_hosts: Option<Vec<AllowedHost>>,
    /// Shared files; `None`: there are none.
    pub files: Option<FileSettings>,
    /// The relay for calls; `None`: nothing is relayed.
    pub relay: Option<RelaySettings>,
    /// Backups; where there are targets.
    pub backup: backup::BackupSettings,
    /// Whether there is a TPM whose counter shows that the whole data folder was put back to an older state (D3).
    pub tpm_counter: bool,
}

/// Everything that a verb works on.
pub struct App {
    pub(crate) store: Arc<Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: Arc<dyn Rng>,
    pub(crate) settings: Settings,
    pub(crate) hashes: HashPool,
    pub(crate) lock_out: LockOut,
    pub(crate) keys: TokenKeys,
    pub(crate) live: Arc<Live>,
    pub(crate) counters: Arc<Counters>,
    /// Who sees whom (decision 6).
    pub(crate) relations: Shared,
    pub(crate) couriers: Arc<Couriers>,
    pub(crate) names: Names,
    pub(crate) calls: Calls,
    pub(crate) vain: Vain,
    pub(crate) wants: Known,
    pub(crate) pager: Arc<Pager>,
    pub(crate) files: Desk,
    /// Backups.
    pub backup: backup::Desk,
    pub(crate) doorstep: guest::Doorstep,
    pub(crate) checks: Checks,
    pub(crate) exports: Exports,
    pub(crate) relay: Arc<relay::Desk>,
    pub(crate) running_polls: Arc<bubble::poll::Running>,
    pub(crate) scrubbing: Scrubbing,
    pub(crate) push_key: tokio::sync::OnceCell<Arc<BoxKey>>,
    /// Turns to look through messages.
    pub(crate) searches: tokio::sync::Semaphore,
    /// Keys that are turned or were since the start.
    pub(crate) turns: Mutex<Vec<crate::vault::Turn>>,
    installation: RwLock<Installation>,
    address: std::sync::OnceLock<String>,
    company_names: Mutex<HashMap<CompanyId, String>>,
    /// Held from the reservation of a log-in name to the end of the change that needs it, so that a reservation without a
    /// user is one that a crash left behind, never one at work.
    pub(crate) reserving: tokio::sync::Mutex<()>,
}

impl App {
    /// Starts on an open store: reads who the box is, loads the token keys, delivers what outboxes still hold.
    ///
    /// # Errors
    /// When the directory cannot be read, or `init` never finished.
    pub async fn start(
        store: Arc<Store>,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
        settings: Settings,
    ) -> Result<Arc<Self>, AppError> {
        let installation = store.directory().read(|c| Ok::<_, AppError>(installation::read(c)?)).await?;
        let installation = installation.ok_or(AppError::NotFound("the box's own entry (run init)"))?;
        let keys = TokenKeys::load(&store, clock.as_ref(), rng.as_ref(), &settings).await?;
        let hashes =
            HashPool::start(settings.hash_workers, settings.hash_queue_max, settings.hash_queue_per_source_max);
        let lock_out = LockOut::new(settings.lock_out.limits(), rng.as_ref());
        let relations: Shared = Arc::new(RwLock::new(relations::load(&store).await?));
        let live = Live::new(Arc::clone(&relations), settings.device_queue_max, settings.devices_per_user_max);
        let live = Arc::new(live);
        let relay = Arc::new(relay::Desk::load(&store).await?);
        let counters = Arc::default();
        let backup = backup::Desk::new(settings.backup, store.folder());
        let pager = Pager::new(&store, &live, &clock, Lives::set(&settings), &counters);
        let app = Arc::new(Self {
            store,
            clock,
            rng,
            settings,
            hashes,
            lock_out,
            keys,
            live,
            counters,
            relations,
            couriers: Couriers::new(),
            names: Names::default(),
            calls: Calls::default(),
            vain: Vain::default(),
            wants: Known::default(),
            pager,
            files: Desk::default(),
            backup,
            doorstep: guest::Doorstep::default(),
            checks: Checks::default(),
            exports: Exports::default(),
            relay,
            running_polls: Arc::default(),
            scrubbing: Scrubbing::default(),
            push_key: tokio::sync::OnceCell::new(),
            searches: tokio::sync::Semaphore::new(1),
            turns: Mutex::default(),
            installation: RwLock::new(installation),
            address: std::sync::OnceLock::new(),
            company_names: Mutex::default(),
            reserving: tokio::sync::Mutex::default(),
        });
        app.couriers.serve(&app);
        app.pager.serve(&app);
        app.deliver_recovered().await;
        tokio::spawn(round(Arc::downgrade(&app)));
        tokio::spawn(file::sweep(Arc::downgrade(&app)));
        tokio::spawn(guest::sweep(Arc::downgrade(&app)));
        tokio::spawn(call::sweep(Arc::downgrade(&app)));
        tokio::spawn(bubble::poll::watch(Arc::downgrade(&app)));
        tokio::spawn(crate::vault::resume(Arc::downgrade(&app)));
        Ok(app)
    }

    /// Connected devices.
    #[must_use]
    pub fn live(&self) -> &Arc<Live> {
        &self.live
    }

    /// What has been done and refused since the start.
    #[must_use]
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// The XMPP domain (decision 4).
    #[must_use]
    pub fn domain(&self) -> String {
        self.installation.read().unwrap_or_else(PoisonError::into_inner).domain.clone()
    }

    /// The host name.
    #[must_use]
    pub fn name(&self) -> String {
        self.installation.read().unwrap_or_else(PoisonError::into_inner).name.clone()
    }

    /// `https://HOST[:PORT]`, by which clients reach the box; without the port until it is served.
    #[must_use]
    pub fn address(&self) -> String {
        self.address.get().cloned().unwrap_or_else(|| format!("https://{}", self.name()))
    }

    /// Says where the box is served. The first word counts: ports stay while a process lives.
    pub fn served_at(&self, address: &str) {
        let _ = self.address.set(address.to_owned());
    }

    pub(crate) fn set_name(&self, name: &str) {
        name.clone_into(&mut self.installation.write().unwrap_or_else(PoisonError::into_inner).name);
    }

    /// Before anybody uses the box only: edges read it when they are made.
    pub(crate) fn set_domain(&self, domain: &str) {
        domain.clone_into(&mut self.installation.write().unwrap_or_else(PoisonError::into_inner).domain);
    }

    /// This life of the box.
    pub(crate) fn incarnation(&self) -> String {
        self.installation.read().unwrap_or_else(PoisonError::into_inner).incarnation.to_string()
    }

    /// A name that nobody can guess, for what came without one.
    #[must_use]
    pub fn random_name(&self) -> String {
        domain::ids::SessionId::random(self.rng.as_ref()).to_string()
    }

    /// The clock of this box.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    pub(crate) async fn company(&self, id: &CompanyId) -> Result<Arc<Database>, AppError> {
        self.store.company(id).await.map_err(|e| match e {
            store::StoreError::NoCompany(_) => AppError::NotFound("company"),
            other => AppError::Store(other),
        })
    }

    pub(crate) fn kind_of(&self, id: &CompanyId) -> Result<CompanyKind, AppError> {
        Ok(self.relations().company(id).ok_or(AppError::NotFound("company"))?.kind)
    }

    /// A company's name; read once, and again after [`App::forget_company_name`].
    pub(crate) async fn company_name(&self, id: &CompanyId) -> Result<String, AppError> {
        let known = self.company_names.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned();
        if let Some(name) = known {
            return Ok(name);
        }
        let name = self.company(id).await?.read(|c| Ok::<_, AppError>(company::read(c)?)).await?.name;
        self.company_names.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone(), name.clone());
        Ok(name)
    }

    pub(crate) fn forget_company_name(&self, id: &CompanyId) {
        self.company_names.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }
}

/// Once after the start, in the background: every company's left-over effects are delivered and its names made known to
/// the search.
async fn round(app: Weak<App>) {
    let (companies, started_ms): (Vec<CompanyId>, i64) = match app.upgrade() {
        Some(app) => (app.relations().companies().map(|(id, _)| id.clone()).collect(), app.clock.now_ms()),
        None => return,
    };
    for company in companies {
        let Some(app) = app.upgrade() else { return };
        // A damaged company must not keep the others from being served.
        let outcome = async {
            let delivered = app.deliver_left_over(&company).await;
            let delivered = delivered.and(app.learn_names(&company).await);
            let removed = delivered.and(bubble::finish_removals(&app, &company).await);
            let removed = removed.and(app.learn_polls(&company).await);
            removed.and(file::tidy(&app, &company, started_ms).await)
        };
        let outcome = outcome.await;
        if let Err(failure) = outcome {
            tracing::error!(%company, %failure, "this company could not be looked at");
        }
    }
    if let Some(app) = app.upgrade() {
        app.names.complete();
    }
}
