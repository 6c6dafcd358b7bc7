use super::own_name;
use super::terminal::Terminal;
use crate::certificate::{self, Keeper};
use crate::error::CommandError;
use crate::metrics::{self, Sources};
use crate::server::{self, Premises, Server, ServerOptions};
use crate::{admin, folder, settings, watchdog};
use app::setup::{Facts, Setup};
use app::{App, installation};
use axum::Router;
use gate::{Gate, Listeners};
use std::future::Future;
use std::net::TcpListener;
use std::sync::Arc;
use store::Store;
use tokio::sync::oneshot;
use vault::Keyring;

/// A setup whose ports are bound and which is about to be served.
pub struct SetupServer {
    app: Arc<App>,
    setup: Arc<Setup>,
    gate: Gate,
    /// The same sockets once more, for the box that comes after: what connects in between waits and is not refused.
    listeners: Listeners,
    certificate: Arc<Keeper>,
    router: Router,
    facts: admin::Facts,
    premises: Premises,
}

impl SetupServer {
    /// Opens what [`super::begin`] has laid.
    ///
    /// # Errors
    /// A wrong key, damaged data, or ports that cannot be had.
    pub async fn start(options: ServerOptions) -> Result<Self, CommandError> {
        let mut options = options;
        let listeners = server::open_both(&mut options)?;
        let name = own_name::of_setup(options.name.clone())?;
        let app = open(&options).await?;
        if name != app.name() {
            installation::rename(&app, &name).await?;
        }
        let premises = options.premises;
        let certificate = Arc::new(Keeper::start(&app, &premises.data).await?);
        let port = server::port_of(&listeners.https)?;
        let again = listeners.try_clone().map_err(CommandError::file("keep", "the ports"))?;
        let gate = server::gate(&premises, &app, &certificate, listeners, None)?;
        let ca_file = premises.data.join(folder::CA_FILE);
        let ca = std::fs::read_to_string(&ca_file).map_err(CommandError::file("read", &ca_file))?;
        let facts = Facts { fingerprint: certificate::fingerprint(&ca), port };
        let setup = Setup::begin(&app, facts, Arc::new(Terminal { data: premises.data.clone() })).await?;
        let facts = admin::Facts::new(&app, &premises.data, port, premises.warnings.clone());
        let routes = rest::setup_router(Arc::clone(&app), Arc::clone(&setup), &facts.address);
        let router = server::behind_the_gate(routes, &premises.pages);
        Ok(Self { app, setup, gate, listeners: again, certificate, router, facts, premises })
    }

    /// What this server is, for its console.
    #[must_use]
    pub fn facts(&self) -> &admin::Facts {
        &self.facts
    }

    /// What is going on.
    #[must_use]
    pub fn setup(&self) -> &Arc<Setup> {
        &self.setup
    }

    /// Serves the setup until it is finished, and returns the box that it made, ready to be served on the same ports; `None`
    /// when `shutdown` came first.
    ///
    /// # Errors
    /// When the admin socket cannot be opened, or the new box not be wired.
    pub async fn serve(
        self,
        shutdown: impl Future<Output = ()>,
        ready: impl FnOnce(),
    ) -> Result<Option<Server>, CommandError> {
        let Self { app, setup, gate, listeners, certificate, router, facts, premises } = self;
        // The same socket once more, too. Nobody speaks XMPP yet, so that its numbers are zero.
        let metrics = premises.metrics.as_ref().map(TcpListener::try_clone).transpose();
        let metrics = metrics.map_err(CommandError::file("keep", "the socket for metrics"))?;
        let sources = Sources::new(&app, &server::endpoint(&app, &premises), &gate, facts.started_at_ms);
        let desk = admin::Desk {
            jobs: Arc::default(),
            app: Arc::clone(&app),
            keeper: Arc::clone(&certificate),
            facts,
            setup: Some(Arc::clone(&setup)),
        };
        let console = admin::listen(&premises.data, premises.status.as_ref(), desk)?;
        let (close, closes) = oneshot::channel::<()>();
        // A sender that is gone closes as well.
        let closing = async move { drop(closes.await) };
        let serving = tokio::spawn(async move { gate.serve(router, closing).await });
        let measured = metrics.map(|listener| tokio::spawn(metrics::serve(listener, sources)));
        let watched = watchdog::start(&app);
        ready();
        tokio::select! {
            () = setup.finished() => {}
            () = shutdown => {}
        }
        drop(close);
        console.close();
        // The box that comes after gives its own signs and numbers.
        [watched, measured].iter().flatten().for_each(tokio::task::JoinHandle::abort);
        if setup.is_finished() {
            // The former gate gives its last answers meanwhile and ends by itself, within its grace.
            drop(setup);
            certificate.refresh(&app).await?;
            return Server::over(premises, app, certificate, listeners).map(Some);
        }
        drop((setup, listeners, certificate));
        if serving.await.is_err() {
            tracing::error!("serving the setup panicked");
        }
        server::end(app).await;
        Ok(None)
    }
}

/// Opens store and application. What an end that was cut off has made is removed: nobody can have used it.
async fn open(options: &ServerOptions) -> Result<Arc<App>, CommandError> {
    let Premises { data, config, rng, .. } = &options.premises;
    let vault = Keyring::open(data, &options.root)?;
    let store = Store::open(data, vault, settings::database(config), config.store.open_companies_max)?;
    let store = Arc::new(store);
    store.remove_companies().await?;
    Ok(App::start(store, Arc::clone(&options.clock), Arc::clone(rng), settings::app(config)).await?)
}
