//! The ways that the kernel was told, in memory that it and this process share: telling one, paying for more and stopping it are stores, so
//! they go on when the process may ask the kernel for nothing more.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::AsRawFd as _;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::kernel::SharedArray;
use super::program::{FOUR, HEADS_OF_FOUR, HEADS_OF_SIX, KEY_BYTES, Making, PLACES_OF_SET, SIX, place, set_of};

/// Of four places each: 3 MiB of memory.
const SETS: u32 = 4_096;
/// A place is used anew so long after it was given back: no run of the program that looks at it takes as long, and what it carried last
/// has been asked for.
const RESTS_NS: u64 = 5_000_000_000;
/// Frames of Ethernet are not shorter; whoever sends one that is has to fill it up.
const FRAME_MIN: usize = 60;

/// How a packet leaves for the next machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NextHop {
    /// Number of the interface.
    pub interface: u32,
    /// The interface's own address.
    pub own: [u8; 6],
    /// The next machine's.
    pub next: [u8; 6],
    /// What an IP packet may be long.
    pub mtu: u32,
}

/// Packets of one sender to one port of this machine, and what becomes of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Way {
    /// Who sends.
    pub from: SocketAddr,
    /// Whereto.
    pub to: SocketAddr,
    /// On which channel; `None`: the data as it is.
    pub channel: Option<u16>,
    /// As whose it goes on.
    pub as_from: SocketAddr,
    /// To whom.
    pub as_to: SocketAddr,
    /// On which channel.
    pub as_channel: Option<u16>,
    /// How.
    pub hop: NextHop,
}

/// What was carried since a way was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Carried {
    /// Packets.
    pub packets: u64,
    /// Bytes of data in them.
    pub bytes: u64,
}

/// What a way may carry from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Loan {
    /// So many bytes of data more.
    pub(crate) bytes: u64,
    /// Until then, of the monotonic clock.
    pub(crate) until_ns: u64,
    /// From then on one packet is shown.
    pub(crate) sample_ns: u64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Page {
    generation: u32,
    used: bool,
    free_from_ns: u64,
    lent: u64,
}

#[derive(Debug)]
struct Book {
    pages: Vec<Page>,
    halts: u64,
}

/// All ways.
#[derive(Debug)]
pub(crate) struct Table {
    array: SharedArray,
    seed: u64,
    book: Mutex<Book>,
}

impl Table {
    /// Nothing is in it yet.
    pub(crate) fn new(seed: u64) -> io::Result<Self> {
        let bytes = u32::try_from(place::BYTES * PLACES_OF_SET).unwrap_or(0);
        let pages = vec![Page::default(); usize::try_from(SETS).unwrap_or(0) * PLACES_OF_SET];
        Ok(Self { array: SharedArray::new(bytes, SETS)?, seed, book: Mutex::new(Book { pages, halts: 0 }) })
    }

