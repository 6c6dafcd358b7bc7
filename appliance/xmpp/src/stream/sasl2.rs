//! SASL 2 (XEP-0388), and what a client may ask for together with it: a token (XEP-0484), its lost session (XEP-0198, 9) and
//! a resource with what it enables (XEP-0386). All of it is done before `<success/>` is sent, because that holds the answers.
//!
//! What waits for a user is delivered to who binds so as to everybody: not all of it is in the archive.

use super::fast::Token;
use super::management::{asked_life_s, failed};
use super::{Output, Phase, Stream, TokenMechanism};
use crate::jid::{BareJid, FullJid};
use crate::xml::{Element, namespace as ns};
use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Longest id of an installation; a UUID is shorter.
const AGENT_LENGTH_MAX: usize = 64;
/// Longest tag: what is longer is none.
const TAG_LENGTH_MAX: usize = 64;

/// What came with `<authenticate/>`, and what its `<success/>` says so far.
#[derive(Debug, Default)]
pub(super) struct Inline {
    agent: Option<String>,
    token: Option<TokenMechanism>,
    resume: Option<(String, u32)>,
    bind: Option<Bind>,
    /// What the mechanism says at its end, in base64.
    data: String,
    bound: Option<Element>,
    answers: Vec<Element>,
    /// Frames that follow.
    then: Vec<Output>,
}

#[derive(Debug, Default)]
struct Bind {
    tag: Option<String>,
    copies: bool,
    inactive: bool,
    /// Whether stream management is asked for, and with which life if the client wants to come back.
    enable: Option<Option<u64>>,
}

/// What the client calls its installation.
pub(super) fn agent(authenticate: &Element) -> Option<String> {
    let id = authenticate.child("user-agent", ns::SASL_2)?.attribute("id")?;
    (1..=AGENT_LENGTH_MAX).contains(&id.len()).then(|| id.to_owned())
}

impl Stream {
    /// What is offered to who has not signed in (XEP-0388, 2.1).
    pub(super) fn authentication_feature(&self) -> Element {
        let mut authentication = Element::new("authentication", ns::SASL_2);
        for mechanism in self.offered() {
            authentication.push_child(Element::new("mechanism", ns::SASL_2).with_text(mechanism.name()));
        }
        let enabled = [ns::CARBONS, ns::CLIENT_STATE, ns::MANAGEMENT];
        let enabled = enabled.map(|name| Element::new("feature", ns::BIND_2).with_attribute("var", name));
        let with_bind = enabled.into_iter().fold(Element::new("inline", ns::BIND_2), Element::with_child);
        let named = |mechanism: TokenMechanism| Element::new("mechanism", ns::FAST).with_text(mechanism.name());
        let fast = self.token_mechanisms().map(named).fold(Element::new("fast", ns::FAST), Element::with_child);
        let inline = Element::new("inline", ns::SASL_2)
            .with_child(Element::new("sm", ns::MANAGEMENT))
            .with_child(Element::new("bind", ns::BIND_2).with_child(with_bind))
            .with_child(fast);
        authentication.with_child(inline)
    }

    pub(super) fn handle_authenticate(&mut self, asked: &Element) {
        self.inline = Some(Box::new(self.read_inline(asked)));
        let named = asked.attribute("mechanism").unwrap_or_default();
        match self.token_mechanisms().find(|mechanism| mechanism.name() == named) {
            Some(mechanism) => self.handle_token(mechanism, asked),
            None => self.begin(named, asked.child_text("initial-response", ns::SASL_2).as_deref()),
        }
    }

    fn read_inline(&self, asked: &Element) -> Inline {
        let agent = agent(asked);
        let wanted = asked.child("request-token", ns::FAST).and_then(|request| request.attribute("mechanism"));
        let token = wanted.and_then(|name| self.token_mechanisms().find(|mechanism| mechanism.name() == name));
        let mut inline = Inline { token: token.filter(|_| agent.is_some()), agent, ..Inline::default() };
        if let Some(resume) = asked.child("resume", ns::MANAGEMENT) {
            let h = resume.attribute("h").and_then(|h| h.parse().ok());
            inline.resume = resume.attribute("previd").map(str::to_owned).zip(h);
            if inline.resume.is_none() {
                inline.answers.push(failed("unexpected-request"));
            }
        }
        inline.bind = asked.child("bind", ns::BIND_2).map(|bind| {
            let tag = bind.child_text("tag", ns::BIND_2).filter(|tag| (1..=TAG_LENGTH_MAX).contains(&tag.len()));
            Bind {
                tag: tag.map(|tag| tag.into_owned()),
                copies: bind.child("enable", ns::CARBONS).is_some(),
                inactive: bind.child("inactive", ns::CLIENT_STATE).is_some(),
                enable: bind.child("enable", ns::MANAGEMENT).map(|enable| asked_life_s(&self.settings, enable)),
            }
        });
        inline
    }

    /// The mechanism has come to its end, and to this.
    pub(super) fn authenticated(&mut self, account: BareJid, data: String) {
        if let Some(inline) = &mut self.inline {
            inline.data = data;
        }
        self.go_on(account);
    }

    /// The token that was shown is good; where it `is_due`, another one comes with the success.
    pub(super) fn accept_token(&mut self, account: BareJid, mechanism: TokenMechanism, hash: &[u8; 32], is_due: bool) {
        if let Some(inline) = self.inline.as_mut().filter(|_| is_due) {
            inline.token.get_or_insert(mechanism);
        }
        self.authenticated(account, STANDARD.encode(hash));
    }

