//! `media enrol`, `dismiss`, `list`: relays at other sites (J10).

use super::super::ask;
use crate::cli::{Folder, MediaDismiss, MediaEnrol};
use crate::error::CommandError;
use app::relay::CredentialsKey;
use appliance_contract::{Answer, RelaySite, Request};
use std::path::Path;
use std::process::ExitCode;
use zeroize::Zeroizing;

/// The longest file that is read as one that `media enrol` wrote.
const FILE_LIMIT_BYTES: u64 = 4 * 1024;

/// What a relay at another site is started with.
pub(super) struct Enrolled {
    pub(super) realm: String,
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) key: CredentialsKey,
}

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
        answer => Err(ask::other(answer)),
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
        answer => Err(ask::other(answer)),
    }
}

/// Reads what [`enrol`] wrote.
pub(super) fn read(path: &Path) -> Result<Enrolled, CommandError> {
    use std::io::Read as _;
    let failed = || CommandError::file("read", path);
    let mut text = Zeroizing::new(String::new());
    std::fs::File::open(path).map_err(failed())?.take(FILE_LIMIT_BYTES).read_to_string(&mut text).map_err(failed())?;
    let value = |name: &str| {
        let mut lines = text.lines().filter_map(|line| line.split_once(' '));
        lines.find(|(key, _)| *key == name).map(|(_, value)| value.trim().to_owned())
    };
    let wrong =
        || CommandError::Usage(format!("{}: give the file that `rainbow-edge media enrol` wrote", path.display()));
    let digits = Zeroizing::new(value("key").ok_or_else(wrong)?);
    let digit = |at: usize| digits.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
    let bytes: Option<Vec<u8>> = (0..digits.len()).step_by(2).map(digit).collect();
    let key = bytes.map(Zeroizing::new).and_then(|bytes| CredentialsKey::new(&bytes)).ok_or_else(wrong)?;
    let port = value("port").and_then(|port| port.parse().ok()).ok_or_else(wrong)?;
    Ok(Enrolled { realm: value("realm").ok_or_else(wrong)?, host: value("host").ok_or_else(wrong)?, port, key })
}
