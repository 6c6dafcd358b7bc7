//! `config/` as it lies on a box, in a folder; and the tools that read it there.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

/// Folders of `config/` and where they go, as its README says.
const PLACES: [(&str, &str); 9] = [
    ("systemd", "usr/lib/systemd/system"),
    ("systemd-preset", "usr/lib/systemd/system-preset"),
    ("sysusers.d", "usr/lib/sysusers.d"),
    ("tmpfiles.d", "usr/lib/tmpfiles.d"),
    ("sysctl.d", "usr/lib/sysctl.d"),
    ("nftables", "usr/lib/rainbow-edge/nftables"),
    ("networkd", "usr/lib/systemd/network"),
    ("clamav", "etc/clamav"),
    ("etc", "etc"),
];

/// What units start; none of it runs here.
const PROGRAMS: [&str; 6] = [
    "usr/bin/rainbow-edge",
    "usr/bin/rainbow-edge-storage",
    "usr/bin/rainbow-edge-console",
    "usr/bin/rm",
    "usr/bin/systemctl",
    "usr/sbin/clamd",
];

/// A folder that stands for `/` of a box; it goes when dropped.
pub(crate) struct Root(PathBuf);

impl Root {
    /// With the units of this machine's systemd, and ours above them.
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("rainbow-edge-services-{}-{number}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        let root = Self(folder);
        let units = root.at("usr/lib/systemd/system");
        fs::create_dir_all(&units).expect("a temporary folder");
        copy(Path::new("/usr/lib/systemd/system"), &units);
        for (from, to) in PLACES {
            copy(&config().join(from), &root.at(to));
        }
        for program in PROGRAMS {
            let path = root.at(program);
            fs::create_dir_all(path.parent().expect("a folder of programs")).expect("a folder");
            fs::write(&path, "#!/bin/sh\n").expect("a file");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("our own file");
        }
        root
    }

    pub(crate) fn at(&self, path: &str) -> PathBuf {
        self.0.join(path)
    }

    /// A tool of systemd that works on this folder: whether it was content, and all that it said.
    pub(crate) fn tool(&self, program: &str, arguments: &[&str]) -> (bool, String) {
        let mut command = Command::new(program);
        run(command.arg(format!("--root={}", self.0.display())).args(arguments))
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Runs a tool to its end: whether it was content, and all that it said.
pub(crate) fn run(command: &mut Command) -> (bool, String) {
    let output = command.env("SYSTEMD_COLORS", "0").env("LC_ALL", "C.UTF-8").output();
    let output = output.unwrap_or_else(|e| panic!("{:?}: {e}: `cargo xtask test` installs it", command.get_program()));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.success(), text(&output.stdout) + &text(&output.stderr))
}

/// A folder of the repository.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub(crate) fn config() -> PathBuf {
    repository().join("config")
}

/// Names of the files of a folder of `config/`, in order.
pub(crate) fn names(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(config().join(folder)).expect("a folder of config/");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("an entry"))
        .filter(|entry| entry.path().is_file())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder that is there") {
        let entry = entry.expect("an entry");
        let (kind, target) = (entry.file_type().expect("a kind"), to.join(entry.file_name()));
        if kind.is_dir() {
            copy(&entry.path(), &target);
        } else if kind.is_symlink() {
            let _ = fs::remove_file(&target);
            symlink(fs::read_link(entry.path()).expect("a link"), &target).expect("a link");
        } else {
            fs::copy(entry.path(), &target).expect("a copy");
        }
    }
}
