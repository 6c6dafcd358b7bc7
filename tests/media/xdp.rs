//! Packets that the card's driver carries past the node, between two machines in namespaces of their own (G4).

use media_contract::{Configuration, External, Fact, Order, PortRange, Revoked, Standing};
use media_suite::{Caller, Line, Network, Node, OTHERS, PORT_OF_NAMESPACE, Relayed, Starting, configuration};
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant, SystemTime};

const CHANNEL: u16 = 0x4001;
const PACKETS: usize = 200;
/// Each way of a channel goes up so often before it is carried.
const BEFORE: usize = 32;

/// Others may be reached, on ports of their own.
fn told() -> Configuration {
    let allowed = ["10.77.0.0/24", "fd77::/64"].map(|text| text.parse().expect("a network")).to_vec();
    let relay_ports = Some(PortRange { first: 50_000, last: 50_999 });
    // Peers are told another address than the box has, as behind a NAT: whoever has the box's own is the box.
    let external = [("198.51.100.7", "10.77.0.1"), ("2001:db8::7", "fd77::1")];
    let external = external.map(|(public, local)| {
        let address = |text: &str| text.parse().expect("an address");
        External { public: address(public), local: Some(address(local)) }
    });
    Configuration { relay_ports, peers_allowed: allowed, external: external.to_vec(), ..configuration() }
}

fn starting(network: &Network, without: &'static str) -> Starting {
    Starting {
        program: env!("CARGO_BIN_EXE_media-node-alone").into(),
        addresses: Network::addresses(),
        threads: 2,
        without,
        namespace: Some(network.inner.clone()),
        rights: Some("-all,+bpf,+net_admin"),
    }
}

/// `None`, and why, where this machine lets nobody have networks of his own.
fn network() -> Option<Network> {
    let root = nix::unistd::Uid::effective().is_root();
    if !root {
        eprintln!("only root has networks of his own: nothing is shown here");
        return None;
    }
    let mut network = Network::make();
    network.enter();
    Some(network)
}

/// A client with a channel to a peer, whose socket it is, and where the peer sends to.
struct Pair {
    caller: Caller,
    peer: UdpSocket,
    door: SocketAddr,
}

impl Pair {
    fn new(node: &Node, family: usize, person: &str) -> Self {
        let [one, two, _] = OTHERS[family];
        let mut caller = Caller::new(Line::udp_from(one, node.address(family)), person);
        let relayed = caller.allocate_family(Some(if family == 0 { 1 } else { 2 })).expect("served");
        let peer = UdpSocket::bind((two, 0)).expect("a port is free");
        peer.set_read_timeout(Some(Duration::from_secs(world::PATIENCE_S))).expect("a socket has a time-out");
        caller.bind(CHANNEL, peer.local_addr().expect("bound")).expect("allowed");
        let door = SocketAddr::new(node.address(family).ip(), relayed.port());
        Self { caller, peer, door }
    }

    /// There and back; what arrived.
    fn turn(&mut self, data: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
        self.caller.say(CHANNEL, data);
        let mut bytes = [0; 2_000];
        let (count, from) = self.peer.recv_from(&mut bytes).ok()?;
        assert_eq!(from, self.door, "as whose it goes on");
        self.peer.send_to(data, self.door).expect("it leaves");
        match self.caller.hear()? {
            Relayed::Channel(CHANNEL, back) => Some((bytes[..count].to_vec(), back)),
            other => panic!("{other:?}"),
        }
    }

    fn talk(&mut self, packets: usize) {
        for number in 0..packets {
            let data = data(number);
            let (there, back) = self.turn(&data).unwrap_or_else(|| panic!("packet {number} is lost"));
            assert!(there == data && back == data, "packet {number}");
        }
    }

    /// Nothing goes to the peer, for a moment.
    fn says_in_vain(&mut self) {
        self.peer.set_read_timeout(Some(Duration::from_millis(100))).expect("a socket has a time-out");
        (0..5).for_each(|_| self.caller.say(CHANNEL, &[7; 100]));
        assert!(self.peer.recv(&mut [0; 200]).is_err());
        (0..5).for_each(|_| drop(self.peer.send_to(&[7; 100], self.door)));
        assert!(self.caller.hears_nothing());
    }
}

/// Of each length that makes a difference, and the same for the same number.
fn data(number: usize) -> Vec<u8> {
    let length = [0, 1, 13, 17, 18, 19, 160, 161, 1_000, 1_200, 1_460][number % 11];
    (0..length).map(|at| u8::try_from((at * 31 + number * 7) % 256).expect("a byte")).collect()
}

fn carried(node: &mut Node, least: u64) -> Standing {
    node.until("the driver carries packets", |standing| standing.carried_packets >= least)
}

