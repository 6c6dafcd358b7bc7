//! From configuration to what each room takes.

use config_schema::Config;
use gate::GateLimits;
use std::time::Duration;
use store::DatabaseSettings;
use xmpp::stream::StreamSettings;
use xmpp::websocket::TransportSettings;

/// Devices of one user connected at once, beyond sign-in sessions.
const DEVICES_PER_USER_MAX: usize = 50;

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
        device_queue_max: config.xmpp.session_queue_max,
        devices_per_user_max: DEVICES_PER_USER_MAX.min(config.xmpp.sessions_per_user_max),
    }
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
        tls_handshake_timeout: Duration::from_millis(gate.tls_handshake_timeout_ms),
        header_timeout: Duration::from_millis(gate.header_timeout_ms),
        request_timeout: Duration::from_millis(gate.request_timeout_ms),
        write_stall_timeout: Duration::from_millis(gate.write_stall_timeout_ms),
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

/// For the WebSockets under them.
#[must_use]
pub fn transport(config: &Config) -> TransportSettings {
    TransportSettings {
        message_limit_bytes: config.xmpp.stanza_limit_bytes,
        ping_after: Duration::from_secs(config.xmpp.idle_ping_s),
        ..TransportSettings::default()
    }
}
