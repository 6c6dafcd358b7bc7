use super::allocate::{IPV4, IPV6, lifetime, seconds};
use super::answer::{self, Code};
use super::authenticate::Proof;
use super::{Ports, Request, Server};
use crate::allocation::Allocation;
use crate::message::Class;
use crate::message::attribute::{LIFETIME, REQUESTED_ADDRESS_FAMILY};
use std::time::Duration;

const OWN: &[u16] = &[LIFETIME, REQUESTED_ADDRESS_FAMILY];

impl Server {
    /// RFC 8656, section 8.2.
    pub(super) fn refresh<P: Ports>(&mut self, request: &mut Request<'_, P>, proof: &Proof) -> Result<(), Code> {
        self.owned(request, proof)?;
        if !answer::understood(request, OWN, Some(proof)) {
            return Ok(());
        }
        let family = match request.message.get(REQUESTED_ADDRESS_FAMILY).map(|value| value.first().copied()) {
            None => None,
            Some(Some(IPV4)) => Some(true),
            Some(Some(IPV6)) => Some(false),
            Some(_) => return Err(Code::BadRequest),
        };
        let now = request.now.since_start;
        let limits = self.settings.limits;
        let allocation = self.owned(request, proof)?;
        if family.is_some_and(|ipv4| allocation.relayed_of(ipv4).is_none()) {
            return Err(Code::PeerAddressFamilyMismatch);
        }
        let asked_none = request.message.get(LIFETIME).is_some_and(|value| value == [0; 4]);
        let granted = lifetime(request.message, limits.lifetime_max);
        let end = allocation.made + limits.allocation_life_max;
        let left = if asked_none { Duration::ZERO } else { granted.min(end.saturating_sub(now)) };
        if left > Duration::ZERO {
            allocation.expires = now + left;
        } else {
            let one_of_two = family.filter(|_| allocation.relayed.len() > 1);
            match one_of_two {
                Some(ipv4) => self.give_back_one(request, ipv4),
                None => self.end(request.client, request.now, request.ports),
            }
        }
        let fingerprint = answer::request_wants(request);
        let writer = answer::begin(request, Class::Success).attribute(LIFETIME, &seconds(left));
        answer::finish(writer, fingerprint, proof);
        Ok(())
    }

    fn give_back_one<P: Ports>(&mut self, request: &mut Request<'_, P>, ipv4: bool) {
        self.settle_family(request.client, ipv4, request.now, request.ports);
        let relayed = self.allocations.remove_relayed(request.client, ipv4);
        if let Some(socket) = relayed.and_then(|relayed| relayed.socket) {
            request.ports.close(socket);
        }
    }

    /// The allocation that a request is about, if it is by whoever made it.
    pub(super) fn owned<P: Ports>(
        &mut self,
        request: &mut Request<'_, P>,
        proof: &Proof,
    ) -> Result<&mut Allocation, Code> {
        self.end_if_expired(request.client, request.now, request.ports);
        let allocation = self.allocations.of_mut(request.client).ok_or(Code::AllocationMismatch)?;
        if allocation.username == proof.username { Ok(allocation) } else { Err(Code::WrongCredentials) }
    }
}
