//! The npm packages in the browser application.

use std::collections::BTreeMap;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::Purl;
use super::component::{Component, Licence};
use crate::Failure;

#[derive(Deserialize)]
struct Lock {
    #[serde(rename = "lockfileVersion")]
    version: u32,
    packages: BTreeMap<String, Package>,
}

#[derive(Deserialize)]
struct Package {
    #[serde(default)]
    version: String,
    integrity: Option<String>,
    license: Option<String>,
    /// Needed to build and to check, not by what is built.
    #[serde(default)]
    dev: bool,
    #[serde(default, rename = "devOptional")]
    dev_optional: bool,
    #[serde(default)]
    link: bool,
}

/// What `text`, which stands in `path`, lists as part of the application itself.
///
/// # Errors
/// `Failed` with the file and the place when it is no lock file of npm 7 or later.
pub(crate) fn packages(path: &Path, text: &str) -> Result<Vec<Component>, Failure> {
    let failed = |why: String| Failure::Failed(format!("{}: {why}", path.display()));
    let lock: Lock = serde_json::from_str(text).map_err(|error| failed(error.to_string()))?;
    if !(2..=3).contains(&lock.version) {
        return Err(failed(format!("lockfileVersion {} is not known, only 2 and 3 are", lock.version)));
    }
    let built_in = lock.packages.iter().filter(|(_, package)| !package.dev && !package.dev_optional && !package.link);
    let mut components = Vec::new();
    for (place, package) in built_in {
        // The empty place is the application itself.
        let Some((_, name)) = place.rsplit_once("node_modules/") else { continue };
        if package.version.is_empty() {
            return Err(failed(format!("`{place}` has no version")));
        }
        let (namespace, name) = name.rsplit_once('/').unwrap_or(("", name));
        let mut component = Component::library(Purl::new("npm", namespace, name, &package.version));
        component.licence = package.license.as_deref().map_or(Licence::Unknown, licence);
        component.digest = package.integrity.as_deref().and_then(digest);
        components.push(component);
    }
    Ok(components)
}

/// npm lets packages say `SEE LICENSE IN file` and `UNLICENSED`, which are no expressions.
fn licence(text: &str) -> Licence {
    if text.starts_with("SEE ") || text == "UNLICENSED" {
        return Licence::Names([text.to_owned()].into());
    }
    Licence::Expression(text.to_owned())
}

/// `sha512-` and base64.
fn digest(integrity: &str) -> Option<(&'static str, String)> {
    let bytes = STANDARD.decode(integrity.strip_prefix("sha512-")?).ok()?;
    Some(("SHA-512", bytes.iter().map(|byte| format!("{byte:02x}")).collect()))
}
