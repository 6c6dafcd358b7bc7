//! One thing that is shipped.

use std::collections::{BTreeMap, BTreeSet};

use super::Purl;

#[derive(Debug, Clone)]
pub(crate) struct Component {
    /// In CycloneDX's words: `library`, `application`.
    pub(crate) kind: &'static str,
    pub(crate) purl: Purl,
    /// Who made the package, where it says so.
    pub(crate) supplier: Option<String>,
    pub(crate) licence: Licence,
    /// Algorithm in CycloneDX's words, digest in hex, of the package as it was fetched.
    pub(crate) digest: Option<(&'static str, String)>,
    /// In the NVD's words, where no package database knows it.
    pub(crate) cpe: Option<String>,
    /// Used to build and no part of what runs.
    pub(crate) build_only: bool,
    pub(crate) properties: BTreeMap<&'static str, String>,
    /// Package URLs of what it uses.
    pub(crate) uses: BTreeSet<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Licence {
    Unknown,
    /// In SPDX's words.
    Expression(String),
    /// In the package's own words.
    Names(BTreeSet<String>),
}

impl Component {
    pub(crate) fn library(purl: Purl) -> Self {
        Self {
            kind: "library",
            purl,
            supplier: None,
            licence: Licence::Unknown,
            digest: None,
            cpe: None,
            build_only: false,
            properties: BTreeMap::new(),
            uses: BTreeSet::new(),
        }
    }
}

/// In the order of their package URLs, each once: what stands in the root file system and in the initrd is one package.
pub(crate) fn sorted(components: Vec<Component>) -> Vec<Component> {
    let mut all: BTreeMap<String, Component> = BTreeMap::new();
    for component in components {
        all.entry(component.purl.to_string())
            .and_modify(|known| {
                if known.licence == Licence::Unknown {
                    known.licence = component.licence.clone();
                }
            })
            .or_insert(component);
    }
    all.into_values().collect()
}
