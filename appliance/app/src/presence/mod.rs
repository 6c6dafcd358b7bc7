//! Presence of devices (C2).

mod pace;

use crate::call;
use crate::live::Device;
use crate::{App, AppError, Caller, message};
use domain::ids::UserId;
use domain::presence::Announced;
use domain::rights::Right;
pub(crate) use pace::Pace;
use std::sync::Arc;
use tokio::time::Instant;

/// What a device announces.
#[derive(Debug, Clone)]
pub struct Announcement {
    /// `<show/>`, empty when absent.
    pub show: String,
    /// `<status/>`, empty when absent.
    pub status: String,
    /// `<priority/>`, 0 when absent.
    pub priority: i8,
    /// The id of the announcement, by which the device knows its echo.
    pub id: Option<String>,
    /// The children of the stanza, as XML.
    pub payload: Arc<str>,
}

/// Whether a device may change its presence now; else when to ask again. The newest of what it says meanwhile is enough.
///
/// # Errors
/// That moment.
pub fn take_turn(app: &App, device: &Device) -> Result<(), Instant> {
    app.live.take_presence_turn(device, Instant::now())
}

/// A device became available or changed its presence: it is echoed, contacts hear it, and what waited is delivered. Answers
/// who waits for an answer to an invitation, to a standard client that has just come.
///
/// # Errors
/// When the store fails while reading what waited.
pub async fn announce(
    app: &App,
    caller: &Caller,
    device: &Device,
    new: &Announcement,
) -> Result<Vec<UserId>, AppError> {
    caller.needs(Right::TakePart, &caller.company)?;
    let first = device.standard && !app.live.is_available(device);
    let announced = Announced { show: &new.show, status: &new.status };
    let messages_due = app.live.announce(device, announced, new.priority, new.id.as_deref(), &new.payload);
    if messages_due {
        message::deliver_waiting(app, caller, device).await?;
        call::ring_here(app, device);
    }
    Ok(if first { app.relations().inviters_of(&caller.user) } else { Vec::new() })
}

/// A device shows itself to one person, or no longer (RFC 6121, 4.6). Presence stays inside the network (B6): to others
/// nothing goes.
///
/// # Errors
/// Missing right.
pub fn direct(
    app: &App,
    caller: &Caller,
    device: &Device,
    (to, resource): (&UserId, Option<&str>),
    (available, id): (bool, Option<&str>),
    payload: &Arc<str>,
) -> Result<(), AppError> {
    caller.needs(Right::TakePart, &caller.company)?;
    if app.relations().reaches(&caller.user, to) {
        app.live.show_to(device, to, resource, (available, id), payload);
    }
    Ok(())
}

/// A device asks for somebody's presence (RFC 6121, 4.3). Who does not show it is as silent as nobody.
///
/// # Errors
/// Missing right.
pub fn probe(app: &App, caller: &Caller, device: &Device, of: &UserId, resource: Option<&str>) -> Result<(), AppError> {
    caller.needs(Right::TakePart, &caller.company)?;
    if app.relations().shows_presence(of, &caller.user) {
        app.live.probe(device, of, resource);
    }
    Ok(())
}

/// A device said that it is unavailable; it stays connected.
pub fn withdraw(app: &App, device: &Device, payload: &Arc<str>) {
    app.live.withdraw(device, payload);
}
