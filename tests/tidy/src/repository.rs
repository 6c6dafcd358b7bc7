//! The files of the repository.

use std::path::{Path, PathBuf};

/// Made by tools, not by us: these at the root, and what npm installs wherever it does.
const LEFT_OUT: &[&str] = &[".git", "target", "data"];
const LEFT_OUT_EVERYWHERE: &str = "node_modules";

/// A text file. What is not UTF-8 is not listed.
#[derive(Debug)]
pub struct File {
    /// From the root, with `/`.
    pub path: String,
    pub text: String,
}

/// The root of the checkout that this was built in.
#[must_use]
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// Every text file, sorted by path.
#[must_use]
pub fn files() -> Vec<File> {
    let root = root();
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let kind = entry.file_type();
            let at_root = folder == root && LEFT_OUT.iter().any(|name| entry.file_name() == *name);
            if at_root || entry.file_name() == LEFT_OUT_EVERYWHERE {
                continue;
            }
            if kind.as_ref().is_ok_and(std::fs::FileType::is_dir) {
                folders.push(path);
            } else if let (Ok(text), Ok(short)) = (std::fs::read_to_string(&path), path.strip_prefix(&root)) {
                found.push(File { path: short.to_string_lossy().into_owned(), text });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}
