//! From the stream's features to a bound resource (RFC 6120, 6 and 7).

use super::management::failed;
use super::sasl::{Mechanism, SaslCondition, plain};
use super::scram::{Channel, ClientFirst, Salt};
use super::stanza::iq_fault;
use super::{
    AuthenticationRefusal, BindRefusal, ChannelBinding, Condition, ErrorType, Output, Password, Phase, Stream,
    StreamCondition, iq_result, stanza_error,
};
use crate::jid::{BareJid, FullJid};
use crate::xml::{Element, namespace};

impl Stream {
    pub(super) fn send_features(&mut self) {
        if let Phase::Opening(Some(account)) = &self.phase {
            self.phase = Phase::Unbound(account.clone());
            return self.send_session_features();
        }
        self.phase = Phase::Negotiating;
        let mut features = Element::new("features", namespace::STREAM);
        let mut mechanisms = Element::new("mechanisms", namespace::SASL);
        for mechanism in self.offered() {
            let name = Element::new("mechanism", namespace::SASL).with_text(mechanism.name());
            mechanisms.push_child(name);
        }
        features.push_child(mechanisms);
        if self.settings.sasl2 {
            features.push_child(self.authentication_feature());
        }
        if self.offered().any(Mechanism::binds) {
            let kind = Element::new("channel-binding", namespace::CHANNEL_BINDING)
                .with_attribute("type", ChannelBinding::TYPE);
            features.push_child(Element::new("sasl-channel-binding", namespace::CHANNEL_BINDING).with_child(kind));
        }
        self.send(&features);
    }

    /// What is offered to who has signed in, and may be bound already.
    pub(super) fn send_session_features(&mut self) {
        let mut features = Element::new("features", namespace::STREAM);
        if matches!(self.phase, Phase::Unbound(_)) {
            let session =
                Element::new("session", namespace::SESSION).with_child(Element::new("optional", namespace::SESSION));
            features.push_child(Element::new("bind", namespace::BIND));
            features.push_child(session);
        }
        if self.management.is_none() {
            features.push_child(Element::new("sm", namespace::MANAGEMENT));
        }
        features.push_child(Element::new("csi", namespace::CLIENT_STATE));
        self.settings.features.iter().cloned().for_each(|feature| features.push_child(feature));
        self.send(&features);
    }

    pub(super) fn offered(&self) -> impl Iterator<Item = Mechanism> {
        let can_bind = self.carrier.binding.is_some();
        self.settings.mechanisms.iter().copied().filter(move |mechanism| can_bind || !mechanism.binds())
    }

    /// How a SCRAM exchange by this mechanism is bound to its channel.
    fn channel(&self, mechanism: Mechanism) -> Channel {
        match self.carrier.binding {
            Some(binding) if mechanism.binds() => Channel::Bound(binding),
            Some(_) if self.offered().any(Mechanism::binds) => Channel::Offered,
            _ => Channel::Unknown,
        }
    }

