//! The program, run by the kernel on frames that are made here; skipped, and said so, where the kernel lets nobody load one.

use super::kernel::{self, tests as by_hand};
use super::program;
use super::table::{Carried, Loan, NextHop, Table, Way};
use std::net::{IpAddr, SocketAddr};
use std::os::fd::OwnedFd;

const PORT: u16 = 3478;
const OWN: [u8; 6] = [2, 0, 0, 0, 0, 1];
const NEXT: [u8; 6] = [2, 0, 0, 0, 0, 2];
const SENDER: [u8; 6] = [2, 0, 0, 0, 0, 3];
/// The loopback interface: where frames of a trial run come from.
const INTERFACE: u32 = 1;
const PASS: u32 = 2;
const SENT_BACK: u32 = 3;
const FOREVER: u64 = u64::MAX / 2;
const LOAN: Loan = Loan { bytes: 1_000_000, until_ns: FOREVER, sample_ns: FOREVER };

struct Kernel {
    table: Table,
    program: OwnedFd,
}

/// `None` where this process may not.
fn kernel() -> Option<Kernel> {
    let table = match Table::new(0x5EED) {
        Ok(table) => table,
        Err(error) => {
            assert!(error.raw_os_error() == Some(nix::libc::EPERM), "{error}");
            eprintln!("without rights to load a program: nothing is shown here");
            return None;
        }
    };
    let written = program::write(table.making(PORT)).expect("it is one");
    let program = kernel::load(&written);
    let program = program.unwrap_or_else(|error| panic!("{error}: {}", by_hand::complaint(&written)));
    Some(Kernel { table, program })
}

impl Kernel {
    fn told(&self, way: &Way, loan: Loan) -> u64 {
        let number = self.table.tell(way, 0).expect("there is room");
        assert!(self.table.lend(number, loan, self.table.halts()));
        number
    }

    fn run(&self, frame: &[u8]) -> (u32, Vec<u8>) {
        let (result, out, _) = by_hand::run(&self.program, frame, 1).expect("it runs");
        (result, out)
    }

    fn goes_up(&self, frame: &[u8], why: &str) {
        let (result, out) = self.run(frame);
        assert_eq!((result, out.as_slice()), (PASS, frame), "{why}");
    }
}

fn at(text: &str) -> SocketAddr {
    text.parse().expect("an address")
}

fn hop() -> NextHop {
    NextHop { interface: INTERFACE, own: OWN, next: NEXT, mtu: 1_500 }
}

/// From a client's channel to a peer, back, and from one client's channel to another's, in both families.
fn ways() -> Vec<Way> {
    let four = [at("198.51.100.7:40000"), at("10.0.0.5:3478"), at("10.0.0.5:50001"), at("203.0.113.9:9999")];
    let six = [at("[2001:db8::7]:40000"), at("[fd00::5]:3478"), at("[fd00::5]:50001"), at("[2001:db8:1::9]:9999")];
    let of = |[client, listener, relayed, peer]: [SocketAddr; 4]| {
        let way = |from, to, channel, as_from, as_to, as_channel| Way {
            from,
            to,
            channel,
            as_from,
            as_to,
            as_channel,
            hop: hop(),
        };
        [
            way(client, listener, Some(0x4001), relayed, peer, None),
            way(peer, relayed, None, listener, client, Some(0x4001)),
            way(client, listener, Some(0x4002), listener, peer, Some(0x7ABC)),
        ]
    };
    of(four).into_iter().chain(of(six)).collect()
}

fn ones(parts: &[&[u8]]) -> u16 {
    let bytes = parts.concat();
    let mut sum: u32 =
        bytes.chunks(2).map(|half| u32::from(u16::from_be_bytes([half[0], *half.get(1).unwrap_or(&0)]))).sum();
    while sum > 0xFFFF {
        sum = (sum & 0xFFFF) + (sum >> 16);
    }
    u16::try_from(sum).expect("it is folded")
}

fn octets(ip: IpAddr) -> Vec<u8> {
    match ip {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    }
}

/// A whole frame with all sums as any host computes them: from scratch.
fn frame(macs: [[u8; 6]; 2], from: SocketAddr, to: SocketAddr, channel: Option<u16>, data: &[u8]) -> Vec<u8> {
    let short = |length: usize| u16::try_from(length).expect("packets are short").to_be_bytes();
    let head = channel.map(|channel| [channel.to_be_bytes(), short(data.len())].concat()).unwrap_or_default();
    let payload = [&head, data].concat();
    let length = short(8 + payload.len());
    let ports = [from.port().to_be_bytes(), to.port().to_be_bytes()].concat();
    let (source, target) = (octets(from.ip()), octets(to.ip()));
    let check = !ones(&[&source, &target, &[0, 17], &length, &ports, &length, &payload]);
    let check = if check == 0 { 0xFFFF } else { check }.to_be_bytes();
    let udp = [&ports[..], &length, &check, &payload].concat();
    let ip = if from.is_ipv4() {
        let head = |sum: [u8; 2]| {
            [&[0x45, 0][..], &short(20 + udp.len()), &[0, 0, 0x40, 0, 64, 17], &sum, &source, &target].concat()
        };
        [&[8, 0][..], &head((!ones(&[&head([0, 0])])).to_be_bytes())].concat()
    } else {
        [&[0x86, 0xDD, 0x60, 0, 0, 0][..], &length, &[17, 64], &source, &target].concat()
    };
    [&macs[0][..], &macs[1], &ip, &udp].concat()
}

