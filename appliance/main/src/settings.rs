//! From configuration to what each room takes.

use app::relay::RelaySettings;
use config_schema::{Config, Media, MediaLimits};
use domain::clock::Rng;
use gate::{GateLimits, Streamed};
use outbound::clamav::ClamAv;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use store::DatabaseSettings;
use xmpp::stream::StreamSettings;
use xmpp::transport::TransportSettings;

/// Devices of one user connected at once, beyond sign-in sessions.
const DEVICES_PER_USER_MAX: usize = 50;

/// Addresses that one call may find at its other end: each is a permission, and one of them a channel.
const PERMISSIONS_MAX: u16 = 64;
const CHANNELS_MAX: u16 = 64;
/// RFC 8656, 7.2: an hour, as long as a server has to remember somebody who left without a word.
const LIFETIME_S_MAX: u32 = 3_600;

/// How long one body of a file may take; its pace is bounded besides.
const UPLOAD_WITHIN: Duration = Duration::from_secs(3600);

fn seconds(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// For the application.
#[must_use]
pub fn app(config: &Config) -> app::Settings {
    app::Settings {
        token_life_s: seconds(config.sign_in.token_life_s),
        session_idle_life_s: seconds(config.sign_in.session_idle_life_s),
        session_life_s: seconds(config.sign_in.session_life_s),
        signing_key_life_s: seconds(config.sign_in.signing_key_life_s),
        sessions_per_user_max: u32::try_from(config.xmpp.sessions_per_user_max).unwrap_or(u32::MAX),
        hash_workers: config.sign_in.hash_workers,
        hash_queue_max: config.sign_in.hash_queue_max,
        hash_queue_per_source_max: config.sign_in.hash_queue_per_source_max,
        lock_out: lock_out(&config.sign_in.lock_out),
        unused_account_life_s: seconds(config.sign_in.unused_account_life_s),
        guest_life_s: seconds(config.sign_in.guest_life_s),
        device_queue_max: config.xmpp.session_queue_max,
        devices_per_user_max: DEVICES_PER_USER_MAX.min(config.xmpp.sessions_per_user_max),
        files: config.files.enabled.then_some(app::file::FileSettings {
            size_limit_bytes: config.files.size_limit_bytes,
            chunk_bytes: config.files.chunk_bytes,
            quota_bytes: config.files.quota_bytes,
            reserve_bytes: config.files.reserve_bytes,
        }),
        backup: app::backup::BackupSettings {
            every_s: seconds(config.backup.every_s),
            full_every_s: seconds(config.backup.full_every_s),
            keep_s: seconds(config.backup.keep_s),
            alarm_after_s: seconds(config.backup.alarm_after_s),
            reserve_bytes: config.files.reserve_bytes,
        },
        tpm_counter: config.store.tpm_device.is_some(),
        push_hosts: config.push.enabled.then(|| config.push.hosts.clone()),
        relay: config.media.relay.then(|| relay(&config.media)),
    }
}

/// What people may take of the relay, and what it may reach.
#[must_use]
pub fn relay(media: &Media) -> RelaySettings {
    RelaySettings {
        credential_life_s: i64::from(media.credential_life_s),
        limits: relay_limits(&media.limits),
        external: media.external_addresses.clone(),
        relay_ports: media.relay_ports,
        peers_allowed: media.peers_allowed.clone(),
        peers_refused: media.peers_refused.clone(),
    }
}

/// As the node takes them; what one call never needs more of is not to be set.
fn relay_limits(limits: &MediaLimits) -> media_contract::Limits {
    media_contract::Limits {
        allocations_max: limits.allocations_max,
        allocations_per_person_max: limits.allocations_per_person_max,
        bytes_per_s_per_person_max: limits.bytes_per_s_per_person_max,
        permissions_max: PERMISSIONS_MAX,
        channels_max: CHANNELS_MAX,
        lifetime_s_max: LIFETIME_S_MAX,
        allocation_life_s_max: limits.allocation_life_s_max,
        unproven_per_source_per_s: limits.unproven_per_source_per_s,
        unproven_per_s: limits.unproven_per_s,
        streams_max: limits.streams_max,
    }
}

/// For the reading of all stored data; `None`: it is not read by itself.
#[must_use]
pub fn scrub(config: &Config) -> Option<app::vault::ScrubSettings> {
    let days = i64::from(config.scrub.round_days);
    let settings = app::vault::ScrubSettings {
        round_ms: days * 24 * 3600 * 1000,
        rate_bytes: config.scrub.rate_kib_per_s.saturating_mul(1024),
    };
    (days > 0).then_some(settings)
}

fn lock_out(config: &config_schema::LockOut) -> app::sign_in::LockOutSettings {
    app::sign_in::LockOutSettings {
        failures: config.failures,
        account_failures: config.account_failures,
        first_s: seconds(config.first_s),
        longest_s: seconds(config.longest_s),
        forget_s: seconds(config.forget_s),
        entries_max: config.entries_max,
    }
}

/// For what pushes to browsers; a CA file is looked for in the data folder unless its name is absolute.
///
/// # Errors
/// When that file cannot be used.
pub fn push(config: &Config, data: &Path, rng: Arc<dyn Rng>) -> Result<outbound::push::Push, outbound::OutboundError> {
    let push = &config.push;
    let trust = outbound::Trust {
        ca_file: push.ca_file.as_ref().map(|file| data.join(file)),
        allow_private: push.allow_private,
    };
    let https = outbound::Https::new(&trust)?;
    Ok(outbound::push::Push { https, hosts: push.hosts.clone(), contact: push.contact.clone(), rng })
}

/// For what has files scanned.
#[must_use]
pub fn clamav(config: &Config) -> ClamAv {
    ClamAv { socket: config.files.scanner.clone(), at_once: config.files.scans_at_once }
}

/// What the gate hands on as it comes: parts of files, of the largest file at most.
#[must_use]
pub fn streamed(config: &Config) -> Streamed {
    let largest = usize::try_from(config.files.size_limit_bytes).unwrap_or(usize::MAX);
    Streamed { below: rest::STREAMED, body_limit_bytes: largest, request_timeout: UPLOAD_WITHIN }
}

/// For each open database.
#[must_use]
pub fn database(config: &Config) -> DatabaseSettings {
    DatabaseSettings {
        readers: config.store.readers,
        queue_max: config.store.queue_max,
        page_cache_kib: config.store.page_cache_kib,
    }
}

/// For the gate.
#[must_use]
pub fn gate(config: &Config) -> GateLimits {
    let gate = &config.gate;
    GateLimits {
        connections_max: gate.connections_max,
        connections_per_source_max: gate.connections_per_source_max,
        connections_per_source_burst: gate.connections_per_source_burst,
        connections_per_source_per_minute: gate.connections_per_source_per_minute,
        handshakes_max: gate.handshakes_max,
        handshakes_per_source_max: gate.handshakes_per_source_max,
        stranger_life: Duration::from_millis(gate.stranger_life_ms),
        tls_handshake_timeout: Duration::from_millis(gate.tls_handshake_timeout_ms),
        header_timeout: Duration::from_millis(gate.header_timeout_ms),
        request_timeout: Duration::from_millis(gate.request_timeout_ms),
        write_stall_timeout: Duration::from_millis(gate.write_stall_timeout_ms),
        rate_min_bytes_per_s: gate.rate_min_bytes_per_s,
        body_limit_bytes: gate.body_limit_bytes,
        bodies_limit_bytes: gate.bodies_limit_bytes,
        shutdown_grace: Duration::from_millis(gate.shutdown_grace_ms),
    }
}

/// For XMPP streams of a domain.
#[must_use]
pub fn stream(config: &Config, domain: &str) -> StreamSettings {
    StreamSettings {
        stanza_limit_bytes: config.xmpp.stanza_limit_bytes,
        authentication_timeout_ms: config.xmpp.authentication_timeout_ms,
        ..StreamSettings::for_domain(domain)
    }
}

/// For what carries them.
#[must_use]
pub fn transport(config: &Config) -> TransportSettings {
    TransportSettings {
        message_limit_bytes: config.xmpp.stanza_limit_bytes,
        ping_after: Duration::from_secs(config.xmpp.idle_ping_s),
        ..TransportSettings::default()
    }
}
