//! What the box owner is shown of this process and of the machine around it.

use crate::admin::Facts;
use crate::certificate::Keeper;
use app::App;
use app::file::{self, standing};
use app::relay::{self, NodeState};
use appliance_contract::CertificateKind;
use gate::Counters;
use media_contract::{Ready, Standing};
use nix::sys::statvfs::statvfs;
use rest::{Certificate, Disk, Service, Speed, Surroundings};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use vault::Drill;

/// What was measured is told again for so long.
const MEASURED_FOR: Duration = Duration::from_secs(60);
/// Time that sealing and opening are watched.
const DRILL_FOR: Duration = Duration::from_millis(20);
/// Files of the data folder that are counted at most.
const FILES_MAX: usize = 100_000;

#[derive(Clone)]
struct Measured {
    disk: Option<Disk>,
    speed: Option<Speed>,
}

/// Looks around, for whoever asks.
pub(crate) struct Looker {
    app: Arc<App>,
    keeper: Arc<Keeper>,
    counters: Arc<Counters>,
    facts: Facts,
    /// Held while something is measured: one at a time, the others wait for what it finds.
    measured: Mutex<Option<(Instant, Measured)>>,
}

impl Looker {
    pub(crate) fn new(app: &Arc<App>, keeper: &Arc<Keeper>, counters: Arc<Counters>, facts: &Facts) -> Self {
        let (app, keeper, measured) = (Arc::clone(app), Arc::clone(keeper), Mutex::default());
        Self { app, keeper, counters, facts: facts.clone(), measured }
    }

    /// For the edge that tells it.
    pub(crate) fn into_look(self) -> rest::Look {
        let looker = Arc::new(self);
        Arc::new(move || {
            let looker = Arc::clone(&looker);
            Box::pin(async move { looker.look().await })
        })
    }

    async fn look(&self) -> Surroundings {
        let shown = self.keeper.facts();
        let Measured { disk, speed } = self.measured().await;
        let hurt = app::vault::scrub_warnings(&self.app);
        let warnings = self.facts.warnings.iter().chain(&shown.warnings).chain(&hurt).cloned();
        let warnings = warnings.chain(app::backup::alarms(&self.app)).collect();
        let certificate = Certificate {
            kind: match shown.kind {
                CertificateKind::OwnCa => "own_ca",
                CertificateKind::Uploaded => "uploaded",
            },
            names: shown.names,
            expires_ms: i64::try_from(shown.expires_at_ms).unwrap_or(i64::MAX),
            fingerprint: shown.fingerprint,
            warnings: shown.warnings,
        };
        Surroundings {
            version: env!("CARGO_PKG_VERSION"),
            started_ms: self.facts.started_at_ms,
            services: self.services(),
            disk,
            certificate,
            algorithm: vault::ALGORITHM,
            acceleration: vault::acceleration(),
            speed,
            warnings,
        }
    }

    /// All but the media node run in this process: whoever can ask has reached them.
    fn services(&self) -> Vec<Service> {
        let gate = self.counters.read();
        let refused =
            [gate.refused_full, gate.refused_source_full, gate.refused_source_too_fast, gate.refused_handshakes];
        let refused = refused.iter().fold(0_u64, |sum, count| sum.saturating_add(*count));
        let devices = self.app.live().device_count();
        let service = |name, detail| Service { name, running: true, detail };
        vec![
            service("gate", format!("{} connections since the start, {refused} more refused", gate.accepted)),
            service("rest", format!("at {}", self.facts.address)),
            service("xmpp", format!("{devices} devices connected")),
            service("files", in_words(standing(&self.app))),
            service("backup", backups_in_words(&self.app)),
            service("vault", sealed_in_words(app::vault::is_counted(&self.app))),
            self.media(),
        ]
    }

    fn media(&self) -> Service {
        let service = |running, detail| Service { name: "media", running, detail };
        if relay::configuration(&self.app).is_none() {
            return service(true, String::from("calls are not relayed (media.relay)"));
        }
        match relay::node_state(&self.app) {
            NodeState::There { ready, standing, .. } => service(true, relayed_in_words(&ready, &standing)),
            NodeState::Never | NodeState::Away { .. } => {
                let what = "the media node is away: calls that find no direct way fail; see docs/media.md";
                service(false, String::from(what))
            }
        }
    }

    async fn measured(&self) -> Measured {
        let mut last = self.measured.lock().await;
        if let Some((_, found)) = last.as_ref().filter(|(at, _)| at.elapsed() < MEASURED_FOR) {
            return found.clone();
        }
        let data = self.facts.data.clone();
        let measuring = tokio::task::spawn_blocking(move || Measured { disk: disk(&data), speed: speed() });
        let found = measuring.await.unwrap_or(Measured { disk: None, speed: None });
        *last = Some((Instant::now(), found.clone()));
        found
    }
}

/// With what is not noticed (D3).
fn sealed_in_words(counted: bool) -> String {
    let older = if counted {
        "the TPM's counter shows data that was put back to an older state"
    } else {
        "data that is put back to an older state as a whole is not noticed: no TPM counts, see docs/vault.md"
    };
    format!("every page sealed with {}; {older}", vault::ALGORITHM)
}

