use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::{COOKIE, Transaction};

const IPV4: u8 = 1;
const IPV6: u8 = 2;

/// An address as the XOR attributes hold it (RFC 8489, section 14.2). 8 or 20 bytes.
#[must_use]
pub fn xor_address(address: SocketAddr, transaction: Transaction) -> Vec<u8> {
    let mask = mask(transaction);
    let port = address.port().to_be_bytes();
    let (family, octets) = match address.ip() {
        IpAddr::V4(ip) => (IPV4, ip.octets().to_vec()),
        IpAddr::V6(ip) => (IPV6, ip.octets().to_vec()),
    };
    let mut value = vec![0, family, port[0] ^ mask[0], port[1] ^ mask[1]];
    value.extend(octets.iter().zip(mask).map(|(octet, mask)| octet ^ mask));
    value
}

/// The address in the value of an XOR attribute. `None` when it is none.
#[must_use]
pub fn read_xor_address(value: &[u8], transaction: Transaction) -> Option<SocketAddr> {
    let mask = mask(transaction);
    let (head, octets) = value.split_first_chunk::<4>()?;
    let port = u16::from_be_bytes([head[2] ^ mask[0], head[3] ^ mask[1]]);
    let ip = match head[1] {
        IPV4 => {
            let octets: [u8; 4] = octets.try_into().ok()?;
            IpAddr::V4(Ipv4Addr::from(std::array::from_fn(|at| octets[at] ^ mask[at])))
        }
        IPV6 => {
            let octets: [u8; 16] = octets.try_into().ok()?;
            IpAddr::V6(Ipv6Addr::from(std::array::from_fn::<u8, 16, _>(|at| octets[at] ^ mask[at])))
        }
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}

fn mask(transaction: Transaction) -> [u8; 16] {
    let mut mask = [0; 16];
    mask[..4].copy_from_slice(&COOKIE);
    mask[4..].copy_from_slice(&transaction.0);
    mask
}
