//! A whole TURN server: three clients send it whatever the input says, partly signed with a credential that is good, while time goes
//! on.
//!
//! What holds: nobody has anything without a credential; data leaves only for whom the settings allow, out of a port that is open;
//! every bound is kept; an answer to a stranger is short; each port that was opened is closed once.
//!
//! A step of the input: what is done and by whom, how long, and so many bytes.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use turn_proto::message::attribute::{NONCE, REALM, USERNAME};
use turn_proto::message::{Algorithm, Class, Integrity, Key, Kind, Message, Method, Transaction, Writer};
use turn_proto::{
    Action, Addresses, ChannelData, Client, Hop, Limits, NonceKey, Now, Peers, People, Ports, Secret, Secrets, Server,
    Settings, Share,
};

const REALM_NAME: &str = "media.example";
const SECRET: &[u8] = b"a secret of sixteen bytes";
const USER: &str = "99999999:ada";
const METHODS: [Method; 5] =
    [Method::Binding, Method::Allocate, Method::Refresh, Method::CreatePermission, Method::ChannelBind];
const ALLOCATIONS_MAX: u32 = 2;
/// A challenge tells realm, nonce and algorithms.
const LONGER_MAX: usize = 100;

#[derive(Default)]
struct Opened {
    open: HashSet<u32>,
    last: u32,
}

impl Ports for Opened {
    fn open(&mut self, local: SocketAddr, _: SocketAddr) -> Option<u32> {
        self.last += 1;
        // Some ports are somebody else's.
        let free = !local.port().is_multiple_of(3);
        free.then(|| self.open.insert(self.last)).map(|_| self.last)
    }

    fn close(&mut self, socket: u32) {
        assert!(self.open.remove(&socket), "closed twice, or never opened");
    }
}

struct Machine {
    server: Server,
    settings: Settings,
    ports: Opened,
    now: Now,
    nonces: [Vec<u8>; 3],
}

pub(crate) fn run(input: &[u8]) {
    let Some((first, mut rest)) = input.split_first() else { return };
    let mut machine = Machine::new(first % 2 == 0);
    while let Some((&[step, length], more)) = rest.split_first_chunk::<2>() {
        let (bytes, more) = more.split_at(usize::from(length).min(more.len()));
        rest = more;
        machine.step(step, bytes);
    }
    machine.now.since_start += Duration::from_secs(100_000);
    machine.server.expire(machine.now, &mut machine.ports);
    assert!(machine.server.is_idle() && machine.ports.open.is_empty(), "everything ends by the clock");
}

impl Machine {
    fn new(real: bool) -> Self {
        let settings = settings(real);
        let (people, share) = (Arc::new(People::default()), Share { index: 0, of: 1 });
        let server = Server::new(Arc::new(settings.clone()), share, people, NonceKey::new(&[7; 32]));
        let now = Now { since_start: Duration::from_secs(10), unix_s: 1_000 };
        Self { server, settings, ports: Opened::default(), now, nonces: Default::default() }
    }

    /// The lower two bits say who, the next three what.
    fn step(&mut self, step: u8, bytes: &[u8]) {
        let who = usize::from(step % 4).min(2);
        let client = client(who);
        match (step >> 2) % 8 {
            0 => self.give(who, &client, bytes),
            1 => {
                let seconds = bytes.first().map_or(1, |byte| u64::from(*byte) * 4);
                self.now.since_start += Duration::from_secs(seconds);
                self.now.unix_s += seconds;
                self.server.expire(self.now, &mut self.ports);
            }
            2 => {
                if let Some(read) = ChannelData::read(bytes) {
                    let length = read.data.len() as u64;
                    let hop = self.server.channel(&client, read.channel, 1, length, self.now);
                    self.check(hop);
                }
            }
            3 => {
                let [high, low] = *bytes.first_chunk().unwrap_or(&[0xC0, 0]);
                let relayed = SocketAddr::new(self.settings.addresses.external[0].0, u16::from_be_bytes([high, low]));
                let delivery = self.server.from_peer(relayed, address("8.8.8.8:9"), 1, 100, self.now);
                assert!(delivery.is_none() || !self.server.is_idle());
            }
            4 => self.server.closed(&client, self.now, &mut self.ports),
            _ => {
                if let Some(signed) = self.signed(who, bytes) {
                    self.give(who, &client, &signed);
                }
            }
        }
        let (datagrams, streams) = self.server.allocations();
        assert!(datagrams + streams <= ALLOCATIONS_MAX as usize);
        assert!(self.ports.open.len() <= 2 * ALLOCATIONS_MAX as usize);
    }

