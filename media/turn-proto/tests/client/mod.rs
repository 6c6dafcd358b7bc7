//! A client made of the crate's own codec, and a server beside it; clocks are advanced by hand.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use turn_proto::message::attribute as at;
use turn_proto::message::{
    Algorithm, Class, Integrity, Key, Kind, Message, Method, Transaction, Writer, read_xor_address,
};
use turn_proto::{
    Action, Addresses, Carried, Client as Tuple, Delivery, Hop, Limits, NonceKey, Now, Peers, People, Ports, Secret,
    Secrets, Server, Settings, Share,
};

pub(crate) const REALM: &str = "edge.example";
pub(crate) const SECRET: &[u8] = b"a secret of sixteen bytes or more";

pub(crate) fn address(text: &str) -> SocketAddr {
    text.parse().expect("an address")
}

#[derive(Debug, Default)]
pub(crate) struct FakePorts {
    pub(crate) open: HashMap<u32, (SocketAddr, SocketAddr)>,
    pub(crate) opened: u32,
    pub(crate) carried: HashMap<u64, Carried>,
    pub(crate) stopped: Vec<u64>,
}

impl Ports for FakePorts {
    fn open(&mut self, local: SocketAddr, relayed: SocketAddr) -> Option<u32> {
        self.opened += 1;
        self.open.insert(self.opened, (local, relayed));
        Some(self.opened)
    }

    fn close(&mut self, socket: u32) {
        assert!(self.open.remove(&socket).is_some(), "a socket is closed once");
    }

    fn carried(&self, way: u64) -> Option<Carried> {
        self.carried.get(&way).copied()
    }

    fn stop(&mut self, way: u64) {
        self.stopped.push(way);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Families {
    Unsaid,
    Ipv4,
    Ipv6,
    Both,
}

pub(crate) struct Client {
    pub(crate) tuple: Tuple,
    pub(crate) username: String,
    pub(crate) password: String,
    pub(crate) nonce: String,
    pub(crate) algorithm: Option<Algorithm>,
    pub(crate) algorithms_told: Option<Vec<u8>>,
    pub(crate) families: Families,
}

impl Client {
    pub(crate) fn new(remote: &str, person: &str) -> Self {
        Self::until(remote, person, 1_000_000 + 100_000)
    }

    pub(crate) fn until(remote: &str, person: &str, unix_s: u64) -> Self {
        let username = format!("{unix_s}:{person}");
        let password = Secret::new(SECRET.to_vec()).password(&username).as_str().to_owned();
        let tuple = Tuple::Datagrams { remote: address(remote), local: address("9.0.0.1:1").ip() };
        let nonce = String::new();
        Self { tuple, username, password, nonce, algorithm: None, algorithms_told: None, families: Families::Unsaid }
    }

    pub(crate) fn expires(&self) -> u64 {
        self.username.split(':').next().and_then(|time| time.parse().ok()).expect("a time")
    }

    pub(crate) fn learn(&mut self, challenge: &Answer) {
        self.nonce = challenge.text(at::NONCE).expect("a challenge has a nonce");
        self.algorithms_told = self.algorithms_told.take().or_else(|| challenge.get(at::PASSWORD_ALGORITHMS));
    }

    /// A nonce for its address, without an allocation.
    pub(crate) fn borrow_nonce(&mut self, world: &mut World) {
        let challenge = world.ask(self, Method::Refresh, |writer| writer);
        self.learn(&challenge);
    }

    pub(crate) fn key(&self) -> Key {
        Key::long_term(self.algorithm.unwrap_or(Algorithm::Md5), &self.username, REALM, &self.password)
    }

    pub(crate) fn sign<'w>(&self, mut writer: Writer<'w>) -> Writer<'w> {
        writer = writer.attribute(at::USERNAME, self.username.as_bytes());
        writer = writer.attribute(at::REALM, REALM.as_bytes()).attribute(at::NONCE, self.nonce.as_bytes());
        if let Some(algorithm) = self.algorithm {
            let [high, low] = algorithm.number().to_be_bytes();
            writer = writer
                .attribute(at::PASSWORD_ALGORITHMS, self.algorithms_told.as_deref().unwrap_or_default())
                .attribute(at::PASSWORD_ALGORITHM, &[high, low, 0, 0]);
        }
        let integrity = if self.algorithm == Some(Algorithm::Sha256) { Integrity::Sha256 } else { Integrity::Sha1 };
        writer.integrity(integrity, &self.key())
    }
}

pub(crate) struct Answer(Vec<u8>);