/// Where backups go, and how old the last verified one is.
fn backups_in_words(app: &App) -> String {
    let standing = app::backup::standing(app);
    if standing.is_empty() {
        return String::from("none: no target is configured, see docs/backup.md");
    }
    let told = |one: &app::backup::Standing| {
        let since = |at: Option<i64>| at.map_or_else(|| String::from("never"), domain::clock::iso8601);
        format!("{}: last {}, last verified {}", one.name, since(one.state.taken_ms), since(one.state.verified_ms))
    };
    standing.iter().map(told).collect::<Vec<_>>().join("; ")
}

/// With what to do where nobody can share any.
fn in_words(standing: file::Standing) -> String {
    match standing {
        file::Standing::Off => String::from("not shared"),
        file::Standing::NoScanner => String::from("not shared: no virus scanner is installed, see docs/files.md"),
        file::Standing::On { held, scanner: None } => format!("ClamAV does not answer, {held} wait for it"),
        file::Standing::On { held, scanner: Some(version) } => {
            format!("scanned by {}, {held} wait for it", signatures_in_words(&version))
        }
    }
}

fn relayed_in_words(ready: &Ready, standing: &Standing) -> String {
    let relayed = standing.relayed.bytes_to_peers.saturating_add(standing.relayed.bytes_to_clients);
    let allocations = standing.allocations_udp.saturating_add(standing.allocations_stream);
    let fast = ready.capabilities.iter().filter(|of| of.used).map(|of| of.name.as_str()).collect::<Vec<_>>();
    let fast = if fast.is_empty() { String::from("none") } else { fast.join(", ") };
    let off = ready.capabilities.iter().filter(|of| !of.used).map(|of| format!("; not {} ({})", of.name, of.reason));
    format!(
        "{allocations} relayed addresses of {} people, {} MiB relayed; ways to be faster: {fast}{}",
        standing.persons,
        relayed >> 20,
        off.collect::<String>()
    )
}

/// `ClamAV 1.4.3/27500/Sun Nov 29 08:00:00 2026`: without official signatures it tells its own version alone.
fn signatures_in_words(version: &str) -> String {
    match version.split_once('/') {
        None => format!("{version} without official signatures (see docs/files.md)"),
        Some((engine, signatures)) => format!("{engine}, signatures {}", signatures.replacen('/', " of ", 1)),
    }
}

fn disk(data: &Path) -> Option<Disk> {
    let system = statvfs(data).ok()?;
    let bytes = |blocks: u64| blocks.saturating_mul(system.fragment_size());
    Some(Disk {
        total_bytes: bytes(system.blocks()),
        free_bytes: bytes(system.blocks_available()),
        data_bytes: bytes_below(data),
    })
}

/// Bytes of the files below a folder.
fn bytes_below(data: &Path) -> u64 {
    let (mut folders, mut files, mut bytes) = (vec![PathBuf::from(data)], 0_usize, 0_u64);
    while let Some(folder) = folders.pop() {
        // A file may vanish while the box works.
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let Ok(about) = entry.metadata() else { continue };
            files += 1;
            match about.is_dir() {
                _ if files > FILES_MAX => return bytes,
                true => folders.push(entry.path()),
                false => bytes = bytes.saturating_add(about.len()),
            }
        }
    }
    bytes
}

fn speed() -> Option<Speed> {
    let mut drill = Drill::new().ok()?;
    let (mut sealing, mut opening, mut rounds) = (Duration::ZERO, Duration::ZERO, 0_u32);
    while sealing + opening < DRILL_FOR {
        let begun = Instant::now();
        drill.seal().ok()?;
        let sealed = Instant::now();
        drill.open();
        sealing += sealed - begun;
        opening += sealed.elapsed();
        rounds += 1;
    }
    let bytes = u128::from(rounds) * Drill::ROUND_BYTES as u128;
    let mib_per_s = |took: Duration| {
        let per_s = bytes * Duration::from_secs(1).as_nanos() / took.as_nanos().max(1);
        u64::try_from(per_s >> 20).unwrap_or(u64::MAX)
    };
    Some(Speed { seal_mib_per_s: mib_per_s(sealing), open_mib_per_s: mib_per_s(opening) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_as_large_as_the_files_below_it_and_a_missing_one_is_empty() {
        let folder = std::env::temp_dir().join(format!("rainbow-edge-bytes-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("companies")).expect("a temporary folder");
        std::fs::write(folder.join("a"), [0; 10]).expect("a file");
        std::fs::write(folder.join("companies/b"), [0; 32]).expect("a file");
        assert_eq!(bytes_below(&folder), 42);
        let found = disk(&folder).expect("a file system");
        assert!(found.total_bytes >= found.free_bytes && found.data_bytes == 42);
        std::fs::remove_dir_all(&folder).expect("our own folder");
        assert_eq!(bytes_below(&folder), 0);
        assert!(disk(&folder).is_none());
    }

    #[test]
    fn a_scanner_without_official_signatures_is_told_from_one_with_them_c6() {
        let bare = signatures_in_words("ClamAV 1.4.3");
        assert_eq!(bare, "ClamAV 1.4.3 without official signatures (see docs/files.md)");
        let full = signatures_in_words("ClamAV 1.4.3/27500/Sun Nov 29 08:00:00 2026");
        assert_eq!(full, "ClamAV 1.4.3, signatures 27500 of Sun Nov 29 08:00:00 2026");
    }

    #[test]
    fn sealing_and_opening_have_a_speed_d1() {
        let speed = speed().expect("random bytes");
        assert!(speed.seal_mib_per_s > 0 && speed.open_mib_per_s > 0);
    }
}
