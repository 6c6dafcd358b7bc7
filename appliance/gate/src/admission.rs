//! Who may be connected, and who has to make room.
//!
//! Only connections on which nobody has signed in are bounded by their source, because an office of hundreds shares one
//! address (A5, decision 22). When the gate is full, strangers of the source that holds the most of them make room.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use crate::GateLimits;
use crate::activity::Activity;
use crate::buckets::Buckets;
use crate::counters::Event;
use crate::cut::Cut;
use crate::roster::Roster;
use crate::source::Source;

/// Why a connection is not admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The gate holds as many connections as it may, and nobody holds more than the newcomer.
    Full,
    /// The source holds as many as strangers may.
    SourceFull,
    /// The source opens them faster than strangers may.
    SourceTooFast,
    /// The source has as many TLS handshakes under way as it may, or all together have.
    Handshakes,
}

impl Refusal {
    pub(crate) fn event(self) -> Event {
        match self {
            Self::Full => Event::Full,
            Self::SourceFull => Event::SourceFull,
            Self::SourceTooFast => Event::SourceTooFast,
            Self::Handshakes => Event::Handshakes,
        }
    }
}

/// One connection in the books.
#[derive(Debug)]
pub(crate) struct Member {
    number: u64,
    source: Source,
    peer: SocketAddr,
    activity: Arc<Activity>,
    cut: Cut,
    /// Somebody signed in. Written while the book is held, as is `closed`.
    known: AtomicBool,
    closed: AtomicBool,
}

impl Member {
    /// Unique, and in the order of opening within a source.
    pub(crate) fn key(&self) -> (Source, u64) {
        (self.source, self.number)
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.activity.is_idle()
    }
}

#[derive(Debug)]
struct Book {
    all: usize,
    number: u64,
    strangers: Roster,
    handshakes: Roster,
    buckets: Buckets,
}

impl Book {
    fn close(&mut self, member: &Member) {
        if !member.closed.swap(true, Ordering::AcqRel) {
            self.all -= 1;
            self.strangers.remove(member);
            self.handshakes.remove(member);
        }
    }

    /// Gives up the place of `member` at once; whoever serves it learns it from its stream.
    fn drop_for_another(&mut self, member: &Member) {
        self.close(member);
        member.cut.now();
    }
}

/// Counts the connections that are open.
#[derive(Debug)]
pub(crate) struct Admission {
    all_max: usize,
    strangers_max: usize,
    handshakes_max: usize,
    handshakes_per_source_max: usize,
    book: Mutex<Book>,
}

/// What was asked for, and whether another connection was dropped for it.
pub(crate) type Admitted<T> = Result<(T, bool), Refusal>;

impl Admission {
    pub(crate) fn new(limits: &GateLimits) -> Arc<Self> {
        let buckets = Buckets::new(limits.connections_per_source_burst, limits.connections_per_source_per_minute);
        let book = Book { all: 0, number: 0, strangers: Roster::default(), handshakes: Roster::default(), buckets };
        Arc::new(Self {
            all_max: limits.connections_max,
            strangers_max: limits.connections_per_source_max,
            handshakes_max: limits.handshakes_max,
            handshakes_per_source_max: limits.handshakes_per_source_max,
            book: Mutex::new(book),
        })
    }

    /// A place for a connection from `peer`, held until it is dropped.
    pub(crate) fn admit(self: &Arc<Self>, peer: SocketAddr, activity: Arc<Activity>, now: Instant) -> Admitted<Place> {
        let source = Source::from(peer.ip());
        let mut book = self.book();
        if book.strangers.of(source) >= self.strangers_max {
            return Err(Refusal::SourceFull);
        }
        if !book.buckets.take(source, now) {
            return Err(Refusal::SourceTooFast);
        }
        let mut dropped = false;
        if book.all >= self.all_max {
            let Some(dispensable) = book.strangers.dispensable(source) else {
                book.buckets.give_back(source);
                return Err(Refusal::Full);
            };
            book.drop_for_another(&dispensable);
            dropped = true;
        }
        book.all += 1;
        book.number += 1;
        let (known, closed) = (AtomicBool::new(false), AtomicBool::new(false));
        let member =
            Arc::new(Member { number: book.number, source, peer, activity, cut: Cut::default(), known, closed });
        book.strangers.insert(&member);
        Ok((Place { connection: Connection { member, admission: Arc::clone(self) } }, dropped))
    }

