//! A TURN client of our own, over whatever carries frames.

use std::io::{Read, Write};
use std::net::{SocketAddr, UdpSocket};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};
use turn_proto::message::attribute as at;
use turn_proto::message::{Algorithm, Class, Integrity, Key, Kind, Message, Method, Transaction, Writer};
use turn_proto::{ChannelData, FRAME_BYTES_MAX, Frame, channel_head, frame_length, padding};

use crate::node::{REALM, credential};

const WITHIN: Duration = Duration::from_secs(world::PATIENCE_S);
/// Before a datagram is sent again (RFC 8489, 6.2.1); for so long that a network which loses a fifth does not matter.
const AGAIN_AFTER: Duration = Duration::from_millis(500);
const ANSWER_WITHIN: Duration = Duration::from_secs(world::PATIENCE_S);

/// What carries frames.
pub enum Line {
    /// Datagrams.
    Udp(UdpSocket),
    /// A stream, and what of it was not handled yet.
    Stream(UnixStream, Vec<u8>),
    /// The same through something that carries bytes, such as TLS.
    Carried(Box<dyn Carrier>, Vec<u8>),
}

/// Bytes both ways.
pub trait Carrier: Read + Write + Send {}

impl<T: Read + Write + Send> Carrier for T {}

/// Data that came.
#[derive(Debug, PartialEq, Eq)]
pub enum Relayed {
    /// On a channel.
    Channel(u16, Vec<u8>),
    /// In a Data indication.
    Indication(SocketAddr, Vec<u8>),
}

/// One client with one allocation at most.
pub struct Caller {
    line: Line,
    username: String,
    password: String,
    /// As it is told with the first challenge.
    realm: String,
    nonce: Vec<u8>,
    algorithms: Vec<u8>,
    /// Which way to make the key; SHA-256 has a code of integrity of its own.
    pub algorithm: Option<Algorithm>,
    count: u64,
    /// Data that came while an answer was waited for.
    waiting: Vec<Relayed>,
}

impl Line {
    /// A socket of its own that speaks to a node only.
    pub fn udp(node: SocketAddr) -> Self {
        Self::udp_from(if node.is_ipv4() { "127.0.0.1" } else { "::1" }, node)
    }

    /// A socket of an address of the machine.
    pub fn udp_from(own: &str, node: SocketAddr) -> Self {
        let own: std::net::IpAddr = own.parse().expect("an address");
        let socket = UdpSocket::bind((own, 0)).expect("a port is free");
        socket.connect(node).expect("the node's address is an address");
        socket.set_read_timeout(Some(WITHIN)).expect("a socket has a time-out");
        Self::Udp(socket)
    }

    /// Sends one frame.
    pub fn send(&mut self, frame: &[u8]) {
        match self {
            Self::Udp(socket) => drop(socket.send(frame)),
            Self::Stream(stream, _) => write(stream, frame),
            Self::Carried(stream, _) => write(stream, frame),
        }
    }

    /// How long the next frame is waited for.
    fn wait(&self, time: Duration) {
        // None at all would be for ever.
        let time = Some(time.max(Duration::from_millis(1)));
        match self {
            Self::Udp(socket) => socket.set_read_timeout(time).expect("a socket has a time-out"),
            Self::Stream(stream, _) => stream.set_read_timeout(time).expect("a socket has a time-out"),
            // Whoever made it knows how long it waits.
            Self::Carried(..) => {}
        }
    }

    /// The next frame; `None` when none comes in time.
    pub fn receive(&mut self) -> Option<Vec<u8>> {
        match self {
            Self::Udp(socket) => {
                let mut bytes = vec![0; FRAME_BYTES_MAX];
                let count = socket.recv(&mut bytes).ok()?;
                bytes.truncate(count);
                Some(bytes)
            }
            Self::Stream(stream, kept) => read_frame(stream, kept),
            Self::Carried(stream, kept) => read_frame(stream, kept),
        }
    }
}

fn write(stream: &mut impl Write, frame: &[u8]) {
    let padded = [frame, &[0; 4][..padding(frame.len())]].concat();
    stream.write_all(&padded).and_then(|()| stream.flush()).expect("the node reads streams");
}

