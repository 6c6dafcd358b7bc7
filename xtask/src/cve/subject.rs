//! What is checked: the packages of a list in CycloneDX, under the names that databases know.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::Failure;
use crate::sbom::{self, Purl, SOURCE_NAME, SOURCE_VERSION};

/// Where a package comes from: each has its own names, versions and databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Deb,
    Cargo,
    Npm,
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::Deb, Self::Cargo, Self::Npm];

    /// As in package URLs.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Deb => "deb",
            Self::Cargo => "cargo",
            Self::Npm => "npm",
        }
    }
}

/// What vulnerabilities are noted for: a source package of Debian, a crate, an npm package.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Subject {
    pub(crate) kind: Kind,
    pub(crate) name: String,
    pub(crate) version: String,
    /// Debian's release by name.
    pub(crate) release: String,
}

impl Subject {
    /// As in the table and in `ignored.toml`.
    pub(crate) fn label(&self) -> String {
        format!("{}:{}", self.kind.word(), self.name)
    }
}

/// The subjects of a list, and what nothing is known about.
#[derive(Debug)]
pub(crate) struct Subjects {
    /// Sorted, each once.
    pub(crate) known: Vec<Subject>,
    /// Components whose kind has no database here, by kind.
    pub(crate) others: BTreeMap<String, usize>,
}

impl Subjects {
    pub(crate) fn has(&self, kind: Kind, name: &str) -> bool {
        self.named(kind, name).next().is_some()
    }

    pub(crate) fn named<'a>(&'a self, kind: Kind, name: &'a str) -> impl Iterator<Item = &'a Subject> {
        self.known.iter().filter(move |subject| subject.kind == kind && subject.name == name)
    }

    pub(crate) fn of_kind(&self, kind: Kind) -> usize {
        self.known.iter().filter(|subject| subject.kind == kind).count()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    bom_format: String,
    #[serde(default)]
    components: Vec<Component>,
}

#[derive(Deserialize)]
struct Component {
    #[serde(default)]
    name: String,
    purl: Option<String>,
    #[serde(default)]
    properties: Vec<Property>,
    #[serde(default)]
    components: Vec<Component>,
}

#[derive(Deserialize)]
struct Property {
    name: String,
    #[serde(default)]
    value: String,
}

/// # Errors
/// `Failed` with the file and the place when it is no list in CycloneDX, or lists nothing that can be checked.
pub(crate) fn read(path: &Path) -> Result<Subjects, Failure> {
    let failed = |why: String| Failure::Failed(format!("{}: {why}", path.display()));
    let text = sbom::read(path, "the list of what is shipped")?;
    let document: Document =
        serde_json::from_str(&text).map_err(|error| failed(format!("no list in CycloneDX JSON: {error}")))?;
    if document.bom_format != "CycloneDX" {
        return Err(failed(format!("bomFormat is `{}`, only CycloneDX can be read", document.bom_format)));
    }
    let mut found = Subjects { known: Vec::new(), others: BTreeMap::new() };
    take(&document.components, &mut found).map_err(failed)?;
    found.known.sort();
    found.known.dedup();
    if found.known.is_empty() {
        return Err(failed("it lists no package of Debian, crate or npm package, so there is nothing to check".into()));
    }
    Ok(found)
}

fn take(components: &[Component], found: &mut Subjects) -> Result<(), String> {
    for component in components {
        match &component.purl {
            None => *found.others.entry("without purl".to_owned()).or_default() += 1,
            Some(text) => {
                let purl = Purl::parse(text);
                let purl = purl.ok_or_else(|| format!("component {}: `{text}` is no package URL", component.name))?;
                match subject(component, &purl) {
                    Some(subject) => found.known.push(subject),
                    None => *found.others.entry(purl.kind).or_default() += 1,
                }
            }
        }
        take(&component.components, found)?;
    }
    Ok(())
}

fn subject(component: &Component, purl: &Purl) -> Option<Subject> {
    let property = |name: &str| {
        let found = component.properties.iter().find(|property| property.name == name);
        found.map(|property| property.value.clone()).filter(|value| !value.is_empty())
    };
    let kind = Kind::ALL.into_iter().find(|kind| kind.word() == purl.kind)?;
    let mut made = Subject { kind, name: purl.name.clone(), version: purl.version.clone(), release: String::new() };
    match kind {
        Kind::Cargo => {}
        Kind::Npm if purl.namespace.is_empty() => {}
        Kind::Npm => made.name = format!("{}/{}", purl.namespace, purl.name),
        Kind::Deb => {
            made.name = property(SOURCE_NAME).unwrap_or(made.name);
            made.version = property(SOURCE_VERSION).unwrap_or(made.version);
            // Other tools write `debian-13`.
            made.release = purl.qualifier("distro").unwrap_or("trixie").trim_start_matches("debian-").to_owned();
        }
    }
    Some(made)
}
