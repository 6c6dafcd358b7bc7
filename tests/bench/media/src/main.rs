//! `cargo xtask bench media`: processor time of the server for each relayed packet, ours beside coturn in the same run.
//!
//! The generator sends at a steady rate far below what either server can do, counts at the far end, and reads what the kernel says the
//! server's threads have used. Rounds of both servers take turns, and the least of each is told: what else runs on the machine makes
//! both dearer, never cheaper.

mod driver;
mod flows;
mod load;
mod plain;
mod server;
mod streams;

use clap::Parser;
use flows::Flows;
use load::{Figures, Load, Way};
use server::Server;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

#[derive(Parser)]
struct Arguments {
    /// `media`, as `cargo xtask bench` passes it on.
    _name: Option<String>,
    /// Ours alone: without coturn, each way to be faster on and off.
    #[arg(long)]
    ours: bool,
    /// Forwards without rules, from the first address by ports of the second: what the bench starts as its third server.
    #[arg(long, hide = true, num_args = 2)]
    forward: Option<Vec<SocketAddr>>,
    /// Rounds of each cell.
    #[arg(long, default_value_t = 3)]
    rounds: u32,
    /// Loads whose name has this in it; `TLS`, `memory` and `namespaces` (XDP) are tables of their own.
    #[arg(long, default_value = "")]
    only: String,
    /// Of each round, in milliseconds.
    #[arg(long, default_value_t = 1_000)]
    lasts_ms: u64,
    /// Packets a second.
    #[arg(long, default_value_t = 25_000)]
    rate: u32,
}

const FLOWS: usize = 50;
const MEMORY_ALLOCATIONS: usize = 500;

/// What is measured.
const LOADS: &[Load] = &[
    Load { name: "50 flows, 160 B, to peers", way: Way::ToPeers, bytes: 160, burst: 1, joined: false, flows: FLOWS },
    Load {
        name: "50 flows, 160 B, to clients",
        way: Way::ToClients,
        bytes: 160,
        burst: 1,
        joined: false,
        flows: FLOWS,
    },
    Load { name: "50 flows, 1200 B, to peers", way: Way::ToPeers, bytes: 1_200, burst: 1, joined: false, flows: FLOWS },
    Load {
        name: "50 flows, 1200 B, to clients",
        way: Way::ToClients,
        bytes: 1_200,
        burst: 1,
        joined: false,
        flows: FLOWS,
    },
    Load { name: "bursts of 8, 1200 B, to peers", way: Way::ToPeers, bytes: 1_200, burst: 8, joined: false, flows: 1 },
    Load {
        name: "bursts of 32, 1200 B, to peers",
        way: Way::ToPeers,
        bytes: 1_200,
        burst: 32,
        joined: false,
        flows: 1,
    },
    Load {
        name: "bursts of 8 as a card joins them, to peers",
        way: Way::ToPeers,
        bytes: 1_200,
        burst: 8,
        joined: true,
        flows: 1,
    },
    Load {
        name: "bursts of 32 as a card joins them, to peers",
        way: Way::ToPeers,
        bytes: 1_200,
        burst: 32,
        joined: true,
        flows: 1,
    },
    Load {
        name: "bursts of 32 as a card joins them, to clients",
        way: Way::ToClients,
        bytes: 1_200,
        burst: 32,
        joined: true,
        flows: 1,
    },
];
/// Both ends are clients of the server: coturn relays each packet twice, ours once.
const INSIDE: &[Load] = &[
    Load {
        name: "client to client, 50 flows, 160 B",
        way: Way::Inside,
        bytes: 160,
        burst: 1,
        joined: false,
        flows: FLOWS,
    },
    Load {
        name: "client to client, 50 flows, 1200 B",
        way: Way::Inside,
        bytes: 1_200,
        burst: 1,
        joined: false,
        flows: FLOWS,
    },
    Load { name: "client to client, bursts of 32", way: Way::Inside, bytes: 1_200, burst: 32, joined: false, flows: 1 },
    Load {
        name: "client to client, bursts of 32, joined",
        way: Way::Inside,
        bytes: 1_200,
        burst: 32,
        joined: true,
        flows: 1,
    },
];

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Some([listening, relayed]) = arguments.forward.as_deref() {
        let ended = plain::forward(*listening, *relayed);
        eprintln!("media-bench: {ended:?}");
        return ExitCode::FAILURE;
    }
    let node = std::env::current_exe().ok().and_then(|own| Some(own.parent()?.join("media-node-alone")));
    let Some(node) = node.filter(|node| node.exists()) else {
        eprintln!("media-bench: media-node-alone is not beside it");
        return ExitCode::FAILURE;
    };
    let servers = servers(&node, arguments.ours);
    println!("server CPU per packet that arrived, in ns; latency in us; the least of {} rounds\n", arguments.rounds);
    println!("| load | {} |", servers.iter().map(|(name, ..)| *name).collect::<Vec<_>>().join(" | "));
    println!("|---|{}", "---|".repeat(servers.len()));
    for load in LOADS.iter().chain(INSIDE).filter(|load| load.name.contains(&arguments.only)) {
        let figures = measure(&servers, load, &arguments);
        let first = figures[0];
        let cells = figures.iter().map(|one| one.map_or("-".to_owned(), |one| cell(&one, first)));
        println!("| {} | {} |", load.name, cells.collect::<Vec<_>>().join(" | "));
    }
    if !arguments.ours {
        streams::table(&arguments);
    }
    if "memory".contains(&arguments.only) {
        memory(&servers);
    }
    let root = nix::unistd::Uid::effective().is_root();
    if !arguments.ours && "namespaces".contains(&arguments.only) && root {
        driver::measure(&node, arguments.rounds, arguments.rate, Duration::from_millis(arguments.lasts_ms));
    }
    ExitCode::SUCCESS
}

