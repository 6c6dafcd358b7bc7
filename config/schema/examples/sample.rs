//! Prints the sample file: `cargo run --release -p config-schema --example sample > config/edge.sample.toml`.

use std::io::Write;

fn main() -> std::io::Result<()> {
    std::io::stdout().write_all(config_schema::Config::sample().as_bytes())
}