    /// What the program has to know of it.
    pub(crate) fn making(&self, port: u16) -> Making {
        Making { table: self.array.descriptor.as_raw_fd(), sets: SETS, seed: self.seed, port }
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A number for a way, which carries nothing before [`Table::lend`]. `None`: there is no room for it, it is there already, or
    /// it goes from one family of addresses to the other.
    pub(crate) fn tell(&self, way: &Way, now_ns: u64) -> Option<u64> {
        let (key, content) = (key_of(way)?, Content::of(way)?);
        let mut book = self.book();
        let first = set_of(&key, self.seed, SETS) * PLACES_OF_SET;
        let words = key.as_chunks::<8>().0;
        let held = |at: usize| {
            let same = |(word, bytes): (usize, &[u8; 8])| {
                self.array.double(at * place::BYTES + place::KEY + 8 * word).load(Relaxed) == u64::from_ne_bytes(*bytes)
            };
            words.iter().enumerate().all(same)
        };
        if (first..first + PLACES_OF_SET).any(held) {
            return None;
        }
        let free = |at: &usize| !book.pages[*at].used && book.pages[*at].free_from_ns <= now_ns;
        let at = (first..first + PLACES_OF_SET).find(free)?;
        let page = &mut book.pages[at];
        *page = Page { generation: page.generation.wrapping_add(1), used: true, free_from_ns: 0, lent: 0 };
        let number = u64::from(page.generation) << 32 | at as u64;
        content.write(&self.array, at * place::BYTES);
        for (word, bytes) in words.iter().enumerate() {
            // The family is in the last one: until then it is nobody's.
            self.array.double(at * place::BYTES + place::KEY + 8 * word).store(u64::from_ne_bytes(*bytes), Release);
        }
        Some(number)
    }

    /// How often all ways were halted: what was decided before a halt is not good after it.
    pub(crate) fn halts(&self) -> u64 {
        self.book().halts
    }

    /// It carries from now on. `false`: it was stopped, or all were halted since `halts` was asked for.
    pub(crate) fn lend(&self, number: u64, loan: Loan, halts: u64) -> bool {
        let mut book = self.book();
        if book.halts != halts {
            return false;
        }
        let Some(at) = book.at(number).filter(|at| book.pages[*at].used) else { return false };
        book.pages[at].lent += loan.bytes;
        let field = |offset| self.array.double(at * place::BYTES + offset);
        field(place::UNTIL).store(loan.until_ns, Release);
        field(place::SAMPLE).store(loan.sample_ns, Release);
        // Last: the program looks at the rest of the place only after it took of this.
        field(place::LEFT).fetch_add(loan.bytes, Release);
        true
    }

    /// `None`: it was stopped so long ago that nobody knows.
    pub(crate) fn carried(&self, number: u64) -> Option<Carried> {
        let book = self.book();
        let at = book.at(number)?;
        let field = |offset| self.array.double(at * place::BYTES + offset).load(Acquire);
        // More than was lent is on its way back.
        let left = field(place::LEFT).cast_signed().max(0).cast_unsigned();
        Some(Carried { packets: field(place::PACKETS), bytes: book.pages[at].lent.saturating_sub(left) })
    }

    /// It carries nothing from now on, and is forgotten soon.
    pub(crate) fn stop(&self, number: u64, now_ns: u64) {
        let mut book = self.book();
        let Some(at) = book.at(number).filter(|at| book.pages[*at].used) else { return };
        self.array.double(at * place::BYTES + place::UNTIL).store(0, Release);
        self.array.double(at * place::BYTES + place::KEY + KEY_BYTES - 8).store(0, Release);
        let page = &mut book.pages[at];
        (page.used, page.free_from_ns) = (false, now_ns + RESTS_NS);
    }

    /// None carries anything before more is lent to it.
    pub(crate) fn halt(&self) {
        let mut book = self.book();
        book.halts += 1;
        let used = book.pages.iter().enumerate().filter(|(_, page)| page.used);
        used.for_each(|(at, _)| self.array.double(at * place::BYTES + place::UNTIL).store(0, Release));
    }
}

impl Book {
    fn at(&self, number: u64) -> Option<usize> {
        let at = usize::try_from(number & 0xFFFF_FFFF).ok()?;
        self.pages.get(at).filter(|page| u64::from(page.generation) == number >> 32).map(|_| at)
    }
}

/// The bytes of an address, behind which there is nothing where it is of IPv4.
fn bytes_of(address: IpAddr) -> [u8; 16] {
    let mut bytes = [0; 16];
    match address {
        IpAddr::V4(four) => bytes[..4].copy_from_slice(&four.octets()),
        IpAddr::V6(six) => bytes = six.octets(),
    }
    bytes
}

fn key_of(way: &Way) -> Option<[u8; KEY_BYTES]> {
    let four = way.from.is_ipv4();
    [way.to, way.as_from, way.as_to].iter().all(|address| address.is_ipv4() == four).then_some(())?;
    let mut key = [0; KEY_BYTES];
    key[..16].copy_from_slice(&bytes_of(way.from.ip()));
    key[16..32].copy_from_slice(&bytes_of(way.to.ip()));
    key[32..34].copy_from_slice(&way.from.port().to_be_bytes());
    key[34..36].copy_from_slice(&way.to.port().to_be_bytes());
    key[36..38].copy_from_slice(&way.channel.unwrap_or(0).to_be_bytes());
    key[38..].copy_from_slice(&if four { FOUR } else { SIX }.to_ne_bytes());
    Some(key)
}

/// A place without its key and its numbers.
struct Content {
    checksum: u32,
    ip_checksum: u32,
    moves: i32,
    head: u32,
    data_max: u32,
    data_min: u32,
    hop: NextHop,
    heads: [u8; 64],
}

/// A sum of halves, in the machine's order of bytes, as the program makes it.
fn sum(bytes: &[u8]) -> u64 {
    bytes.chunks(2).map(|half| u64::from(u16::from_ne_bytes([half[0], half.get(1).copied().unwrap_or(0)]))).sum()
}

fn fold(mut sum: u64) -> u32 {
    while sum > 0xFFFF {
        sum = (sum & 0xFFFF) + (sum >> 16);
    }
    u32::try_from(sum).unwrap_or(0)
}

/// What takes a sum away from another one (RFC 1624).
fn less(sum: u64) -> u64 {
    u64::from(0xFFFF ^ fold(sum))
}

fn sum_of(address: SocketAddr) -> u64 {
    sum(&bytes_of(address.ip())) + sum(&address.port().to_be_bytes())
}

impl Content {
    /// `None` where not even an empty packet fits.
    fn of(way: &Way) -> Option<Self> {
        let four = way.from.is_ipv4();
        let heads = if four { HEADS_OF_FOUR } else { HEADS_OF_SIX };
        let (before, after) = (channel_bytes(way.channel), channel_bytes(way.as_channel));
        let channel = |channel: Option<u16>| sum(&channel.unwrap_or(0).to_be_bytes());
        let checksum = sum_of(way.as_from) + sum_of(way.as_to) + channel(way.as_channel);
        let was = sum_of(way.from) + sum_of(way.to) + channel(way.channel);
        let written = heads_of(way);
        let mtu = usize::try_from(way.hop.mtu).ok()?;
        // The program looks at a channel's head whether there is one or not.
        let shortest = FRAME_MIN.max(heads + 4).saturating_sub(heads + after);
        Some(Self {
            checksum: fold(checksum + less(was)),
            ip_checksum: if four { fold(sum(&written[14..34])) } else { 0 },
            moves: i32::try_from(before).ok()? - i32::try_from(after).ok()?,
            head: u32::from(u16::from_ne_bytes(way.as_channel.unwrap_or(0).to_be_bytes())),
            data_max: u32::try_from((mtu + 14).checked_sub(heads + after)?).ok()?,
            data_min: u32::try_from(shortest).ok()?,
            hop: way.hop,
            heads: written,
        })
    }