fn read_frame(stream: &mut impl Read, kept: &mut Vec<u8>) -> Option<Vec<u8>> {
    loop {
        if let Frame::Whole { length, padded } = frame_length(kept).expect("the node sends frames") {
            let rest = kept.split_off(padded);
            let mut frame = std::mem::replace(kept, rest);
            frame.truncate(length);
            return Some(frame);
        }
        let mut bytes = [0; 4_096];
        let count = stream.read(&mut bytes).ok().filter(|count| *count > 0)?;
        kept.extend_from_slice(&bytes[..count]);
    }
}

impl Caller {
    /// A client of a person.
    pub fn new(line: Line, person: &str) -> Self {
        let (username, password) = credential(person);
        Self::with(line, username, password)
    }

    /// A client with a credential of its own.
    pub fn with(line: Line, username: String, password: String) -> Self {
        let (nonce, algorithms, waiting) = (Vec::new(), Vec::new(), Vec::new());
        let realm = REALM.to_owned();
        Self { line, username, password, realm, nonce, algorithms, algorithm: None, count: 0, waiting }
    }

    /// What carries its frames.
    pub fn line(&mut self) -> &mut Line {
        &mut self.line
    }

    /// What carries its frames, for whoever goes on without it.
    pub fn into_line(self) -> Line {
        self.line
    }

    /// How the node sees it.
    pub fn binding(&mut self) -> SocketAddr {
        let answer = self.ask(Method::Binding, false, |writer| writer).expect("anybody may ask");
        read(&answer).address(at::XOR_MAPPED_ADDRESS).expect("it is told")
    }

    /// Its relayed address, or the number of an error.
    ///
    /// # Errors
    /// As the node answers.
    pub fn allocate(&mut self) -> Result<SocketAddr, u16> {
        self.allocate_family(None)
    }

    /// Its relayed address of a family: 1 for IPv4, 2 for IPv6.
    ///
    /// # Errors
    /// As the node answers.
    pub fn allocate_family(&mut self, family: Option<u8>) -> Result<SocketAddr, u16> {
        let answer = self.proven(Method::Allocate, |writer| {
            let writer = writer.attribute(at::REQUESTED_TRANSPORT, &[17, 0, 0, 0]);
            match family {
                Some(family) => writer.attribute(at::REQUESTED_ADDRESS_FAMILY, &[family, 0, 0, 0]),
                None => writer,
            }
        })?;
        Ok(read(&answer).address(at::XOR_RELAYED_ADDRESS).expect("it is told"))
    }

    /// Keeps it for so many seconds; none gives it back.
    ///
    /// # Errors
    /// As the node answers.
    pub fn refresh(&mut self, seconds: u32) -> Result<(), u16> {
        self.proven(Method::Refresh, |writer| writer.attribute(at::LIFETIME, &seconds.to_be_bytes())).map(drop)
    }

    /// Lets a peer in.
    ///
    /// # Errors
    /// As the node answers.
    pub fn permit(&mut self, peer: SocketAddr) -> Result<(), u16> {
        self.proven(Method::CreatePermission, |writer| writer.address(at::XOR_PEER_ADDRESS, peer)).map(drop)
    }

    /// A number for a peer.
    ///
    /// # Errors
    /// As the node answers.
    pub fn bind(&mut self, channel: u16, peer: SocketAddr) -> Result<(), u16> {
        let [high, low] = channel.to_be_bytes();
        let bound = self.proven(Method::ChannelBind, |writer| {
            writer.attribute(at::CHANNEL_NUMBER, &[high, low, 0, 0]).address(at::XOR_PEER_ADDRESS, peer)
        });
        bound.map(drop)
    }

    /// Data on a channel.
    pub fn say(&mut self, channel: u16, data: &[u8]) {
        let head = channel_head(channel, data.len()).expect("data of tests is short");
        self.line.send(&[&head, data].concat());
    }

    /// Data in a Send indication.
    pub fn send(&mut self, peer: SocketAddr, data: &[u8]) {
        let mut bytes = Vec::new();
        let kind = Kind { method: Method::Send, class: Class::Indication };
        let writer = Writer::new(&mut bytes, kind, self.transaction());
        writer.address(at::XOR_PEER_ADDRESS, peer).attribute(at::DATA, data).end();
        self.line.send(&bytes);
    }

    /// Data that comes next; `None` when none comes in time. Answers that came twice are let go.
    pub fn hear(&mut self) -> Option<Relayed> {
        if !self.waiting.is_empty() {
            return Some(self.waiting.remove(0));
        }
        loop {
            if let Some(data) = relayed(&self.line.receive()?) {
                return Some(data);
            }
        }
    }

