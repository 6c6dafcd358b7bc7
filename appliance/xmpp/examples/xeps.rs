//! Prints the list of extensions: `cargo run --release -p xmpp --example xeps > docs/xeps.md`, with `doap` as argument
//! `> docs/rainbow-edge.doap`.

use std::io::Write;

fn main() -> std::io::Result<()> {
    let text = match std::env::args().nth(1).as_deref() {
        Some("doap") => xmpp::doap(),
        _ => xmpp::supported_xeps(),
    };
    std::io::stdout().write_all(text.as_bytes())
}
