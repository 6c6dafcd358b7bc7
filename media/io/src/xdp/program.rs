//! What the kernel does with a packet before anybody else sees it: a packet of a way that it was told is written over and sent back out of
//! the card that it came in by; anything else goes up, unchanged.
//!
//! It decides nothing. Each way says how many more bytes it carries and until when, and one packet in a while goes up so that whoever
//! decides, the firewall and the kernel's neighbours have seen it.

use super::assemble::Register::{R0, R1, R2, R3, R4, R5, R6, R7, R8, R9, R10};
use super::assemble::{AssembleError, Assembler, Compute, Helper, Instruction, Label, Operand, Register, Size, When};

/// Where in a place of the table what is; the order of bytes is the machine's, but for what is copied into packets.
pub(crate) mod place {
    /// Which packets: [`super::KEY_BYTES`] of them. The family is written last, and 0 is nobody.
    pub(crate) const KEY: usize = 0;
    /// Of the kernel's monotonic clock, in nanoseconds: nothing is carried from then on.
    pub(crate) const UNTIL: usize = 40;
    /// From then on one packet goes up.
    pub(crate) const SAMPLE: usize = 48;
    /// Bytes of data that may still be carried.
    pub(crate) const LEFT: usize = 56;
    /// Packets carried.
    pub(crate) const PACKETS: usize = 64;
    /// What changes of the UDP checksum whatever the length is.
    pub(crate) const CHECKSUM: usize = 72;
    /// Sum of an IPv4 head without its length and its checksum.
    pub(crate) const IP_CHECKSUM: usize = 76;
    /// How far the packet's beginning moves: as `bpf_xdp_adjust_head` takes it.
    pub(crate) const MOVE: usize = 80;
    /// Interface.
    pub(crate) const INTERFACE: usize = 84;
    /// The most and the fewest bytes of data.
    pub(crate) const DATA_MAX: usize = 88;
    pub(crate) const DATA_MIN: usize = 92;
    /// Channel to be written before the data, as it stands in a packet; 0: none.
    pub(crate) const HEAD: usize = 96;
    /// The interface's own address: four bytes, two bytes.
    pub(crate) const OWN: usize = 100;
    /// Heads of Ethernet, IP and UDP, as they are written but for lengths and checksums.
    pub(crate) const HEADS: usize = 112;
    /// Of a place.
    pub(crate) const BYTES: usize = 192;
}

/// Both addresses (16 bytes each, the sender's first), both ports, channel, family.
pub(crate) const KEY_BYTES: usize = 40;
/// Places that a key may be at.
pub(crate) const PLACES_OF_SET: usize = 4;
/// Value of [`KEY_BYTES`]' family.
pub(crate) const FOUR: u16 = 4;
pub(crate) const SIX: u16 = 6;
/// Heads before the data.
pub(crate) const HEADS_OF_FOUR: usize = 14 + 20 + 8;
pub(crate) const HEADS_OF_SIX: usize = 14 + 40 + 8;
/// A sample that is lost is made up for so soon.
const SAMPLE_AGAIN_NS: i32 = 250_000_000;
const MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;

/// `XDP_DROP`, `XDP_PASS`, `XDP_TX`.
const DROP: i32 = 1;
const PASS: i32 = 2;
const SEND_BACK: i32 = 3;

// On the stack.
const KEY: i16 = -40;
const PORTS: i16 = KEY + 32;
const CHANNEL: i16 = KEY + 36;
const FAMILY: i16 = KEY + 38;
const CHECK: i16 = -48;
const DATA: i16 = -56;
const SET: i16 = -64;
const LENGTH: i16 = -72;

/// What a program is made for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Making {
    /// Descriptor of the table.
    pub(crate) table: i32,
    /// Sets of it: a power of two.
    pub(crate) sets: u32,
    /// That nobody outside knows.
    pub(crate) seed: u64,
    /// UDP port at which clients' channels come in.
    pub(crate) port: u16,
}

/// In which set of the table a key is.
pub(crate) fn set_of(key: &[u8; KEY_BYTES], seed: u64, sets: u32) -> usize {
    let words = key.as_chunks::<8>().0.iter().map(|word| u64::from_ne_bytes(*word));
    let hash = words.fold(seed, |hash, word| {
        let hash = (hash ^ word).wrapping_mul(MULTIPLIER);
        hash ^ (hash >> 29)
    });
    usize::try_from((hash >> 32) & u64::from(sets - 1)).unwrap_or(0)
}

