use super::end;
use super::ongoing::{New, SID_LENGTH_MAX};
use crate::live::{Device, LiveMessage, MessageType};
use crate::{App, AppError, Caller};
use domain::call::Medium;
use domain::ids::{CallId, UserId};
use domain::rights::Right;
use std::sync::Arc;

/// What a signal says (XEP-0353).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// It shall ring.
    Propose(Medium),
    /// It rings here.
    Ringing,
    /// This device takes the call.
    Proceed,
    /// The same, said to one's own devices.
    Accept,
    /// It is not wanted.
    Reject,
    /// Whoever called gives up.
    Retract,
    /// The call is over.
    Finish,
}

/// A signal to all devices of somebody, or to one.
#[derive(Debug, Clone)]
pub struct Signal {
    /// To whom.
    pub to: UserId,
    /// The one device that it is addressed to, if it is.
    pub to_resource: Option<String>,
    /// The type of its stanza.
    pub stanza: MessageType,
    /// The id of its stanza.
    pub id: Option<String>,
    /// What it says.
    pub act: Act,
    /// The name of the call.
    pub sid: String,
    /// Other devices of both get a copy.
    pub copied: bool,
    /// The children of the stanza, as XML.
    pub payload: Arc<str>,
}

/// Passes on a signal about a call to somebody in the network, and to the other devices of the sender: that is how it stops to
/// ring where it was not answered. Devices that know nothing of calls hear nothing.
///
/// # Errors
/// [`AppError::NotFound`] for whom the caller does not reach; [`AppError::Busy`] when there are too many.
pub async fn signal(app: &App, caller: &Caller, device: &Device, out: Signal) -> Result<(), AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    if out.sid.is_empty() || out.sid.len() > SID_LENGTH_MAX {
        return Err(AppError::invalid("id", format!("1 to {SID_LENGTH_MAX} bytes")));
    }
    let (me, now_ms) = (&caller.user, app.clock.now_ms());
    let to_oneself = out.to == *me;
    if !to_oneself && !app.relations().reaches(me, &out.to) {
        return Err(AppError::NotFound("user"));
    }
    app.calls.take_step(me, now_ms)?;
    let message = Arc::new(message(device, &out));
    let ended = match out.act {
        Act::Propose(_) if to_oneself => return Err(AppError::invalid("to", "nobody calls himself")),
        Act::Propose(medium) => {
            let id = CallId::random(app.rng.as_ref());
            let (device, callee) = (device.resource.as_str(), &out.to);
            let (callee_device, proposal) = (None, Some(Arc::clone(&message)));
            let new = New { id, caller: me, device, callee, callee_device, sid: &out.sid, medium, proposal };
            app.calls.begin(new, now_ms)?;
            None
        }
        Act::Proceed => {
            app.calls.answer(me, &device.resource, &out.to, &out.sid, now_ms);
            None
        }
        Act::Reject if to_oneself => {
            let caller = app.calls.caller(me, &out.sid);
            caller.and_then(|caller| app.calls.end(me, &caller, &out.sid, now_ms))
        }
        Act::Reject | Act::Retract | Act::Finish => app.calls.end(me, &out.to, &out.sid, now_ms),
        Act::Ringing | Act::Accept => None,
    };
    deliver(app, device, message, out.copied && !to_oneself);
    match ended {
        Some(ended) => end::write(app, ended).await,
        None => Ok(()),
    }
}

fn message(device: &Device, out: &Signal) -> LiveMessage {
    LiveMessage {
        id: out.id.clone(),
        to_resource: out.to_resource.clone(),
        kind: out.stanza,
        private: !out.copied,
        standard_only: true,
        call: true,
        ..LiveMessage::new(&device.user, &device.resource, &out.to, Arc::clone(&out.payload))
    }
}

fn deliver(app: &App, device: &Device, mut message: Arc<LiveMessage>, copied: bool) {
    app.live.deliver(&mut message);
    if copied {
        app.live.copy_to_senders(&message, device);
    }
}

/// A device has come, or takes calls from now on: it rings with the others. What it was told just before it may hear twice.
pub fn ring_here(app: &App, device: &Device) {
    for proposal in app.calls.ringing(&device.user) {
        app.live.push_if_read(device, &proposal);
    }
}