type Named = (&'static str, Box<dyn Fn(bool) -> Server>);

/// The first is what the others are compared with.
fn servers(node: &std::path::Path, ours: bool) -> Vec<Named> {
    let of_ours = |without: &'static str| {
        let node: PathBuf = node.to_path_buf();
        Box::new(move |inside| Server::ours(node.clone(), without, inside)) as Box<dyn Fn(bool) -> Server>
    };
    if ours {
        return vec![
            ("all off", of_ours("gro,gso,batches")),
            ("all on", of_ours("")),
            ("without batches", of_ours("batches")),
            ("without GRO", of_ours("gro")),
            ("without GSO", of_ours("gso")),
        ];
    }
    vec![
        ("coturn", Box::new(Server::coturn)),
        ("ours", of_ours("")),
        ("a loop without rules", Box::new(|_| Server::plain())),
    ]
}

/// `None` for what a server has not.
fn measure(servers: &[Named], load: &Load, arguments: &Arguments) -> Vec<Option<Figures>> {
    let inside = load.way == Way::Inside;
    let mut best: Vec<Option<Figures>> = vec![None; servers.len()];
    for _ in 0..arguments.rounds {
        for (best, (_, start)) in best.iter_mut().zip(servers) {
            let server = start(inside);
            if inside && !server.has_clients() {
                continue;
            }
            let flows = Flows::new(&server, load.flows, inside);
            let figures = load.run(&server, &flows, arguments.rate, Duration::from_millis(arguments.lasts_ms));
            *best = Some(best.map_or(figures, |best| best.least(figures)));
        }
    }
    best
}

fn cell(figures: &Figures, first: Option<Figures>) -> String {
    let Figures { cpu_ns, arrived_percent, p50_us, p99_us } = figures;
    let ratio = first.map_or(1.0, |first| cpu_ns / first.cpu_ns);
    format!("{cpu_ns:.0} ({ratio:.2}x), {p50_us:.0}/{p99_us:.0} us, {arrived_percent:.0} %")
}

/// How much memory a server takes for each allocation with a channel.
fn memory(servers: &[Named]) {
    println!();
    for (name, start) in servers {
        for inside in [false, true] {
            let server = start(inside);
            if !server.has_clients() {
                continue;
            }
            // What the first ones make it take once is none of theirs.
            let first = Flows::new(&server, 20, inside);
            let before = server.memory_kib();
            let more = Flows::new(&server, MEMORY_ALLOCATIONS, inside);
            let grown = server.memory_kib().saturating_sub(before);
            let count = more.allocations();
            drop(first);
            let kind = if inside { "virtual where there are" } else { "with a port" };
            println!("{name}: {grown} KiB for {count} allocations {kind}, {} B each", grown * 1_024 / count as u64);
        }
    }
}