fn arriving(way: &Way, data: &[u8]) -> Vec<u8> {
    frame([OWN, SENDER], way.from, way.to, way.channel, data)
}

fn leaving(way: &Way, data: &[u8]) -> Vec<u8> {
    frame([NEXT, OWN], way.as_from, way.as_to, way.as_channel, data)
}

/// The same bytes again for the same seed.
fn data(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed | 1;
    let next = |_| {
        state = state.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(1);
        state.to_be_bytes()[0]
    };
    (0..length).map(next).collect()
}

#[test]
fn each_way_writes_frames_as_the_kernel_would_from_scratch_g4() {
    let Some(kernel) = kernel() else { return };
    for (seed, way) in ways().iter().enumerate() {
        let number = kernel.told(way, LOAN);
        let (mut packets, mut bytes) = (0, 0);
        for length in [20, 21, 22, 23, 100, 160, 161, 255, 256, 999, 1_000, 1_200, 1_400] {
            let data = data(length, seed as u64 * 7_919 + length as u64);
            let (result, out) = kernel.run(&arriving(way, &data));
            assert_eq!(result, SENT_BACK, "{way:?}, {length} bytes");
            assert_eq!(out, leaving(way, &data), "{way:?}, {length} bytes");
            (packets, bytes) = (packets + 1, bytes + length as u64);
        }
        assert_eq!(kernel.table.carried(number), Some(Carried { packets, bytes }));
    }
}

#[test]
fn a_sum_that_comes_out_as_zero_is_written_as_ones_g4() {
    let Some(kernel) = kernel() else { return };
    let (four, six) = (ways()[0], ways()[3]);
    for way in [four, six] {
        kernel.told(&way, LOAN);
        let mut data = vec![0; 64];
        // The last half of the data takes the sum to where its complement is nothing.
        let heads = if way.from.is_ipv4() { 42 } else { 62 };
        let frame = leaving(&way, &data);
        data[62..].copy_from_slice(&frame[heads - 2..heads]);
        let expected = leaving(&way, &data);
        assert_eq!(expected[heads - 2..heads], [0xFF, 0xFF]);
        assert_eq!(kernel.run(&arriving(&way, &data)), (SENT_BACK, expected));
    }
}

#[test]
fn anything_unusual_goes_up_as_it_came_e5() {
    let Some(kernel) = kernel() else { return };
    for way in ways() {
        kernel.told(&way, LOAN);
        let good = arriving(&way, &data(160, 1));
        assert_eq!(kernel.run(&good).0, SENT_BACK);
        let four = way.from.is_ipv4();
        let (ip, udp) = (14, if four { 34 } else { 54 });
        let with = |changes: &[(usize, u8)]| {
            let mut bad = good.clone();
            changes.iter().for_each(|(at, value)| bad[*at] ^= value);
            bad
        };
        kernel.goes_up(&with(&[(0, 4)]), "to another card");
        kernel.goes_up(&with(&[(12, 0x81)]), "another protocol");
        kernel.goes_up(&[&good[..12], &[0x81, 0, 0, 5], &good[12..]].concat(), "in a VLAN");
        kernel.goes_up(&[&good[..], &[0; 3]].concat(), "with something behind it");
        kernel.goes_up(&good[..good.len() - 1], "cut");
        kernel.goes_up(&with(&[(udp + 1, 1)]), "from another port");
        kernel.goes_up(&with(&[(udp + 3, 1)]), "to another port");
        kernel.goes_up(&with(&[(udp + 5, 1)]), "of another length than UDP says");
        kernel.goes_up(&with(&[(ip + if four { 9 } else { 6 }, 1)]), "not UDP");
        if four {
            kernel.goes_up(&with(&[(ip, 3)]), "with options");
            kernel.goes_up(&with(&[(ip + 10, 1)]), "with a wrong sum of its head");
            for fragment in [[(ip + 6, 0x20), (ip + 10, 0)], [(ip + 7, 1), (ip + 10, 0)]] {
                let mut bad = with(&fragment);
                bad[ip + 10..ip + 12].fill(0);
                let sum = (!ones(&[&bad[ip..ip + 20]])).to_be_bytes();
                bad[ip + 10..ip + 12].copy_from_slice(&sum);
                kernel.goes_up(&bad, "a fragment");
            }
            kernel.goes_up(&with(&[(ip + 15, 1)]), "from another address, with a wrong sum");
        } else {
            kernel.goes_up(&with(&[(ip + 23, 1)]), "from another address");
            kernel.goes_up(&with(&[(ip, 0x20)]), "another version");
        }
        if way.channel.is_some() {
            kernel.goes_up(&with(&[(udp + 9, 4)]), "another channel");
            kernel.goes_up(&with(&[(udp + 8, 0x80)]), "no channel");
            kernel.goes_up(&with(&[(udp + 11, 1)]), "a channel's data of a wrong length");
            let padded = frame([OWN, SENDER], way.from, way.to, way.channel, &[0; 31]);
            let mut wrong = padded.clone();
            wrong[udp + 11] -= 3;
            kernel.goes_up(&wrong, "padded");
        }
        let mut bare = good.clone();
        bare[udp + 6..udp + 8].fill(0);
        kernel.goes_up(&bare, "without a checksum");
        let addresses = [octets(way.from.ip()), octets(way.to.ip())].concat();
        let half = ones(&[&addresses, &[0, 17], &good[udp + 4..udp + 6]]).to_be_bytes();
        bare[udp + 6..udp + 8].copy_from_slice(&half);
        kernel.goes_up(&bare, "with a checksum that a card was to finish");
        kernel.goes_up(&arriving(&way, &data(1_490, 1)), "longer than the way out takes");
        if four || way.channel.is_none() || way.as_channel.is_none() {
            kernel.goes_up(&arriving(&way, &[]), "shorter than a frame may be");
        }
    }
    for length in 14..70 {
        kernel.goes_up(&data(length, 9), "nothing at all");
    }
}

