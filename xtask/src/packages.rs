//! What a fresh Debian 12 lacks, by the name apt knows it under.

use std::process::Command;

use crate::{Failure, Outcome, process};

/// A package, and the programs whose absence means that it is missing.
pub(crate) struct Package {
    name: &'static str,
    programs: &'static [&'static str],
}

/// TLS and SQLite are compiled from C and from assembly that is in their crates: a C compiler is all they need.
pub(crate) const BUILD: &[Package] =
    &[Package { name: "gcc", programs: &["cc"] }, Package { name: "libc6-dev", programs: &["cc"] }];

/// SQLCipher takes its algorithms from OpenSSL.
pub(crate) const SQLCIPHER: &[Package] =
    &[Package { name: "libssl-dev", programs: &["/usr/include/openssl/crypto.h"] }];

/// SQLite's test program is a Tcl interpreter, built from Debian's source.
pub(crate) const TCL: &[Package] = &[
    Package { name: "tcl-dev", programs: &["tclsh", "/usr/include/tcl8.6/tcl.h"] },
    Package { name: "zlib1g-dev", programs: &["/usr/include/zlib.h"] },
    Package { name: "make", programs: &["make"] },
    Package { name: "dpkg-dev", programs: &["dpkg-source"] },
];

/// npm brings a Node of its own age with it; the one that is needed is fetched by npm.
pub(crate) const NODE: &[Package] =
    &[Package { name: "npm", programs: &["npm"] }, Package { name: "nodejs", programs: &["node", "npm"] }];

/// Python with what makes an environment of its own, into which pip installs.
pub(crate) const PYTHON: &[Package] =
    &[Package { name: "python3-venv", programs: &["python3", "/usr/lib/python3.11/ensurepip/__init__.py"] }];

/// A browser, what makes it trust a CA, and letters of every script.
pub(crate) const BROWSER: &[Package] = &[
    Package { name: "chromium", programs: &["chromium"] },
    Package { name: "libnss3-tools", programs: &["certutil"] },
    Package { name: "fonts-noto-core", programs: &["chromium"] },
    Package { name: "fonts-noto-color-emoji", programs: &["chromium"] },
];

/// A client that its users have from Debian.
pub(crate) const CLIENTS: &[Package] = &[Package { name: "profanity", programs: &["profanity"] }];

/// What takes a core of a process that lives.
pub(crate) const DEBUGGER: &[Package] = &[Package { name: "gdb", programs: &["gdb"] }];

/// What auditors look at a box with. Debian's testssl.sh installs the program without the ending.
pub(crate) const AUDIT: &[Package] =
    &[Package { name: "nmap", programs: &["nmap"] }, Package { name: "testssl.sh", programs: &["testssl"] }];

/// What reads the units, the accounts and the firewall of `config/` on a box; nothing of it is started here.
pub(crate) const SERVICES: &[Package] = &[
    Package { name: "systemd", programs: &["systemd-analyze", "systemd-sysusers", "systemd-socket-activate"] },
    Package { name: "ethtool", programs: &["ethtool"] },
    Package { name: "nftables", programs: &["/usr/sbin/nft"] },
    Package { name: "util-linux", programs: &["unshare"] },
];

/// A real encrypted volume in a file, and a terminal with a `/run` of its own.
pub(crate) const STORAGE: &[Package] = &[
    Package { name: "cryptsetup-bin", programs: &["/usr/sbin/cryptsetup"] },
    Package { name: "util-linux", programs: &["unshare"] },
];

/// A whole TPM 2.0 that is a program.
pub(crate) const TPM: &[Package] = &[Package { name: "swtpm", programs: &["swtpm"] }];

/// What a booted image is looked at with, from outside and from inside; the page is asked for by curl.
pub(crate) const IMAGE_AUDIT: &[Package] = &[
    Package { name: "nmap", programs: &["nmap"] },
    Package { name: "lynis", programs: &["lynis"] },
    Package { name: "iproute2", programs: &["ip"] },
    Package { name: "curl", programs: &["curl"] },
];

