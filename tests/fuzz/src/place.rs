//! A box without sockets: store, application and routes in this process, on a folder of its own.

use app::people::{NewUser, Profile};
use app::sign_in::{Credentials, LockOutSettings, SignedIn};
use app::{App, Settings, Source, company, people, sign_in};
use axum::Router;
use domain::clock::{Clock, Rng};
use domain::ids::{CompanyId, Incarnation};
use domain::outbound::AllowedHost;
use domain::rights::{Role, Roles};
use domain::visibility::Visibility;
use rest::{Certificate, Surroundings};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use store::installation::Installation;
use store::{DatabaseSettings, Store};
use tokio::runtime::{Builder, Runtime};
use vault::{Keyring, RootSource, SecretKey};
use world::{ManualClock, SeededRng};
use zeroize::Zeroizing;

const PASSWORD: &str = "Correct-Horse-7";

pub(crate) struct Place {
    pub(crate) runtime: Runtime,
    pub(crate) app: Arc<App>,
    pub(crate) router: Router,
    pub(crate) company: CompanyId,
    pub(crate) member: SignedIn,
    pub(crate) administrator: SignedIn,
    store: Arc<Store>,
    folder: PathBuf,
}

impl Drop for Place {
    fn drop(&mut self) {
        // What is left of it is in the folder for temporary files.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn settings() -> Settings {
    Settings {
        token_life_s: 3600,
        session_idle_life_s: 86_400,
        session_life_s: 10 * 86_400,
        signing_key_life_s: 86_400,
        sessions_per_user_max: 10,
        hash_workers: 1,
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
        unused_account_life_s: 0,
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
            keep_s: 604_800,
            alarm_after_s: 129_600,
            reserve_bytes: 0,
        },
    }
}

impl Place {
    pub(crate) fn new() -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let (store, app, folder) = runtime.block_on(opened());
        let (company, member, administrator) = runtime.block_on(async {
            let company = company::add(&app, "Acme", Visibility::Public).await.expect("a company");
            let member = person(&app, &company, "alice", Roles::USER).await;
            let roles = Roles::USER.with(Role::CompanyAdmin).with(Role::SuperAdministrator);
            let administrator = person(&app, &company, "owner", roles).await;
            (company, member, administrator)
        });
        let look: rest::Look = Arc::new(|| Box::pin(async { surroundings() }));
        let router = rest::router(Arc::clone(&app), "https://box.test", look);
        Self { runtime, app, router, company, member, administrator, store, folder }
    }

    /// Tells whether something was written since it was asked before: SQLite counts what others commit to a file. There is one
    /// reader of each database, so the numbers are of one connection.
    pub(crate) fn written(&self) -> [i64; 2] {
        let version = |c: &store::Connection| {
            Ok::<_, store::StoreError>(c.query_row("PRAGMA data_version", [], |row| row.get(0))?)
        };
        self.runtime.block_on(async {
            let company = self.store.company(&self.company).await.expect("the company");
            let of_company = company.read(version).await.expect("a number");
            [of_company, self.store.directory().read(version).await.expect("a number")]
        })
    }
}

async fn opened() -> (Arc<Store>, Arc<App>, PathBuf) {
    static FOLDERS: AtomicU64 = AtomicU64::new(0);
    let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("rainbow-edge-fuzz-{}-{number}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    let clock = Arc::new(ManualClock::default());
    let rng: Arc<dyn Rng> = Arc::new(SeededRng::new(1));
    let vault = Keyring::create(&folder, &RootSource::Raw(SecretKey::copied(&[7; 32]))).expect("a keyring");
    let incarnation = Incarnation::random(rng.as_ref());
    let new = Installation { name: String::from("box.test"), domain: String::from("box.test"), incarnation };
    Store::create(&folder, &vault, &new, clock.now_ms()).expect("a directory");
    let bounds = DatabaseSettings { readers: 1, queue_max: 256, page_cache_kib: 512 };
    let store = Arc::new(Store::open(&folder, vault, bounds, 64).expect("an open store"));
    let app = App::start(Arc::clone(&store), clock, rng, settings()).await.expect("an application");
    (store, app, folder)
}

async fn person(app: &App, company: &CompanyId, name: &str, roles: Roles) -> SignedIn {
    let login = format!("{name}@acme.example");
    let password = || Zeroizing::new(PASSWORD.to_owned());
    let new = NewUser {
        email: login.clone(),
        password: Some(password()),
        profile: Profile::default(),
        set_apart: None,
        roles,
        active: true,
    };
    people::add(app, company, new).await.expect("a new user");
    let credentials = Credentials {
        login,
        password: password(),
        application: None,
        client: String::from("fuzz"),
        source: Source::default(),
    };
    sign_in::log_in(app, credentials).await.expect("a sign-in")
}

fn surroundings() -> Surroundings {
    let certificate = Certificate {
        kind: "own_ca",
        names: vec![String::from("box.test")],
        expires_ms: i64::MAX,
        fingerprint: String::from("AB"),
        warnings: Vec::new(),
    };
    Surroundings {
        version: "0",
        started_ms: 0,
        services: Vec::new(),
        disk: None,
        certificate,
        algorithm: "none",
        acceleration: String::new(),
        speed: None,
        warnings: Vec::new(),
    }
}