    pub(super) fn handle_sasl(&mut self, element: &Element) {
        if element.namespace() == namespace::CLIENT {
            let text = "authenticate before sending stanzas";
            return self.fail(StreamCondition::NotAuthorized, text);
        }
        if element.namespace() == namespace::MANAGEMENT {
            self.send(&failed("unexpected-request"));
            return self.count_attempt();
        }
        let is_second = self.settings.sasl2 && element.namespace() == namespace::SASL_2;
        if element.namespace() != namespace::SASL && !is_second {
            let text = "authenticate with xmlns='urn:ietf:params:xml:ns:xmpp-sasl'";
            return self.fail(StreamCondition::InvalidNamespace, text);
        }
        let phase = std::mem::replace(&mut self.phase, Phase::Negotiating);
        if matches!(phase, Phase::Negotiating) {
            self.inline = is_second.then(Box::default);
        }
        match (element.name(), phase) {
            // What was begun in one profile goes on in it.
            _ if is_second != self.inline.is_some() => self.refuse_attempt(SaslCondition::MalformedRequest),
            ("auth", Phase::Negotiating) if !is_second => {
                let first = (!element.nodes().is_empty()).then(|| element.text());
                self.begin(element.attribute("mechanism").unwrap_or_default(), first.as_deref());
            }
            ("authenticate", Phase::Negotiating) if is_second => self.handle_authenticate(element),
            ("response", Phase::Challenged(mechanism)) => self.handle_first(mechanism, &element.text()),
            ("response", Phase::Proving(exchange)) => match exchange.proof(&element.text()) {
                Err(condition) => self.refuse_attempt(condition),
                Ok(proof) => {
                    let account = exchange.into_account();
                    let username = account.local().unwrap_or_default().to_owned();
                    self.phase = Phase::Verifying(account);
                    self.outputs.push_back(Output::Verify { username, proof: Box::new(proof) });
                }
            },
            ("abort", _) => self.refuse_attempt(SaslCondition::Aborted),
            _ => self.refuse_attempt(SaslCondition::MalformedRequest),
        }
    }

    /// Begins an exchange by the mechanism of this name, with the client's first message if that came along.
    pub(super) fn begin(&mut self, named: &str, first: Option<&str>) {
        let asked = self.offered().find(|offered| offered.name() == named);
        match (asked, first) {
            (None, _) => self.refuse_attempt(SaslCondition::InvalidMechanism),
            (Some(mechanism), Some(first)) => self.handle_first(mechanism, first),
            // RFC 6120, 6.3.6: the first message may come after an empty challenge.
            (Some(mechanism), None) => {
                self.phase = Phase::Challenged(mechanism);
                self.send(&Element::new("challenge", self.sasl_namespace()));
            }
        }
    }

    fn handle_first(&mut self, mechanism: Mechanism, message: &str) {
        match mechanism {
            Mechanism::Plain => self.handle_plain(message),
            Mechanism::ScramSha256 | Mechanism::ScramSha256Plus => self.handle_client_first(mechanism, message),
        }
    }

    fn handle_plain(&mut self, message: &str) {
        match plain(message, &self.settings.domain) {
            Err(condition) => self.refuse_attempt(condition),
            Ok(credentials) => {
                let username = credentials.jid.local().unwrap_or_default().to_owned();
                self.phase = Phase::Authenticating(credentials.jid);
                self.outputs.push_back(Output::Authenticate { username, password: Password(credentials.password) });
            }
        }
    }

    fn handle_client_first(&mut self, mechanism: Mechanism, message: &str) {
        match ClientFirst::read(message, &self.settings.domain, self.channel(mechanism)) {
            Err(condition) => self.refuse_attempt(condition),
            Ok(first) => {
                let username = first.account().local().unwrap_or_default().to_owned();
                self.phase = Phase::Salting(Box::new(first));
                self.outputs.push_back(Output::FindSalt { username });
            }
        }
    }

    pub(super) fn challenge(&mut self, salt: &Salt) {
        match std::mem::replace(&mut self.phase, Phase::Negotiating) {
            Phase::Salting(first) => {
                let exchange = first.answer(salt);
                let challenge = Element::new("challenge", self.sasl_namespace());
                self.send(&challenge.with_text(&exchange.challenge()));
                self.phase = Phase::Proving(Box::new(exchange));
            }
            other => self.phase = other,
        }
    }

    /// With the data of `<success/>`, in base64, if the mechanism has any.
    pub(super) fn answer_authentication(&mut self, account: BareJid, answer: Result<String, AuthenticationRefusal>) {
        match answer {
            Ok(data) if self.inline.is_some() => self.authenticated(account, data),
            Ok(data) => {
                self.phase = Phase::Opening(Some(account));
                self.send(&Element::new("success", namespace::SASL).with_text(&data));
            }
            Err(AuthenticationRefusal::TemporaryFailure) => self.refuse_uncounted(SaslCondition::TemporaryAuthFailure),
            Err(AuthenticationRefusal::NotAuthorized) => self.refuse_attempt(SaslCondition::NotAuthorized),
            Err(AuthenticationRefusal::Expired) => self.refuse_attempt(SaslCondition::CredentialsExpired),
            Err(AuthenticationRefusal::AccountDisabled) => self.refuse_attempt(SaslCondition::AccountDisabled),
        }
    }

