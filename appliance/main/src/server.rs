//! The server role: store, application, edges and gate, wired together.

use crate::anchor;
use crate::background::Background;
use crate::certificate::Keeper;
use crate::error::CommandError;
use crate::metrics::{self, Sources};
use crate::surroundings::Looker;
use crate::{admin, backup, settings, watchdog};
use app::{App, Source, Visitor, call, installation};
use axum::Router;
use axum::extract::Request;
use axum::middleware::{self, Next};
use config_schema::Config;
use domain::clock::{Clock, Rng};
use gate::{Gate, GateError, GateSettings, Listeners, Protocol, Takers};
use outbound::media::{Media, Streams};
use outbound::worker::Worker;
use std::future::Future;
use std::net::{IpAddr, TcpListener};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use store::Store;
use vault::{Keyring, RootSource};
use xmpp::stream::ChannelBinding;

/// Time that streams are given to say good-bye, and requests without a client to finish.
const LAST_ENDS_WITHIN: Duration = Duration::from_secs(3);

/// What a server is started with.
pub struct ServerOptions {
    /// What stays when a box leaves its setup.
    pub premises: Premises,
    /// The vault's root key.
    pub root: RootSource,
    /// Another host name for the box, from now on.
    pub name: Option<String>,
    /// Port for HTTPS; `None` tries the configured one, then others.
    pub https: Option<u16>,
    /// Port for the redirect; likewise.
    pub http: Option<u16>,
    /// Ports that are open already, and take the place of those above.
    pub given: Listeners,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// What a server stands on, whether the box is set up or not.
pub struct Premises {
    /// Data folder, held by this process.
    pub data: PathBuf,
    /// Configuration.
    pub config: Config,
    /// Chance.
    pub rng: Arc<dyn Rng>,
    /// Pages and files for browsers, without state and without a fallback: served beside the interfaces, in the setup too.
    pub pages: Router,
    /// What people should know about this set-up.
    pub warnings: Vec<String>,
    /// Where the box's own screen asks, when the service manager has opened it.
    pub status: Option<UnixListener>,
    /// Where programs of this machine read numbers, if anywhere.
    pub metrics: Option<TcpListener>,
    /// Where the worker listens.
    pub worker: PathBuf,
    /// Where the media node listens.
    pub media: MediaSockets,
}

/// The media node's sockets; names in the kernel alone begin with a zero byte.
#[derive(Debug, Clone)]
pub struct MediaSockets {
    /// For what it is told and says.
    pub control: PathBuf,
    /// For streams.
    pub streams: PathBuf,
}

impl MediaSockets {
    /// Where they are on a box, or by the name in the kernel that `run` gave them.
    #[must_use]
    pub fn named(name: Option<&str>) -> Self {
        match name {
            None => Self {
                control: PathBuf::from(media_contract::CONTROL_SOCKET),
                streams: PathBuf::from(media_contract::STREAMS_SOCKET),
            },
            Some(name) => Self {
                control: PathBuf::from(format!("\0{name}-control")),
                streams: PathBuf::from(format!("\0{name}-streams")),
            },
        }
    }
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
    anchor::verify(data, &vault, config)?;
    let store = Store::open(data, vault, settings::database(config), config.store.open_companies_max)?;
    Ok(App::start(Arc::new(store), clock, rng, settings::app(config)).await?)
}

/// A server whose ports are bound and which is about to serve.
pub struct Server {
    app: Arc<App>,
    gate: Gate,
    certificate: Arc<Keeper>,
    router: Router,
    facts: admin::Facts,
    data: PathBuf,
    background: Background,
    status: Option<UnixListener>,
    metrics: Option<(TcpListener, Sources)>,
}

impl Server {
    /// Opens everything.
    ///
    /// # Errors
    /// A wrong key, damaged data, or ports that cannot be had.
    pub async fn start(options: ServerOptions) -> Result<Self, CommandError> {
        let mut options = options;
        let listeners = open_both(&mut options)?;
        let ServerOptions { premises, root, name, clock, .. } = options;
        let app = open(&premises.data, &root, &premises.config, clock, Arc::clone(&premises.rng)).await?;
        if let Some(name) = name.filter(|name| *name != app.name()) {
            installation::rename(&app, &name).await?;
        }
        // A setup may have been cut off after its last stroke.
        app::setup::forget_answers(&app).await?;
        let certificate = Arc::new(Keeper::start(&app, &premises.data).await?);
        Self::over(premises, app, certificate, listeners)
    }