/// Offsets are small numbers of ours.
fn short(offset: usize) -> i16 {
    i16::try_from(offset).unwrap_or(i16::MAX)
}

/// What has the program's registers: `R6` what was called with, `R7` and `R8` begin and end of the packet, `R9` the place in the table.
struct Writing {
    to: Assembler,
    making: Making,
    up: Label,
}

/// The program.
pub(crate) fn write(making: Making) -> Result<Vec<Instruction>, AssembleError> {
    let mut to = Assembler::default();
    let (up, six, look_up, send_six) = (to.label(), to.label(), to.label(), to.label());
    let mut writing = Writing { to, making, up };
    writing.begin(six);
    writing.read_four();
    writing.to.jump(look_up);
    writing.to.put(six);
    writing.read_six();
    writing.to.put(look_up);
    writing.find();
    writing.may();
    writing.make_room(send_six);
    writing.write_four();
    writing.to.put(send_six);
    writing.write_six();
    writing.to.put(up);
    writing.to.exit(PASS);
    writing.to.finish()
}

impl Writing {
    /// Goes up unless.
    fn up_when(&mut self, left: Register, when: When, right: impl Into<Operand>) {
        self.to.jump_when(left, when, right, self.up);
    }

    /// `R7` and `R8` again; too short is `DROP` where the packet was changed already, which cannot be.
    fn packet(&mut self, least: usize, short_is: Label) {
        self.to.load(Size::Word, R7, R6, 0);
        self.to.load(Size::Word, R8, R6, 4);
        self.to.compute(Compute::Move, R2, R7);
        self.to.compute(Compute::Add, R2, i32::from(short(least)));
        self.to.jump_when(R2, When::Greater, R8, short_is);
    }

    fn begin(&mut self, six: Label) {
        self.to.compute(Compute::Move, R6, R1);
        self.to.call(Helper::BufferLength);
        self.to.store(Size::Double, R10, LENGTH, R0);
        self.packet(HEADS_OF_FOUR + 4, self.up);
        self.to.compute(Compute::Move, R1, 0);
        for word in 0..5 {
            self.to.store(Size::Double, R10, KEY + 8 * word, R1);
        }
        self.to.load(Size::Half, R3, R7, 12);
        self.to.swap_half(R3);
        self.to.jump_when(R3, When::Equal, 0x86DD, six);
        self.up_when(R3, When::NotEqual, 0x0800);
    }

    /// No options, whole, UDP, a right sum of its head, nothing behind it.
    fn read_four(&mut self) {
        self.to.load(Size::Byte, R3, R7, 14);
        self.up_when(R3, When::NotEqual, 0x45);
        self.to.load(Size::Half, R3, R7, 20);
        self.to.swap_half(R3);
        self.to.compute(Compute::And, R3, 0x3FFF);
        self.up_when(R3, When::NotEqual, 0);
        self.to.load(Size::Byte, R3, R7, 23);
        self.up_when(R3, When::NotEqual, 17);
        self.to.compute(Compute::Move, R5, 0);
        for at in [14, 18, 22, 26, 30] {
            self.to.load(Size::Word, R3, R7, at);
            self.to.compute(Compute::Add, R5, R3);
        }
        self.fold(R5, R3);
        self.up_when(R5, When::NotEqual, 0xFFFF);
        self.to.load(Size::Half, R4, R7, 16);
        self.to.swap_half(R4);
        self.to.compute(Compute::Add, R4, 14);
        self.whole(R4, HEADS_OF_FOUR);
        self.to.load(Size::Word, R5, R7, 26);
        self.to.store(Size::Word, R10, KEY, R5);
        self.to.load(Size::Word, R3, R7, 30);
        self.to.store(Size::Word, R10, KEY + 16, R3);
        self.to.compute(Compute::Add, R5, R3);
        self.read_udp(HEADS_OF_FOUR, FOUR);
    }

    /// UDP at once.
    fn read_six(&mut self) {
        self.packet(HEADS_OF_SIX + 4, self.up);
        self.to.load(Size::Byte, R3, R7, 14);
        self.to.compute(Compute::And, R3, 0xF0);
        self.up_when(R3, When::NotEqual, 0x60);
        self.to.load(Size::Byte, R3, R7, 20);
        self.up_when(R3, When::NotEqual, 17);
        self.to.load(Size::Half, R4, R7, 18);
        self.to.swap_half(R4);
        self.to.compute(Compute::Add, R4, 54);
        self.whole(R4, HEADS_OF_SIX);
        self.to.compute(Compute::Move, R5, 0);
        for word in 0..8 {
            self.to.load(Size::Word, R3, R7, 22 + 4 * word);
            self.to.store(Size::Word, R10, KEY + 4 * word, R3);
            self.to.compute(Compute::Add, R5, R3);
        }
        self.read_udp(HEADS_OF_SIX, SIX);
    }

