//! The server role: store, application, edges and gate, wired together.

use crate::error::CommandError;
use crate::{admin, certificate, settings};
use app::{App, Visitor, installation};
use axum::Router;
use axum::extract::Request;
use axum::middleware::{self, Next};
use config_schema::Config;
use domain::clock::{Clock, Rng};
use gate::{Certificate, Gate, GateError, GateSettings, Listeners};
use std::future::Future;
use std::net::{IpAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use store::Store;
use vault::{Keyring, RootSource};

/// How often the certificate is looked at.
const CERTIFICATE_CHECK_EVERY: Duration = Duration::from_secs(3600);
/// Time that streams are given to say good-bye, and requests without a client to finish.
const LAST_ENDS_WITHIN: Duration = Duration::from_secs(3);

/// What a server is started with.
pub struct ServerOptions {
    /// Data folder, held by this process.
    pub data: PathBuf,
    /// The vault's root key.
    pub root: RootSource,
    /// Configuration.
    pub config: Config,
    /// Another host name for the box, from now on.
    pub name: Option<String>,
    /// Port for HTTPS; `None` tries the configured one, then others.
    pub https: Option<u16>,
    /// Port for the redirect; likewise.
    pub http: Option<u16>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub rng: Arc<dyn Rng>,
    /// What people should know about this set-up.
    pub warnings: Vec<String>,
}

/// Opens store and application of a box without serving it.
///
/// # Errors
/// A wrong key, or data that is damaged, cut or swapped.
pub async fn open(
    data: &Path,
    root: &RootSource,
    config: &Config,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
) -> Result<Arc<App>, CommandError> {
    let vault = Keyring::open(data, root)?;
    let store = Store::open(data, vault, settings::database(config), config.store.open_companies_max)?;
    Ok(App::start(Arc::new(store), clock, rng, settings::app(config)).await?)
}

/// A server whose ports are bound and which is about to serve.
pub struct Server {
    app: Arc<App>,
    gate: Gate,
    certificate: Arc<Certificate>,
    router: Router,
    facts: admin::Facts,
    data: PathBuf,
}

impl Server {
    /// Opens everything.
    ///
    /// # Errors
    /// A wrong key, damaged data, or ports that cannot be had.
    pub async fn start(options: ServerOptions) -> Result<Self, CommandError> {
        let ServerOptions { data, root, config, name, https, http, clock, rng, warnings } = options;
        let listeners = Listeners {
            https: bind(&config.gate.listen, https, config.gate.https_port, 8443)?,
            http: bind(&config.gate.listen, http, config.gate.http_port, 8080)?,
        };
        let app = open(&data, &root, &config, clock, Arc::clone(&rng)).await?;
        if let Some(name) = name.filter(|name| *name != app.name()) {
            installation::rename(&app, &name).await?;
        }
        let kept = certificate::current(&app, &data).await?;
        let certificate = Certificate::from_pem(kept.chain_pem.as_bytes(), kept.key_pem.as_bytes())?;
        let port = port_of(&listeners.https)?;
        let gate_settings = GateSettings { name: app.name(), public_https_port: port, limits: settings::gate(&config) };
        let gate = Gate::new(gate_settings, Arc::clone(&certificate), listeners)?;
        let address =
            if port == 443 { format!("https://{}", app.name()) } else { format!("https://{}:{port}", app.name()) };
        let router = router(&app, &config, &rng, &address);
        let facts = admin::Facts::new(&app, &data, address, warnings);
        Ok(Self { app, gate, certificate, router, facts, data })
    }

    /// What this server is, for its console.
    #[must_use]
    pub fn facts(&self) -> &admin::Facts {
        &self.facts
    }

    /// The application behind the edges.
    #[must_use]
    pub fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// Serves until `shutdown`, then ends streams and requests in good order and closes the databases: what was
    /// acknowledged is on the disk.
    ///
    /// # Errors
    /// When the admin socket cannot be opened.
    pub async fn serve(self, shutdown: impl Future<Output = ()>, ready: impl FnOnce()) -> Result<(), CommandError> {
        let Self { app, gate, certificate, router, facts, data } = self;
        let console = admin::listen(&data, Arc::clone(&app), facts)?;
        let renewal = tokio::spawn(renew(Arc::clone(&app), data, certificate));
        ready();
        let streams = Arc::clone(&app);
        let stopping = async move {
            shutdown.await;
            tracing::info!("stopping");
            streams.live().stop();
        };
        gate.serve(router, stopping).await;
        renewal.abort();
        console.close();
        wait_for_the_last(&app).await;
        // The last owner closes the databases; a blocking wait for their writers, so off the async threads.
        let closed = tokio::task::spawn_blocking(move || drop(app)).await;
        if closed.is_err() {
            tracing::error!("closing the databases panicked");
        }
        tracing::info!("stopped");
        Ok(())
    }
}

async fn wait_for_the_last(app: &Arc<App>) {
    let deadline = tokio::time::Instant::now() + LAST_ENDS_WITHIN;
    // A request whose client has gone still holds the application until it has finished.
    let busy = || app.live().device_count() > 0 || Arc::strong_count(app) > 1;
    while busy() && tokio::time::Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn renew(app: Arc<App>, data: PathBuf, certificate: Arc<Certificate>) {
    loop {
        tokio::time::sleep(CERTIFICATE_CHECK_EVERY).await;
        match certificate::current(&app, &data).await {
            Ok(kept) => {
                if let Err(failure) = certificate.replace(kept.chain_pem.as_bytes(), kept.key_pem.as_bytes()) {
                    tracing::error!(%failure, "the renewed certificate cannot be used");
                }
            }
            Err(failure) => tracing::error!(%failure, "the certificate could not be renewed"),
        }
    }
}

/// REST and XMPP behind one port.
fn router(app: &Arc<App>, config: &Config, rng: &Arc<dyn Rng>, address: &str) -> Router {
    let endpoint = xmpp::Endpoint::new(
        Arc::clone(app),
        settings::stream(config, &app.domain()),
        settings::transport(config),
        Arc::clone(rng),
    );
    rest::router(Arc::clone(app), address).merge(xmpp::router(endpoint)).layer(middleware::from_fn(introduce))
}

/// Tells the edges how to say that the other end has signed in (decision 22).
async fn introduce(mut request: Request, next: Next) -> axum::response::Response {
    if let Some(connection) = request.extensions().get::<gate::Connection>().cloned() {
        request.extensions_mut().insert(Visitor::new(Arc::new(move || connection.sign_in())));
    }
    next.run(request).await
}

/// Binds the asked port, or the configured one, `spare` and any free one, in this order.
fn bind(
    addresses: &[IpAddr],
    asked: Option<u16>,
    configured: u16,
    spare: u16,
) -> Result<Vec<TcpListener>, CommandError> {
    if let Some(port) = asked {
        return Ok(gate::bind(addresses, port)?);
    }
    let mut refused: Option<GateError> = None;
    for port in [configured, spare, 0] {
        match gate::bind(addresses, port) {
            Ok(listeners) => return Ok(listeners),
            Err(error) if error.is_about_the_port() => {
                tracing::info!(port, %error, "trying another port");
                refused.get_or_insert(error);
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(refused.map_or_else(|| CommandError::Usage(String::from("no port")), CommandError::from))
}

fn port_of(listeners: &[TcpListener]) -> Result<u16, CommandError> {
    let address = listeners.first().map(TcpListener::local_addr);
    match address {
        Some(Ok(address)) => Ok(address.port()),
        Some(Err(e)) => Err(CommandError::file("read the address of", "the HTTPS port")(e)),
        None => Err(CommandError::Usage(String::from("there is no address to listen on"))),
    }
}