/// What the driver carried is counted each second.
fn counted(node: &mut Node, packets: u64) -> Standing {
    node.until("all is counted", |Standing { relayed, .. }| {
        relayed.packets_to_peers + relayed.packets_to_clients >= packets
    })
}

#[test]
fn the_driver_carries_both_ways_of_both_families_and_the_same_arrives_g4() {
    let Some(network) = network() else { return };
    for without in ["", "xdp"] {
        let mut node = Node::start(starting(&network, without), &told());
        for family in [0, 1] {
            Pair::new(&node, family, "ada").talk(PACKETS);
        }
        let all = 2 * 2 * PACKETS as u64;
        let standing = counted(&mut node, all);
        let relayed = standing.relayed;
        assert_eq!(relayed.packets_to_peers + relayed.packets_to_clients, all, "each is counted once");
        assert!(!without.is_empty() || standing.carried_packets > all / 2, "{standing:?}");
        let bytes: usize = (0..PACKETS).map(|number| data(number).len()).sum();
        assert_eq!((relayed.bytes_to_peers, relayed.bytes_to_clients), (2 * bytes as u64, 2 * bytes as u64));
        assert_eq!(standing.carried_packets == 0, !without.is_empty(), "{standing:?}");
        assert_eq!(network.card().contains("prog/xdp"), without.is_empty(), "{}", network.card());
    }
}

#[test]
fn the_driver_carries_what_two_clients_say_to_one_another_g4_e1() {
    let Some(network) = network() else { return };
    let mut node = Node::start(starting(&network, ""), &Configuration { relay_ports: None, ..told() });
    for family in [0, 1] {
        let client = |at: usize| Caller::new(Line::udp_from(OTHERS[family][at], node.address(family)), "ada");
        let (mut ada, mut bob) = (client(0), client(1));
        let kind = Some(if family == 0 { 1 } else { 2 });
        let relayed = [&mut ada, &mut bob].map(|one| one.allocate_family(kind).expect("served"));
        ada.bind(0x4001, relayed[1]).expect("allowed");
        bob.bind(0x7ABC, relayed[0]).expect("allowed");
        for number in 0..PACKETS {
            let data = data(number);
            ada.say(0x4001, &data);
            assert_eq!(bob.hear(), Some(Relayed::Channel(0x7ABC, data.clone())), "packet {number}");
            bob.say(0x7ABC, &data);
            assert_eq!(ada.hear(), Some(Relayed::Channel(0x4001, data)), "packet {number}");
        }
    }
    let all = 2 * 2 * PACKETS as u64;
    let standing = counted(&mut node, 2 * all);
    assert!(standing.carried_packets > all, "both clients' count: {standing:?}");
    assert_eq!((standing.relayed.packets_to_peers, standing.relayed.packets_to_clients), (all, all));
}

#[test]
fn what_ends_a_right_ends_what_the_driver_carries_at_once_e5() {
    let Some(network) = network() else { return };
    let mut node = Node::start(starting(&network, ""), &told());
    let before = |node: &mut Node, pair: &mut Pair| {
        let carried_before = node.standing().carried_packets;
        pair.talk(2 * BEFORE);
        carried(node, carried_before + 30);
    };
    let mut pair = Pair::new(&node, 0, "ada");
    before(&mut node, &mut pair);
    pair.caller.refresh(0).expect("given back");
    pair.says_in_vain();

    let mut pair = Pair::new(&node, 0, "bob");
    before(&mut node, &mut pair);
    let later = SystemTime::UNIX_EPOCH.elapsed().expect("after 1970").as_secs() + 7_200;
    let person = "bob".to_owned().try_into().expect("a word");
    node.order(&Order::Revoke(Revoked { person, expiry_s_max: later }));
    node.until("bob's allocation ends", |standing| standing.allocations_udp == 0);
    pair.says_in_vain();

    let mut pair = Pair::new(&node, 0, "eve");
    before(&mut node, &mut pair);
    let refused = Configuration { peers_refused: vec!["10.77.0.3/32".parse().expect("a network")], ..told() };
    node.configure(&refused);
    pair.peer.set_read_timeout(Some(Duration::from_millis(100))).expect("a socket has a time-out");
    (0..5).for_each(|_| pair.caller.say(CHANNEL, &[7; 100]));
    assert!(pair.peer.recv(&mut [0; 200]).is_err(), "a peer that was allowed a moment ago");
    assert!(node.standing().refused.peers >= 5);
}