    /// The frame is as long as IP says in `frame`, and IP as long as UDP says.
    fn whole(&mut self, frame: Register, heads: usize) {
        self.to.load(Size::Double, R3, R10, LENGTH);
        self.up_when(R3, When::NotEqual, frame);
        self.to.load(Size::Half, R3, R7, short(heads - 4));
        self.to.swap_half(R3);
        self.to.compute(Compute::Add, R3, i32::from(short(heads - 8)));
        self.up_when(R3, When::NotEqual, frame);
    }

    /// The rest of the key, and how long the data is. `R5` is the sum of both addresses.
    fn read_udp(&mut self, heads: usize, family: u16) {
        let (ports, length, check) = (short(heads - 8), short(heads - 4), short(heads - 2));
        self.to.load(Size::Half, R4, R7, check);
        // Somebody else's, as `UDP_NO_CHECK6_TX` or a tunnel: the kernel knows what holds for it.
        self.up_when(R4, When::Equal, 0);
        self.to.store(Size::Double, R10, CHECK, R4);
        // The sum of addresses and length alone is one that a card was to finish, as between two ends of one machine.
        self.to.load(Size::Half, R3, R7, length);
        self.to.compute(Compute::Add, R5, R3);
        self.to.compute(Compute::Add, R5, i32::from(17_u16.to_be()));
        self.fold(R5, R2);
        self.up_when(R5, When::Equal, R4);
        self.to.swap_half(R3);
        self.to.compute(Compute::Add, R3, -8);
        self.to.load(Size::Word, R4, R7, ports);
        self.to.store(Size::Word, R10, PORTS, R4);
        self.to.compute(Compute::Move, R4, i32::from(family));
        self.to.store(Size::Half, R10, FAMILY, R4);
        let no_channel = self.to.label();
        self.to.load(Size::Half, R4, R7, ports + 2);
        self.to.swap_half(R4);
        self.to.jump_when(R4, When::NotEqual, i32::from(self.making.port), no_channel);
        self.to.load(Size::Byte, R4, R7, short(heads));
        self.to.compute(Compute::And, R4, 0xC0);
        self.up_when(R4, When::NotEqual, 0x40);
        self.to.compute(Compute::Add, R3, -4);
        self.to.load(Size::Half, R4, R7, short(heads) + 2);
        self.to.swap_half(R4);
        self.up_when(R4, When::NotEqual, R3);
        self.to.load(Size::Half, R4, R7, short(heads));
        self.to.store(Size::Half, R10, CHANNEL, R4);
        self.to.put(no_channel);
        self.to.store(Size::Double, R10, DATA, R3);
    }

    /// A sum of 16 bits of one of 64.
    fn fold(&mut self, sum: Register, spare: super::assemble::Register) {
        for shift in [32, 16, 16, 16] {
            self.to.compute(Compute::Move, spare, sum);
            self.to.compute(Compute::ShiftRight, spare, shift);
            // Not by a mask: one of 32 bits is a negative number here.
            self.to.compute(Compute::ShiftLeft, sum, 64 - shift);
            self.to.compute(Compute::ShiftRight, sum, 64 - shift);
            self.to.compute(Compute::Add, sum, spare);
        }
    }

    /// `R9` becomes the place of the key.
    fn find(&mut self) {
        self.to.number(R1, self.making.seed);
        self.to.number(R3, MULTIPLIER);
        for word in 0..5 {
            self.to.load(Size::Double, R2, R10, KEY + 8 * word);
            self.to.compute(Compute::Xor, R1, R2);
            self.to.compute(Compute::Multiply, R1, R3);
            self.to.compute(Compute::Move, R2, R1);
            self.to.compute(Compute::ShiftRight, R2, 29);
            self.to.compute(Compute::Xor, R1, R2);
        }
        self.to.compute(Compute::ShiftRight, R1, 32);
        self.to.compute(Compute::And, R1, i32::try_from(self.making.sets - 1).unwrap_or(0));
        self.to.store(Size::Word, R10, SET, R1);
        self.to.map(R1, self.making.table);
        self.to.compute(Compute::Move, R2, R10);
        self.to.compute(Compute::Add, R2, i32::from(SET));
        self.to.call(Helper::MapLookup);
        self.up_when(R0, When::Equal, 0);
        self.to.compute(Compute::Move, R9, R0);
        let found = self.to.label();
        for number in 0..PLACES_OF_SET {
            let other = self.to.label();
            for word in [4, 0, 1, 2, 3] {
                self.to.load(Size::Double, R1, R9, short(place::KEY) + 8 * word);
                self.to.load(Size::Double, R2, R10, KEY + 8 * word);
                self.to.jump_when(R1, When::NotEqual, R2, other);
            }
            self.to.jump(found);
            self.to.put(other);
            if number + 1 < PLACES_OF_SET {
                self.to.compute(Compute::Add, R9, i32::from(short(place::BYTES)));
            }
        }
        self.to.jump(self.up);
        self.to.put(found);
    }

