use super::block_on;
use crate::cli::Folder;
use crate::clock::{SystemClock, SystemRng};
use crate::error::CommandError;
use crate::{admin, folder, root_key, server};
use appliance_contract::{Answer, Request};
use config_schema::Config;
use std::path::Path;
use std::sync::Arc;

/// Asks the running box, or does it on the data itself while the box is stopped.
pub(super) fn box_of(on: &Folder, request: Request) -> Result<Answer, CommandError> {
    if !folder::holds_box(&on.data) {
        return Err(no_box(&on.data));
    }
    match admin::ask(&on.data, &request)? {
        Some(answer) => Ok(answer),
        None => on_stopped(on, async |app, _| Ok(admin::perform(app, &on.data, request).await)),
    }
}

/// What an answer means that is none to what was asked.
pub(super) fn other(answer: Answer) -> CommandError {
    match answer {
        Answer::Refused(refusal) => CommandError::Refused { message: refusal.message, what_to_do: refusal.what_to_do },
        _ => CommandError::Usage(String::from("the box gave an answer to another question")),
    }
}

/// What to say when a folder holds no box.
pub(super) fn no_box(data: &Path) -> CommandError {
    let (folder, shown) = (data.to_owned(), data.display());
    let wizard = format!("rainbow-edge run --data {shown}");
    let line = format!("rainbow-edge init --data {shown} --name HOST --company NAME --admin EMAIL < password-file");
    CommandError::NoBox { folder, wizard, line }
}

/// Opens a stopped box with its configuration, has `work` done on it, and closes it.
pub(super) fn on_stopped<T>(
    on: &Folder,
    work: impl AsyncFnOnce(&Arc<app::App>, &Config) -> Result<T, CommandError>,
) -> Result<T, CommandError> {
    let held = folder::hold(&on.data)?;
    let root = root_key::find(on)?;
    let config = folder::configuration(on)?;
    let done = block_on(async {
        let (clock, rng) = (Arc::new(SystemClock), Arc::new(SystemRng));
        let app = server::open(&on.data, &root, &config, clock, rng).await?;
        let done = work(&app, &config).await;
        let closed = tokio::task::spawn_blocking(move || drop(app)).await;
        closed.map_err(|e| CommandError::Usage(format!("the databases could not be closed: {e}")))?;
        done
    })?;
    drop(held);
    Ok(done)
}