    /// Leave for the connection of `place` to begin its TLS handshake, held until it is dropped.
    pub(crate) fn begin_handshake(self: &Arc<Self>, place: &Place) -> Admitted<Handshake> {
        let member = &place.connection.member;
        let mut book = self.book();
        if book.handshakes.of(member.source) >= self.handshakes_per_source_max {
            return Err(Refusal::Handshakes);
        }
        let mut dropped = false;
        if book.handshakes.len() >= self.handshakes_max {
            let dispensable = book.handshakes.dispensable(member.source).ok_or(Refusal::Handshakes)?;
            book.drop_for_another(&dispensable);
            dropped = true;
        }
        if !member.closed.load(Ordering::Acquire) {
            book.handshakes.insert(member);
        }
        Ok((Handshake { connection: place.connection.clone() }, dropped))
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One connection as handlers see it: an extension of every request, kept by whoever takes over an upgraded one.
#[derive(Debug, Clone)]
pub struct Connection {
    member: Arc<Member>,
    admission: Arc<Admission>,
}

impl Connection {
    /// Address of the other end.
    pub fn peer(&self) -> SocketAddr {
        self.member.peer
    }

    /// Says that somebody proved on this connection who they are: it no longer counts as a stranger of its source, may
    /// live on, and is never dropped for another one. Any number of times; nothing happens once it is closed.
    pub fn sign_in(&self) {
        let mut book = self.admission.book();
        if book.strangers.remove(&self.member) {
            self.member.known.store(true, Ordering::Release);
            book.buckets.give_back(self.member.source);
        }
    }

    /// The peer made the box work for nothing. While nobody has signed in, its source pays for it with connections that it
    /// may open.
    pub(crate) fn fine(&self, now: Instant) {
        if !self.member.known.load(Ordering::Acquire) {
            self.admission.book().buckets.fine(self.member.source, now);
        }
    }
}

/// Holds a connection's place; lives in the stream itself, so that an upgraded connection keeps it.
#[derive(Debug)]
pub(crate) struct Place {
    connection: Connection,
}

impl Place {
    pub(crate) fn connection(&self) -> Connection {
        self.connection.clone()
    }

    /// Whether nobody has signed in yet.
    pub(crate) fn is_strangers(&self) -> bool {
        !self.connection.member.known.load(Ordering::Acquire)
    }

    pub(crate) fn cut(&self) -> &Cut {
        &self.connection.member.cut
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.connection.admission.book().close(&self.connection.member);
    }
}

/// How many places are taken now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occupied {
    /// Connections, all together.
    pub connections: usize,
    /// Those among them on which nobody has signed in.
    pub strangers: usize,
    /// TLS handshakes under way.
    pub handshakes: usize,
}

/// Tells how many places are taken.
#[derive(Debug, Clone)]
pub struct Occupancy(pub(crate) Arc<Admission>);

impl Occupancy {
    /// Now.
    pub fn read(&self) -> Occupied {
        let book = self.0.book();
        Occupied { connections: book.all, strangers: book.strangers.len(), handshakes: book.handshakes.len() }
    }
}

/// Held during a TLS handshake.
#[derive(Debug)]
pub(crate) struct Handshake {
    connection: Connection,
}

impl Drop for Handshake {
    fn drop(&mut self) {
        self.connection.admission.book().handshakes.remove(&self.connection.member);
    }
}

#[cfg(test)]
mod tests;
