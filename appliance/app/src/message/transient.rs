use crate::live::{Device, LiveMessage};
use crate::{App, AppError, Caller};
use domain::ids::UserId;
use domain::rights::Right;
use std::sync::Arc;

/// Passes on what is never stored and never answered: typing and the like. Nothing happens when nobody is there, or nobody in
/// the network.
///
/// # Errors
/// Missing right.
pub fn send_transient(
    app: &App,
    caller: &Caller,
    device: &Device,
    to: &UserId,
    id: Option<String>,
    payload: &Arc<str>,
) -> Result<(), AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    if app.relations().reaches(&caller.user, to) {
        app.live.deliver(&Arc::new(LiveMessage {
            id,
            from: caller.user.clone(),
            from_resource: Some(device.resource.clone()),
            to: to.clone(),
            archive: None,
            held: false,
            delayed: false,
            payload: Arc::clone(payload),
        }));
    }
    Ok(())
}