#[test]
fn a_persons_bandwidth_holds_whoever_carries_e5() {
    let Some(network) = network() else { return };
    let mut told = told();
    told.limits.bytes_per_s_per_person_max = 400_000;
    let mut node = Node::start(starting(&network, ""), &told);
    let mut pair = Pair::new(&node, 0, "ada");
    pair.talk(2 * BEFORE);
    carried(&mut node, 30);
    std::thread::sleep(Duration::from_millis(600));
    let before = node.standing();
    pair.peer.set_nonblocking(true).expect("a socket");
    let (begun, mut arrived, mut said) = (Instant::now(), 0, 0);
    while begun.elapsed() < Duration::from_millis(1_500) {
        // Twice of what is allowed, also where the machine was busy meanwhile; no more than what buffers on the way hold.
        let due = (begun.elapsed().as_millis() * 8 / 10 + 10).saturating_sub(said).min(100);
        (0..due).for_each(|_| pair.caller.say(CHANNEL, &[7; 1_000]));
        said += due;
        while pair.peer.recv(&mut [0; 2_000]).is_ok() {
            arrived += 1;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let lasted = begun.elapsed().as_secs_f64();
    let most = 400.0 * (lasted + 0.5) + 10.0;
    assert!(f64::from(arrived) <= most, "{arrived} kB in {lasted:.2} s of 400 kB a second");
    let said = f64::from(u32::try_from(said).expect("a few seconds"));
    assert!(f64::from(arrived) >= said.min(400.0 * lasted) * 0.8, "{arrived} kB of {said} in {lasted:.2} s");
    let standing = node.standing();
    assert!(standing.refused.bandwidth > before.refused.bandwidth);
}

#[test]
fn what_is_not_as_it_should_be_is_for_the_node_to_refuse_e5() {
    let Some(network) = network() else { return };
    let mut node = Node::start(starting(&network, ""), &told());
    let mut pair = Pair::new(&node, 0, "ada");
    pair.talk(2 * BEFORE);
    let before = carried(&mut node, 30);
    // Longer than it is, and far shorter; another channel; nobody's.
    let head = |channel: u16, length: u16| [channel.to_be_bytes(), length.to_be_bytes()].concat();
    for frame in
        [[head(CHANNEL, 300), vec![1; 100]], [head(CHANNEL, 10), vec![1; 100]], [head(0x4002, 100), vec![1; 100]]]
    {
        pair.caller.line().send(&frame.concat());
    }
    let stranger = UdpSocket::bind((OTHERS[0][2], 0)).expect("a port is free");
    stranger.send_to(&[&head(CHANNEL, 100)[..], &[1; 100]].concat(), node.address(0)).expect("it leaves");
    stranger.send_to(&[1; 100], pair.door).expect("it leaves");
    pair.peer.set_read_timeout(Some(Duration::from_millis(200))).expect("a socket has a time-out");
    assert!(pair.peer.recv(&mut [0; 2_000]).is_err());
    assert!(pair.caller.hears_nothing());
    let refused = node.until("all are refused", |standing| standing.refused.permission >= 3).refused;
    assert_eq!(refused.permission, 3);
    // What was padded is no mistake: the node takes it, as it always did.
    pair.caller.line().send(&[&head(CHANNEL, 97)[..], &[5; 100]].concat());
    let mut bytes = [0; 2_000];
    assert_eq!(pair.peer.recv(&mut bytes).expect("it arrives"), 97);
    let after = node.standing();
    assert_eq!(after.carried_packets, before.carried_packets, "the driver carried none of it");
}

#[test]
fn a_node_that_is_killed_leaves_no_program_and_one_without_rights_relays_without_g4() {
    let Some(network) = network() else { return };
    let mut node = Node::start(starting(&network, ""), &told());
    assert!(network.card().contains("prog/xdp"));
    let path = |node: &Node| {
        let Some(Fact::Ready(ready)) = node.facts.first() else { panic!("Ready comes first") };
        ready.capabilities.iter().find(|one| one.name == "xdp").cloned().expect("it is told")
    };
    assert_eq!((path(&node).used, path(&node).reason.as_str()), (true, "at card0 by its driver"));
    let status = std::fs::read_to_string(format!("/proc/{}/status", node.id())).expect("it lives");
    assert!(status.contains("CapEff:\t0000000000000000\n") && status.contains("CapPrm:\t0000000000000000\n"));
    node.kill_and_start(&told());
    Pair::new(&node, 0, "ada").talk(2 * BEFORE);
    carried(&mut node, 30);
    drop(node);
    assert!(!network.card().contains("prog/xdp"), "it went with its process");
    let mut node = Node::start(Starting { rights: Some("-all"), ..starting(&network, "") }, &told());
    assert_eq!((path(&node).used, path(&node).reason.contains("CAP_BPF")), (false, true));
    Pair::new(&node, 0, "ada").talk(2 * BEFORE);
    assert_eq!(node.standing().carried_packets, 0);
    assert_eq!(node.address(0).port(), PORT_OF_NAMESPACE);
}
