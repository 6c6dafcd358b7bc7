use std::ops::Range;

use super::relay::leave;
use super::{Hop, Refusal, Server};
use crate::message::Message;
use crate::message::attribute::{DATA, XOR_PEER_ADDRESS};
use crate::{Client, Now};

const KNOWN: &[u16] = &[XOR_PEER_ADDRESS, DATA];

impl Server {
    /// A Send indication (RFC 8656, section 11.2): it is never answered.
    pub(super) fn send(&mut self, client: &Client, message: &Message<'_>, now: Now) -> Option<(Hop, Range<usize>)> {
        let peer = message.address(XOR_PEER_ADDRESS);
        let whole = peer.zip(message.data()).filter(|_| message.not_understood(KNOWN).is_empty());
        let Some((peer, data)) = whole else {
            self.counts.refuse(Refusal::Malformed, 1);
            return None;
        };
        let allocation = self.allocations.living_mut(client, now.since_start)?;
        if !allocation.permits(peer.ip(), now.since_start) {
            self.counts.refuse(Refusal::Permission, 1);
            return None;
        }
        let hop = leave(&self.settings, &mut self.counts, allocation, peer, (1, data.len() as u64), now)?;
        Some((hop, data))
    }
}