impl Answer {
    fn message(&self) -> Message<'_> {
        Message::read(&self.0).expect("the server writes messages")
    }

    pub(crate) fn get(&self, number: u16) -> Option<Vec<u8>> {
        self.message().get(number).map(<[u8]>::to_vec)
    }

    pub(crate) fn text(&self, number: u16) -> Option<String> {
        self.message().text(number).map(str::to_owned)
    }

    pub(crate) fn number(&self, number: u16) -> Option<u32> {
        Some(u32::from_be_bytes(self.get(number)?.try_into().ok()?))
    }

    pub(crate) fn address(&self, number: u16) -> Option<SocketAddr> {
        self.message().address(number)
    }

    pub(crate) fn addresses(&self, number: u16) -> Vec<SocketAddr> {
        let message = self.message();
        let all = message.attributes().filter(|(one, _)| *one == number);
        all.map(|(_, value)| read_xor_address(value, message.transaction).expect("an address")).collect()
    }

    pub(crate) fn error(&self) -> Option<u16> {
        assert_eq!(self.message().kind.class == Class::Error, self.get(at::ERROR_CODE).is_some());
        self.get(at::ERROR_CODE).map(|value| u16::from(value[2]) * 100 + u16::from(value[3]))
    }

    pub(crate) fn is_by(&self, client: &Client) -> bool {
        self.message().is_by(&client.key())
    }
}

pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) settings: Settings,
    pub(crate) people: Arc<People>,
    pub(crate) ports: FakePorts,
    pub(crate) now: Now,
    transactions: u32,
    last: Vec<u8>,
}