/// Networks of their own, made of network namespaces: streets and homes, with routers that change addresses; a relay and those around
/// it, whose cards finish no checksums.
pub(crate) const NETWORKS: &[Package] = &[
    Package { name: "util-linux", programs: &["unshare", "nsenter", "setpriv"] },
    Package { name: "iproute2", programs: &["ip"] },
    Package { name: "ethtool", programs: &["ethtool"] },
    Package { name: "nftables", programs: &["/usr/sbin/nft"] },
];

/// Another relay with its client and peer.
pub(crate) const RELAY: &[Package] =
    &[Package { name: "coturn", programs: &["turnserver", "turnutils_uclient", "turnutils_peer"] }];

/// Other XMPP servers, to compare with, with what they keep archives in SQLite by.
pub(crate) const PEERS: &[Package] = &[
    Package { name: "prosody", programs: &["prosody"] },
    Package { name: "lua-dbi-sqlite3", programs: &["/usr/share/doc/lua-dbi-sqlite3/copyright"] },
    Package { name: "ejabberd", programs: &["/usr/sbin/ejabberdctl", "erl"] },
    Package { name: "erlang-p1-sqlite3", programs: &["/usr/share/doc/erlang-p1-sqlite3/copyright"] },
];

/// Another server of rooms and files, and one of files alone.
pub(crate) const COLLABORATION_PEERS: &[Package] = &[
    Package { name: "prosody", programs: &["prosody"] },
    Package { name: "lua-dbi-sqlite3", programs: &["/usr/share/doc/lua-dbi-sqlite3/copyright"] },
    Package { name: "nginx-light", programs: &["/usr/sbin/nginx"] },
];

/// What starts with the machine, by the package that brings it.
const SERVICES_OF_PEERS: &[(&str, &str)] = &[
    ("prosody", "prosody"),
    ("ejabberd", "ejabberd"),
    ("ejabberd", "epmd"),
    ("nginx-light", "nginx"),
    ("coturn", "coturn"),
    ("openssh-server", "ssh"),
];

/// A new user has git; curl asks the box for a page as one would.
pub(crate) const README: &[Package] =
    &[Package { name: "git", programs: &["git"] }, Package { name: "curl", programs: &["curl"] }];

/// The virus scanner that files are shown to; it is started by the tests, with a signature of theirs.
pub(crate) const SCANNER: &[Package] = &[Package { name: "clamav-daemon", programs: &["/usr/sbin/clamd"] }];

/// A server that backups go to; it is started by the tests.
pub(crate) const SFTP: &[Package] = &[Package { name: "openssh-server", programs: &["/usr/sbin/sshd", "ssh-keygen"] }];

/// Makes and enters the bare Debian 12.
pub(crate) const BARE_DEBIAN: &[Package] = &[Package { name: "mmdebstrap", programs: &["mmdebstrap"] }];

/// Makes the tools that make images; everything else that they need is among them.
pub(crate) const IMAGE: &[Package] = &[
    Package { name: "mmdebstrap", programs: &["mmdebstrap"] },
    Package { name: "git", programs: &["git"] },
    Package { name: "util-linux", programs: &["unshare"] },
];

impl Package {
    fn is_missing(&self) -> bool {
        !self.programs.iter().all(|program| process::present(program))
    }
}

/// Installs what is missing of `packages`: as root, else by `sudo -n`.
///
/// # Errors
/// `NeedsPerson` with the exact line to type where neither is possible, `Failed` when apt fails.
pub(crate) fn install(packages: &[Package]) -> Outcome {
    let missing = missing(packages);
    if missing.is_empty() { Ok(()) } else { install_missing(&missing) }
}

