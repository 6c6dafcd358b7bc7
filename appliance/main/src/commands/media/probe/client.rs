//! A client of STUN and TURN (RFC 8489, RFC 8656) that asks one thing at a time and waits for the answer.

use super::line::Line;
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use turn_proto::message::{
    Algorithm, Class, Integrity, Key, Kind, Message, Method, Transaction, Writer, attribute as at,
};
use turn_proto::{ChannelData, channel_head};

/// Longer than any relay needs.
const ANSWER_WITHIN: Duration = Duration::from_secs(4);
/// Before a datagram is sent again; doubled each time (RFC 8489, 6.2.1).
const AGAIN_AFTER: Duration = Duration::from_millis(500);
/// The first number that a channel may have (RFC 8656, 12).
pub(super) const CHANNEL: u16 = 0x4000;
/// UDP, among the numbers of protocols.
const UDP: [u8; 4] = [17, 0, 0, 0];

/// Why something did not work.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failed {
    #[error("no answer came within {} s", ANSWER_WITHIN.as_secs())]
    Silent,
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("it was refused: {code} {reason}")]
    Refused { code: u16, reason: String },
    #[error("the answer is not what RFC 8489 and RFC 8656 say")]
    Nonsense,
}

pub(super) struct Client {
    line: Line,
    username: String,
    password: String,
    /// Realm and nonce, once the relay has told them.
    challenge: Option<(String, String)>,
}

/// What was answered.
struct Reply(Vec<u8>);

impl Reply {
    fn message(&self) -> Result<Message<'_>, Failed> {
        Message::read(&self.0).map_err(|_| Failed::Nonsense)
    }

    fn address(&self, number: u16) -> Result<SocketAddr, Failed> {
        self.message()?.address(number).ok_or(Failed::Nonsense)
    }
}

impl Client {
    pub(super) fn new(line: Line, username: &str, password: &str) -> Self {
        Self { line, username: username.to_owned(), password: password.to_owned(), challenge: None }
    }

    /// How the relay sees this client.
    pub(super) fn binding(&mut self) -> Result<SocketAddr, Failed> {
        self.ask(Method::Binding, &|writer| writer)?.address(at::XOR_MAPPED_ADDRESS)
    }

    /// An address at which peers reach this client.
    pub(super) fn allocate(&mut self) -> Result<SocketAddr, Failed> {
        let reply = self.signed(Method::Allocate, &|writer| writer.attribute(at::REQUESTED_TRANSPORT, &UDP))?;
        reply.address(at::XOR_RELAYED_ADDRESS)
    }

    /// Lets a peer in.
    pub(super) fn permit(&mut self, peer: SocketAddr) -> Result<(), Failed> {
        self.signed(Method::CreatePermission, &|writer| writer.address(at::XOR_PEER_ADDRESS, peer)).map(drop)
    }

    /// Gives a peer the number [`CHANNEL`].
    pub(super) fn bind(&mut self, peer: SocketAddr) -> Result<(), Failed> {
        let [high, low] = CHANNEL.to_be_bytes();
        self.signed(Method::ChannelBind, &move |writer| {
            writer.attribute(at::CHANNEL_NUMBER, &[high, low, 0, 0]).address(at::XOR_PEER_ADDRESS, peer)
        })
        .map(drop)
    }

    /// Gives the address back. What was not answered ends by itself.
    pub(super) fn release(&mut self) {
        let _over = self.signed(Method::Refresh, &|writer| writer.attribute(at::LIFETIME, &[0; 4]));
    }

    /// To the peer that has the channel.
    pub(super) fn send(&mut self, data: &[u8]) -> Result<(), Failed> {
        let head = channel_head(CHANNEL, data.len()).ok_or(Failed::Nonsense)?;
        Ok(self.line.send(&[&head[..], data].concat())?)
    }

    /// The next data from the peer that has the channel; `None` when none came until then.
    pub(super) fn receive(&mut self, until: Instant) -> Result<Option<Vec<u8>>, Failed> {
        while let Some(bytes) = self.line.receive(until)? {
            if let Some(data) = ChannelData::read(&bytes) {
                return Ok(Some(data.data.to_vec()));
            }
        }
        Ok(None)
    }

    fn signed(&mut self, method: Method, with: &dyn Fn(Writer<'_>) -> Writer<'_>) -> Result<Reply, Failed> {
        // Twice at most: a nonce that has become stale is told once.
        for _ in 0..2 {
            let Some((realm, nonce)) = self.challenge.clone() else {
                match self.ask(method, with) {
                    Err(Failed::Refused { code: 401, .. }) if self.challenge.is_some() => continue,
                    Ok(_) => return Err(Failed::Nonsense),
                    Err(other) => return Err(other),
                }
            };
            let key = Key::long_term(Algorithm::Md5, &self.username, &realm, &self.password);
            let username = self.username.clone();
            let outcome = self.ask(method, &|writer| {
                let writer = with(writer).attribute(at::USERNAME, username.as_bytes());
                let writer = writer.attribute(at::REALM, realm.as_bytes()).attribute(at::NONCE, nonce.as_bytes());
                writer.integrity(Integrity::Sha1, &key)
            });
            match outcome {
                Err(Failed::Refused { code: 438, .. }) => {}
                Ok(reply) if !reply.message()?.is_by(&key) => return Err(Failed::Nonsense),
                other => return other,
            }
        }
        Err(Failed::Refused { code: 438, reason: String::from("the nonce is stale at once") })
    }

    fn ask(&mut self, method: Method, with: &dyn Fn(Writer<'_>) -> Writer<'_>) -> Result<Reply, Failed> {
        let mut transaction = Transaction([0; 12]);
        getrandom::fill(&mut transaction.0).map_err(|e| Failed::Io(io::Error::other(e)))?;
        let mut request = Vec::new();
        with(Writer::new(&mut request, Kind { method, class: Class::Request }, transaction)).end();
        let end = Instant::now() + ANSWER_WITHIN;
        let mut pause = if self.line.loses() { AGAIN_AFTER } else { ANSWER_WITHIN };
        while Instant::now() < end {
            self.line.send(&request)?;
            let until = (Instant::now() + pause).min(end);
            pause *= 2;
            while let Some(bytes) = self.line.receive(until)? {
                let reply = Reply(bytes);
                if let Ok(message) = reply.message()
                    && message.transaction == transaction
                {
                    return self.judged(reply);
                }
            }
        }
        Err(Failed::Silent)
    }

    fn judged(&mut self, reply: Reply) -> Result<Reply, Failed> {
        let message = reply.message()?;
        match message.kind.class {
            Class::Success => Ok(reply),
            Class::Error => {
                let value = message.get(at::ERROR_CODE).filter(|value| value.len() >= 4).ok_or(Failed::Nonsense)?;
                let code = u16::from(value[2] & 7) * 100 + u16::from(value[3]);
                let reason = String::from_utf8_lossy(&value[4..]).chars().filter(|c| !c.is_control()).collect();
                if let (401 | 438, Some(realm), Some(nonce)) = (code, message.text(at::REALM), message.text(at::NONCE))
                {
                    self.challenge = Some((realm.to_owned(), nonce.to_owned()));
                }
                Err(Failed::Refused { code, reason })
            }
            Class::Request | Class::Indication => Err(Failed::Nonsense),
        }
    }
}
