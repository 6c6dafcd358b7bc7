//! Acknowledgement and resumption (XEP-0198): what both sides have counted, and what was sent and may be lost.

use super::{Output, Phase, Stream, StreamCondition, StreamSettings};
use crate::jid::{BareJid, FullJid};
use crate::xml::{Element, namespace as ns};
use app::live::{LiveIq, LiveMessage};
use std::collections::VecDeque;
use std::sync::Arc;

/// So much unacknowledged, and nothing more is sent until the client acknowledges.
const BACKLOG_MAX: usize = 500;
const BACKLOG_BYTES_MAX: usize = 1024 * 1024;
/// So many times as much by the client's own requests, and it is refused.
const REFUSED_AT: usize = 4;

/// What must not be lost with the client, if it is never heard again.
#[derive(Debug, Clone)]
pub enum Owed {
    /// A message: it goes back to those that wait.
    Message(Arc<LiveMessage>),
    /// A request of another device: it is answered with an error.
    Request(Arc<LiveIq>),
}

/// A stanza that the client has not acknowledged.
#[derive(Debug)]
struct Sent {
    frame: String,
    owed: Option<Owed>,
}

/// A client's leave to come back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// Cannot be guessed.
    pub id: String,
    /// How long the session waits for it.
    pub life_s: u64,
}

/// What was counted since the client enabled it. It outlives the connection where the client may resume.
#[derive(Debug, Default)]
pub struct Management {
    /// Stanzas of the client that were dealt with, modulo 2^32.
    handled: u32,
    /// Our stanzas that the client has acknowledged, modulo 2^32.
    acknowledged: u32,
    unacknowledged: VecDeque<Sent>,
    unacknowledged_bytes: usize,
    /// When the client was asked for an acknowledgement that has not come.
    asked_ms: Option<u64>,
    ticket: Option<Ticket>,
}

/// The client acknowledges more than was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct TooHigh {
    sent: u32,
}

impl Management {
    /// How many of the client's stanzas were dealt with.
    #[must_use]
    pub fn handled(&self) -> u32 {
        self.handled
    }

    /// The leave to come back, if it was asked for.
    #[must_use]
    pub fn ticket(&self) -> Option<&Ticket> {
        self.ticket.as_ref()
    }

    /// What the client may never have seen, oldest first.
    #[must_use]
    pub fn into_owed(self) -> Vec<Owed> {
        self.unacknowledged.into_iter().filter_map(|sent| sent.owed).collect()
    }

    /// As after so many stanzas of both sides, all acknowledged.
    #[cfg(test)]
    pub(super) fn counted(handled: u32, acknowledged: u32) -> Self {
        Self { handled, acknowledged, ..Self::default() }
    }

    fn note(&mut self, frame: &str, owed: Option<Owed>) {
        self.unacknowledged_bytes += frame.len();
        self.unacknowledged.push_back(Sent { frame: frame.to_owned(), owed });
    }

    fn acknowledge(&mut self, h: u32) -> Result<(), TooHigh> {
        let sent = self.acknowledged.wrapping_add(u32::try_from(self.unacknowledged.len()).unwrap_or(u32::MAX));
        let newly = usize::try_from(h.wrapping_sub(self.acknowledged)).unwrap_or(usize::MAX);
        if newly > self.unacknowledged.len() {
            return Err(TooHigh { sent });
        }
        for sent in self.unacknowledged.drain(..newly) {
            self.unacknowledged_bytes -= sent.frame.len();
        }
        self.acknowledged = h;
        Ok(())
    }

    fn is_beyond(&self, times: usize) -> bool {
        self.unacknowledged.len() >= BACKLOG_MAX * times || self.unacknowledged_bytes >= BACKLOG_BYTES_MAX * times
    }
}

impl Stream {
    /// Sends a stanza; with what it is, if that must not be lost with the connection.
    pub fn deliver(&mut self, stanza: &Element, owed: Option<Owed>) {
        if self.is_closed() {
            return;
        }
        let frame = stanza.to_xml();
        if let Some(management) = &mut self.management {
            management.note(&frame, owed);
        }
        self.outputs.push_back(Output::Send(frame));
    }

    /// The owner has dealt with one stanza of the client, however it ended.
    pub fn count_handled(&mut self) {
        if let Some(management) = &mut self.management {
            management.handled = management.handled.wrapping_add(1);
        }
    }

    /// Whether the client must acknowledge something before it gets more.
    #[must_use]
    pub fn is_backlogged(&self) -> bool {
        self.management.as_ref().is_some_and(|management| management.is_beyond(1))
    }

    /// Asks for an acknowledgement of what was sent, unless one is on its way.
    pub fn ask_acknowledgement(&mut self, now_ms: u64) {
        let is_bound = matches!(self.phase, Phase::Bound(_));
        let Some(management) = self.management.as_mut().filter(|_| is_bound) else { return };
        if management.asked_ms.is_none() && !management.unacknowledged.is_empty() {
            management.asked_ms = Some(now_ms);
            self.send(&Element::new("r", ns::MANAGEMENT));
        }
    }

    /// Takes the answer to [`Output::Enable`]: the leave to come back, if there is one.
    pub fn handle_enabled(&mut self, ticket: Option<Ticket>) {
        let mut enabled = Element::new("enabled", ns::MANAGEMENT);
        if let Some(ticket) = &ticket {
            enabled.set_attribute("id", ticket.id.as_str());
            enabled.set_attribute("resume", "true");
            enabled.set_attribute("max", ticket.life_s.to_string());
        }
        self.management = Some(Management { ticket, ..Management::default() });
        if !self.enabled_inline(&enabled) {
            self.send(&enabled);
        }
    }

