//! Presence of devices (C2).

use crate::live::Device;
use crate::{App, AppError, Caller, message};
use domain::presence::Announced;
use domain::rights::Right;
use std::sync::Arc;

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

/// A device became available or changed its presence: it is echoed, contacts hear it, and what waited is delivered.
///
/// # Errors
/// When the store fails while reading what waited.
pub async fn announce(app: &App, caller: &Caller, device: &Device, new: &Announcement) -> Result<(), AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    let announced = Announced { show: &new.show, status: &new.status };
    let messages_due = app.live.announce(device, announced, new.priority, new.id.as_deref(), &new.payload);
    if messages_due {
        message::deliver_waiting(app, caller, device).await?;
    }
    Ok(())
}

/// A device said that it is unavailable; it stays connected.
pub fn withdraw(app: &App, device: &Device, payload: &Arc<str>) {
    app.live.withdraw(device, payload);
}
