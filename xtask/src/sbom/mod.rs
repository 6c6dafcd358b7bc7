//! The list of everything that is shipped, as CycloneDX 1.6: `cargo xtask sbom`, and the same for the image's build.

mod bundled;
mod component;
mod crates;
mod debian;
mod document;
mod npm;
mod purl;
mod stamp;

use std::path::{Path, PathBuf};

pub(crate) use purl::Purl;

use crate::{Failure, Outcome, process};

const USAGE: &str = "usage: cargo xtask sbom [--dpkg-status FILE ...] [--out FILE]";
/// Other than what is read here is a mistake or an attack, not a list of packages.
const INPUT_BYTES_MAX: u64 = 64 << 20;

/// Names of properties of a component, beside those that CycloneDX has a place for.
pub(crate) const SOURCE_NAME: &str = "rainbow-edge:debian:source";
pub(crate) const SOURCE_VERSION: &str = "rainbow-edge:debian:source-version";

/// `cargo xtask sbom`: without an image it lists the workspace alone.
///
/// # Errors
/// `NeedsPerson` for arguments that it does not know, else as `sbom`.
pub(crate) fn start(arguments: &[String]) -> Outcome {
    let mut statuses: Vec<PathBuf> = Vec::new();
    let mut out = process::target_dir().join("sbom.cdx.json");
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match (word.as_str(), words.next()) {
            ("--dpkg-status", Some(path)) => statuses.push(path.into()),
            ("--out", Some(path)) => out = path.into(),
            _ => return Err(Failure::NeedsPerson(format!("sbom cannot do anything with `{word}`; {USAGE}"))),
        }
    }
    let statuses: Vec<&Path> = statuses.iter().map(PathBuf::as_path).collect();
    let count = of_checkout(&statuses, &out)?;
    println!("{}: {count} components", out.display());
    Ok(())
}

/// The list of this checkout, with the Debian packages of `dpkg_statuses`. Returns how many components it has.
///
/// # Errors
/// As `sbom`.
pub(crate) fn of_checkout(dpkg_statuses: &[&Path], out: &Path) -> Result<usize, Failure> {
    let root = process::root();
    sbom(dpkg_statuses, &root.join("Cargo.lock"), &root.join("appliance/web/app/package-lock.json"), out)
}

/// Writes the list of what is shipped to `out` and returns how many components it has: the packages of each
/// `dpkg_statuses` (`/var/lib/dpkg/status` of the root file system, of the initrd; none without an image), the crates in our
/// executables, and the npm packages in the browser application. The same commit and packages give the same bytes.
///
/// # Errors
/// `Failed` with the file and the place when something cannot be read or is not what it should be, when cargo cannot
/// be asked, or when `out` cannot be written.
pub(crate) fn sbom(
    dpkg_statuses: &[&Path],
    cargo_lock: &Path,
    package_lock: &Path,
    out: &Path,
) -> Result<usize, Failure> {
    let mut components = Vec::new();
    let mut architecture = None;
    for status in dpkg_statuses {
        let packages = debian::packages(status, &read(status, "the packages of the image")?)?;
        architecture = architecture.or(packages.architecture);
        components.extend(packages.components);
    }
    let checkout = cargo_lock.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let rust = crates::shipped(checkout, &read(cargo_lock, "the crates")?, architecture.as_deref())?;
    components.extend(rust.components);
    components.extend(npm::packages(package_lock, &read(package_lock, "the npm packages")?)?);
    let components = component::sorted(components);
    let subject = document::Subject {
        kind: if dpkg_statuses.is_empty() { "application" } else { "operating-system" },
        version: rust.version,
        stamp: stamp::of(checkout)?,
    };
    write(out, &document::write(&subject, &components))?;
    Ok(components.len())
}

/// A text file of a bounded size.
///
/// # Errors
/// `Failed` with the path and what was to be read from it.
pub(crate) fn read(path: &Path, what: &str) -> Result<String, Failure> {
    let failed = |why: String| Failure::Failed(format!("cannot read {what} from {}: {why}", path.display()));
    let size = std::fs::metadata(path).map_err(|error| failed(error.to_string()))?.len();
    if size > INPUT_BYTES_MAX {
        return Err(failed(format!("it has {size} bytes, and more than {INPUT_BYTES_MAX} are not read")));
    }
    std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))
}

fn write(path: &Path, text: &str) -> Outcome {
    let failed = |error: std::io::Error| Failure::Failed(format!("cannot write {}: {error}", path.display()));
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    std::fs::write(path, text).map_err(failed)
}