    /// Wires a server over an application that is open.
    pub(crate) fn over(
        premises: Premises,
        app: Arc<App>,
        certificate: Arc<Keeper>,
        listeners: Listeners,
    ) -> Result<Self, CommandError> {
        let port = port_of(&listeners.https)?;
        let endpoint = endpoint(&app, &premises);
        let media = media(&premises);
        let takers = takers(&endpoint, media.as_ref());
        let gate = gate(&premises, &app, &certificate, listeners, Some(takers))?;
        let Premises { data, config, rng, pages, warnings, status, metrics, worker, .. } = premises;
        app::backup::begin(&app, backup::targets(&config, &data));
        let background = Background::new(&config, (&app, &data), &rng, Worker { socket: worker }, media)?;
        let facts = admin::Facts::new(&app, &data, port, warnings);
        app.served_at(&facts.address);
        let look = Looker::new(&app, &certificate, gate.counters(), &facts).into_look();
        let sources = Sources::new(&app, &endpoint, &gate, facts.started_at_ms);
        let metrics = metrics.map(|listener| (listener, sources));
        let router = behind_the_gate(interfaces(&app, endpoint, &facts.address, look), &pages);
        Ok(Self { app, gate, certificate, router, facts, data, background, status, metrics })
    }

    /// What this server is, for its console.
    #[must_use]
    pub fn facts(&self) -> &admin::Facts {
        &self.facts
    }

