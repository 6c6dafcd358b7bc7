//! What auditors' programs say of a running machine: nmap from outside; lynis and systemd-analyze from inside.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::disk;
use crate::error::{Fault, Outcome};
use crate::lan::Lan;
use crate::place::place;
use crate::shell::Shell;
use crate::tools;

/// lynis starts thousands of small programs.
const LYNIS: Duration = Duration::from_secs(2400);
/// Debian's package, as it lies on this machine.
const LYNIS_FILES: &[&str] = &["/usr/sbin/lynis", "/usr/share/lynis", "/etc/lynis"];

/// The ports that nmap finds open. What says nothing at all is not open.
pub(crate) fn open_ports(lan: &Lan, report: &str, words: &[&str]) -> Outcome<Vec<u16>> {
    let mut all = lan.inside();
    all.extend(["nmap", "-n", "-Pn", "-oG", "-"].map(str::to_owned));
    all.extend(words.iter().map(|word| (*word).to_owned()));
    let text = tools::output(&format!("nmap {}", words.join(" ")), Command::new(&all[0]).args(&all[1..]))?;
    keep(report, &text)?;
    if !text.contains("Status: Up") {
        return Err(Fault::Wrong(format!("nmap saw no machine: {text}")));
    }
    Ok(ports(&text))
}

/// `Ports: 80/open/tcp//http///, 443/open/tcp//https///`.
fn ports(text: &str) -> Vec<u16> {
    let lists = text.lines().filter_map(|line| line.split_once("Ports: ")?.1.split('\t').next());
    let entries = lists.flat_map(|list| list.split(", ")).map(|entry| entry.split('/').collect::<Vec<_>>());
    entries.filter(|entry| entry.get(1) == Some(&"open")).filter_map(|entry| entry[0].trim().parse().ok()).collect()
}

/// Our units with their exposure as `systemd-analyze security` grades it, 0 to 10; its reasons are kept.
pub(crate) fn exposures(shell: &mut Shell) -> Outcome<Vec<(String, f64)>> {
    let listed = shell.run("systemctl list-units --all --plain --no-legend --type=service 'rainbow-edge*'")?;
    let units: Vec<&str> = listed.lines().filter_map(|line| line.split_whitespace().next()).collect();
    let mut found = Vec::new();
    let mut report = String::new();
    for unit in units {
        let text = shell.run(&format!("systemd-analyze security --no-pager {unit}"))?;
        let grade = exposure(&text).ok_or_else(|| Fault::Wrong(format!("no exposure of {unit} in: {text}")))?;
        report.push_str(&format!("== {unit}\n{text}\n\n"));
        found.push((unit.to_owned(), grade));
    }
    keep("systemd-analyze-security.txt", &report)?;
    Ok(found)
}

/// `→ Overall exposure level for rainbow-edge-server.service: 1.4 OK`.
fn exposure(text: &str) -> Option<f64> {
    let (_, rest) = text.rsplit_once("Overall exposure level for ")?;
    rest.split_once(": ")?.1.split_whitespace().next()?.parse().ok()
}

/// A disk with lynis, of this machine's own package.
pub(crate) fn lynis_disk() -> Outcome<PathBuf> {
    let folder = place()?.state.join("lynis");
    fs::create_dir_all(&folder).map_err(Fault::file("make", &folder))?;
    for file in LYNIS_FILES {
        if !Path::new(file).exists() {
            return Err(Fault::Missing { path: file.into(), what_to_do: "install Debian's package lynis" });
        }
        tools::output("copying lynis", Command::new("cp").args(["-rLT", file]).arg(folder.join(own_name(file))))?;
    }
    disk::of_folder("lynis", &folder)
}

/// `lynis`, `share`, `etc`.
fn own_name(file: &str) -> &str {
    match file {
        "/usr/share/lynis" => "share",
        "/etc/lynis" => "etc",
        other => other.rsplit('/').next().unwrap_or(other),
    }
}

/// Runs lynis from its disk and keeps its report; how hard it finds the machine, out of 100.
pub(crate) fn lynis(shell: &mut Shell) -> Outcome<u32> {
    shell.run("mkdir -p /run/lynis && mount -t erofs -o ro /dev/disk/by-id/virtio-more /run/lynis")?;
    // lynis finds its parts in its own folder; what it would leave behind goes to /run.
    shell.run(
        "mkdir -p /run/lynis-own && cp -r /run/lynis/share/* /run/lynis-own/ && cp /run/lynis/lynis /run/lynis-own/",
    )?;
    shell
        .run("cp -r /run/lynis/etc/* /run/lynis-own/ && chown -R 0:0 /run/lynis-own && chmod -R go-w /run/lynis-own")?;
    let audit = "cd /run/lynis-own && sh ./lynis audit system --quick --no-colors --nolog --profile ./default.prf \
                 --report-file /run/lynis.dat > /run/lynis.txt";
    let (said, code) = shell.attempt(audit, LYNIS)?;
    let text = shell.run("cat /run/lynis.txt")?;
    keep("lynis.txt", &text)?;
    let report = shell.run("cat /run/lynis.dat").unwrap_or_default();
    keep("lynis.dat", &report)?;
    let index = report.lines().find_map(|line| line.strip_prefix("hardening_index=")?.trim().parse().ok());
    index.ok_or_else(|| Fault::Wrong(format!("lynis ended with {code} without a report: {said}")))
}

/// Puts a file beside the other reports.
pub(crate) fn keep(name: &str, text: &str) -> Outcome<()> {
    let file = place()?.reports.join(name);
    fs::write(&file, text).map_err(Fault::file("write", &file))
}

#[test]
fn the_findings_of_auditors_are_read_i7() {
    let text = "Host: 192.0.2.2 ()\tPorts: 80/open/tcp//http///, 443/open/tcp//https///, 9/closed/tcp////\tIgnored\n";
    assert_eq!(ports(text), [80, 443]);
    assert_eq!(ports("Host: 192.0.2.2 ()\tPorts: 443/open|filtered/udp//https///\n"), [0; 0]);
    assert_eq!(exposure("x\n→ Overall exposure level for a.service: 1.4 OK :-)"), Some(1.4));
}
