use super::answer::{self, Code};
use super::authenticate::Proof;
use super::{Ports, Request, Server};
use crate::allocation::{CHANNEL_LIFETIME, Channel};
use crate::channel_data::NUMBERS;
use crate::message::Class;
use crate::message::attribute::{CHANNEL_NUMBER, XOR_PEER_ADDRESS};

const OWN: &[u16] = &[CHANNEL_NUMBER, XOR_PEER_ADDRESS];

impl Server {
    /// RFC 8656, section 12.2.
    pub(super) fn channel_bind<P: Ports>(&mut self, request: &mut Request<'_, P>, proof: &Proof) -> Result<(), Code> {
        self.owned(request, proof)?;
        if !answer::understood(request, OWN, Some(proof)) {
            return Ok(());
        }
        let number = request.message.get(CHANNEL_NUMBER).and_then(<[u8]>::first_chunk);
        let number = u16::from_be_bytes(*number.ok_or(Code::BadRequest)?);
        let peer = request.message.address(XOR_PEER_ADDRESS).ok_or(Code::BadRequest)?;
        if !NUMBERS.contains(&number) {
            return Err(Code::BadRequest);
        }
        self.check_peer(request, proof, peer)?;
        // This number may have been another peer's, to whom what is lent to it still goes.
        self.settle_over(request.client, request.now, request.ports);
        let (limits, now) = (self.settings.limits, request.now.since_start);
        let allocation = self.owned(request, proof)?;
        allocation.tidy(now);
        let of_number = allocation.channel(number, now).map(|channel| channel.peer);
        let of_peer = allocation.channel_of(peer, now).map(|channel| channel.number);
        if of_number.is_some_and(|bound| bound != peer) || of_peer.is_some_and(|bound| bound != number) {
            return Err(Code::BadRequest);
        }
        let room = of_number.is_some() || allocation.channels.len() < usize::from(limits.channels_max);
        if !room || !allocation.permit(peer.ip(), limits.permissions_max, now) {
            return Err(Code::InsufficientCapacity);
        }
        let expires = now + CHANNEL_LIFETIME;
        match allocation.channels.iter_mut().find(|channel| channel.number == number) {
            Some(channel) => channel.expires = expires,
            None => allocation.channels.push(Channel::new(number, peer, expires)),
        }
        let fingerprint = answer::request_wants(request);
        answer::finish(answer::begin(request, Class::Success), fingerprint, proof);
        Ok(())
    }
}
