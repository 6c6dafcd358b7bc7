//! The crates in our executables, as cargo resolves them for exactly these.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde::Deserialize;

use super::component::{Component, Licence};
use super::{Purl, bundled};
use crate::{Failure, process};

/// Folders whose executables are shipped. Those of `xtask` and `tests` are tools of ours.
const SHIPPED: [&str; 2] = ["appliance", "image"];
const OWN_VERSION_OF: &str = "rainbow-edge";

pub(crate) struct Crates {
    pub(crate) components: Vec<Component>,
    /// Of the product.
    pub(crate) version: String,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_members: BTreeSet<String>,
    workspace_root: String,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    manifest_path: String,
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    kind: Vec<String>,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<DependencyKind>,
}

#[derive(Deserialize)]
struct DependencyKind {
    kind: Option<String>,
}

/// Name and version.
type Key = (String, String);

/// The crates of every executable in the folders that are shipped, each with what it uses of the others.
///
/// # Errors
/// `Failed` when cargo cannot be asked or answers something else than it should.
pub(crate) fn shipped(checkout: &Path, lock: &str, debian_architecture: Option<&str>) -> Result<Crates, Failure> {
    let target = target(debian_architecture)?;
    let metadata = metadata(checkout, target)?;
    let executables = executables(&metadata);
    // `metadata` has features on that only tests ask for; `tree` resolves them for these executables alone.
    let built = tree(checkout, target, &executables, "normal,build")?;
    let running = tree(checkout, target, &executables, "normal,no-proc-macro")?;
    let digests = digests(&checkout.join("Cargo.lock"), lock)?;
    let chosen: BTreeMap<&str, &Package> = metadata
        .packages
        .iter()
        .filter(|package| built.contains(&key(package)))
        .map(|package| (package.id.as_str(), package))
        .collect();
    let edges = edges(&metadata.resolve, &chosen);
    let mut components = Vec::new();
    for (id, package) in &chosen {
        let mut component = component(package);
        component.digest = digests.get(&key(package)).map(|digest| ("SHA-256", digest.clone()));
        component.build_only = !running.contains(&key(package));
        component.uses = edges.get(id).cloned().unwrap_or_default();
        if metadata.workspace_members.contains(*id) && executables.contains(&package.name.as_str()) {
            component.kind = "application";
        }
        let folder = Path::new(&package.manifest_path).parent().unwrap_or(Path::new(""));
        if let Some(inside) = bundled::of(&package.name, folder, &component.licence)? {
            component.uses.insert(inside.purl.to_string());
            components.push(inside);
        }
        components.push(component);
    }
    let version = metadata.packages.iter().find(|package| package.name == OWN_VERSION_OF);
    let version = version.map(|package| package.version.clone()).unwrap_or_default();
    Ok(Crates { components, version })
}

fn key(package: &Package) -> Key {
    (package.name.clone(), package.version.clone())
}

fn purl(package: &Package) -> Purl {
    Purl::new("cargo", "", &package.name, &package.version)
}

fn component(package: &Package) -> Component {
    let mut component = Component::library(purl(package));
    // Before SPDX a slash stood for OR.
    let expression = |text: &String| text.replace(" / ", " OR ").replace('/', " OR ");
    component.licence = package.license.as_ref().map_or(Licence::Unknown, |text| Licence::Expression(expression(text)));
    component
}

fn target(debian_architecture: Option<&str>) -> Result<&'static str, Failure> {
    match debian_architecture {
        None | Some("amd64") => Ok("x86_64-unknown-linux-gnu"),
        Some("arm64") => Ok("aarch64-unknown-linux-gnu"),
        Some(other) => Err(Failure::Failed(format!(
            "the image is for `{other}`, for which no target of Rust is known here; add it in xtask/src/sbom/crates.rs"
        ))),
    }
}

fn cargo(checkout: &Path, arguments: &[&str]) -> Result<String, Failure> {
    let mut command: Command = process::cargo();
    process::output(command.current_dir(checkout).args(arguments))
}

fn metadata(checkout: &Path, target: &str) -> Result<Metadata, Failure> {
    let text = cargo(checkout, &["metadata", "--locked", "--format-version", "1", "--filter-platform", target])?;
    serde_json::from_str(&text)
        .map_err(|error| Failure::Failed(format!("`cargo metadata` printed what cannot be read: {error}")))
}

/// Crates of the workspace that are shipped and have an executable.
fn executables(metadata: &Metadata) -> Vec<&str> {
    let members = metadata.packages.iter().filter(|package| metadata.workspace_members.contains(&package.id));
    let shipped = members.filter(|package| {
        let folder = Path::new(&package.manifest_path).strip_prefix(&metadata.workspace_root);
        folder.is_ok_and(|folder| SHIPPED.iter().any(|shipped| folder.starts_with(shipped)))
    });
    let with_executable =
        |package: &&Package| package.targets.iter().any(|target| target.kind.iter().any(|kind| kind == "bin"));
    shipped.filter(with_executable).map(|package| package.name.as_str()).collect()
}

fn tree(checkout: &Path, target: &str, executables: &[&str], edges: &str) -> Result<BTreeSet<Key>, Failure> {
    let mut arguments = vec!["tree", "--locked", "--prefix", "none", "--no-dedupe", "--format", "{p}"];
    arguments.extend(["--target", target, "--edges", edges]);
    arguments.extend(executables.iter().flat_map(|name| ["--package", *name]));
    let text = cargo(checkout, &arguments)?;
    // `name v1.2.3 (proc-macro)`
    let found: BTreeSet<Key> = text
        .lines()
        .filter_map(|line| line.split_once(" v"))
        .map(|(name, rest)| (name.to_owned(), rest.split(' ').next().unwrap_or(rest).to_owned()))
        .collect();
    if found.is_empty() {
        return Err(Failure::Failed("`cargo tree` lists no crate".to_owned()));
    }
    Ok(found)
}

/// What each chosen crate uses of the other chosen ones, as package URLs.
fn edges<'a>(resolve: &'a Resolve, chosen: &BTreeMap<&str, &Package>) -> BTreeMap<&'a str, BTreeSet<String>> {
    let not_for_tests =
        |dependency: &&Dependency| dependency.dep_kinds.iter().any(|kind| kind.kind.as_deref() != Some("dev"));
    let uses = |node: &'a Node| {
        let used = node.deps.iter().filter(not_for_tests).filter_map(|dependency| chosen.get(dependency.pkg.as_str()));
        (node.id.as_str(), used.map(|package| purl(package).to_string()).collect())
    };
    resolve.nodes.iter().map(uses).collect()
}

/// The digests of the crates' archives. Our own crates have none.
fn digests(path: &Path, text: &str) -> Result<BTreeMap<Key, String>, Failure> {
    let table: toml::Table = text.parse().map_err(|error| Failure::Failed(format!("{}: {error}", path.display())))?;
    let packages = table.get("package").and_then(toml::Value::as_array);
    let packages = packages.ok_or_else(|| Failure::Failed(format!("{}: it lists no [[package]]", path.display())))?;
    let text = |package: &toml::Value, name: &str| Some(package.get(name)?.as_str()?.to_owned());
    let entry = |package| Some(((text(package, "name")?, text(package, "version")?), text(package, "checksum")?));
    Ok(packages.iter().filter_map(entry).collect())
}