#[test]
fn no_more_is_carried_than_was_lent_and_not_for_longer_e5() {
    let Some(kernel) = kernel() else { return };
    let way = ways()[0];
    let number = kernel.told(&way, Loan { bytes: 399, ..LOAN });
    let packet = arriving(&way, &[7; 100]);
    for _ in 0..3 {
        assert_eq!(kernel.run(&packet).0, SENT_BACK);
    }
    kernel.goes_up(&packet, "a packet that was not paid for");
    assert_eq!(kernel.run(&arriving(&way, &[7; 99])).0, SENT_BACK, "one that is");
    assert_eq!(kernel.table.carried(number), Some(Carried { packets: 4, bytes: 399 }));
    let lend = |loan| kernel.table.lend(number, loan, kernel.table.halts());
    assert!(lend(Loan { bytes: 1_000, until_ns: 1, sample_ns: FOREVER }));
    kernel.goes_up(&packet, "after its time");
    assert!(lend(Loan { bytes: 0, until_ns: FOREVER, sample_ns: 1 }));
    kernel.goes_up(&packet, "one packet in a while is shown");
    assert_eq!(kernel.run(&packet).0, SENT_BACK, "and the next one is not");
    let before = kernel.table.halts();
    kernel.table.halt();
    kernel.goes_up(&packet, "all were halted");
    assert!(!kernel.table.lend(number, LOAN, before), "what was decided before");
    assert!(lend(LOAN));
    assert_eq!(kernel.run(&packet).0, SENT_BACK);
    kernel.table.stop(number, 7);
    kernel.goes_up(&packet, "it was stopped");
    assert!(!lend(LOAN), "it was stopped");
    assert_eq!(kernel.table.carried(number).map(|carried| carried.packets), Some(6), "it is still known");
}

#[test]
fn places_are_bounded_and_used_anew_after_a_rest_e5() {
    let Some(kernel) = kernel() else { return };
    let way = ways()[0];
    let of = |port: u16| Way { from: SocketAddr::new(way.from.ip(), port), ..way };
    let told: Vec<(u16, u64)> =
        (1..=u16::MAX).filter_map(|port| Some((port, kernel.table.tell(&of(port), 0)?))).collect();
    assert!(told.len() <= 16_384 && told.len() > 12_000, "{}", told.len());
    let (port, number) = told[told.len() / 2];
    assert_eq!(kernel.table.tell(&of(port), 0), None, "it is there");
    kernel.table.stop(number, 1_000);
    assert_eq!(kernel.table.tell(&of(port), 2_000), None, "its place rests");
    let again = kernel.table.tell(&of(port), 6_000_000_000).expect("it has rested");
    assert_ne!(again, number);
    assert_eq!(kernel.table.carried(number), None, "the earlier one is forgotten");
    let mixed = Way { as_to: at("[2001:db8::1]:9"), ..of(port) };
    assert_eq!(kernel.table.tell(&mixed, u64::MAX), None, "of two families");
}
