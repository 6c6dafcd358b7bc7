use super::answer::{self, Code};
use super::authenticate::Proof;
use super::{Ports, Request, Server};
use crate::message::attribute::XOR_PEER_ADDRESS;
use crate::message::{Class, read_xor_address};
use std::net::SocketAddr;

const OWN: &[u16] = &[XOR_PEER_ADDRESS];

impl Server {
    /// RFC 8656, section 10.2: all peers that are named, or none.
    pub(super) fn create_permission<P: Ports>(
        &mut self,
        request: &mut Request<'_, P>,
        proof: &Proof,
    ) -> Result<(), Code> {
        self.owned(request, proof)?;
        if !answer::understood(request, OWN, Some(proof)) {
            return Ok(());
        }
        let message = request.message;
        let named = message.attributes().filter(|(number, _)| *number == XOR_PEER_ADDRESS);
        let peers: Option<Vec<SocketAddr>> =
            named.map(|(_, value)| read_xor_address(value, message.transaction)).collect();
        let peers = peers.filter(|peers| !peers.is_empty()).ok_or(Code::BadRequest)?;
        for peer in &peers {
            // The port says nothing here.
            self.check_peer(request, proof, SocketAddr::new(peer.ip(), peer.port().max(1)))?;
        }
        let (most, now) = (self.settings.limits.permissions_max, request.now.since_start);
        let allocation = self.owned(request, proof)?;
        allocation.tidy(now);
        let mut new: Vec<_> = peers.iter().map(SocketAddr::ip).filter(|peer| !allocation.permits(*peer, now)).collect();
        new.sort_unstable();
        new.dedup();
        if allocation.permissions.len() + new.len() > usize::from(most) {
            return Err(Code::InsufficientCapacity);
        }
        for peer in &peers {
            allocation.permit(peer.ip(), most, now);
        }
        let fingerprint = answer::request_wants(request);
        answer::finish(answer::begin(request, Class::Success), fingerprint, proof);
        Ok(())
    }

    /// Whether an allocation may have to do with a peer.
    pub(super) fn check_peer<P: Ports>(
        &mut self,
        request: &mut Request<'_, P>,
        proof: &Proof,
        peer: SocketAddr,
    ) -> Result<(), Code> {
        let allocation = self.owned(request, proof)?;
        if allocation.relayed_of(peer.is_ipv4()).is_none() {
            return Err(Code::PeerAddressFamilyMismatch);
        }
        if self.settings.may_reach(peer) { Ok(()) } else { Err(self.forbid()) }
    }
}
