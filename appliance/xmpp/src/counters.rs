use crate::transport::{FrameRefusal, TransportError};
use domain::count::Count;

/// What streams have brought, taken and been refused since the endpoint was made (F4).
#[derive(Debug, Default)]
pub struct Counters {
    /// Connections that began a stream, at all doors.
    pub streams: Count,
    /// Sign-ins that were right.
    pub signed_in: Count,
    /// Sign-ins that were wrong.
    pub refused: Count,
    /// Messages that came from clients, receipts and chat states among them.
    pub messages_in: Count,
    /// Presences that came from clients.
    pub presences_in: Count,
    /// Requests that came from clients, and their answers to ours.
    pub iqs_in: Count,
    /// Stanzas sent to clients.
    pub stanzas_out: Count,
    /// Messages among them that a person wrote or that tell what became of one.
    pub messages_out: Count,
    /// Sessions that lost their connection and waited for their client.
    pub left: Count,
    /// Those among them that wait no longer, whatever became of them.
    pub waited: Count,
    /// Sessions that went on on another connection.
    pub resumed: Count,
    /// Resumptions of sessions that had ended, or were somebody else's.
    pub resume_refused: Count,
    /// Streams ended because a stanza was too large or too deep.
    pub too_large: Count,
    /// Streams ended because nobody signed in in time.
    pub too_late: Count,
    /// Connections cut because the client took what was sent too slowly.
    pub too_slow: Count,
    /// Connections cut because the client was silent when asked whether it is there.
    pub silent: Count,
}

impl Counters {
    pub(crate) fn frame_refused(&self, refusal: FrameRefusal) {
        match refusal {
            FrameRefusal::Oversize { .. } => self.too_large.one(),
            FrameRefusal::Xml(error) if error.is_limit() => self.too_large.one(),
            FrameRefusal::Binary | FrameRefusal::NotUtf8 | FrameRefusal::Xml(_) => {}
        }
    }

    pub(crate) fn lost(&self, lost: &TransportError) {
        match lost {
            TransportError::SlowReader | TransportError::OutgoingTooLarge => self.too_slow.one(),
            TransportError::Silent => self.silent.one(),
            TransportError::Upgrade(_) | TransportError::Lost | TransportError::Io(_) | TransportError::Protocol(_) => {
            }
        }
    }

    pub(crate) fn stanza(&self, name: &str) {
        match name {
            "message" => self.messages_in.one(),
            "presence" => self.presences_in.one(),
            _ => self.iqs_in.one(),
        }
    }
}
