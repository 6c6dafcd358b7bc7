//! Cargo's view: the members of the workspace, and what is built with them.

use std::process::Command;

use serde_json::Value;

use crate::root;

/// A crate of the workspace.
#[derive(Debug)]
pub struct Member {
    pub name: String,
    /// The crate's folder from the root.
    pub folder: String,
    /// Names of all direct dependencies, ours and others', but not those of tests.
    pub dependencies: Vec<String>,
    /// Those of its tests.
    pub dev_dependencies: Vec<String>,
}

/// A crate that is compiled on this platform with the features that are on.
#[derive(Debug)]
pub struct Built {
    pub name: String,
    pub version: String,
    /// SPDX expression, empty when the crate states none.
    pub licence: String,
}

/// The members, from `cargo metadata`.
///
/// # Panics
/// When cargo cannot be asked.
#[must_use]
pub fn members() -> Vec<Member> {
    let text = cargo(&["metadata", "--no-deps", "--offline", "--format-version", "1"]);
    let metadata: Value = serde_json::from_str(&text).expect("cargo metadata prints JSON");
    list(&metadata["packages"]).iter().map(member).collect()
}

fn member(package: &Value) -> Member {
    let manifest = text(&package["manifest_path"]);
    let folder = manifest.trim_end_matches("/Cargo.toml");
    let folder = folder.strip_prefix(&*root().to_string_lossy()).unwrap_or(folder);
    let of_kind = |dev: bool| {
        let all = list(&package["dependencies"]).iter();
        all.filter(|dependency| (dependency["kind"] == "dev") == dev)
            .map(|dependency| text(&dependency["name"]))
            .collect()
    };
    Member {
        name: text(&package["name"]),
        folder: folder.trim_start_matches('/').to_owned(),
        dependencies: of_kind(false),
        dev_dependencies: of_kind(true),
    }
}

/// What is compiled, from `cargo tree`: unlike Cargo.lock it leaves out other platforms and features that are off.
///
/// # Panics
/// When cargo cannot be asked.
#[must_use]
pub fn built() -> Vec<Built> {
    let arguments = ["tree", "--workspace", "--offline", "--prefix", "none", "--no-dedupe", "--format", "{p}\t{l}"];
    let mut lines: Vec<String> = cargo(&arguments).lines().map(str::to_owned).collect();
    lines.sort();
    lines.dedup();
    lines.iter().filter_map(|line| built_crate(line)).collect()
}

/// `name v1.2.3 (proc-macro)<TAB>MIT OR Apache-2.0`.
fn built_crate(line: &str) -> Option<Built> {
    let (package, licence) = line.split_once('\t')?;
    let mut words = package.split(' ');
    let (name, version) = (words.next()?, words.next()?);
    Some(Built { name: name.to_owned(), version: version.to_owned(), licence: licence.to_owned() })
}

fn cargo(arguments: &[&str]) -> String {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(program)
        .current_dir(root())
        .args(arguments)
        .output()
        .expect("cargo runs, since it started this test");
    assert!(output.status.success(), "cargo {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
