//! Addresses as the kernel writes them.
#![expect(unsafe_code, reason = "the kernel writes addresses as raw memory")]

use nix::libc;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};

/// Reads what `recvmmsg` left. `None` when it is of another family.
pub(crate) fn read(storage: &libc::sockaddr_storage) -> Option<SocketAddr> {
    let storage = std::ptr::from_ref(storage);
    // SAFETY: a `sockaddr_storage` is as large and as aligned as any of its families, all of which are plain numbers; the family
    // says which one the kernel wrote.
    unsafe {
        match i32::from((*storage).ss_family) {
            libc::AF_INET => {
                let address = &*storage.cast::<libc::sockaddr_in>();
                let ip = Ipv4Addr::from(u32::from_be(address.sin_addr.s_addr));
                Some(SocketAddr::new(IpAddr::V4(ip), u16::from_be(address.sin_port)))
            }
            libc::AF_INET6 => {
                let address = &*storage.cast::<libc::sockaddr_in6>();
                let ip = Ipv6Addr::from(address.sin6_addr.s6_addr);
                let scope = address.sin6_scope_id;
                Some(SocketAddr::V6(SocketAddrV6::new(ip, u16::from_be(address.sin6_port), 0, scope)))
            }
            _ => None,
        }
    }
}
