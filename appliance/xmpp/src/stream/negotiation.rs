//! From the stream's features to a bound resource (RFC 6120, 6 and 7).

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
        let mut features = Element::new("features", namespace::STREAM);
        if let Phase::Opening(Some(account)) = &self.phase {
            self.phase = Phase::Unbound(account.clone());
            let session =
                Element::new("session", namespace::SESSION).with_child(Element::new("optional", namespace::SESSION));
            features.push_child(Element::new("bind", namespace::BIND));
            features.push_child(session);
            features.push_child(Element::new("sm", namespace::MANAGEMENT));
            features.push_child(Element::new("csi", namespace::CLIENT_STATE));
            self.settings.features.iter().cloned().for_each(|feature| features.push_child(feature));
        } else {
            self.phase = Phase::Negotiating;
            let mut mechanisms = Element::new("mechanisms", namespace::SASL);
            for mechanism in self.offered() {
                let name = Element::new("mechanism", namespace::SASL).with_text(mechanism.name());
                mechanisms.push_child(name);
            }
            features.push_child(mechanisms);
            if self.offered().any(Mechanism::binds) {
                let kind = Element::new("channel-binding", namespace::CHANNEL_BINDING)
                    .with_attribute("type", ChannelBinding::TYPE);
                features.push_child(Element::new("sasl-channel-binding", namespace::CHANNEL_BINDING).with_child(kind));
            }
        }
        self.send(&features);
    }

    fn offered(&self) -> impl Iterator<Item = Mechanism> {
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
        if element.namespace() != namespace::SASL {
            let text = "authenticate with xmlns='urn:ietf:params:xml:ns:xmpp-sasl'";
            return self.fail(StreamCondition::InvalidNamespace, text);
        }
        match (element.name(), std::mem::replace(&mut self.phase, Phase::Negotiating)) {
            ("auth", Phase::Negotiating) => self.handle_auth(element),
            ("response", Phase::Challenged(mechanism)) => self.handle_first(mechanism, element),
            ("response", Phase::Proving(exchange)) => match exchange.proof(&element.text()) {
                Err(condition) => self.refuse_attempt(condition),
                Ok(proof) => {
                    let account = exchange.into_account();
                    let username = account.local().unwrap_or_default().to_owned();
                    self.phase = Phase::Verifying(account);
                    self.outputs.push_back(Output::Verify { username, proof });
                }
            },
            ("abort", _) => self.refuse_attempt(SaslCondition::Aborted),
            _ => self.refuse_attempt(SaslCondition::MalformedRequest),
        }
    }

    fn handle_auth(&mut self, auth: &Element) {
        let named = auth.attribute("mechanism").unwrap_or_default();
        let asked = self.offered().find(|offered| offered.name() == named);
        match asked {
            None => self.refuse_attempt(SaslCondition::InvalidMechanism),
            // RFC 6120, 6.3.6: the first message may come after an empty challenge.
            Some(mechanism) if auth.nodes().is_empty() => {
                self.phase = Phase::Challenged(mechanism);
                self.send(&Element::new("challenge", namespace::SASL));
            }
            Some(mechanism) => self.handle_first(mechanism, auth),
        }
    }

    fn handle_first(&mut self, mechanism: Mechanism, element: &Element) {
        match mechanism {
            Mechanism::Plain => self.handle_plain(element),
            Mechanism::ScramSha256 | Mechanism::ScramSha256Plus => self.handle_client_first(mechanism, element),
        }
    }

    fn handle_plain(&mut self, element: &Element) {
        match plain(&element.text(), &self.settings.domain) {
            Err(condition) => self.refuse_attempt(condition),
            Ok(credentials) => {
                let username = credentials.jid.local().unwrap_or_default().to_owned();
                self.phase = Phase::Authenticating(credentials.jid);
                self.outputs.push_back(Output::Authenticate { username, password: Password(credentials.password) });
            }
        }
    }

    fn handle_client_first(&mut self, mechanism: Mechanism, element: &Element) {
        match ClientFirst::read(&element.text(), &self.settings.domain, self.channel(mechanism)) {
            Err(condition) => self.refuse_attempt(condition),
            Ok(first) => {
                let username = first.account().local().unwrap_or_default().to_owned();
                self.phase = Phase::Salting(first);
                self.outputs.push_back(Output::FindSalt { username });
            }
        }
    }

    pub(super) fn challenge(&mut self, salt: &Salt) {
        match std::mem::replace(&mut self.phase, Phase::Negotiating) {
            Phase::Salting(first) => {
                let exchange = first.answer(salt);
                self.send(&Element::new("challenge", namespace::SASL).with_text(&exchange.challenge()));
                self.phase = Phase::Proving(exchange);
            }
            other => self.phase = other,
        }
    }

    /// With the data of `<success/>`, in base64, if the mechanism has any.
    pub(super) fn answer_authentication(&mut self, account: BareJid, answer: Result<String, AuthenticationRefusal>) {
        match answer {
            Ok(data) => {
                self.phase = Phase::Opening(Some(account));
                self.send(&Element::new("success", namespace::SASL).with_text(&data));
            }
            Err(AuthenticationRefusal::TemporaryFailure) => self.refuse_uncounted(SaslCondition::TemporaryAuthFailure),
            Err(AuthenticationRefusal::NotAuthorized) => self.refuse_attempt(SaslCondition::NotAuthorized),
            Err(AuthenticationRefusal::AccountDisabled) => self.refuse_attempt(SaslCondition::AccountDisabled),
        }
    }

    pub(super) fn refuse_uncounted(&mut self, condition: SaslCondition) {
        self.phase = Phase::Negotiating;
        self.send(&condition.to_element());
    }

    pub(super) fn refuse_attempt(&mut self, condition: SaslCondition) {
        self.refuse_uncounted(condition);
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
        self.outputs.push_back(Output::Bind { account: account.clone(), resource });
        self.phase = Phase::Binding { account, request };
    }

    pub(super) fn answer_bind(&mut self, answer: Result<FullJid, BindRefusal>) {
        let Phase::Binding { account, request } = &self.phase else {
            return;
        };
        let (account, request) = (account.clone(), request.clone());
        let refusal = match answer {
            // A session registered for somebody else must never be spoken in.
            Ok(jid) if jid.to_bare() != account => BindRefusal::InternalServerError,
            Ok(jid) => return self.confirm_bind(&request, jid),
            Err(refusal) => refusal,
        };
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