pub(crate) fn settings() -> Settings {
    Settings {
        relay: true,
        realm: REALM.to_owned(),
        secrets: Secrets::new([Secret::new(b"another secret".to_vec()), Secret::new(SECRET.to_vec())]),
        addresses: Addresses {
            external: vec![(address("9.0.0.1:1").ip(), None), (address("[2606::1]:1").ip(), None)],
            own: vec![],
        },
        relay_ports: None,
        peers: Peers::default(),
        limits: Limits {
            allocations_max: 1_000,
            allocations_per_person_max: 10,
            bytes_per_s_per_person_max: 10_000_000,
            permissions_max: 64,
            channels_max: 64,
            lifetime_max: Duration::from_secs(3_600),
            allocation_life_max: Duration::from_secs(24 * 3_600),
            unproven_per_source_per_s: 1_000,
            unproven_per_s: 10_000,
        },
        drain: false,
    }
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(settings(), Share { index: 0, of: 1 })
    }

    pub(crate) fn real() -> Self {
        let settings = Settings { relay_ports: Some(50_000..=50_999), ..settings() };
        Self::with(settings, Share { index: 0, of: 1 })
    }

    pub(crate) fn shared(share: Share) -> Self {
        Self::with(settings(), share)
    }

    fn with(settings: Settings, share: Share) -> Self {
        let people = Arc::new(People::default());
        let server = Server::new(Arc::new(settings.clone()), share, Arc::clone(&people), NonceKey::new(&[7; 32]));
        let now = Now { since_start: Duration::from_secs(1_000), unix_s: 1_000_000 };
        Self { server, settings, people, ports: FakePorts::default(), now, transactions: 0, last: Vec::new() }
    }

    pub(crate) fn change(&mut self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.settings);
        self.server.configure(Arc::new(self.settings.clone()));
    }

    pub(crate) fn pass(&mut self, time: Duration) {
        self.now.since_start += time;
        self.now.unix_s = 1_000_000 + self.now.since_start.as_secs() - 1_000;
        self.server.expire(self.now, &mut self.ports);
    }

    fn transaction(&mut self) -> Transaction {
        self.transactions += 1;
        let mut transaction = Transaction([0; 12]);
        transaction.0[..4].copy_from_slice(&self.transactions.to_be_bytes());
        transaction
    }

    pub(crate) fn give(&mut self, client: &Client, bytes: &[u8]) -> Option<Answer> {
        let mut answer = Vec::new();
        let arrival = self.server.receive(&client.tuple, bytes, self.now, &mut answer, &mut self.ports);
        assert_eq!(arrival.action == Action::Answer, !answer.is_empty());
        (!answer.is_empty()).then_some(Answer(answer))
    }

    pub(crate) fn ask_maybe(
        &mut self,
        client: &Client,
        method: Method,
        with: impl FnOnce(Writer<'_>) -> Writer<'_>,
    ) -> Option<Answer> {
        let mut bytes = Vec::new();
        with(Writer::new(&mut bytes, Kind { method, class: Class::Request }, self.transaction())).end();
        self.last.clone_from(&bytes);
        self.give(client, &bytes)
    }

    pub(crate) fn ask(
        &mut self,
        client: &Client,
        method: Method,
        with: impl FnOnce(Writer<'_>) -> Writer<'_>,
    ) -> Answer {
        self.ask_maybe(client, method, with).expect("requests are answered")
    }

    pub(crate) fn ask_as(&mut self, client: &Client, method: Method, class: Class) -> Option<Answer> {
        let mut bytes = Vec::new();
        Writer::new(&mut bytes, Kind { method, class }, self.transaction()).end();
        self.give(client, &bytes)
    }

    pub(crate) fn sizes(&mut self, client: &Client, method: Method) -> (usize, usize) {
        let answer = self.ask(client, method, |writer| writer.attribute(at::REQUESTED_TRANSPORT, &[17, 0, 0, 0]));
        if method == Method::Binding {
            let answer = self.ask(client, method, |writer| writer);
            return (self.last.len(), answer.0.len());
        }
        (self.last.len(), answer.0.len())
    }

    /// Asks until it is challenged, then signed.
    pub(crate) fn authenticated(
        &mut self,
        client: &mut Client,
        method: Method,
        with: impl Fn(Writer<'_>) -> Writer<'_>,
    ) -> Answer {
        if client.nonce.is_empty() {
            let challenge = self.ask(client, method, &with);
            client.learn(&challenge);
        }
        let signed: &Client = client;
        self.ask(signed, method, |writer| signed.sign(with(writer)))
    }

    pub(crate) fn allocate(&mut self, client: &mut Client) -> Answer {
        let families = client.families;
        self.authenticated(client, Method::Allocate, |writer| requested(writer, families))
    }

    pub(crate) fn try_allocate(&mut self, client: &Client) -> Answer {
        self.ask(client, Method::Allocate, |writer| client.sign(requested(writer, client.families)))
    }

    pub(crate) fn repeat(&mut self, client: &Client) -> Answer {
        let bytes = self.last.clone();
        self.give(client, &bytes).expect("an answer")
    }

    pub(crate) fn refresh(&mut self, client: &Client, lifetime: u32) -> Answer {
        let value = lifetime.to_be_bytes();
        self.ask(client, Method::Refresh, |writer| client.sign(writer.attribute(at::LIFETIME, &value)))
    }

    pub(crate) fn permit(&mut self, client: &Client, peers: &[SocketAddr]) -> Answer {
        self.ask(client, Method::CreatePermission, |mut writer| {
            for peer in peers {
                writer = writer.address(at::XOR_PEER_ADDRESS, *peer);
            }
            client.sign(writer)
        })
    }

    pub(crate) fn channel_bind(&mut self, client: &Client, number: u16, peer: SocketAddr) -> Answer {
        let [high, low] = number.to_be_bytes();
        self.ask(client, Method::ChannelBind, |writer| {
            let writer = writer.attribute(at::CHANNEL_NUMBER, &[high, low, 0, 0]);
            client.sign(writer.address(at::XOR_PEER_ADDRESS, peer))
        })
    }

    pub(crate) fn send(&mut self, client: &Client, peer: SocketAddr, data: &[u8]) -> Action {
        let mut bytes = Vec::new();
        let kind = Kind { method: Method::Send, class: Class::Indication };
        Writer::new(&mut bytes, kind, self.transaction())
            .address(at::XOR_PEER_ADDRESS, peer)
            .attribute(at::DATA, data)
            .end();
        let arrival = self.server.receive(&client.tuple, &bytes, self.now, &mut Vec::new(), &mut self.ports);
        if let Action::Relay { data: range, .. } = &arrival.action {
            assert_eq!(&bytes[range.clone()], data);
        }
        arrival.action
    }

    pub(crate) fn channel_data(&mut self, client: &Client, number: u16, bytes: u64) -> Option<Hop> {
        self.server.channel(&client.tuple, number, 1, bytes, self.now)
    }

    pub(crate) fn deliver(&mut self, hop: Hop, bytes: u64) -> Option<Delivery> {
        let Hop::Inside { from, to } = hop else { panic!("it stays inside") };
        self.server.from_peer(to, from, 1, bytes, self.now)
    }
}

fn requested(writer: Writer<'_>, families: Families) -> Writer<'_> {
    let writer = writer.attribute(at::REQUESTED_TRANSPORT, &[17, 0, 0, 0]);
    match families {
        Families::Unsaid => writer,
        Families::Ipv4 => writer.attribute(at::REQUESTED_ADDRESS_FAMILY, &[1, 0, 0, 0]),
        Families::Ipv6 => writer.attribute(at::REQUESTED_ADDRESS_FAMILY, &[2, 0, 0, 0]),
        Families::Both => writer.attribute(at::ADDITIONAL_ADDRESS_FAMILY, &[2, 0, 0, 0]),
    }
}