    /// Takes the answer to [`Output::Acknowledge`]: what was handled so far is on the disk.
    pub fn handle_acknowledged(&mut self) {
        let Some(management) = &self.management else { return };
        let answer = Element::new("a", ns::MANAGEMENT).with_attribute("h", management.handled.to_string());
        self.send(&answer);
    }

    /// Takes the answer to [`Output::Resume`]: the session that goes on, or how many stanzas it had handled, if that is
    /// still known.
    pub fn handle_resumed(&mut self, answer: Result<(FullJid, Management), Option<u32>>) {
        match (answer, &self.phase) {
            (Ok((jid, management)), Phase::Resuming { h, .. }) => {
                let h = *h;
                self.resume(jid, management, h);
            }
            // The stream ended meanwhile: what the client did not receive is still to be taken care of.
            (Ok((_, management)), _) => self.management = Some(management),
            (Err(handled), Phase::Resuming { account, .. }) => {
                let account = account.clone();
                self.refuse_resumption(account, handled);
            }
            (Err(_), _) => {}
        }
    }

    fn refuse_resumption(&mut self, account: BareJid, handled: Option<u32>) {
        let mut failed = failed("item-not-found");
        if let Some(handled) = handled {
            failed.set_attribute("h", handled.to_string());
        }
        if !self.not_resumed_inline(&account, &failed) {
            self.phase = Phase::Unbound(account);
            self.send(&failed);
        }
    }

    /// What the client did not acknowledge is sent once more, in order, before anything else.
    fn resume(&mut self, jid: FullJid, mut management: Management, h: u32) {
        let identity = jid.to_string();
        self.phase = Phase::Bound(jid);
        management.asked_ms = None;
        let acknowledged = management.acknowledge(h);
        let previd = management.ticket.as_ref().map(|ticket| ticket.id.clone()).unwrap_or_default();
        let resumed = Element::new("resumed", ns::MANAGEMENT)
            .with_attribute("previd", previd)
            .with_attribute("h", management.handled.to_string());
        let again: Vec<String> = management.unacknowledged.iter().map(|sent| sent.frame.clone()).collect();
        self.management = Some(management);
        if let Err(TooHigh { sent }) = acknowledged {
            return self.fail(StreamCondition::HandledCountTooHigh { h, sent }, "more was acknowledged than sent");
        }
        if !self.resumed_inline(&identity, &resumed, &again) {
            self.send(&resumed);
            self.outputs.extend(again.into_iter().map(Output::Send));
        }
    }

    /// What was counted, to be kept beyond the connection.
    pub fn take_management(&mut self) -> Option<Management> {
        self.management.take()
    }

    /// An element of stream management from a client that may or may not be bound.
    pub(super) fn handle_management(&mut self, element: &Element) {
        let is_bound = matches!(self.phase, Phase::Bound(_));
        match (element.name(), &mut self.management) {
            ("enable", None) if is_bound => {
                let life_s = asked_life_s(&self.settings, element);
                self.outputs.push_back(Output::Enable { life_s });
            }
            ("resume", None) if !is_bound => self.ask_to_resume(element),
            ("r", Some(_)) if is_bound => self.outputs.push_back(Output::Acknowledge),
            ("a", Some(management)) if is_bound => {
                let h = element.attribute("h").and_then(|h| h.parse().ok());
                let Some(h) = h else {
                    return self.fail(StreamCondition::PolicyViolation, "<a/> needs h, a number below 2^32");
                };
                management.asked_ms = None;
                if let Err(TooHigh { sent }) = management.acknowledge(h) {
                    let text = "more was acknowledged than sent";
                    self.fail(StreamCondition::HandledCountTooHigh { h, sent }, text);
                }
            }
            _ => self.send(&failed("unexpected-request")),
        }
    }

    fn ask_to_resume(&mut self, resume: &Element) {
        let h = resume.attribute("h").and_then(|h| h.parse().ok());
        let (Some(previd), Some(h), Phase::Unbound(account)) = (resume.attribute("previd"), h, &self.phase) else {
            return self.send(&failed("unexpected-request"));
        };
        let account = account.clone();
        self.phase = Phase::Resuming { account, h };
        self.outputs.push_back(Output::Resume { previd: previd.to_owned() });
    }

    /// A client that takes so much without acknowledging it is not served any more (E5).
    pub(super) fn owes_acknowledgements(&self) -> bool {
        self.management.as_ref().is_some_and(|management| management.is_beyond(REFUSED_AT))
    }

    /// When an acknowledgement is overdue.
    pub(super) fn acknowledgement_due_ms(&self) -> Option<u64> {
        let asked_ms = self.management.as_ref()?.asked_ms?;
        Some(asked_ms.saturating_add(self.settings.acknowledgement_timeout_ms))
    }

    /// Nobody is there any more, whatever TCP says: the connection is given up, the session is not.
    pub(super) fn give_up(&mut self) {
        if let Some(management) = &mut self.management {
            management.asked_ms = None;
        }
        self.outputs.push_back(Output::GiveUp);
    }
}

/// How long the session is to wait for its client, if that wants to come back.
pub(super) fn asked_life_s(settings: &StreamSettings, enable: &Element) -> Option<u64> {
    let wants = matches!(enable.attribute("resume"), Some("true" | "1"));
    let longest_s = enable.attribute("max").and_then(|max| max.parse().ok()).unwrap_or(u64::MAX);
    wants.then(|| settings.resumption_life_s.min(longest_s))
}

pub(super) fn failed(condition: &'static str) -> Element {
    Element::new("failed", ns::MANAGEMENT).with_child(Element::new(condition, ns::STANZA_ERRORS))
}