    /// For this card and this machine, of a length that fits, in time, and paid for.
    fn may(&mut self) {
        self.to.load(Size::Word, R1, R6, 12);
        self.to.load(Size::Word, R2, R9, short(place::INTERFACE));
        self.up_when(R1, When::NotEqual, R2);
        for (size, at) in [(Size::Word, 0), (Size::Half, 4)] {
            self.to.load(size, R1, R7, at);
            self.to.load(size, R2, R9, short(place::OWN) + at);
            self.up_when(R1, When::NotEqual, R2);
        }
        self.to.load(Size::Double, R3, R10, DATA);
        self.to.load(Size::Word, R1, R9, short(place::DATA_MAX));
        self.up_when(R3, When::Greater, R1);
        self.to.load(Size::Word, R1, R9, short(place::DATA_MIN));
        self.up_when(R3, When::Less, R1);
        self.to.call(Helper::MonotonicNs);
        self.to.load(Size::Double, R1, R9, short(place::UNTIL));
        self.up_when(R1, When::LessOrEqual, R0);
        let unsampled = self.to.label();
        self.to.load(Size::Double, R1, R9, short(place::SAMPLE));
        self.to.jump_when(R1, When::Greater, R0, unsampled);
        self.to.compute(Compute::Add, R0, SAMPLE_AGAIN_NS);
        self.to.store(Size::Double, R9, short(place::SAMPLE), R0);
        self.to.jump(self.up);
        self.to.put(unsampled);
        let (owed, paid) = (self.to.label(), self.to.label());
        self.to.load(Size::Double, R3, R10, DATA);
        self.to.compute(Compute::Move, R1, R3);
        self.to.compute(Compute::Negate, R1, 0);
        self.to.add_in_memory(R9, short(place::LEFT), R1, true);
        // What was left is less than nothing for a moment where several cores take of it.
        self.to.jump_when(R1, When::LessSigned, R3, owed);
        self.to.jump(paid);
        self.to.put(owed);
        self.give_back();
        self.to.put(paid);
    }

    fn give_back(&mut self) {
        self.to.load(Size::Double, R1, R10, DATA);
        self.to.add_in_memory(R9, short(place::LEFT), R1, false);
        self.to.jump(self.up);
    }

    /// Heads of another length; from here on the packet is one of ours.
    fn make_room(&mut self, six: Label) {
        let fits = self.to.label();
        self.to.load(Size::Word, R2, R9, short(place::MOVE));
        self.to.jump_when(R2, When::Equal, 0, fits);
        self.to.compute(Compute::Move, R1, R6);
        self.to.call(Helper::AdjustHead);
        self.to.jump_when(R0, When::Equal, 0, fits);
        self.give_back();
        self.to.put(fits);
        self.to.compute(Compute::Move, R1, 1);
        self.to.add_in_memory(R9, short(place::PACKETS), R1, false);
        self.to.load(Size::Half, R1, R10, FAMILY);
        self.to.jump_when(R1, When::Equal, i32::from(SIX), six);
    }

    fn write_four(&mut self) {
        let gone = self.to.label();
        self.packet(HEADS_OF_FOUR + 4, gone);
        for at in [0, 8, 16, 24, 32] {
            self.to.load(Size::Double, R1, R9, short(place::HEADS) + at);
            self.to.store(Size::Double, R7, at, R1);
        }
        self.lengths(HEADS_OF_FOUR);
        self.to.compute(Compute::Move, R2, R4);
        self.to.compute(Compute::Add, R2, 20);
        self.to.swap_half(R2);
        self.to.store(Size::Half, R7, 16, R2);
        self.to.load(Size::Word, R5, R9, short(place::IP_CHECKSUM));
        self.to.compute(Compute::Add, R5, R2);
        self.fold(R5, R2);
        self.to.compute(Compute::Xor, R5, 0xFFFF);
        self.to.store(Size::Half, R7, 24, R5);
        self.checksum(HEADS_OF_FOUR);
        self.to.put(gone);
        self.to.exit(DROP);
    }

