use crate::live::{Device, LiveIq, Push};
use crate::{App, AppError, Caller};
use domain::ids::UserId;
use domain::rights::Right;
use std::sync::Arc;

/// A request for another device, or the answer to one.
#[derive(Debug, Clone)]
pub struct Request {
    /// `get`, `set`, `result` or `error`.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// The children of the stanza, as XML.
    pub payload: Arc<str>,
}

/// Passes a request to one device of somebody in the network, or its answer back (RFC 6121, 8.5.3.1). Those of Rainbow's clients
/// that take no calls are asked nothing: they expect no requests of others.
///
/// # Errors
/// [`AppError::NotFound`] when it is not there, or not to be reached: one answer for both.
pub fn route(
    app: &App,
    caller: &Caller,
    device: &Device,
    (to, resource): (&UserId, &str),
    request: Request,
) -> Result<(), AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    let reached = app.relations().reaches(&caller.user, to);
    let iq = LiveIq {
        kind: request.kind,
        id: request.id,
        from: caller.user.clone(),
        from_resource: device.resource.clone(),
        payload: request.payload,
    };
    let taken = reached && app.live.push_to_resource(to, resource, &Push::Iq(Arc::new(iq)));
    if taken { Ok(()) } else { Err(AppError::NotFound("device")) }
}

/// Answers a request in the place of the device that was given it and has gone (RFC 6120, 8.2.3). `error`: what stands in the
/// answer, as XML.
pub fn refuse(app: &App, device: &Device, request: &LiveIq, error: Arc<str>) {
    let iq = LiveIq {
        kind: String::from("error"),
        id: request.id.clone(),
        from: device.user.clone(),
        from_resource: device.resource.clone(),
        payload: error,
    };
    // Whoever asked may have gone too.
    app.live.push_to_resource(&request.from, &request.from_resource, &Push::Iq(Arc::new(iq)));
}
