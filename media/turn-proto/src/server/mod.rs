//! One server: the clients of one thread.

mod allocate;
mod answer;
mod authenticate;
mod binding;
mod channel_bind;
mod expire;
mod lend;
mod permission;
mod refresh;
mod relay;
mod send;

use std::net::SocketAddr;
use std::ops::Range;
use std::sync::Arc;

use crate::allocation::Allocations;
use crate::message::{Class, Kind, Message, Method};
use crate::people::Traffic;
use crate::{Client, NonceKey, Now, People, Settings, Share};
use answer::Code;
pub use lend::{Carried, Lane, Loan, Worth};

/// Real ports, for whoever holds sockets.
pub trait Ports {
    /// Opens a socket for what peers send to this address of the machine. `None` when that cannot be, else the number it is
    /// known by in [`Hop::Out`].
    fn open(&mut self, local: SocketAddr, relayed: SocketAddr) -> Option<u32>;
    /// Closes it.
    fn close(&mut self, socket: u32);
    /// What was carried on a way that [`Server::lend`] was told of. `None` where nobody knows any more, or nobody carries.
    fn carried(&self, way: u64) -> Option<Carried> {
        let _ = way;
        None
    }
    /// Nothing is carried on it from now on; what was is asked for once more.
    fn stop(&mut self, way: u64) {
        let _ = way;
    }
}

/// Where data of a client goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hop {
    /// Out of this socket to this peer.
    Out {
        /// As [`Ports::open`] named it.
        socket: u32,
        /// Whom to.
        peer: SocketAddr,
    },
    /// To the server whose port it is, see [`Share::of_port`] and [`Server::from_peer`].
    Inside {
        /// The sender as peers see it.
        from: SocketAddr,
        /// A relayed address of this box, maybe of nobody.
        to: SocketAddr,
    },
}

/// How data of a peer comes to a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivery {
    /// Whom to.
    pub client: Client,
    /// With this number before it; `None`: in a Data indication.
    pub channel: Option<u16>,
}

/// What is to be done about what came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Nothing.
    Nothing,
    /// The answer was written; it goes to the same client.
    Answer,
    /// The part of what came that is data goes on.
    Relay {
        /// Where.
        hop: Hop,
        /// Which bytes of what came.
        data: Range<usize>,
    },
}

/// What became of one datagram or frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// What is to be done.
    pub action: Action,
    /// Whether it showed who sent it.
    pub proven: bool,
}

/// Why something was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Wrong, expired or revoked credentials.
    Credentials,
    /// Allocations beyond a person's quota.
    Quota,
    /// Allocations beyond what all may have, or while the server is drained.
    Capacity,
    /// Peers that may not be reached.
    Peers,
    /// Packets beyond a person's bandwidth.
    Bandwidth,
    /// Packets from or to peers without permission.
    Permission,
    /// Requests of strangers beyond their rate.
    Flood,
    /// What is no STUN and no channel's data, or breaks its rules.
    Malformed,
}

/// What was done since the server was made; grows only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Allocations made.
    pub allocated: u64,
    /// Data relayed.
    pub traffic: Traffic,
    /// Packets of that which somebody else carried.
    pub carried: u64,
    refused: [u64; 8],
}

impl Counts {
    /// How often something was refused for a reason.
    #[must_use]
    pub fn refused(&self, why: Refusal) -> u64 {
        self.refused[why as usize]
    }

    fn refuse(&mut self, why: Refusal, times: u64) {
        self.refused[why as usize] += times;
    }
}

/// The state of one server. Everything it holds is bounded by [`crate::Limits`].
#[derive(Debug)]
pub struct Server {
    settings: Arc<Settings>,
    share: Share,
    people: Arc<People>,
    nonces: NonceKey,
    allocations: Allocations,
    ports_tried: u64,
    counts: Counts,
}

/// One request, and what serves it.
struct Request<'a, P> {
    message: &'a Message<'a>,
    client: &'a Client,
    now: Now,
    answer: &'a mut Vec<u8>,
    ports: &'a mut P,
}

impl Server {
    /// A server without clients.
    #[must_use]
    pub fn new(settings: Arc<Settings>, share: Share, people: Arc<People>, nonces: NonceKey) -> Self {
        Self {
            settings,
            share,
            people,
            nonces,
            allocations: Allocations::default(),
            ports_tried: 0,
            counts: Counts::default(),
        }
    }

    /// From now on these settings hold. Allocations live on.
    pub fn configure(&mut self, settings: Arc<Settings>) {
        self.settings = settings;
    }

    /// What was done so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Allocations of clients that come by datagrams, and by stream.
    #[must_use]
    pub fn allocations(&self) -> (usize, usize) {
        let datagrams = self.allocations.iter().filter(|allocation| allocation.client.is_datagrams()).count();
        (datagrams, self.allocations.len() - datagrams)
    }

    /// Handles one datagram or frame that is no ChannelData (that is [`Server::channel`]'s). An answer is written behind what
    /// `answer` holds.
    pub fn receive<P: Ports>(
        &mut self,
        client: &Client,
        bytes: &[u8],
        now: Now,
        answer: &mut Vec<u8>,
        ports: &mut P,
    ) -> Arrival {
        let Ok(message) = Message::read(bytes) else {
            self.counts.refuse(Refusal::Malformed, 1);
            return Arrival { action: Action::Nothing, proven: false };
        };
        match message.kind {
            Kind { class: Class::Indication, method: Method::Send } => {
                let action = self.send(client, &message, now).map(|(hop, data)| Action::Relay { hop, data });
                Arrival { action: action.unwrap_or(Action::Nothing), proven: false }
            }
            Kind { class: Class::Request, method } => {
                let from = answer.len();
                let proven = self.request(method, &mut Request { message: &message, client, now, answer, ports });
                let action = if answer.len() > from { Action::Answer } else { Action::Nothing };
                Arrival { action, proven }
            }
            // Indications of Binding keep a NAT's mapping; answers were not asked for.
            Kind { class: Class::Indication | Class::Success | Class::Error, .. } => {
                Arrival { action: Action::Nothing, proven: false }
            }
        }
    }

    /// Answers, or leaves `answer` as it was. Says whether the sender was proved.
    fn request<P: Ports>(&mut self, method: Method, request: &mut Request<'_, P>) -> bool {
        if method == Method::Binding {
            self.binding(request);
            return false;
        }
        if !self.settings.relay || matches!(method, Method::Send | Method::Data) {
            self.refuse_stranger(request, Code::BadRequest);
            return false;
        }
        let Some(proof) = self.authenticate(request) else { return false };
        let done = match method {
            Method::Allocate => self.allocate(request, &proof),
            Method::Refresh => self.refresh(request, &proof),
            Method::CreatePermission => self.create_permission(request, &proof),
            Method::ChannelBind => self.channel_bind(request, &proof),
            Method::Binding | Method::Send | Method::Data => Ok(()),
        };
        if let Err(code) = done {
            answer::refuse(request, code, &proof);
        }
        true
    }
}
