//! Answers, and why a request is refused. Reasons are numbers only: what a stranger is sent is as short as can be.

use super::{Refusal, Request, Server};
use crate::message::attribute::{
    ERROR_CODE, FINGERPRINT, MESSAGE_INTEGRITY, MESSAGE_INTEGRITY_SHA256, NONCE, PASSWORD_ALGORITHM,
    PASSWORD_ALGORITHMS, REALM, UNKNOWN_ATTRIBUTES, USERNAME,
};
use crate::message::{Algorithm, Class, Kind, Writer};
use crate::server::authenticate::Proof;

/// What tells who asks, which any request may have (RFC 8489, section 9.2).
const OF_CREDENTIALS: &[u16] =
    &[USERNAME, REALM, NONCE, PASSWORD_ALGORITHM, MESSAGE_INTEGRITY, MESSAGE_INTEGRITY_SHA256];

/// RFC 8489, section 18.2, and RFC 8656, section 18.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Code {
    BadRequest,
    Unauthorized,
    Forbidden,
    UnknownAttribute,
    AllocationMismatch,
    StaleNonce,
    AddressFamilyNotSupported,
    WrongCredentials,
    UnsupportedTransport,
    PeerAddressFamilyMismatch,
    AllocationQuotaReached,
    InsufficientCapacity,
}

impl Code {
    /// Hundreds, and the rest.
    pub(super) fn number(self) -> [u8; 2] {
        match self {
            Self::BadRequest => [4, 0],
            Self::Unauthorized => [4, 1],
            Self::Forbidden => [4, 3],
            Self::UnknownAttribute => [4, 20],
            Self::AllocationMismatch => [4, 37],
            Self::StaleNonce => [4, 38],
            Self::AddressFamilyNotSupported => [4, 40],
            Self::WrongCredentials => [4, 41],
            Self::UnsupportedTransport => [4, 42],
            Self::PeerAddressFamilyMismatch => [4, 43],
            Self::AllocationQuotaReached => [4, 86],
            Self::InsufficientCapacity => [5, 8],
        }
    }

    fn value(self) -> [u8; 4] {
        let [hundreds, rest] = self.number();
        [0, 0, hundreds, rest]
    }
}

impl Server {
    /// Whether one more answer may go to somebody who has proved nothing; counts it.
    pub(super) fn may_answer<P>(&mut self, request: &Request<'_, P>) -> bool {
        let limits = &self.settings.limits;
        let (source, all) = (limits.unproven_per_source_per_s, limits.unproven_per_s);
        let may = self.people.strangers.may_answer(request.client.remote().ip(), source, all, request.now);
        if !may {
            self.counts.refuse(Refusal::Flood, 1);
        }
        may
    }

    /// An error to somebody who has proved nothing, unless he has had too many answers.
    pub(super) fn refuse_stranger<P>(&mut self, request: &mut Request<'_, P>, code: Code) {
        if self.may_answer(request) {
            refuse_briefly(request, code);
        }
    }

    /// What a client needs to show who it is (RFC 8489, section 9.2.3). The caller has counted the answer.
    pub(super) fn challenge<P>(&self, request: &mut Request<'_, P>, code: Code) {
        let nonce = self.nonces.nonce(request.client, request.now);
        let fingerprint = request_wants(request);
        let writer = begin(request, Class::Error)
            .attribute(ERROR_CODE, &code.value())
            .attribute(REALM, self.settings.realm.as_bytes())
            .attribute(NONCE, nonce.as_bytes())
            .attribute(PASSWORD_ALGORITHMS, &algorithms());
        end(writer, fingerprint);
    }
}

/// What is offered, the stronger one first: number and no parameters each (RFC 8489, section 14.11).
pub(super) fn algorithms() -> [u8; 8] {
    let [first, second] = [Algorithm::Sha256, Algorithm::Md5].map(|algorithm| algorithm.number().to_be_bytes());
    [first[0], first[1], 0, 0, second[0], second[1], 0, 0]
}

/// An error without more.
pub(super) fn refuse_briefly<P>(request: &mut Request<'_, P>, code: Code) {
    let fingerprint = request_wants(request);
    end(begin(request, Class::Error).attribute(ERROR_CODE, &code.value()), fingerprint);
}

/// An error to somebody who is known.
pub(super) fn refuse<P>(request: &mut Request<'_, P>, code: Code, proof: &Proof) {
    let fingerprint = request_wants(request);
    finish(begin(request, Class::Error).attribute(ERROR_CODE, &code.value()), fingerprint, proof);
}

/// Whether everything is understood that must be: beside what tells who asks, `own` of this request. Else it has been answered
/// which is not (RFC 8489, section 6.3.1).
pub(super) fn understood<P>(request: &mut Request<'_, P>, own: &[u16], proof: Option<&Proof>) -> bool {
    let mut unknown = request.message.not_understood(own);
    unknown.retain(|number| !OF_CREDENTIALS.contains(number));
    if unknown.is_empty() {
        return true;
    }
    let list: Vec<u8> = unknown.iter().flat_map(|number| number.to_be_bytes()).collect();
    let fingerprint = request_wants(request);
    let writer = begin(request, Class::Error)
        .attribute(ERROR_CODE, &Code::UnknownAttribute.value())
        .attribute(UNKNOWN_ATTRIBUTES, &list);
    match proof {
        Some(proof) => finish(writer, fingerprint, proof),
        None => end(writer, fingerprint),
    }
    false
}

/// The head of an answer.
pub(super) fn begin<'w, P>(request: &'w mut Request<'_, P>, class: Class) -> Writer<'w> {
    let kind = Kind { method: request.message.kind.method, class };
    Writer::new(request.answer, kind, request.message.transaction)
}

/// The end of an answer to somebody who is known.
pub(super) fn finish(writer: Writer<'_>, fingerprint: bool, proof: &Proof) {
    end(writer.integrity(proof.integrity, &proof.key), fingerprint);
}

pub(super) fn end(writer: Writer<'_>, fingerprint: bool) {
    if fingerprint { writer.fingerprint() } else { writer.end() }
}

/// A fingerprint is answered with one.
pub(super) fn request_wants<P>(request: &Request<'_, P>) -> bool {
    request.message.get(FINGERPRINT).is_some()
}
