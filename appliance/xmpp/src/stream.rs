//! One client's stream: opening, authentication, binding, then stanzas (RFC 6120, framed by itself or by RFC 7395).
//!
//! No IO, no clock, no chance. Feed it frames and answers with `handle_*`, then drain [`Stream::poll_output`] until
//! it is empty; call [`Stream::handle_timeout`] when the moment of [`Stream::poll_timeout`] has come. Every output that names
//! a `handle_*` is answered before the next frame is fed.

mod carrier;
mod condition;
mod fast;
mod framing;
mod management;
mod negotiation;
mod sasl;
mod sasl2;
mod scram;
mod settings;
mod stanza;

#[cfg(test)]
mod dialogues;

pub use carrier::{Carrier, ChannelBinding, Framing};
pub use condition::StreamCondition;
pub use fast::{Token, TokenMechanism, TokenProof};
pub use management::{Management, Owed, Ticket};
pub use sasl::Mechanism;
pub(crate) use sasl2::prefixed;
pub use scram::{Proof, Salt};
pub use settings::StreamSettings;
pub use stanza::{Condition, ErrorType, iq_result, stanza_error};

use crate::jid::{BareJid, FullJid, Jid};
use crate::xml::{self, Element, namespace};
use sasl2::Inline;
use scram::{ClientFirst, Exchange};
use std::collections::VecDeque;
use std::sync::Arc;
use zeroize::Zeroizing;

/// What the owner of the stream has to do next.
#[derive(Debug)]
pub enum Output {
    /// Send this text frame.
    Send(String),
    /// Check the password, then call [`Stream::handle_authentication`].
    Authenticate {
        /// The local part that the client claims, prepared.
        username: String,
        /// Never empty; erased when dropped.
        password: Password,
    },
    /// Find out how this user's password is salted, then call [`Stream::handle_salt`].
    FindSalt {
        /// The local part that the client claims, prepared. Whether it exists must not be told.
        username: String,
    },
    /// Check the proof, then call [`Stream::handle_proof`].
    Verify {
        /// The local part that the client claims, prepared.
        username: String,
        /// That the client knows a password.
        proof: Box<Proof>,
    },
    /// Check a token that was shown, then call [`Stream::handle_token_proof`].
    VerifyToken {
        /// The local part that the client claims, prepared.
        username: String,
        /// That the client has a token.
        proof: Box<TokenProof>,
    },
    /// Make a token for who has just signed in, then call [`Stream::handle_made_token`].
    MakeToken {
        /// What the client calls its installation.
        agent: String,
        /// How it will show the token.
        mechanism: TokenMechanism,
    },
    /// Register the session, then call [`Stream::handle_bound`].
    Bind {
        /// Who it is.
        account: BareJid,
        /// The resource to bind exactly; `None` asks the server to make one up.
        resource: Option<String>,
        /// How one that is made up begins.
        prefix: Option<String>,
        /// Whether the device gets copies from the start (XEP-0280).
        copies: bool,
    },
    /// The client acknowledges from now on, and may come back to its session after so long, if that is said: call
    /// [`Stream::handle_enabled`].
    Enable {
        /// At most.
        life_s: Option<u64>,
    },
    /// Find the session that this client has lost, then call [`Stream::handle_resumed`].
    Resume {
        /// What the session's ticket says.
        previd: String,
    },
    /// Wait until all that was handled is on the disk, then call [`Stream::handle_acknowledged`].
    Acknowledge,
    /// The connection is as good as lost.
    GiveUp,
    /// A stanza of the bound client, its `from` set to the full JID. An iq is checked (id, type, children). Call
    /// [`Stream::count_handled`] when it is dealt with.
    Stanza(Box<Element>),
    /// Nothing more will come: close the transport.
    Close,
}

/// A password that is not shown and not left in memory.
pub struct Password(Zeroizing<String>);

impl Password {
    /// The password itself.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Password(..)")
    }
}