    /// A request with the attributes of the input, by somebody who may ask.
    fn signed(&self, who: usize, bytes: &[u8]) -> Option<Vec<u8>> {
        let (method, mut rest) = bytes.split_first()?;
        let method = METHODS[usize::from(*method) % METHODS.len()];
        let mut transaction = Transaction([0; 12]);
        transaction.0[0] = rest.first().copied().unwrap_or_default();
        let mut request = Vec::new();
        let mut writer = Writer::new(&mut request, Kind { method, class: Class::Request }, transaction);
        while let Some((&[high, low, length], more)) = rest.split_first_chunk::<3>() {
            let (value, more) = more.split_at(usize::from(length).min(more.len()));
            rest = more;
            writer = writer.attribute(u16::from_be_bytes([high, low]), value);
        }
        let password = Secret::new(SECRET.to_vec()).password(USER);
        let key = Key::long_term(Algorithm::Md5, USER, REALM_NAME, password.as_str());
        writer
            .attribute(USERNAME, USER.as_bytes())
            .attribute(REALM, REALM_NAME.as_bytes())
            .attribute(NONCE, &self.nonces[who])
            .integrity(Integrity::Sha1, &key)
            .end();
        Some(request)
    }

    fn give(&mut self, who: usize, client: &Client, bytes: &[u8]) {
        let idle = self.server.is_idle();
        let mut answer = Vec::new();
        let arrival = self.server.receive(client, bytes, self.now, &mut answer, &mut self.ports);
        if !answer.is_empty() {
            let read = Message::read(&answer).expect("answers are messages");
            if let Some(nonce) = read.get(NONCE) {
                self.nonces[who] = nonce.to_vec();
            }
            let unknown = read.get(turn_proto::message::attribute::UNKNOWN_ATTRIBUTES).map_or(0, <[u8]>::len);
            assert!(arrival.proven || answer.len() <= bytes.len() + LONGER_MAX + unknown, "{} bytes", answer.len());
        }
        assert!(arrival.proven || self.server.is_idle() >= idle, "nobody is given anything without a credential");
        if let Action::Relay { hop, data } = arrival.action {
            assert!(data.end <= bytes.len() && !idle);
            self.check(Some(hop));
        }
    }

    fn check(&self, hop: Option<Hop>) {
        match hop {
            Some(Hop::Out { socket, peer }) => {
                assert!(self.ports.open.contains(&socket), "out of a port that is open");
                assert!(self.settings.peers.may_reach(peer.ip()), "{peer} is out of reach");
            }
            Some(Hop::Inside { to, .. }) => {
                assert!(self.settings.addresses.external.iter().any(|(public, _)| *public == to.ip()));
            }
            None => {}
        }
    }
}

fn address(text: &str) -> SocketAddr {
    text.parse().expect("an address")
}

fn client(who: usize) -> Client {
    match who {
        0 => Client::Datagrams { remote: address("9.1.1.1:4000"), local: address("9.0.0.1:1").ip() },
        1 => Client::Datagrams { remote: address("[2606::9]:4000"), local: address("[2606::1]:1").ip() },
        _ => Client::Stream { id: 1, remote: address("9.1.1.3:4000") },
    }
}

fn settings(real: bool) -> Settings {
    Settings {
        relay: true,
        realm: REALM_NAME.to_owned(),
        secrets: Secrets::new([Secret::new(SECRET.to_vec())]),
        addresses: Addresses {
            external: ["9.0.0.1:1", "[2606::1]:1"].map(|text| (address(text).ip(), None)).to_vec(),
            own: Vec::new(),
        },
        relay_ports: real.then_some(50_000..=50_099),
        peers: Peers::default(),
        limits: Limits {
            allocations_max: ALLOCATIONS_MAX,
            allocations_per_person_max: ALLOCATIONS_MAX,
            bytes_per_s_per_person_max: 1_000_000,
            permissions_max: 4,
            channels_max: 4,
            lifetime_max: Duration::from_secs(3_600),
            allocation_life_max: Duration::from_secs(7_200),
            unproven_per_source_per_s: 100,
            unproven_per_s: 1_000,
        },
        drain: false,
    }
}
