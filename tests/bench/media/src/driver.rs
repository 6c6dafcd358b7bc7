//! What a packet costs that the card's driver carries (XDP), in namespaces: there is no server's time to be read, since the kernel does it on
//! behalf of whoever sends. So the sender's processor time is counted with the server's, for each server alike, less what the same
//! packet costs without a relay, over one cable: what is left is what the relay costs, with the second cable that leads from it.

use media_suite::{Caller, Line, Network, OTHERS};
use std::net::{SocketAddr, UdpSocket};
use std::path::Path;
use std::time::Duration;

use crate::flows::{CHANNEL, Flow, Flows, socket, udp};
use crate::load::{Load, Way};
use crate::server::Server;

/// Of the loads that are measured in the open.
const LOADS: [&str; 4] = [
    "50 flows, 160 B, to peers",
    "50 flows, 1200 B, to peers",
    "50 flows, 1200 B, to clients",
    "bursts of 32, 1200 B, to peers",
];
/// Until each flow is carried.
const WARMS_UP: Duration = Duration::from_millis(400);

/// Prints a table.
pub(crate) fn measure(node: &Path, rounds: u32, rate: u32, lasts: Duration) {
    let mut network = Network::make();
    network.enter();
    let counting = Counting::begin();
    println!(
        "\nin namespaces: CPU of sender and server per packet that arrived, less that of one that goes directly, in ns\n"
    );
    println!(
        "| load | coturn | ours, without XDP | ours | carried, with warming up | the program alone |\n|{}",
        "---|".repeat(6)
    );
    for name in LOADS {
        let load = crate::LOADS.iter().find(|load| load.name == name).expect("it is one of them");
        let (mut direct, mut best) = (f64::MAX, [f64::MAX; 3]);
        let (mut carried, mut program) = (0.0_f64, f64::MAX);
        for _ in 0..rounds {
            let directly = Load { way: Way::Direct, ..*load };
            direct = direct.min(directly.both(None, &direct_flows(load, &network), rate, lasts));
            for (best, kind) in best.iter_mut().zip(0..) {
                let mut server = match kind {
                    0 => Server::coturn_in(&network),
                    1 => Server::ours_in(node, "xdp", &network),
                    _ => Server::ours_in(node, "", &network),
                };
                let flows = flows(load, server.address());
                load.both(Some(&server), &flows, rate, WARMS_UP);
                *best = best.min(load.both(Some(&server), &flows, rate, lasts));
                carried = carried.max(server.carried_percent());
                program = program.min(server.program_ns().unwrap_or(f64::MAX));
            }
        }
        let [coturn, without, ours] = best.map(|one| one - direct);
        let of = |one: f64| format!("{one:.0} ({:.2}x)", one / coturn);
        let [first, second, third] = [coturn, without, ours].map(of);
        println!("| {} | {first} | {second} | {third} | {carried:.0} % | {} |", load.name, of(program));
    }
    drop(counting);
}

/// The kernel counts how long programs run, as long as this lives.
struct Counting(String);

const COUNTING: &str = "/proc/sys/kernel/bpf_stats_enabled";

impl Counting {
    fn begin() -> Self {
        let before = std::fs::read_to_string(COUNTING).unwrap_or_default();
        let _ = std::fs::write(COUNTING, "1");
        Self(before)
    }
}

impl Drop for Counting {
    fn drop(&mut self) {
        let _ = std::fs::write(COUNTING, self.0.trim());
    }
}

/// From one address of the other machine to the box, and no further.
fn direct_flows(load: &Load, network: &Network) -> Flows {
    let flow = |_| {
        let near = UdpSocket::bind((OTHERS[0][0], 0)).expect("a port is free");
        let far = network.bind_at_box();
        let relayed = far.local_addr().expect("it is bound");
        Flow { near: udp(near), far: udp(far), relayed, allocations: 0 }
    };
    let all: Vec<Flow> = (0..load.flows).map(flow).collect();
    let server = all[0].relayed;
    Flows { all, server }
}

/// Between one address of the other machine and another.
fn flows(load: &Load, server: SocketAddr) -> Flows {
    let [one, two, _] = OTHERS[0];
    let flow = |number: usize| {
        let far = UdpSocket::bind((two, 0)).expect("a port is free");
        let mut caller = Caller::new(Line::udp_from(one, server), &format!("near-{number}"));
        let relayed = caller.allocate().expect("the server serves");
        caller.bind(CHANNEL, far.local_addr().expect("it is bound")).expect("the peer is allowed");
        let relayed = SocketAddr::new(server.ip(), relayed.port());
        Flow { near: socket(caller), far: udp(far), relayed, allocations: 1 }
    };
    Flows { all: (0..load.flows).map(flow).collect(), server }
}
