//! The Debian packages of a file system, from dpkg's own list.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::component::{Component, Licence};
use super::{Purl, SOURCE_NAME, SOURCE_VERSION};
use crate::Failure;

/// What the image is made of.
const DISTRIBUTION: &str = "trixie";
const COPYRIGHT_BYTES_MAX: u64 = 1 << 20;

pub(crate) struct Packages {
    pub(crate) components: Vec<Component>,
    /// In Debian's words, such as `amd64`.
    pub(crate) architecture: Option<String>,
}

/// The installed packages of `text`, which stands in `path`. Licences are taken from `/usr/share/doc` of the same file
/// system, where it is still there and in the machine-readable form.
///
/// # Errors
/// `Failed` with the line when a package lacks what it must have, or when there is none.
pub(crate) fn packages(path: &Path, text: &str) -> Result<Packages, Failure> {
    let failed = |line: usize, why: &str| Failure::Failed(format!("{}:{line}: {why}", path.display()));
    let mut found = Packages { components: Vec::new(), architecture: None };
    for (line, paragraph) in paragraphs(text) {
        let field = |name: &str| paragraph.get(name).copied().filter(|value| !value.is_empty());
        let name = field("Package").ok_or_else(|| failed(line, "a paragraph without `Package:`"))?;
        if !field("Status").is_some_and(|status| status.ends_with(" installed")) {
            continue;
        }
        let version = field("Version").ok_or_else(|| failed(line, &format!("{name} has no `Version:`")))?;
        let architecture =
            field("Architecture").ok_or_else(|| failed(line, &format!("{name} has no `Architecture:`")))?;
        if architecture != "all" && found.architecture.is_none() {
            found.architecture = Some(architecture.to_owned());
        }
        let purl = Purl::new("deb", "debian", name, version).with("arch", architecture).with("distro", DISTRIBUTION);
        let mut component = Component::library(purl);
        let (source, source_version) = source(field("Source").unwrap_or(name), version);
        component.properties = BTreeMap::from([(SOURCE_NAME, source), (SOURCE_VERSION, source_version)]);
        component.supplier = field("Maintainer").map(str::to_owned);
        component.licence = licence(path, name);
        found.components.push(component);
    }
    if found.components.is_empty() {
        return Err(failed(1, "no installed package; is this a /var/lib/dpkg/status?"));
    }
    Ok(found)
}

/// Paragraphs with the line they begin in; lines that continue a field are left out.
fn paragraphs(text: &str) -> Vec<(usize, BTreeMap<&str, &str>)> {
    let mut all: Vec<(usize, BTreeMap<&str, &str>)> = Vec::new();
    let mut open = false;
    for (number, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            open = false;
            continue;
        }
        if !open {
            all.push((number + 1, BTreeMap::new()));
            open = true;
        }
        let field = line.split_once(':').filter(|_| !line.starts_with([' ', '\t']));
        if let (Some((name, value)), Some((_, paragraph))) = (field, all.last_mut()) {
            paragraph.insert(name, value.trim());
        }
    }
    all
}

/// `glibc` or `glibc (2.41-12)`: the version stands there when it is another than that of the package.
fn source(field: &str, version: &str) -> (String, String) {
    match field.split_once(" (") {
        Some((name, other)) => (name.to_owned(), other.trim_end_matches(')').to_owned()),
        None => (field.to_owned(), version.to_owned()),
    }
}

/// `status` stands in ROOT/var/lib/dpkg.
fn licence(status: &Path, package: &str) -> Licence {
    let Some(root) = status.ancestors().nth(4) else { return Licence::Unknown };
    let path = root.join("usr/share/doc").join(package).join("copyright");
    if !std::fs::metadata(&path).is_ok_and(|file| file.is_file() && file.len() <= COPYRIGHT_BYTES_MAX) {
        return Licence::Unknown;
    }
    std::fs::read_to_string(path).map_or(Licence::Unknown, |text| licence_names(&text))
}

/// The short names of a copyright file in the machine-readable form; its other forms are prose.
fn licence_names(text: &str) -> Licence {
    if !text.starts_with("Format:") {
        return Licence::Unknown;
    }
    let names = text.lines().filter_map(|line| line.strip_prefix("License:")).map(str::trim);
    let names: BTreeSet<String> = names.filter(|name| !name.is_empty()).map(str::to_owned).collect();
    if names.is_empty() { Licence::Unknown } else { Licence::Names(names) }
}

#[cfg(test)]
mod tests {
    use super::{Licence, licence_names, source};

    #[test]
    fn the_source_of_a_package_is_itself_unless_it_says_so_i6() {
        let pair = |name: &str, version: &str| (name.to_owned(), version.to_owned());
        assert_eq!(source("glibc", "2.41-12"), pair("glibc", "2.41-12"));
        assert_eq!(source("util-linux (2.41-5)", "1:4.16.0-2+really2.41-5"), pair("util-linux", "2.41-5"));
    }

    #[test]
    fn licences_come_from_the_machine_readable_form_only_i6() {
        let text = "Format: https://x/\nFiles: *\nLicense: GPL-2+\n text\n\nFiles: b\nLicense: BSD-3-clause\n";
        let names = ["BSD-3-clause", "GPL-2+"].map(str::to_owned).into();
        assert_eq!(licence_names(text), Licence::Names(names));
        assert_eq!(licence_names("This package is free software.\nLicense: yes\n"), Licence::Unknown);
    }
}