    fn write(&self, array: &SharedArray, at: usize) {
        let word = |offset: usize, value: u32| array.word(at + offset).store(value, Relaxed);
        [place::UNTIL, place::SAMPLE, place::LEFT, place::PACKETS]
            .iter()
            .for_each(|of| array.double(at + of).store(0, Relaxed));
        word(place::CHECKSUM, self.checksum);
        word(place::IP_CHECKSUM, self.ip_checksum);
        word(place::MOVE, self.moves.cast_unsigned());
        word(place::INTERFACE, self.hop.interface);
        word(place::DATA_MAX, self.data_max);
        word(place::DATA_MIN, self.data_min);
        word(place::HEAD, self.head);
        let own = self.hop.own;
        word(place::OWN, u32::from_ne_bytes([own[0], own[1], own[2], own[3]]));
        word(place::OWN + 4, u32::from(u16::from_ne_bytes([own[4], own[5]])));
        for (number, bytes) in self.heads.as_chunks::<8>().0.iter().enumerate() {
            array.double(at + place::HEADS + 8 * number).store(u64::from_ne_bytes(*bytes), Relaxed);
        }
    }
}

fn channel_bytes(channel: Option<u16>) -> usize {
    if channel.is_some() { 4 } else { 0 }
}

/// As the kernel writes them for a socket: never cut on the way, no number, 64 steps.
fn heads_of(way: &Way) -> [u8; 64] {
    let mut heads = [0; 64];
    heads[..6].copy_from_slice(&way.hop.next);
    heads[6..12].copy_from_slice(&way.hop.own);
    let udp = match (way.as_from.ip(), way.as_to.ip()) {
        (IpAddr::V4(from), IpAddr::V4(to)) => {
            heads[12..16].copy_from_slice(&[0x08, 0x00, 0x45, 0x00]);
            heads[20..24].copy_from_slice(&[0x40, 0x00, 64, 17]);
            heads[26..30].copy_from_slice(&from.octets());
            heads[30..34].copy_from_slice(&to.octets());
            34
        }
        (from, to) => {
            heads[12..15].copy_from_slice(&[0x86, 0xDD, 0x60]);
            heads[20..22].copy_from_slice(&[17, 64]);
            heads[22..38].copy_from_slice(&bytes_of(from));
            heads[38..54].copy_from_slice(&bytes_of(to));
            54
        }
    };
    heads[udp..udp + 2].copy_from_slice(&way.as_from.port().to_be_bytes());
    heads[udp + 2..udp + 4].copy_from_slice(&way.as_to.port().to_be_bytes());
    heads
}
