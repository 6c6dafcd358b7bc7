//! `media probe`: the way of a call through the relays, hop by hop, and what to do about the one that is broken.

mod client;
mod line;
mod mapping;
mod trust;
mod way;

use super::super::ask;
use crate::cli::MediaProbe;
use crate::error::CommandError;
use appliance_contract::{Answer, RelayProbe, RelayTransport, Request};
use serde::Serialize;
use std::net::SocketAddr;
use std::process::ExitCode;

/// What was found of one hop.
#[derive(Debug, Serialize)]
pub(super) struct Finding {
    /// Of which relay, by what: `edge.example.org:443 udp`.
    pub(super) way: String,
    /// `name`, `node`, `reach`, `certificate`, `allocation`, `permission`, `echo`, `address`, `nat`.
    pub(super) hop: &'static str,
    pub(super) ok: bool,
    /// One line for people.
    pub(super) told: String,
    /// What to do; empty where nothing is.
    pub(super) what_to_do: &'static str,
}

/// Collects findings about one way.
pub(super) struct Findings<'f> {
    pub(super) way: String,
    pub(super) all: &'f mut Vec<Finding>,
}

impl Findings<'_> {
    pub(super) fn works(&mut self, hop: &'static str, told: String) {
        self.all.push(Finding { way: self.way.clone(), hop, ok: true, told, what_to_do: "" });
    }

    pub(super) fn broken(&mut self, hop: &'static str, told: String, what_to_do: &'static str) {
        self.all.push(Finding { way: self.way.clone(), hop, ok: false, told, what_to_do });
    }
}

pub(super) fn execute(options: &MediaProbe) -> Result<ExitCode, CommandError> {
    let probe = match ask::box_of(&options.folder, Request::RelayProbe)? {
        Answer::RelayProbe(probe) => probe,
        answer => return Err(ask::other(answer)),
    };
    let mut findings = Vec::new();
    node(&probe, &mut findings);
    let trust = trust::config(probe.ca.as_deref())?;
    let mut relays = Vec::new();
    for of in &probe.ways {
        let transport = match of.transport {
            RelayTransport::Udp => "udp",
            RelayTransport::Tls => "tls",
        };
        let way = format!("{}:{} {transport}", of.host, of.port);
        let mut findings = Findings { way, all: &mut findings };
        if let Some(to) = address(of, options.at.filter(|_| of.host == probe.name), &mut findings) {
            way::walk(of, to, &probe, &trust, &mut findings);
            if of.transport == RelayTransport::Udp {
                relays.push(to);
                relays.extend(further(of, &probe));
            }
        }
    }
    relays.sort();
    relays.dedup();
    mapping::judge(&relays, &mut findings);
    tell(&findings, &probe, options.json)?;
    Ok(if findings.iter().all(|finding| finding.ok) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Further addresses of the box, by which it sees a device as another place would.
fn further(way: &appliance_contract::RelayWay, probe: &RelayProbe) -> Vec<SocketAddr> {
    let external = probe.external.iter().filter(|_| way.host == probe.name);
    external.filter_map(|address| Some(SocketAddr::new(address.parse().ok()?, way.port))).collect()
}

/// What the box itself says.
fn node(probe: &RelayProbe, all: &mut Vec<Finding>) {
    let mut findings = Findings { way: String::from("the box"), all };
    if !probe.relay {
        let what_to_do = "set relay = true in the section [media] of edge.toml and restart the box";
        findings.broken("node", String::from("calls are not relayed: the configuration forbids it"), what_to_do);
    } else if probe.node {
        findings.works("node", String::from("the media node is there"));
    } else {
        let what_to_do =
            "start the box; if it runs, look at the log of the media role: rainbow-edge-media.service on a box";
        findings.broken("node", String::from("the media node is away"), what_to_do);
    }
}

/// Where a relay is.
fn address(
    way: &appliance_contract::RelayWay,
    at: Option<std::net::IpAddr>,
    findings: &mut Findings<'_>,
) -> Option<SocketAddr> {
    use std::net::ToSocketAddrs as _;
    if let Some(at) = at {
        return Some(SocketAddr::new(at, way.port));
    }
    let resolved = (way.host.as_str(), way.port).to_socket_addrs().map(Iterator::collect::<Vec<_>>);
    // As browsers do where both are there; which of them is broken shows with --at.
    let found = resolved.unwrap_or_default();
    match found.iter().find(|address| address.is_ipv4()).or(found.first()) {
        Some(address) => {
            findings.works("name", format!("the name leads to {}", address.ip()));
            Some(*address)
        }
        None => {
            let what_to_do = "enter the name in the DNS, or try an address with --at";
            findings.broken("name", String::from("the name leads nowhere"), what_to_do);
            None
        }
    }
}

fn tell(findings: &[Finding], probe: &RelayProbe, json: bool) -> Result<(), CommandError> {
    if json {
        let all = serde_json::json!({ "findings": findings, "capabilities": probe.capabilities });
        let text = serde_json::to_string_pretty(&all)
            .map_err(|e| CommandError::Usage(format!("the findings cannot be written as JSON: {e}")))?;
        println!("{text}");
        return Ok(());
    }
    let mut way = "";
    for finding in findings {
        if finding.way != way {
            way = &finding.way;
            println!("{way}");
        }
        let mark = if finding.ok { "ok    " } else { "BROKEN" };
        println!("  {mark} {:<12} {}", finding.hop, finding.told);
        if !finding.what_to_do.is_empty() {
            println!("         what to do   {}", finding.what_to_do);
        }
    }
    if !probe.capabilities.is_empty() {
        println!("ways to be faster");
        probe.capabilities.iter().for_each(|told| println!("  {told}"));
    }
    Ok(())
}
