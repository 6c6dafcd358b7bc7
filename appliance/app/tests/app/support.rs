//! An application on a data folder of its own, with a clock that a test moves.

use app::live::{Binding, Device, Push};
use app::message::{Keep, Kind, Outgoing};
use app::people::{NewUser, Profile};
use app::presence::Announcement;
use app::sign_in::{Credentials, LockOutSettings, SignedIn};
use app::{App, AppError, Caller, Settings, Source, company, message, people, presence, sign_in};
use domain::clock::{Clock, Rng};
use domain::ids::{CompanyId, Incarnation, UserId};
use domain::outbound::AllowedHost;
use domain::rights::{Role, Roles};
use domain::visibility::Visibility;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use store::installation::Installation;
use store::{DatabaseSettings, Store};
use vault::{Keyring, RootKey, RootSource};
use world::{ManualClock, SeededRng};
use zeroize::Zeroizing;

pub(crate) const PASSWORD: &str = "Correct-Horse-7";

static FOLDERS: AtomicU64 = AtomicU64::new(0);

pub(crate) struct Place {
    pub(crate) app: Arc<App>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) company: CompanyId,
    pub(crate) store: Arc<Store>,
    pub(crate) root: RootSource,
    pub(crate) folder: PathBuf,
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

pub(crate) fn settings() -> Settings {
    Settings {
        token_life_s: 3600,
        session_idle_life_s: 86_400,
        session_life_s: 10 * 86_400,
        signing_key_life_s: 86_400,
        sessions_per_user_max: 10,
        hash_workers: 2,
        hash_queue_max: 256,
        hash_queue_per_source_max: 128,
        lock_out: LockOutSettings {
            failures: 5,
            account_failures: 20,
            first_s: 30,
            longest_s: 900,
            forget_s: 3600,
            entries_max: 1000,
        },
        unused_account_life_s: 365 * 86_400,
        guest_life_s: 86_400,
        device_queue_max: 4096,
        devices_per_user_max: 10,
        tpm_counter: false,
        push_hosts: Some(vec![AllowedHost::parse("push.example.org").expect("a host")]),
        relay: None,
        files: None,
        backup: app::backup::BackupSettings {
            every_s: 3600,
            full_every_s: 86_400,
            keep_s: 7 * 86_400,
            alarm_after_s: 36 * 3600,
            reserve_bytes: 0,
        },
    }
}

impl Place {
    pub(crate) async fn new() -> Self {
        Self::with(settings()).await
    }

    pub(crate) async fn with(settings: Settings) -> Self {
        let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("rainbow-edge-app-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a temporary folder");
        let clock = Arc::new(ManualClock::default());
        let rng: Arc<dyn Rng> = Arc::new(SeededRng::new(number + 1));
        let root = RootKey::generate().expect("a root key").to_source();
        let vault = Keyring::create(&folder, &root).expect("a keyring");
        let incarnation = Incarnation::random(rng.as_ref());
        let new = Installation { name: String::from("edge.test"), domain: String::from("edge.test"), incarnation };
        Store::create(&folder, &vault, &new, clock.now_ms()).expect("a directory");
        let bounds = DatabaseSettings { readers: 2, queue_max: 256, page_cache_kib: 512 };
        let store = Arc::new(Store::open(&folder, vault, bounds, 8).expect("an open store"));
        let app = App::start(Arc::clone(&store), Arc::clone(&clock) as Arc<dyn Clock>, rng, settings)
            .await
            .expect("an application");
        let company = company::add(&app, "Acme", Visibility::Public).await.expect("a company");
        Self { app, clock, company, store, root, folder }
    }

    /// Whether a file of this name lies in the data folder.
    pub(crate) fn lies(&self, name: &str) -> bool {
        world::fault::files(&self.folder).iter().any(|path| path.ends_with(name))
    }

    /// How long a file of the data folder is.
    pub(crate) fn bytes_of(&self, name: &str) -> Option<u64> {
        self.folder.join(name).metadata().ok().map(|found| found.len())
    }

    pub(crate) async fn person(&self, name: &str) -> SignedIn {
        self.person_of(&self.company, name).await
    }