/// Why an attempt to authenticate is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthenticationRefusal {
    /// Unknown name or wrong password; the client learns no more than that.
    NotAuthorized,
    /// The token is right and past its life.
    Expired,
    /// The account exists, the password is right, and it may not be used.
    AccountDisabled,
    /// The server cannot tell now. Does not count as an attempt.
    TemporaryFailure,
}

/// Why a resource is not bound (RFC 6120, 7.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BindRefusal {
    /// The resource is in use and stays with its present session.
    Conflict,
    /// This account has as many sessions as it may have.
    ResourceConstraint,
    /// The server cannot bind now.
    InternalServerError,
}

/// How far the client has come. What is only of the beginning is boxed: a session keeps room for the largest.
enum Phase {
    /// `<open/>` is due, the first one or, with the account, that after `<success/>`.
    Opening(Option<BareJid>),
    /// `<auth/>` is due.
    Negotiating,
    /// An empty challenge asked for the first message of this mechanism.
    Challenged(Mechanism),
    /// The owner checks the password of this account.
    Authenticating(BareJid),
    /// The owner finds the salt for who sent this.
    Salting(Box<ClientFirst>),
    /// A challenge asked for the proof.
    Proving(Box<Exchange>),
    /// The owner checks the proof, or the token, of this account.
    Verifying(BareJid),
    /// The owner makes a token for this account.
    Making(BareJid),
    /// The bind request is due.
    Unbound(BareJid),
    /// The owner registers a session.
    Binding {
        account: BareJid,
        /// `None`: it was asked for together with the authentication.
        request: Option<Box<Element>>,
    },
    /// The owner looks for the session of which the client has received so much.
    Resuming {
        account: BareJid,
        h: u32,
    },
    Bound(FullJid),
    Closed,
}

/// The state of one client's stream.
pub struct Stream {
    settings: Arc<StreamSettings>,
    carrier: Carrier,
    /// What the client's header declares.
    scope: xml::Scope,
    stream_id: String,
    phase: Phase,
    /// What was asked for together with an authentication by SASL 2 that goes on.
    inline: Option<Box<Inline>>,
    /// Answers to `<open/>` so far: a stream error may only follow the first (RFC 6120, 4.9.1.1).
    opened: u8,
    failed_attempts: u8,
    deadline_ms: u64,
    management: Option<Management>,
    /// Nobody looks at the client (XEP-0352).
    inactive: bool,
    outputs: VecDeque<Output>,
}

impl Stream {
    /// A stream whose client has just connected. `stream_id` is unique and cannot be guessed (RFC 6120, 4.7.3).
    #[must_use]
    pub fn new(settings: Arc<StreamSettings>, carrier: Carrier, stream_id: String, now_ms: u64) -> Self {
        let deadline_ms = now_ms.saturating_add(settings.authentication_timeout_ms);
        Self {
            settings,
            carrier,
            scope: xml::Scope::default(),
            stream_id,
            phase: Phase::Opening(None),
            inline: None,
            opened: 0,
            failed_attempts: 0,
            deadline_ms,
            management: None,
            inactive: false,
            outputs: VecDeque::new(),
        }
    }

    /// Takes one text frame of the client, or one element of its stream of bytes. What comes after the end of the
    /// stream is ignored.
    pub fn handle_frame(&mut self, frame: &str, now_ms: u64) {
        self.handle_timeout(now_ms);
        if self.is_closed() {
            return;
        }
        match xml::parse_in(frame.as_bytes(), self.settings.stanza_limit_bytes, &self.scope) {
            Ok(element) => self.handle_element(element),
            Err(error) => self.fail(error.into(), &error.to_string()),
        }
    }

    /// Takes the answer to [`Output::Authenticate`]. Too late after the end of the stream, and then ignored.
    pub fn handle_authentication(&mut self, answer: Result<(), AuthenticationRefusal>, now_ms: u64) {
        self.handle_timeout(now_ms);
        if let Phase::Authenticating(account) = &self.phase {
            self.answer_authentication(account.clone(), answer.map(|()| String::new()));
        }
    }