    /// What its TLS port shows.
    #[must_use]
    pub fn certificate(&self) -> &Arc<Keeper> {
        &self.certificate
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
        let Self { app, gate, certificate, router, facts, data, background, status, metrics } = self;
        let (of_desk, keeper) = (Arc::clone(&app), Arc::clone(&certificate));
        let desk = admin::Desk { app: of_desk, keeper, facts, jobs: Arc::default(), setup: None };
        let console = admin::listen(&data, status.as_ref(), desk)?;
        let witness = background.witness().cloned();
        let mut tasks = background.start(&app, &data, certificate);
        let watched = watchdog::start(&app);
        if let Some((listener, sources)) = metrics {
            tasks.spawn(metrics::serve(listener, sources));
        }
        ready();
        let streams = Arc::clone(&app);
        let stopping = async move {
            shutdown.await;
            tracing::info!("stopping");
            call::end_all(&streams).await;
            streams.live().stop();
            app::vault::end_check(&streams);
        };
        gate.serve(router, stopping).await;
        app::backup::end(&app);
        tasks.abort_all();
        watched.inspect(|task| task.abort());
        console.close();
        wait_for_the_last(&app).await;
        anchor::set(&app, witness.as_ref()).await;
        close(app).await;
        Ok(())
    }
}

/// Closes the databases, once nobody works on them any more.
pub(crate) async fn end(app: Arc<App>) {
    wait_for_the_last(&app).await;
    close(app).await;
}

async fn close(app: Arc<App>) {
    // The last owner closes the databases; a blocking wait for their writers, so off the async threads.
    let closed = tokio::task::spawn_blocking(move || drop(app)).await;
    if closed.is_err() {
        tracing::error!("closing the databases panicked");
    }
    tracing::info!("stopped");
}

/// The one port for whoever is behind it. While nobody takes anything but HTTP the box is being set up, and its name
/// need not lead here yet.
pub(crate) fn gate(
    premises: &Premises,
    app: &App,
    certificate: &Keeper,
    listeners: Listeners,
    takers: Option<Takers>,
) -> Result<Gate, CommandError> {
    let (name, public_https_port) = (app.name(), port_of(&listeners.https)?);
    let name_resolves = takers.is_some();
    let streamed = name_resolves.then(|| settings::streamed(&premises.config));
    let limits = settings::gate(&premises.config);
    let settings = GateSettings { name, name_resolves, public_https_port, streamed, limits };
    Ok(Gate::new(settings, certificate.shown(), listeners, takers.unwrap_or_default())?)
}

/// What the gate serves: interfaces, and the pages for browsers beside them.
pub(crate) fn behind_the_gate(interfaces: Router, pages: &Router) -> Router {
    interfaces.merge(pages.clone()).layer(middleware::from_fn(introduce))
}

async fn wait_for_the_last(app: &Arc<App>) {
    let deadline = tokio::time::Instant::now() + LAST_ENDS_WITHIN;
    // A request whose client has gone still holds the application until it has finished.
    let busy = || app.live().device_count() > 0 || Arc::strong_count(app) > 1;
    while busy() && tokio::time::Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// XMPP on this application.
pub(crate) fn endpoint(app: &Arc<App>, premises: &Premises) -> Arc<xmpp::Endpoint> {
    let (stream, transport) =
        (settings::stream(&premises.config, &app.domain()), settings::transport(&premises.config));
    xmpp::Endpoint::new(Arc::clone(app), stream, transport, Arc::clone(&premises.rng))
}

/// Who takes what is no HTTP.
fn takers(endpoint: &Arc<xmpp::Endpoint>, media: Option<&Media>) -> Takers {
    let endpoint = Arc::clone(endpoint);
    let takers = Takers::default().with(Protocol::XmppClient, move |stream, connection, mut closing| {
        let binding = stream.channel_binding().map(ChannelBinding);
        let closing = async move { closing.wait().await };
        Arc::clone(&endpoint).serve_direct(stream, binding, visitor(connection), closing)
    });
    match media {
        Some(media) => with_relay(takers, Arc::clone(&media.streams)),
        None => takers,
    }
}

/// Streams of STUN and TURN go to the media node.
pub(crate) fn with_relay(takers: Takers, streams: Arc<Streams>) -> Takers {
    takers.with(Protocol::Turn, move |stream, connection, mut closing| {
        let streams = Arc::clone(&streams);
        async move {
            let Some(came_to) = stream.came_to() else { return };
            let ends = (connection.peer(), came_to);
            streams.hand_over(stream, ends, visitor(connection), async move { closing.wait().await }).await;
        }
    })
}

/// Who speaks with the media node; nobody where nothing is relayed.
fn media(premises: &Premises) -> Option<Media> {
    let MediaSockets { control, streams } = premises.media.clone();
    premises.config.media.relay.then(|| Media { control, streams: Streams::at(streams) })
}

/// REST and XMPP.
fn interfaces(app: &Arc<App>, endpoint: Arc<xmpp::Endpoint>, address: &str, look: rest::Look) -> Router {
    rest::router(Arc::clone(app), address, look).merge(xmpp::router(endpoint, address))
}

/// Tells the edges where the other end is, and how to say that it has signed in (decision 22).
async fn introduce(mut request: Request, next: Next) -> axum::response::Response {
    if let Some(connection) = request.extensions().get::<gate::Connection>().cloned() {
        request.extensions_mut().insert(visitor(connection));
    }
    next.run(request).await
}

fn visitor(connection: gate::Connection) -> Visitor {
    let source = Source::from(connection.peer().ip());
    Visitor::new(source, Arc::new(move || connection.sign_in()))
}

/// Both ports: as given, else opened.
pub(crate) fn open_both(options: &mut ServerOptions) -> Result<Listeners, CommandError> {
    let given = std::mem::take(&mut options.given);
    let config = &options.premises.config.gate;
    let or_bind = |given: Vec<TcpListener>, asked, configured, spare| {
        if given.is_empty() { bind(&config.listen, asked, configured, spare) } else { Ok(given) }
    };
    Ok(Listeners {
        https: or_bind(given.https, options.https, config.https_port, 8443)?,
        http: or_bind(given.http, options.http, config.http_port, 8080)?,
    })
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

pub(crate) fn port_of(listeners: &[TcpListener]) -> Result<u16, CommandError> {
    let address = listeners.first().map(TcpListener::local_addr);
    match address {
        Some(Ok(address)) => Ok(address.port()),
        Some(Err(e)) => Err(CommandError::file("read the address of", "the HTTPS port")(e)),
        None => Err(CommandError::Usage(String::from("there is no address to listen on"))),
    }
}
