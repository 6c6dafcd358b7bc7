//! The long-term credential mechanism (RFC 8489, section 9.2.4), with credentials that need no table.

use super::answer::{Code, algorithms, refuse_briefly};
use super::{Refusal, Request, Server};
use crate::Password;
use crate::credential::Username;
use crate::message::attribute::{NONCE, PASSWORD_ALGORITHM, PASSWORD_ALGORITHMS, REALM, USERNAME};
use crate::message::{Algorithm, Integrity, Key, Message};

/// Who sent a request.
pub(super) struct Proof {
    pub(super) username: Box<str>,
    pub(super) person: Box<str>,
    pub(super) expires_unix_s: u64,
    pub(super) password: Password,
    pub(super) key: Key,
    /// Answers are shown to be ours in the same way.
    pub(super) integrity: Integrity,
}

impl Server {
    /// Who sent it; else the request has been answered, or its sender has had enough answers.
    pub(super) fn authenticate<P>(&mut self, request: &mut Request<'_, P>) -> Option<Proof> {
        // Before any code is computed: that is work that a stranger makes.
        if !self.may_answer(request) {
            return None;
        }
        match self.check(request) {
            Ok(proof) => {
                let limits = &self.settings.limits;
                let (source, all) = (limits.unproven_per_source_per_s, limits.unproven_per_s);
                self.people.strangers.give_back(request.client.remote().ip(), source, all);
                Some(proof)
            }
            Err(Code::BadRequest) => {
                refuse_briefly(request, Code::BadRequest);
                None
            }
            Err(code) => {
                self.challenge(request, code);
                None
            }
        }
    }

    fn check<P>(&mut self, request: &Request<'_, P>) -> Result<Proof, Code> {
        let message = request.message;
        let integrity = message.integrity().ok_or(Code::Unauthorized)?;
        let told = (message.text(USERNAME), message.get(REALM), message.get(NONCE));
        let (Some(username), Some(realm), Some(nonce)) = told else { return Err(Code::BadRequest) };
        if !self.nonces.holds(nonce, request.client, request.now) {
            return Err(Code::StaleNonce);
        }
        let algorithm = algorithm(message)?;
        let proof = (realm == self.settings.realm.as_bytes())
            .then(|| self.prove(request, username, algorithm, integrity))
            .flatten();
        if proof.is_none() {
            self.counts.refuse(Refusal::Credentials, 1);
        }
        proof.ok_or(Code::Unauthorized)
    }

    fn prove<P>(
        &self,
        request: &Request<'_, P>,
        username: &str,
        algorithm: Algorithm,
        integrity: Integrity,
    ) -> Option<Proof> {
        let read = Username::read(username).ok()?;
        if self.people.is_revoked(read.person, read.expires_unix_s) {
            return None;
        }
        let known = self.allocations.of(request.client).filter(|allocation| *allocation.username == *username);
        let of_allocation = known.map(|allocation| allocation.password.clone());
        // What a client has been given it keeps beyond the time of its credential, or long calls would end in the middle.
        if of_allocation.is_none() {
            read.holds(request.now.unix_s).ok()?;
        }
        let of_secrets = of_allocation.is_none().then(|| self.settings.secrets.passwords(username));
        let mut passwords = of_allocation.into_iter().chain(of_secrets.into_iter().flatten());
        passwords.find_map(|password| {
            let key = Key::long_term(algorithm, username, &self.settings.realm, password.as_str());
            request.message.is_by(&key).then(|| Proof {
                username: username.into(),
                person: read.person.into(),
                expires_unix_s: read.expires_unix_s,
                password,
                key,
                integrity,
            })
        })
    }
}

/// Which one the client chose. A list that is not what it was told means that somebody in between has taken the stronger one away.
fn algorithm(message: &Message<'_>) -> Result<Algorithm, Code> {
    match (message.get(PASSWORD_ALGORITHMS), message.get(PASSWORD_ALGORITHM)) {
        (None, None) => Ok(Algorithm::Md5),
        (Some(list), Some(chosen)) if list == algorithms() => {
            let known = [Algorithm::Sha256, Algorithm::Md5];
            let chosen =
                known.into_iter().find(|known| chosen == [&known.number().to_be_bytes()[..], &[0, 0]].concat());
            chosen.ok_or(Code::BadRequest)
        }
        _ => Err(Code::BadRequest),
    }
}