    fn write_six(&mut self) {
        let gone = self.to.label();
        self.packet(HEADS_OF_SIX + 4, gone);
        for at in [0, 8, 16, 24, 32, 40, 48] {
            self.to.load(Size::Double, R1, R9, short(place::HEADS) + at);
            self.to.store(Size::Double, R7, at, R1);
        }
        // The ports are across the border of the last eight bytes.
        self.to.load(Size::Half, R1, R9, short(place::HEADS) + 56);
        self.to.store(Size::Half, R7, 56, R1);
        self.lengths(HEADS_OF_SIX);
        self.to.compute(Compute::Move, R2, R4);
        self.to.swap_half(R2);
        self.to.store(Size::Half, R7, 18, R2);
        self.checksum(HEADS_OF_SIX);
        self.to.put(gone);
        self.to.exit(DROP);
    }

    /// Writes the channel and both lengths behind the heads; `R3` becomes the length of the data, `R4` that of UDP.
    fn lengths(&mut self, heads: usize) {
        let none = self.to.label();
        self.to.load(Size::Double, R3, R10, DATA);
        self.to.compute(Compute::Move, R4, R3);
        self.to.compute(Compute::Add, R4, 8);
        self.to.load(Size::Half, R1, R9, short(place::HEAD));
        self.to.jump_when(R1, When::Equal, 0, none);
        self.to.compute(Compute::Add, R4, 4);
        self.to.store(Size::Half, R7, short(heads), R1);
        self.to.compute(Compute::Move, R1, R3);
        self.to.swap_half(R1);
        self.to.store(Size::Half, R7, short(heads) + 2, R1);
        self.to.put(none);
        self.to.compute(Compute::Move, R1, R4);
        self.to.swap_half(R1);
        self.to.store(Size::Half, R7, short(heads - 4), R1);
    }

    /// The UDP checksum by what changed (RFC 1624), and the end. `R3` and `R4` as [`Writing::lengths`] left them.
    fn checksum(&mut self, heads: usize) {
        self.to.load(Size::Double, R5, R10, CHECK);
        self.to.compute(Compute::Xor, R5, 0xFFFF);
        self.to.load(Size::Word, R1, R9, short(place::CHECKSUM));
        self.to.compute(Compute::Add, R5, R1);
        let (longer, done) = (self.to.label(), self.to.label());
        self.to.load(Size::Word, R1, R9, short(place::MOVE));
        self.to.compute(Compute::Move, R2, R3);
        self.to.swap_half(R2);
        self.to.jump_when(R1, When::Equal, 0, done);
        // Each length is summed twice: in the head of UDP, and in the one that is only thought of.
        self.to.jump_when(R1, When::NotEqual, 4, longer);
        self.to.compute(Compute::Xor, R2, 0xFFFF);
        self.length_was(4);
        self.to.jump(done);
        self.to.put(longer);
        self.length_was(-4);
        self.to.put(done);
        self.fold(R5, R1);
        self.to.compute(Compute::Xor, R5, 0xFFFF);
        let some = self.to.label();
        self.to.jump_when(R5, When::NotEqual, 0, some);
        self.to.compute(Compute::Move, R5, 0xFFFF);
        self.to.put(some);
        self.to.store(Size::Half, R7, short(heads - 2), R5);
        self.to.exit(SEND_BACK);
    }

    /// `R5` with `R2`, and with a length `R4` that was so much longer.
    fn length_was(&mut self, longer: i32) {
        self.to.compute(Compute::Add, R5, R2);
        self.to.compute(Compute::Move, R1, R4);
        self.to.swap_half(R1);
        self.to.compute(Compute::Add, R5, R1);
        self.to.compute(Compute::Add, R5, R1);
        self.to.compute(Compute::Move, R1, R4);
        self.to.compute(Compute::Add, R1, longer);
        self.to.swap_half(R1);
        self.to.compute(Compute::Xor, R1, 0xFFFF);
        self.to.compute(Compute::Add, R5, R1);
        self.to.compute(Compute::Add, R5, R1);
    }
}
