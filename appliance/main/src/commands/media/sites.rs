//! `media enrol`, `dismiss`, `list`: relays at other sites (J10).

use super::super::ask;
use super::other;
use crate::cli::{Folder, MediaDismiss, MediaEnrol};
use crate::error::CommandError;
use appliance_contract::{Answer, RelaySite, Request};
use std::process::ExitCode;

pub(super) fn enrol(new: &MediaEnrol) -> Result<ExitCode, CommandError> {
    let site = RelaySite { host: new.host.clone(), port: new.port };
    match ask::box_of(&new.folder, Request::RelayAdd(site))? {
        Answer::Relay { realm, key } => {
            let (host, port) = (new.host.to_ascii_lowercase(), new.port);
            println!("# A relay of Rainbow Edge for {realm}. Whoever has this file can use the relay: keep it secret.");
            println!("realm {realm}\nhost {host}\nport {port}\nkey {}", key.reveal());
            eprintln!(
                "Calls use {host}, port {port} (UDP and TCP) from now on. On that machine: rainbow-edge media \\"
            );
            eprintln!("  --enrolled FILE-WITH-THIS --chain CERTIFICATE.pem --key CERTIFICATE-KEY.pem");
            Ok(ExitCode::SUCCESS)
        }
        answer => Err(other(answer)),
    }
}

pub(super) fn dismiss(old: &MediaDismiss) -> Result<ExitCode, CommandError> {
    tell(ask::box_of(&old.folder, Request::RelayRemove { host: old.host.clone() })?)
}

pub(super) fn list(on: &Folder) -> Result<ExitCode, CommandError> {
    tell(ask::box_of(on, Request::RelayList)?)
}

fn tell(answer: Answer) -> Result<ExitCode, CommandError> {
    match answer {
        Answer::Relays(sites) => {
            sites.iter().for_each(|site| println!("{} {}", site.host, site.port));
            Ok(ExitCode::SUCCESS)
        }
        answer => Err(other(answer)),
    }
}
