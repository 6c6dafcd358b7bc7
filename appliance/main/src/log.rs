//! Structured logs on standard error, for journald.

use config_schema::{Log, LogFormat};
use tracing_subscriber::EnvFilter;

/// Starts logging; a second call in one process changes nothing.
pub fn start(log: &Log) {
    let filter = EnvFilter::new(log.level.as_str());
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(true);
    // Already started, by a test in the same process: its logger stays.
    let _ = match log.format {
        LogFormat::Json => builder.json().try_init(),
        LogFormat::Text => builder.with_ansi(false).try_init(),
    };
}