    /// Takes the answer to [`Output::FindSalt`]. Too late after the end of the stream, and then ignored.
    pub fn handle_salt(&mut self, salt: &Salt, now_ms: u64) {
        self.handle_timeout(now_ms);
        self.challenge(salt);
    }

    /// Takes the answer to [`Output::Verify`]: the server's signature, or why not. Too late after the end of the stream,
    /// and then ignored.
    pub fn handle_proof(&mut self, answer: Result<[u8; 32], AuthenticationRefusal>, now_ms: u64) {
        self.handle_timeout(now_ms);
        if let Phase::Verifying(account) = &self.phase {
            self.answer_authentication(account.clone(), answer.map(|signature| scram::server_final(&signature)));
        }
    }

    /// Takes the answer to [`Output::VerifyToken`]: the server's hash, and whether another token is due; or why not. Too
    /// late after the end of the stream, and then ignored.
    pub fn handle_token_proof(
        &mut self,
        mechanism: TokenMechanism,
        answer: Result<([u8; 32], bool), AuthenticationRefusal>,
        now_ms: u64,
    ) {
        self.handle_timeout(now_ms);
        let Phase::Verifying(account) = &self.phase else { return };
        let account = account.clone();
        match answer {
            Ok((hash, is_due)) => self.accept_token(account, mechanism, &hash, is_due),
            Err(refusal) => self.answer_authentication(account, Err(refusal)),
        }
    }

    /// Takes the answer to [`Output::Bind`]: the full JID of the account that was named, or why not.
    pub fn handle_bound(&mut self, answer: Result<FullJid, BindRefusal>) {
        self.answer_bind(answer);
    }

    /// Ends the stream when the client has not bound a resource in time, and gives the connection up when it has not
    /// acknowledged in time.
    pub fn handle_timeout(&mut self, now_ms: u64) {
        if self.poll_timeout().is_some_and(|due_ms| due_ms <= now_ms) {
            if matches!(self.phase, Phase::Bound(_)) {
                return self.give_up();
            }
            let text = "no resource was bound in time; connect again";
            self.fail(StreamCondition::ConnectionTimeout, text);
        }
    }