    pub(crate) async fn person_of(&self, company: &CompanyId, name: &str) -> SignedIn {
        let new = NewUser {
            email: email(name),
            password: Some(Zeroizing::new(PASSWORD.to_owned())),
            profile: Profile::default(),
            set_apart: None,
            roles: Roles::USER,
            active: true,
        };
        people::add(&self.app, company, new).await.expect("a new user");
        self.sign_in(name).await.expect("a sign-in")
    }

    pub(crate) async fn sign_in(&self, name: &str) -> Result<SignedIn, AppError> {
        self.sign_in_with(name, PASSWORD, Source::default()).await
    }

    pub(crate) async fn sign_in_with(&self, name: &str, password: &str, source: Source) -> Result<SignedIn, AppError> {
        let credentials = Credentials {
            login: email(name),
            password: Zeroizing::new(password.to_owned()),
            application: None,
            client: String::from("test"),
            source,
        };
        sign_in::log_in(&self.app, credentials).await
    }

    /// An administrator of the company.
    pub(crate) async fn administrator(&self) -> Caller {
        let new = NewUser {
            email: email("administrator"),
            password: Some(Zeroizing::new(PASSWORD.to_owned())),
            profile: Profile::default(),
            set_apart: None,
            roles: Roles::USER.with(Role::CompanyAdmin),
            active: true,
        };
        people::add(&self.app, &self.company, new).await.expect("a new administrator");
        self.caller(&self.sign_in("administrator").await.expect("a sign-in")).await
    }

    pub(crate) async fn caller(&self, of: &SignedIn) -> Caller {
        sign_in::authenticate(&self.app, &of.token).await.expect("a valid token")
    }

    pub(crate) fn connect(&self, caller: &Caller, resource: &str) -> Binding {
        self.app.live().bind(caller, resource).expect("room for a device")
    }

    pub(crate) async fn online(&self, caller: &Caller, device: &Device) {
        let here =
            Announcement { show: String::new(), status: String::new(), priority: 5, id: None, payload: Arc::from("") };
        presence::announce(&self.app, caller, device, &here).await.expect("presence");
    }

    pub(crate) async fn say(&self, from: &Caller, device: &Device, to: &UserId, id: &str, keep: Keep) {
        let out = Outgoing {
            id: id.to_owned(),
            to: to.clone(),
            kind: Kind::Message,
            keep,
            copied: true,
            to_resource: None,
            stanza: app::live::MessageType::Chat,
            about: None,
            payload: Arc::from(format!("<body>{id}</body>")),
            body: id.to_owned(),
        };
        message::send(&self.app, from, device, out).await.expect("a queued message");
    }
}

/// Two of the company, each signed in.
pub(crate) async fn pair(place: &Place) -> ((SignedIn, Caller), (SignedIn, Caller)) {
    let (alice, bob) = (place.person("alice").await, place.person("bob").await);
    let (alice_calls, bob_calls) = (place.caller(&alice).await, place.caller(&bob).await);
    ((alice, alice_calls), (bob, bob_calls))
}

/// Some network.
pub(crate) fn source(number: u8) -> Source {
    Source::from(IpAddr::from([192, 0, 2, number]))
}

pub(crate) fn email(name: &str) -> String {
    format!("{name}@acme.example")
}

/// The next push, or a failure after a time that bounds it.
pub(crate) async fn next(binding: &mut Binding) -> Push {
    let waiting = tokio::time::timeout(std::time::Duration::from_secs(45), binding.pushes.next());
    waiting.await.expect("a push should have come").expect("the device should still be connected")
}

/// Ids of the messages that have come, in order, after everything queued before was committed.
pub(crate) async fn taken(place: &Place, caller: &Caller, binding: &mut Binding) -> Vec<String> {
    settle(place, caller).await;
    let mut ids = Vec::new();
    while let Some(push) = binding.pushes.take() {
        match push {
            Push::Message(message) => ids.extend(message.id.clone()),
            Push::Waited(messages) => ids.extend(messages.iter().filter_map(|message| message.id.clone())),
            _ => {}
        }
    }
    ids
}

/// Waits until the company's writer has done all that was queued before: answers come in the queue's order.
async fn settle(place: &Place, caller: &Caller) {
    people::set_presence(&place.app, caller, "online").await.expect("a change after all others");
}
