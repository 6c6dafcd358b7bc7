//! What takes how much room: `sizes.json`, and the limit that the whole must keep.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use super::{Build, failed};
use crate::{Failure, Outcome};

/// Of the compressed disk (I1).
const LIMIT_BYTES: u64 = 200 << 20;

/// Beginnings of packages' names, and what they are told as; the first that fits counts.
const GROUPS: &[(&str, &[&str])] = &[
    ("kernel and modules", &["linux-image"]),
    ("firmware", &["firmware-", "intel-microcode", "amd64-microcode"]),
    ("ClamAV engine", &["clamav", "libclamav"]),
    ("systemd and udev", &["systemd", "libsystemd", "udev", "libudev", "libnss-"]),
    ("disk encryption and TPM", &["cryptsetup", "libcryptsetup", "dmsetup", "libdevmapper", "libtss2", "tpm-udev"]),
];
const OTHERS: &str = "other packages";
const OURS: &str = "our executables and files";
const GENERATED: &str = "made at build time";

/// The root before it is compressed, by group.
#[derive(Debug, Default)]
pub(super) struct Unpacked(BTreeMap<&'static str, u64>);

impl Unpacked {
    /// Asks the books of the packages, which the image does not keep.
    ///
    /// # Errors
    /// `Failed` when they are not there.
    pub(super) fn of(build: &Build) -> Result<Self, Failure> {
        let root = build.file("mkosi/image");
        let mut sums = Self::default();
        let mut known = HashSet::new();
        let books = root.join("var/lib/dpkg/info");
        for entry in std::fs::read_dir(&books).map_err(|error| failed("read", &books, &error))?.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let Some(package) = name.strip_suffix(".list") else { continue };
            let list = std::fs::read_to_string(entry.path()).map_err(|error| failed("read", &entry.path(), &error))?;
            for path in list.lines().map(|line| root.join(line.trim_start_matches('/'))) {
                sums.count(group(package), path, &mut known);
            }
        }
        each_file(&build.file("tree"), &mut |path| {
            let place = path.strip_prefix(build.file("tree")).unwrap_or(path);
            sums.count(OURS, root.join(place), &mut known);
        });
        each_file(&root.join("usr"), &mut |path| sums.count(GENERATED, path.to_path_buf(), &mut known));
        Ok(sums)
    }

    fn count(&mut self, group: &'static str, path: PathBuf, known: &mut HashSet<PathBuf>) {
        let size = file_size(&path);
        // A kernel stands in the root until it is signed, and is told by itself.
        if size > 0 && !path.ends_with("vmlinuz") && known.insert(path) {
            *self.0.entry(group).or_default() += size;
        }
    }
}

/// Compresses the disk, writes `sizes.json` and tells the sizes.
///
/// # Errors
/// `Failed` when the compressed disk is above the limit.
pub(super) fn tell(build: &Build, unpacked: &Unpacked) -> Outcome {
    let mut zstd = build.tool("zstd");
    zstd.args(["-10", "-T0", "--force", "--quiet", &build.inside("disk.raw"), "-o", &build.inside("disk.raw.zst")]);
    build.run("compressing the disk", "zstd", &mut zstd)?;
    let of = |name: &str| file_size(&build.file(name));
    let parts = [
        ("disk.raw.zst", of("disk.raw.zst")),
        ("rainbow-edge.efi", of("rainbow-edge.efi")),
        ("kernel", of("mkosi/image.vmlinuz")),
        ("initrd", of("mkosi/image.initrd")),
        ("root.raw", of("root.raw")),
        ("verity.raw", of("verity.raw")),
    ];
    super::write(&build.file("sizes.json"), &json(&parts, &unpacked.0))?;
    for (name, bytes) in parts {
        println!("  {name:<28}{:>8} MiB", mib(bytes));
    }
    for (name, bytes) in &unpacked.0 {
        println!("  root, unpacked: {name:<26}{:>8} MiB", mib(*bytes));
    }
    if parts[0].1 < LIMIT_BYTES {
        return Ok(());
    }
    Err(Failure::Failed(format!(
        "the compressed disk has {} MiB, and the limit is {}; sizes.json says what takes the room",
        mib(parts[0].1),
        mib(LIMIT_BYTES)
    )))
}

fn group(package: &str) -> &'static str {
    let fits = |begins: &&[&str]| begins.iter().any(|begin| package.starts_with(begin));
    GROUPS.iter().find(|(_, begins)| fits(begins)).map_or(OTHERS, |(name, _)| name)
}

fn file_size(path: &Path) -> u64 {
    std::fs::symlink_metadata(path).map_or(0, |found| if found.is_file() { found.len() } else { 0 })
}

fn each_file(folder: &Path, tell: &mut dyn FnMut(&Path)) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => each_file(&entry.path(), tell),
            Ok(kind) if kind.is_file() => tell(&entry.path()),
            _ => {}
        }
    }
}

/// With one digit, rounded down.
fn mib(bytes: u64) -> String {
    let tenths = bytes * 10 / (1 << 20);
    format!("{}.{}", tenths / 10, tenths % 10)
}

fn json(parts: &[(&str, u64)], groups: &BTreeMap<&'static str, u64>) -> String {
    let lines = |pairs: Vec<(&str, u64)>| {
        pairs.iter().map(|(name, bytes)| format!("    \"{name}\": {bytes}")).collect::<Vec<_>>().join(",\n")
    };
    let unpacked = lines(groups.iter().map(|(name, bytes)| (*name, *bytes)).collect());
    format!("{{\n  \"files\": {{\n{}\n  }},\n  \"root_unpacked\": {{\n{unpacked}\n  }}\n}}\n", lines(parts.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::{BTreeMap, OTHERS, group, json, mib};

    #[test]
    fn packages_are_grouped_by_the_beginning_of_their_names() {
        assert_eq!(group("linux-image-6.12.1-cloud-amd64"), "kernel and modules");
        assert_eq!(group("libtss2-rc0t64:amd64"), "disk encryption and TPM");
        assert_eq!(group("bash"), OTHERS);
    }

    #[test]
    fn sizes_are_told_with_one_digit() {
        assert_eq!(mib((3 << 20) + (1 << 19)), "3.5");
        assert_eq!(mib(0), "0.0");
    }

    #[test]
    fn sizes_are_written_as_json() {
        let text = json(&[("a", 1), ("b", 2)], &BTreeMap::from([("c", 3)]));
        assert_eq!(
            text,
            "{\n  \"files\": {\n    \"a\": 1,\n    \"b\": 2\n  },\n  \"root_unpacked\": {\n    \"c\": 3\n  }\n}\n"
        );
    }
}
