//! `edge.toml`: read into values that are within their ranges, or refused with mistakes that a person can read.

use config_schema::Config;

pub(crate) fn run(input: &[u8]) {
    let Some(text) = crate::text(input) else { return };
    match Config::parse(text, "edge.toml") {
        Ok(config) => within(&config),
        Err(mistakes) => {
            assert!(!mistakes.is_empty());
            for mistake in mistakes {
                let told = mistake.to_string();
                assert!(told.starts_with("edge.toml") && told.len() < 2_000, "{told}");
                assert!(!told.chars().any(|c| c.is_control()), "not for a terminal: {told:?}");
            }
        }
    }
}

/// Some ranges and rules between settings, as the sample tells them.
fn within(config: &Config) {
    let (gate, sign_in, xmpp) = (&config.gate, &config.sign_in, &config.xmpp);
    assert!(gate.https_port != gate.http_port && gate.https_port != 0 && gate.http_port != 0);
    assert!((16..=1_000_000).contains(&gate.connections_max));
    assert!(
        gate.connections_per_source_max <= gate.connections_max && gate.bodies_limit_bytes >= gate.body_limit_bytes
    );
    assert!(!gate.listen.is_empty() && gate.listen.len() <= 16);
    assert!((1..=3).contains(&sign_in.hash_workers) && (10..=86_400).contains(&sign_in.token_life_s));
    assert!((18_432..=1_048_576).contains(&xmpp.stanza_limit_bytes) && (5..=3_600).contains(&xmpp.idle_ping_s));
    assert!(config.push.hosts.len() <= 64 && (1..=16).contains(&config.store.readers));
    assert!(config.metrics.listen.is_none_or(|at| at.ip().is_loopback() && at.port() != 0));
}
