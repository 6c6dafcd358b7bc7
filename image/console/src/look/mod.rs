//! Reads the machine. What cannot be read is absent from the facts, never an error: the page shows what it can.

mod clock;
mod hardware;
mod network;
mod server;
mod space;
mod units;

use crate::facts::Facts;
use std::fs;
use storage_contract::{STATE_FILE, State};

/// Everything; a server that does not answer takes a moment.
pub(crate) fn look() -> Facts {
    Facts { server: server::ask(), services: units::look(), ..at_once() }
}

/// What is known without asking anybody.
pub(crate) fn at_once() -> Facts {
    Facts {
        version: version(),
        host_name: nix::unistd::gethostname().ok().and_then(|name| name.into_string().ok()).unwrap_or_default(),
        storage: storage(),
        server: None,
        network: network::look(),
        clock: clock::look(),
        machine: hardware::look(),
        space: space::look(),
        services: None,
    }
}

/// What the storage service tells; at once, since a question follows it.
pub(crate) fn storage() -> Option<State> {
    State::from_json(&fs::read(STATE_FILE).ok()?)
}

/// Microseconds of the monotonic clock, by which systemd ends its questions.
pub(crate) fn monotonic_us() -> u64 {
    clock::monotonic_us()
}

fn version() -> String {
    let text = fs::read_to_string("/etc/os-release").or_else(|_| fs::read_to_string("/usr/lib/os-release"));
    of_release(&text.unwrap_or_default()).unwrap_or_else(|| env!("CARGO_PKG_VERSION").to_owned())
}

fn of_release(text: &str) -> Option<String> {
    let value = text.lines().find_map(|line| line.strip_prefix("IMAGE_VERSION="))?;
    Some(value.trim_matches(['"', '\'']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::of_release;

    #[test]
    fn the_version_is_the_images_i1() {
        assert_eq!(of_release("ID=rainbow-edge\nIMAGE_VERSION=\"1.2.3\"\n").as_deref(), Some("1.2.3"));
        assert_eq!(of_release("IMAGE_VERSION=1.2.4").as_deref(), Some("1.2.4"));
        assert_eq!(of_release("VERSION_ID=12\n"), None);
    }
}
