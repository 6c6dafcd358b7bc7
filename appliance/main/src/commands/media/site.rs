//! A relay at another site (J10): a node, and before it the TLS port. What it must know is in one file; it stores nothing and
//! asks nobody.

use super::keep;
use super::sites::{self, Enrolled};
use crate::cli::MediaRole;
use crate::clock::SystemClock;
use crate::commands::{block_on, certificate};
use crate::error::CommandError;
use crate::server::{MediaSockets, with_relay};
use crate::{settings, systemd};
use app::relay::{CredentialsKey, RelaySettings};
use axum::Router;
use config_schema::Config;
use domain::clock::Clock as _;
use gate::{Certificate, Gate, GateSettings, Listeners, Takers};
use media_contract::{Configuration, Fact, Revoked};
use outbound::media::{Media, Party, Streams};
use sd_notify::NotifyState;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Notify, watch};

/// How often the certificate's files are looked at: whoever renews it replaces them.
const CERTIFICATE_CHECK_EVERY: Duration = Duration::from_secs(3600);
/// Seconds between two reports of the node.
const REPORT_EVERY_S: u16 = 15;

/// Whoever holds a key of credentials and has a node.
struct Site {
    realm: String,
    key: CredentialsKey,
    relay: RelaySettings,
    changed: watch::Sender<()>,
    /// The node was there once.
    ready: Notify,
}

impl Party for Site {
    fn configuration(&self) -> Option<Configuration> {
        let secrets = self.key.secrets(SystemClock.now_ms());
        Some(self.relay.configuration(self.realm.clone(), secrets, REPORT_EVERY_S))
    }

    /// What is revoked at the box is not known here: it expires by itself.
    fn revocations(&self) -> Vec<Revoked> {
        Vec::new()
    }

    fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    fn heard(&self, fact: Fact) {
        match fact {
            Fact::Ready(ready) => {
                let used = ready.capabilities.iter().filter(|of| of.used).map(|of| of.name.as_str());
                let used = used.collect::<Vec<_>>().join(", ");
                tracing::info!(udp = ?ready.udp, threads = ready.threads, used, "the media node is there");
                self.ready.notify_one();
            }
            Fact::Standing(standing) => tracing::debug!(?standing, "the media node reports"),
            Fact::Ended(_) | Fact::StreamKnown { .. } => {}
        }
    }

    fn gone(&self) {}
}

/// Where the certificate is.
struct Files {
    chain: PathBuf,
    key: PathBuf,
}

impl Files {
    fn read(&self) -> Result<(String, zeroize::Zeroizing<String>), CommandError> {
        let chain = certificate::read(&self.chain, certificate::CHAIN_LIMIT_BYTES)?;
        Ok((chain.to_string(), certificate::read(&self.key, certificate::KEY_LIMIT_BYTES)?))
    }
}

/// Relays until SIGTERM or SIGINT.
pub(super) fn serve(role: &MediaRole, enrolled: &Path, config: Config) -> Result<ExitCode, CommandError> {
    let Enrolled { realm, host, port, key } = sites::read(enrolled)?;
    let missing = || CommandError::Usage(String::from("--chain and --key are needed"));
    let files = Files { chain: role.chain.clone().ok_or_else(missing)?, key: role.key.clone().ok_or_else(missing)? };
    let https = role.https.unwrap_or(port);
    let node = keep::start(role.config.as_deref(), Some(role.udp.unwrap_or(port)))?.ok_or_else(idle)?;
    let sockets = MediaSockets::named(Some(&node));
    let (chain, secret) = files.read()?;
    let certificate = Certificate::from_pem(chain.as_bytes(), secret.as_bytes())?;
    let listeners = Listeners { https: gate::bind(&config.gate.listen, https)?, http: Vec::new() };
    let limits = settings::gate(&config);
    let media = Media { control: sockets.control, streams: Streams::at(sockets.streams) };
    let relay = settings::relay(&config.media);
    let site = Arc::new(Site { realm, key, relay, changed: watch::Sender::default(), ready: Notify::new() });
    block_on(async move {
        let takers = with_relay(Takers::default(), Arc::clone(&media.streams));
        let settings =
            GateSettings { name: host.clone(), name_resolves: true, public_https_port: https, streamed: None, limits };
        let gate = Gate::new(settings, Arc::clone(&certificate), listeners, takers)?;
        let informing = tokio::spawn(media.run(Arc::downgrade(&site)));
        let renewing = tokio::spawn(renew(files, certificate));
        let node = Arc::clone(&site);
        let telling = tokio::spawn(async move {
            node.ready.notified().await;
            println!("Rainbow Edge relays calls at {host}, port {https} (TLS).");
            systemd::tell(&[NotifyState::Ready]);
        });
        // Whoever comes for anything but a relay finds nothing.
        gate.serve(Router::new(), asked()?).await;
        informing.abort();
        renewing.abort();
        telling.abort();
        Ok(ExitCode::SUCCESS)
    })
}

/// A relay that relays nothing is a mistake of whoever wrote its configuration.
fn idle() -> CommandError {
    CommandError::Usage(String::from(
        "media.relay is off in the file that --config names: switch it on, or start no relay",
    ))
}

/// Shows what lies in the files; what cannot be used is told and changes nothing.
async fn renew(files: Files, certificate: Arc<Certificate>) {
    loop {
        tokio::time::sleep(CERTIFICATE_CHECK_EVERY).await;
        let shown = files.read().and_then(|(chain, key)| Ok(certificate.replace(chain.as_bytes(), key.as_bytes())?));
        if let Err(failure) = shown {
            tracing::error!(%failure, "the certificate could not be read again; the one that was read before goes on");
        }
    }
}

fn asked() -> Result<impl Future<Output = ()>, CommandError> {
    let failed = |e| CommandError::file("listen for", "signals")(e);
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