    /// Takes the answer to [`Output::MakeToken`], if one could be made.
    pub fn handle_made_token(&mut self, token: Option<&Token>) {
        let Phase::Making(account) = &self.phase else { return };
        let account = account.clone();
        if let Some(inline) = &mut self.inline {
            inline.answers.extend(token.map(Token::to_element));
        }
        self.go_on(account);
    }

    /// Asks for what the client still wants, one after another; at the end it is told of its success.
    pub(super) fn go_on(&mut self, account: BareJid) {
        let Some(inline) = &mut self.inline else { return };
        if let (Some(mechanism), Some(agent)) = (inline.token.take(), &inline.agent) {
            self.outputs.push_back(Output::MakeToken { agent: agent.clone(), mechanism });
            self.phase = Phase::Making(account);
        } else if let Some((previd, h)) = inline.resume.take() {
            self.outputs.push_back(Output::Resume { previd });
            self.phase = Phase::Resuming { account, h };
        } else if let Some(bind) = &inline.bind {
            let stable = inline.agent.as_ref().map(|agent| stable_name(agent));
            let (resource, prefix) = match (stable, &bind.tag) {
                (Some(name), tag) => (Some(prefixed(tag.as_deref(), &name)), None),
                (None, tag) => (None, tag.clone()),
            };
            // What cannot stand in an address is left out.
            let fits = |resource: &String| account.with_resource(resource).is_ok();
            let (resource, prefix) = (resource.filter(fits), prefix.filter(fits));
            self.outputs.push_back(Output::Bind { account: account.clone(), resource, prefix, copies: bind.copies });
            self.phase = Phase::Binding { account, request: None };
        } else {
            self.phase = Phase::Unbound(account.clone());
            self.succeed(account.as_str());
        }
    }

    /// A resource is bound: what was to be enabled with it is.
    pub(super) fn bound_inline(&mut self, jid: FullJid) {
        let Some(inline) = &mut self.inline else { return };
        let bind = inline.bind.take().unwrap_or_default();
        inline.bound = Some(Element::new("bound", ns::BIND_2));
        self.inactive = bind.inactive;
        self.phase = Phase::Bound(jid.clone());
        match bind.enable {
            Some(life_s) => self.outputs.push_back(Output::Enable { life_s }),
            None => self.succeed(jid.as_str()),
        }
    }

    /// None was bound: the client is signed in all the same, and may ask again as RFC 6120 says.
    pub(super) fn not_bound_inline(&mut self, account: BareJid) {
        if let Some(inline) = &mut self.inline {
            inline.bind = None;
        }
        self.go_on(account);
    }

    /// `<enabled/>` goes into `<bound/>`; `false` where nothing was asked for inline.
    pub(super) fn enabled_inline(&mut self, enabled: &Element) -> bool {
        let (Some(inline), Phase::Bound(jid)) = (&mut self.inline, &self.phase) else { return false };
        let jid = jid.to_string();
        inline.bound = inline.bound.take().map(|bound| bound.with_child(enabled.clone()));
        self.succeed(&jid);
        true
    }

    /// The session that was lost goes on, with these frames once more; `false` where nothing was asked for inline.
    pub(super) fn resumed_inline(&mut self, jid: &str, resumed: &Element, again: &[String]) -> bool {
        let Some(inline) = &mut self.inline else { return false };
        inline.answers.push(resumed.clone());
        inline.then = again.iter().cloned().map(Output::Send).collect();
        self.succeed(jid);
        true
    }

    /// It does not; `false` where nothing was asked for inline.
    pub(super) fn not_resumed_inline(&mut self, account: &BareJid, failed: &Element) -> bool {
        let Some(inline) = &mut self.inline else { return false };
        inline.answers.push(failed.clone());
        self.go_on(account.clone());
        true
    }

    /// The features of what the client now has follow without a new stream (XEP-0388, 2.6.1).
    fn succeed(&mut self, identity: &str) {
        let Some(inline) = self.inline.take().map(|inline| *inline) else { return };
        let mut success = Element::new("success", ns::SASL_2);
        if !inline.data.is_empty() {
            success.push_child(Element::new("additional-data", ns::SASL_2).with_text(&inline.data));
        }
        success.push_child(Element::new("authorization-identifier", ns::SASL_2).with_text(identity));
        inline.answers.into_iter().chain(inline.bound).for_each(|answer| success.push_child(answer));
        self.send(&success);
        self.send_session_features();
        self.outputs.extend(inline.then);
    }

    /// The name of what is told while an exchange goes on, in the profile that it was begun in.
    pub(super) fn sasl_namespace(&self) -> &'static str {
        if self.inline.is_some() { ns::SASL_2 } else { ns::SASL }
    }
}

/// The same for an installation whenever it binds, so that a new session of it takes the place of an old one; nobody can
/// tell the id from it (XEP-0386, 4).
fn stable_name(agent: &str) -> String {
    let hash = digest::digest(&digest::SHA256, agent.as_bytes());
    hash.as_ref()[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Rainbow's clients cut addresses at slashes, so none stands here.
pub(crate) fn prefixed(tag: Option<&str>, name: &str) -> String {
    match tag {
        Some(tag) => format!("{tag}.{name}"),
        None => name.to_owned(),
    }
}
