use crate::cli::Folder;
use crate::error::CommandError;
use crate::{folder, foundation, root_key};
use domain::clock::Clock;
use vault::RootSource;

/// Lays the foundation of a box in a folder that this process holds, or finds the one that an earlier start has laid. What
/// else was left there by something that was cut off is taken away.
///
/// # Errors
/// When the folder holds something else, cannot be written, or its root key is missing.
pub fn begin(on: &Folder, clock: &dyn Clock) -> Result<RootSource, CommandError> {
    folder::examine(&on.data)?;
    if folder::holds_beginning(&on.data) {
        return root_key::find(on);
    }
    let named = root_key::find_for_new(on)?;
    // Both names are asked for in the setup.
    let name = || String::from("localhost");
    foundation::lay(&on.data, named, name(), name(), clock.now_ms())
}