/// The same, and nothing of it is started, now or when the machine starts: who is to run it does so.
///
/// # Errors
/// As [`install`].
pub(crate) fn install_unstarted(packages: &[Package]) -> Outcome {
    /// invoke-rc.d asks it before it starts anything.
    const POLICY: &str = "/usr/sbin/policy-rc.d";
    let missing = missing(packages);
    if missing.is_empty() {
        return Ok(());
    }
    let as_root = as_root(&missing)?;
    let forbids = std::path::Path::new(POLICY).exists();
    let shell = |script: &str| run_as_root(as_root, &["sh", "-c", script]);
    if !forbids {
        shell(&format!("printf '#!/bin/sh\nexit 101\n' >{POLICY} && chmod 755 {POLICY}"))?;
    }
    let installed = install_missing(&missing);
    if !forbids {
        shell(&format!("rm {POLICY}"))?;
    }
    installed?;
    for (package, service) in SERVICES_OF_PEERS {
        // One that was there before may be in use.
        if missing.contains(package) {
            shell(&format!("update-rc.d {service} disable 2>/dev/null || true"))?;
        }
    }
    if missing.contains(&"ejabberd") {
        // `epmd` comes with Erlang, by a socket; where there is no systemd nothing starts it.
        shell("if [ -d /run/systemd/system ]; then systemctl disable --now epmd.socket epmd.service; fi")?;
    }
    Ok(())
}

fn missing(packages: &[Package]) -> Vec<&'static str> {
    packages.iter().filter(|package| package.is_missing()).map(|package| package.name).collect()
}

fn install_missing(missing: &[&str]) -> Outcome {
    let as_root = as_root(missing)?;
    println!("installing {}", missing.join(" "));
    apt(as_root, &["update", "--quiet"])?;
    let mut arguments = vec!["install", "--yes", "--quiet", "--no-install-recommends"];
    arguments.extend(missing);
    apt(as_root, &arguments)
}

/// What stands before a command that root must run.
fn as_root(missing: &[&str]) -> Result<&'static [&'static str], Failure> {
    let line = install_line(missing);
    if !process::present("apt-get") {
        return Err(Failure::NeedsPerson(format!(
            "missing: {}. Install what your system calls so, then try again.",
            missing.join(" ")
        )));
    }
    if process::is_root() {
        Ok(&[])
    } else if sudo_asks_nothing() {
        Ok(&["sudo", "-n"])
    } else {
        Err(Failure::NeedsPerson(format!(
            "missing: {}. Install it, then try again:\n\n    {line}\n",
            missing.join(" ")
        )))
    }
}

fn install_line(missing: &[&str]) -> String {
    format!("sudo apt-get update && sudo apt-get install --yes --no-install-recommends {}", missing.join(" "))
}

fn sudo_asks_nothing() -> bool {
    let test = Command::new("sudo").args(["-n", "true"]).output();
    test.is_ok_and(|output| output.status.success())
}

fn apt(as_root: &[&str], arguments: &[&str]) -> Outcome {
    // `env`, because sudo drops what it is not told to keep.
    run_as_root(as_root, &[&["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"], arguments].concat())
}

fn run_as_root(as_root: &[&str], command: &[&str]) -> Outcome {
    let words = [as_root, command].concat();
    let (program, rest) = words.split_first().ok_or_else(|| Failure::Failed("an empty command".to_owned()))?;
    process::run(Command::new(program).args(rest).stdin(std::process::Stdio::null()))
}

#[cfg(test)]
mod tests {
    use super::{Package, install_line};

    #[test]
    fn a_program_that_is_nowhere_makes_its_package_missing() {
        assert!(Package { name: "x", programs: &["sh", "no-such-program-anywhere"] }.is_missing());
        assert!(!Package { name: "x", programs: &["sh"] }.is_missing());
    }

    #[test]
    fn the_line_for_people_names_every_missing_package() {
        assert!(install_line(&["gcc", "npm"]).ends_with(" gcc npm"));
    }
}
