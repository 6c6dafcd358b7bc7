//! Other people's C that comes inside of a crate, under the version that it gives itself: the crate's own says nothing
//! about it.

use std::path::Path;

use super::component::{Component, Licence};
use super::{Purl, read};
use crate::Failure;

struct Bundled {
    inside: &'static str,
    name: &'static str,
    /// In the crate's folder.
    header: &'static str,
    /// What the header defines as the version, in quotes.
    define: &'static str,
    /// Vendor and product in the NVD's words.
    cpe: &'static str,
    /// Where it is another than the crate's.
    licence: Option<&'static str>,
}

const BUNDLED: &[Bundled] = &[
    Bundled {
        inside: "libsqlite3-sys",
        name: "sqlite",
        header: "sqlite3/sqlite3.h",
        define: "SQLITE_VERSION",
        cpe: "sqlite:sqlite",
        licence: Some("blessing"),
    },
    Bundled {
        inside: "aws-lc-sys",
        name: "aws-lc",
        header: "aws-lc/include/openssl/base.h",
        define: "AWSLC_VERSION_NUMBER_STRING",
        cpe: "amazon:aws-lc",
        licence: None,
    },
];

/// What crate `name` in `folder` has inside, if anything. `licence`: the crate's own.
///
/// # Errors
/// `Failed` when the header is gone or gives no version: then the table above is out of date.
pub(crate) fn of(name: &str, folder: &Path, licence: &Licence) -> Result<Option<Component>, Failure> {
    let Some(bundled) = BUNDLED.iter().find(|bundled| bundled.inside == name) else { return Ok(None) };
    let path = folder.join(bundled.header);
    let text = read(&path, &format!("the version of {}", bundled.name))?;
    let version = defined(&text, bundled.define).ok_or_else(|| {
        let why = "; xtask/src/sbom/bundled.rs says where it stands";
        Failure::Failed(format!("{} does not define {}{why}", path.display(), bundled.define))
    })?;
    let mut component = Component::library(Purl::new("generic", "", bundled.name, version));
    component.cpe = Some(format!("cpe:2.3:a:{}:{version}:*:*:*:*:*:*:*", bundled.cpe));
    component.licence = bundled.licence.map_or_else(|| licence.clone(), |text| Licence::Expression(text.to_owned()));
    Ok(Some(component))
}

fn defined<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    let value = header.lines().find_map(|line| line.strip_prefix("#define ")?.strip_prefix(name)?.strip_prefix(' '))?;
    value.trim().strip_prefix('"')?.split('"').next()
}

#[cfg(test)]
mod tests {
    use super::defined;

    #[test]
    fn a_bundled_library_says_its_version_in_its_header_i6() {
        let header = "#define SQLITE_VERSION_NUMBER 3\n#define SQLITE_VERSION        \"3.54.1\" // x\n";
        assert_eq!(defined(header, "SQLITE_VERSION"), Some("3.54.1"));
        assert_eq!(defined(header, "SQLITE_SOURCE_ID"), None);
    }
}
