use super::answer::{self, Code};
use super::{Refusal, Request, Server};
use crate::message::Class;
use crate::message::attribute::XOR_MAPPED_ADDRESS;

impl Server {
    /// "How do you see me?" (RFC 8489, section 12). Anybody may ask, and gets as little as can be: 12 bytes more than an empty
    /// question for IPv4, 24 for IPv6.
    pub(super) fn binding<P>(&mut self, request: &mut Request<'_, P>) {
        if self.allocations.of(request.client).is_none() && !self.may_answer(request) {
            return;
        }
        if !answer::understood(request, &[], None) {
            return;
        }
        let (fingerprint, mapped) = (answer::request_wants(request), request.client.remote());
        answer::end(answer::begin(request, Class::Success).address(XOR_MAPPED_ADDRESS, mapped), fingerprint);
    }

    /// Counts a peer that may not be reached.
    pub(super) fn forbid(&mut self) -> Code {
        self.counts.refuse(Refusal::Peers, 1);
        Code::Forbidden
    }
}
