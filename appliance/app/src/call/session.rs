use super::end;
use super::ongoing::{New, SID_LENGTH_MAX};
use crate::live::Device;
use crate::message::{Request, route};
use crate::{App, AppError, Caller};
use domain::call::Medium;
use domain::ids::{CallId, UserId};

/// A step of a session between two devices (XEP-0166), as far as it changes what the call is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// One device calls the other: after a proposal, or without one.
    Initiate(Medium),
    /// It takes the call.
    Accept,
    /// The call is over.
    Terminate,
    /// Anything else.
    Other,
}

/// Passes on a step of a session from one device to another, and notes what it means for the call.
///
/// # Errors
/// [`AppError::NotFound`] when the device is not there, or not to be reached; [`AppError::Busy`] when there are too many.
pub async fn session(
    app: &App,
    caller: &Caller,
    device: &Device,
    (to, resource): (&UserId, &str),
    (sid, step): (&str, Step),
    request: Request,
) -> Result<(), AppError> {
    if sid.is_empty() || sid.len() > SID_LENGTH_MAX {
        return Err(AppError::invalid("sid", format!("1 to {SID_LENGTH_MAX} bytes")));
    }
    let (me, now_ms) = (&caller.user, app.clock.now_ms());
    app.calls.take_step(me, now_ms)?;
    // One's own devices may talk to each other; that is no call.
    let is_call = *to != *me;
    if let (Step::Initiate(medium), true) = (step, is_call) {
        if !app.relations().reaches(me, to) || !app.live.answers_requests(to, resource) {
            return Err(AppError::NotFound("device"));
        }
        let id = CallId::random(app.rng.as_ref());
        let callee_device = Some(resource);
        app.calls.begin(
            New { id, caller: me, device: &device.resource, callee: to, callee_device, sid, medium, proposal: None },
            now_ms,
        )?;
    }
    let routed = route(app, caller, device, (to, resource), request);
    match step {
        Step::Accept if is_call && routed.is_ok() => app.calls.answer(me, &device.resource, to, sid, now_ms),
        // Whether the other one is still there or not, it is over.
        Step::Terminate if is_call => {
            if let Some(ended) = app.calls.end(me, to, sid, now_ms) {
                end::write(app, ended).await?;
            }
        }
        _ => {}
    }
    routed
}