    /// When [`Self::handle_timeout`] is due, if ever.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<u64> {
        match self.phase {
            Phase::Bound(_) => self.acknowledgement_due_ms(),
            Phase::Closed => None,
            _ => Some(self.deadline_ms),
        }
    }

    /// The next thing to do. An idle stream keeps no room for any.
    pub fn poll_output(&mut self) -> Option<Output> {
        let output = self.outputs.pop_front();
        if output.is_none() {
            self.outputs = VecDeque::new();
        }
        output
    }

    /// Ends the stream with an error: conflict when a newer session takes the resource, system-shutdown, or what
    /// the transport found. Nothing after the end of the stream.
    pub fn fail(&mut self, condition: StreamCondition, text: &str) {
        if self.is_closed() {
            return;
        }
        if self.opened == 0 {
            self.send_open();
        }
        self.send(&condition.to_element(text));
        self.close();
    }

    /// Ends the stream without an error.
    pub fn close(&mut self) {
        if self.is_closed() {
            return;
        }
        self.phase = Phase::Closed;
        self.send_end();
        self.outputs.push_back(Output::Close);
    }

    /// The address of the bound client.
    #[must_use]
    pub fn jid(&self) -> Option<&FullJid> {
        match &self.phase {
            Phase::Bound(jid) => Some(jid),
            _ => None,
        }
    }

    /// Whether nobody looks at the client now, by its own word (XEP-0352).
    #[must_use]
    pub fn is_inactive(&self) -> bool {
        self.inactive
    }

    /// Asks a silent client whether it is there, by what every client answers (XEP-0199, 4.1).
    pub fn ask_whether_there(&mut self) {
        let Phase::Bound(jid) = &self.phase else { return };
        let ping = Element::client("iq")
            .with_attribute("from", self.settings.domain.as_str())
            .with_attribute("to", jid.as_str())
            .with_attribute("type", "get")
            .with_attribute("id", "there")
            .with_child(Element::new("ping", "urn:xmpp:ping"));
        self.deliver(&ping, None);
    }

    /// Whether the stream has ended; outputs may still wait.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        matches!(self.phase, Phase::Closed)
    }

    fn send(&mut self, element: &Element) {
        self.outputs.push_back(Output::Send(element.to_xml()));
    }

    fn handle_element(&mut self, element: Element) {
        let is_framed = self.carrier.framing == Framing::Message;
        if is_framed && element.is("close", namespace::FRAMING) {
            return self.close();
        }
        match &self.phase {
            Phase::Opening(_) if is_framed => self.handle_open(&element),
            Phase::Opening(_) => self.refuse_instead_of_header(&element),
            Phase::Negotiating | Phase::Challenged(_) | Phase::Proving(_) => self.handle_sasl(&element),
            Phase::Authenticating(_)
            | Phase::Salting(_)
            | Phase::Verifying(_)
            | Phase::Making(_)
            | Phase::Binding { .. }
            | Phase::Resuming { .. } => {
                let text = "the answer to the last request was not awaited";
                self.fail(StreamCondition::PolicyViolation, text);
            }
            Phase::Unbound(_) | Phase::Bound(_) if element.namespace() == namespace::MANAGEMENT => {
                self.handle_management(&element);
            }
            Phase::Unbound(account) => self.handle_bind(element, account.clone()),
            Phase::Bound(_) if element.namespace() == namespace::CLIENT_STATE => {
                self.inactive = element.name() == "inactive";
            }
            Phase::Bound(jid) => self.handle_stanza(element, jid.to_string()),
            Phase::Closed => {}
        }
    }

    fn handle_stanza(&mut self, mut stanza: Element, from: String) {
        if stanza.namespace() != namespace::CLIENT {
            let text = "a stanza needs xmlns='jabber:client'";
            return self.fail(StreamCondition::InvalidNamespace, text);
        }
        if !matches!(stanza.name(), "message" | "presence" | "iq") {
            let text = "stanzas are message, presence and iq";
            return self.fail(StreamCondition::UnsupportedStanzaType, text);
        }
        if self.owes_acknowledgements() {
            let text = "too much was sent and not acknowledged";
            return self.fail(StreamCondition::PolicyViolation, text);
        }
        let claimed = stanza.attribute("from").filter(|claimed| self.settings.checks_from && !claimed.is_empty());
        if claimed.is_some_and(|claimed| !is_of(claimed, &from)) {
            let text = "a stanza is from its client's address, or from its account's";
            return self.fail(StreamCondition::InvalidFrom, text);
        }
        // Rainbow clients write their bare or full JID here; whatever they write, it is they who send.
        stanza.set_attribute("from", from);
        if stanza.name() == "iq" {
            if let Some(fault) = stanza::iq_fault(&stanza) {
                return self.refuse_stanza(&stanza, Condition::BadRequest, fault);
            }
            if is_session_request(&stanza) {
                self.count_handled();
                return self.deliver(&iq_result(&stanza), None);
            }
        }
        self.outputs.push_back(Output::Stanza(Box::new(stanza)));
    }

    fn refuse_stanza(&mut self, stanza: &Element, condition: Condition, text: &str) {
        self.count_handled();
        if let Some(error) = stanza_error(stanza, ErrorType::Modify, condition, text) {
            self.deliver(&error, None);
        }
    }
}

/// RFC 6120, 8.1.2.1: the full JID of the client or the bare one of its account.
fn is_of(claimed: &str, jid: &str) -> bool {
    Jid::parse(claimed).is_ok_and(|claimed| claimed.as_str() == jid || jid.split('/').next() == Some(claimed.as_str()))
}

/// RFC 3921's session request: binding has done its work, old clients wait for the answer.
fn is_session_request(iq: &Element) -> bool {
    iq.attribute("type") == Some("set") && iq.child("session", namespace::SESSION).is_some()
}
