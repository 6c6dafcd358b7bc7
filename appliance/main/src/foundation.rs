//! What every box stands on: its folder, the keyring under a root key, and the directory.

use crate::clock::SystemRng;
use crate::error::CommandError;
use crate::{folder, root_key};
use domain::ids::Incarnation;
use std::path::Path;
use store::Store;
use store::installation::Installation;
use vault::{Keyring, RootSource};

/// Makes it in a folder that this process holds, in place of what was cut off half-way; it is no box before
/// [`folder::finish`]. Without a root key of its owner the development key is made.
///
/// # Errors
/// When the folder holds a box or something else, or cannot be written.
pub fn lay(
    data: &Path,
    named: Option<RootSource>,
    name: String,
    domain: String,
    now_ms: i64,
) -> Result<RootSource, CommandError> {
    folder::begin(data)?;
    let root = named.map_or_else(|| root_key::make(data), Ok)?;
    let installation = Installation { name, domain, incarnation: Incarnation::random(&SystemRng) };
    let vault = Keyring::create(data, &root)?;
    Store::create(data, &vault, &installation, now_ms)?;
    Ok(root)
}
