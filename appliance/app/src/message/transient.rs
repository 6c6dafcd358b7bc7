use crate::live::{Device, LiveMessage, MessageType};
use crate::{App, AppError, Caller};
use domain::ids::UserId;
use domain::rights::Right;
use std::sync::Arc;

/// What is never stored and never answered.
#[derive(Debug, Clone)]
pub struct Transient {
    /// To whom.
    pub to: UserId,
    /// The one device that it is addressed to, if it is.
    pub to_resource: Option<String>,
    /// The type of its stanza.
    pub stanza: MessageType,
    /// Its id.
    pub id: Option<String>,
    /// Other devices of both get a copy.
    pub copied: bool,
    /// The children of the stanza, as XML.
    pub payload: Arc<str>,
    /// Rainbow's clients do not know it.
    pub standard_only: bool,
}

/// Passes on what is never stored and never answered: typing and the like. Nothing happens when nobody is there, or nobody in
/// the network.
///
/// # Errors
/// Missing right.
pub fn send_transient(app: &App, caller: &Caller, device: &Device, out: Transient) -> Result<(), AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    if !app.relations().reaches(&caller.user, &out.to) {
        return Ok(());
    }
    let mut message = Arc::new(LiveMessage {
        id: out.id,
        to_resource: out.to_resource,
        kind: out.stanza,
        private: !out.copied,
        standard_only: out.standard_only,
        ..LiveMessage::new(&caller.user, &device.resource, &out.to, out.payload)
    });
    app.live.deliver(&mut message);
    if out.copied && out.stanza == MessageType::Chat {
        // Rainbow's clients get no copies of their own typing.
        let copy = LiveMessage { standard_only: true, ..message.as_ref().clone() };
        app.live.copy_to_senders(&Arc::new(copy), device);
    }
    Ok(())
}
