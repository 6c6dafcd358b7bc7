use crate::AppError;
use crate::live::Live;
use crate::sign_in::hash_pool::HashPool;
use crate::sign_in::token::TokenKeys;
use domain::clock::{Clock, Rng};
use domain::company::CompanyKind;
use domain::ids::CompanyId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use store::installation::{self, Installation};
use store::{Database, Store, companies};

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
    /// Sign-ins that wait for one of them; more are refused.
    pub hash_queue_max: usize,
    /// Pushes that wait for one device; a device that lets more pile up is cut off.
    pub device_queue_max: usize,
    /// Devices of one user at once.
    pub devices_per_user_max: usize,
}

/// Everything that a verb works on.
pub struct App {
    pub(crate) store: Arc<Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: Arc<dyn Rng>,
    pub(crate) settings: Settings,
    pub(crate) hashes: HashPool,
    pub(crate) keys: TokenKeys,
    pub(crate) live: Arc<Live>,
    installation: RwLock<Installation>,
    kinds: Mutex<HashMap<CompanyId, CompanyKind>>,
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
        let hashes = HashPool::start(settings.hash_workers, settings.hash_queue_max);
        let live = Arc::new(Live::new(settings.device_queue_max, settings.devices_per_user_max));
        let kinds = Mutex::default();
        let reserving = tokio::sync::Mutex::default();
        let installation = RwLock::new(installation);
        let app = Arc::new(Self { store, clock, rng, settings, hashes, keys, live, installation, kinds, reserving });
        crate::people::outbox::drain_all(&app).await;
        Ok(app)
    }

    /// Connected devices.
    #[must_use]
    pub fn live(&self) -> &Arc<Live> {
        &self.live
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

    pub(crate) fn set_name(&self, name: &str) {
        name.clone_into(&mut self.installation.write().unwrap_or_else(PoisonError::into_inner).name);
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

    /// A company's kind never changes, so it is read once.
    pub(crate) async fn kind_of(&self, id: &CompanyId) -> Result<CompanyKind, AppError> {
        if let Some(kind) = self.kinds.lock().unwrap_or_else(PoisonError::into_inner).get(id) {
            return Ok(*kind);
        }
        let wanted = id.clone();
        let entry = self.store.directory().read(move |c| Ok::<_, AppError>(companies::find(c, &wanted)?)).await?;
        let kind = entry.ok_or(AppError::NotFound("company"))?.kind;
        self.kinds.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone(), kind);
        Ok(kind)
    }
}
