//! Makes the table of the application's files from `app/dist`, which `cargo xtask build` fills. Without it the crate still
//! builds, for tools that only look at the code, and serves a page that says what is missing.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let crate_folder = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let dist = crate_folder.join("app/dist");
    println!("cargo::rerun-if-changed=app/dist");
    println!("cargo::rerun-if-changed=build.rs");
    let mut files = Vec::new();
    if dist.is_dir() {
        collect(&dist, &dist, &mut files)?;
    } else {
        println!("cargo::warning=the browser application is not built: `cargo xtask build` builds it");
    }
    files.sort();
    let mut table = String::from("&[\n");
    for (name, path) in files.iter().filter(|(name, _)| !name.ends_with(".br")) {
        let packed = files.iter().find(|(other, _)| *other == format!("{name}.br"));
        let packed = packed.map_or_else(|| String::from("None"), |(_, path)| format!("Some(include_bytes!({path:?}))"));
        let _ = writeln!(table, "File {{ name: {name:?}, content: include_bytes!({path:?}), brotli: {packed} }},");
    }
    table.push(']');
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("files.rs"), table)
}

/// Names relative to `root`, with `/`.
fn collect(root: &Path, folder: &Path, files: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
        } else if let Ok(name) = path.strip_prefix(root) {
            files.push((name.to_string_lossy().replace('\\', "/"), path.clone()));
        }
    }
    Ok(())
}
