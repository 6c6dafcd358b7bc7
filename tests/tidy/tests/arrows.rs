//! main → edge (rest, xmpp, web, gate, outbound) → app → store → vault: which crate may know which.

use tidy::{Member, members, none};

/// What every room may know: words and rules, and the messages between processes.
const FREE: &[&str] = &["domain", "appliance-contract", "storage-contract", "worker-contract", "media-contract"];

struct Room {
    name: &'static str,
    /// Crates of this workspace that it may use, besides `FREE`.
    uses: &'static [&'static str],
    /// What its tests may use beyond that: rooms further right, and the test world.
    tests_use: &'static [&'static str],
}

const ROOMS: &[Room] = &[
    Room {
        name: "rainbow-edge",
        uses: &[
            "rest",
            "xmpp",
            "web",
            "gate",
            "outbound",
            "app",
            "store",
            "vault",
            "worker",
            "config-schema",
            "turn-proto",
            "tpm",
            "media-io",
            "media-node",
        ],
        tests_use: &["world"],
    },
    Room { name: "rest", uses: &["app"], tests_use: &["store", "vault", "world"] },
    Room { name: "xmpp", uses: &["app"], tests_use: &["store", "vault", "world"] },
    Room { name: "web", uses: &[], tests_use: &[] },
    Room { name: "gate", uses: &["app"], tests_use: &["world"] },
    Room { name: "outbound", uses: &["app"], tests_use: &["world"] },
    Room { name: "app", uses: &["store"], tests_use: &["vault", "world"] },
    Room { name: "store", uses: &["vault"], tests_use: &[] },
    Room { name: "vault", uses: &[], tests_use: &[] },
    Room { name: "worker", uses: &[], tests_use: &[] },
    Room { name: "worker-contract", uses: &[], tests_use: &[] },
    Room { name: "media-contract", uses: &[], tests_use: &[] },
    Room { name: "turn-proto", uses: &[], tests_use: &[] },
    Room { name: "media-io", uses: &[], tests_use: &[] },
    Room { name: "media-node", uses: &["turn-proto", "media-io"], tests_use: &[] },
    Room { name: "media-suite", uses: &["media-node", "media-io", "turn-proto", "world"], tests_use: &["world"] },
    Room { name: "domain", uses: &[], tests_use: &[] },
    Room { name: "appliance-contract", uses: &[], tests_use: &[] },
    Room { name: "tpm", uses: &[], tests_use: &[] },
    Room { name: "config-schema", uses: &[], tests_use: &[] },
    Room { name: "storage-contract", uses: &[], tests_use: &[] },
    Room { name: "rainbow-edge-storage", uses: &["vault"], tests_use: &[] },
    Room { name: "rainbow-edge-console", uses: &[], tests_use: &[] },
    Room { name: "world", uses: &[], tests_use: &[] },
    Room { name: "rest-suite", uses: &["world"], tests_use: &["world"] },
    // What must not be found in memory has to be known: its keys are read as the vault reads them.
    Room { name: "cli-suite", uses: &["world"], tests_use: &["world", "store", "vault"] },
    Room { name: "xmpp-suite", uses: &["world"], tests_use: &["world"] },
    Room { name: "clients-suite", uses: &["world"], tests_use: &["world"] },
    Room { name: "crash-suite", uses: &["world"], tests_use: &["world"] },
    Room { name: "backup-suite", uses: &["world"], tests_use: &["world"] },
    Room { name: "audit-suite", uses: &["world"], tests_use: &["world"] },
    Room { name: "flood-suite", uses: &["world"], tests_use: &["world"] },
    Room {
        name: "bench-suite",
        uses: &["world", "rainbow-edge", "app", "store", "vault", "config-schema"],
        tests_use: &[],
    },
    Room {
        name: "fuzz-suite",
        uses: &["rest", "xmpp", "gate", "app", "store", "vault", "config-schema", "turn-proto", "tpm", "world"],
        tests_use: &["world"],
    },
    Room { name: "image-suite", uses: &[], tests_use: &[] },
    Room { name: "media-bench", uses: &["media-suite", "media-io", "turn-proto", "world"], tests_use: &[] },
    Room { name: "vault-bench", uses: &["vault"], tests_use: &[] },
    Room { name: "sqlite-suite", uses: &["vault"], tests_use: &[] },
    Room { name: "services-suite", uses: &[], tests_use: &["config-schema", "world"] },
    Room { name: "tidy", uses: &[], tests_use: &[] },
    Room { name: "xtask", uses: &[], tests_use: &[] },
];

/// What reads clocks, files and sockets. Rules and protocols get all of that as arguments.
const OUTSIDE_WORLD: &[&str] = &[
    "tokio",
    "tokio-rustls",
    "tokio-tungstenite",
    "hyper",
    "hyper-util",
    "axum",
    "rusqlite",
    "libsqlite3-sys",
    "nix",
    "mio",
    "socket2",
    "getrandom",
    "rand",
    "chrono",
    "time",
    "rustls",
    "tracing",
];

#[test]
fn every_crate_stands_in_the_table_of_arrows_and_no_other() {
    let members = members();
    let unknown = members
        .iter()
        .filter(|member| room(member).is_none())
        .map(|member| format!("{} is not in ROOMS of arrows.rs", member.name));
    let gone = ROOMS.iter().filter(|room| members.iter().all(|member| member.name != room.name));
    none(
        &unknown
            .chain(gone.map(|room| format!("{} is in ROOMS of arrows.rs but not in the workspace", room.name)))
            .collect::<Vec<_>>(),
    );
}

#[test]
fn every_arrow_between_crates_points_to_the_right() {
    let members = members();
    let names: Vec<&str> = members.iter().map(|member| member.name.as_str()).collect();
    let mut findings = Vec::new();
    for member in &members {
        let Some(room) = room(member) else { continue };
        let allowed = |name: &&String| FREE.contains(&name.as_str()) || room.uses.contains(&name.as_str());
        let ours = |name: &&String| names.contains(&name.as_str());
        let wrong = member.dependencies.iter().filter(ours).filter(|name| !allowed(name) || knows_nobody(room, name));
        findings.extend(wrong.map(|name| format!("{} must not depend on {name}", member.name)));
        let wrong = member
            .dev_dependencies
            .iter()
            .filter(ours)
            .filter(|name| !allowed(name) && !room.tests_use.contains(&name.as_str()));
        findings.extend(wrong.map(|name| format!("the tests of {} must not depend on {name}", member.name)));
    }
    none(&findings);
}

#[test]
fn rules_and_protocols_know_nothing_of_the_outside_world() {
    let pure =
        |member: &&Member| member.name == "domain" || member.name == "config-schema" || member.name.ends_with("-proto");
    let mut findings = Vec::new();
    for member in members().iter().filter(pure) {
        let wrong = member.dependencies.iter().filter(|name| OUTSIDE_WORLD.contains(&name.as_str()));
        findings.extend(
            wrong.map(|name| format!("{} is without input and output, and must not depend on {name}", member.name)),
        );
    }
    none(&findings);
}

fn room(member: &Member) -> Option<&'static Room> {
    ROOMS.iter().find(|room| room.name == member.name)
}

/// Not even contracts are known to the words of the house and to protocols.
fn knows_nobody(room: &Room, name: &str) -> bool {
    (room.name == "domain" || room.name.ends_with("-proto")) && FREE.contains(&name)
}