    pub(super) fn refuse_uncounted(&mut self, condition: SaslCondition) {
        self.phase = Phase::Negotiating;
        self.send(&condition.to_element(self.sasl_namespace()));
        self.inline = None;
    }

    pub(super) fn refuse_attempt(&mut self, condition: SaslCondition) {
        self.refuse_uncounted(condition);
        self.count_attempt();
    }

    fn count_attempt(&mut self) {
        self.failed_attempts = self.failed_attempts.saturating_add(1);
        if self.failed_attempts >= self.settings.authentication_attempts_max {
            let text = "too many failed attempts to authenticate";
            self.fail(StreamCondition::PolicyViolation, text);
        }
    }

    pub(super) fn handle_bind(&mut self, request: Element, account: BareJid) {
        let is_set = request.attribute("type") == Some("set");
        let bind = request.child("bind", namespace::BIND);
        let (true, true, Some(bind)) = (request.is("iq", namespace::CLIENT), is_set, bind) else {
            let text = "bind a resource before sending stanzas";
            return self.fail(StreamCondition::NotAuthorized, text);
        };
        if let Some(fault) = iq_fault(&request) {
            return self.refuse_stanza(&request, Condition::BadRequest, fault);
        }
        let asked = bind.child_text("resource", namespace::BIND);
        let resource = asked.filter(|resource| !resource.is_empty());
        if resource.as_ref().is_some_and(|resource| account.with_resource(resource).is_err()) {
            let text = "the resource is too long or holds a control character";
            return self.refuse_stanza(&request, Condition::BadRequest, text);
        }
        let resource = resource.map(|resource| resource.into_owned());
        self.outputs.push_back(Output::Bind { account: account.clone(), resource, prefix: None, copies: false });
        self.phase = Phase::Binding { account, request: Some(Box::new(request)) };
    }

    pub(super) fn answer_bind(&mut self, answer: Result<FullJid, BindRefusal>) {
        let Phase::Binding { account, request } = &self.phase else {
            return;
        };
        let (account, request) = (account.clone(), request.clone());
        let refusal = match answer {
            // A session registered for somebody else must never be spoken in.
            Ok(jid) if jid.to_bare() != account => BindRefusal::InternalServerError,
            Ok(jid) => match &request {
                Some(request) => return self.confirm_bind(request, jid),
                None => return self.bound_inline(jid),
            },
            Err(refusal) => refusal,
        };
        let Some(request) = request else { return self.not_bound_inline(account) };
        let (kind, condition, text) = match refusal {
            BindRefusal::Conflict => {
                (ErrorType::Modify, Condition::Conflict, "the resource is in use; ask for another one")
            }
            BindRefusal::ResourceConstraint => (ErrorType::Wait, Condition::ResourceConstraint, "Max sessions reached"),
            BindRefusal::InternalServerError => {
                (ErrorType::Wait, Condition::InternalServerError, "the session could not be registered; try again")
            }
        };
        self.phase = Phase::Unbound(account);
        if let Some(error) = stanza_error(&request, kind, condition, text) {
            self.send(&error);
        }
    }

    fn confirm_bind(&mut self, request: &Element, jid: FullJid) {
        let address = Element::new("jid", namespace::BIND).with_text(jid.as_str());
        let bind = Element::new("bind", namespace::BIND).with_child(address);
        self.phase = Phase::Bound(jid);
        self.send(&iq_result(request).with_child(bind));
    }
}