    /// Waits a moment only: nothing is to come.
    pub fn hears_nothing(&mut self) -> bool {
        self.hears_within(Duration::from_millis(200)).is_none()
    }

    /// Data that comes next, if it does so within this time.
    pub fn hears_within(&mut self, time: Duration) -> Option<Relayed> {
        self.line.wait(time);
        let heard = self.hear();
        self.line.wait(WITHIN);
        heard
    }

    fn transaction(&mut self) -> Transaction {
        self.count += 1;
        let mut transaction = Transaction([7; 12]);
        transaction.0[4..].copy_from_slice(&self.count.to_be_bytes());
        transaction
    }

    /// Asks as whom it is, with a nonce that is told on the way.
    fn proven(&mut self, method: Method, with: impl Fn(Writer<'_>) -> Writer<'_>) -> Result<Vec<u8>, u16> {
        for _ in 0..3 {
            let signed = !self.nonce.is_empty();
            let answer = self.ask(method, signed, &with).ok_or(0_u16)?;
            let message = read(&answer);
            let Some(code) = message.get(at::ERROR_CODE).map(|value| u16::from(value[2]) * 100 + u16::from(value[3]))
            else {
                assert!(message.is_by(&self.key()), "the answer is the node's");
                return Ok(answer);
            };
            if !(code == 438 || (code == 401 && !signed)) {
                return Err(code);
            }
            let realm = message.get(at::REALM).expect("a challenge has a realm");
            self.realm = String::from_utf8_lossy(realm).into_owned();
            self.nonce = message.get(at::NONCE).expect("a challenge has a nonce").to_vec();
            // Servers before RFC 8489 have no choice to offer.
            self.algorithms = message.get(at::PASSWORD_ALGORITHMS).unwrap_or_default().to_vec();
        }
        Err(438)
    }

    fn key(&self) -> Key {
        Key::long_term(self.algorithm.unwrap_or(Algorithm::Md5), &self.username, &self.realm, &self.password)
    }

    /// Asks, again where an answer is lost.
    fn ask(&mut self, method: Method, signed: bool, with: impl Fn(Writer<'_>) -> Writer<'_>) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        let transaction = self.transaction();
        let mut writer = with(Writer::new(&mut bytes, Kind { method, class: Class::Request }, transaction));
        if signed {
            writer = writer.attribute(at::USERNAME, self.username.as_bytes());
            writer = writer.attribute(at::REALM, self.realm.as_bytes());
            writer = writer.attribute(at::NONCE, &self.nonce);
            if let Some(algorithm) = self.algorithm {
                let [high, low] = algorithm.number().to_be_bytes();
                writer = writer.attribute(at::PASSWORD_ALGORITHMS, &self.algorithms);
                writer = writer.attribute(at::PASSWORD_ALGORITHM, &[high, low, 0, 0]);
            }
            let stronger = self.algorithm == Some(Algorithm::Sha256);
            writer = writer.integrity(if stronger { Integrity::Sha256 } else { Integrity::Sha1 }, &self.key());
        }
        writer.fingerprint();
        let begun = Instant::now();
        let pause = if matches!(self.line, Line::Udp(_)) { AGAIN_AFTER } else { ANSWER_WITHIN };
        let mut answer = None;
        while answer.is_none() && begun.elapsed() < ANSWER_WITHIN {
            self.line.send(&bytes);
            self.line.wait(pause);
            answer = self.answer(transaction);
        }
        self.line.wait(WITHIN);
        answer
    }

    /// The answer to a question; data that come before it are kept.
    fn answer(&mut self, transaction: Transaction) -> Option<Vec<u8>> {
        loop {
            let frame = self.line.receive()?;
            match relayed(&frame) {
                Some(data) => self.waiting.push(data),
                None if read(&frame).transaction == transaction => return Some(frame),
                None => {}
            }
        }
    }
}

fn read(frame: &[u8]) -> Message<'_> {
    Message::read(frame).expect("the node writes messages")
}

fn relayed(frame: &[u8]) -> Option<Relayed> {
    if let Some(read) = ChannelData::read(frame) {
        return Some(Relayed::Channel(read.channel, read.data.to_vec()));
    }
    let message = read(frame);
    let data = message.get(at::DATA)?;
    Some(Relayed::Indication(message.address(at::XOR_PEER_ADDRESS)?, data.to_vec()))
}
