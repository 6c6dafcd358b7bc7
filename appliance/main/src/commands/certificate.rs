//! `certificate set`, `show` and `remove` (E2).

use super::ask;
use crate::certificate::day;
use crate::cli::{CertificateCommand, CertificateSet, CertificateShow, Folder};
use crate::error::CommandError;
use appliance_contract::{Answer, CertificateFacts, CertificateKind, Request, Secret};
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::process::ExitCode;
use zeroize::Zeroizing;

/// Longest chain file: half of what the admin socket takes. A chain has a few KiB.
pub(super) const CHAIN_LIMIT_BYTES: usize = 32 * 1024;
/// Longest key file. A key has less than 4 KiB.
pub(super) const KEY_LIMIT_BYTES: usize = 16 * 1024;

pub(super) fn execute(command: &CertificateCommand) -> Result<ExitCode, CommandError> {
    match command {
        CertificateCommand::Set(new) => set(new),
        CertificateCommand::Show(options) => show(options),
        CertificateCommand::Remove(on) => tell(on, Request::CertificateRemove, false),
    }
}

fn set(new: &CertificateSet) -> Result<ExitCode, CommandError> {
    let chain = read(&new.chain, CHAIN_LIMIT_BYTES)?;
    let mut key = read(&new.key, KEY_LIMIT_BYTES)?;
    let request = Request::CertificateSet(appliance_contract::CertificateSet {
        chain_file: new.chain.display().to_string(),
        chain: chain.to_string(),
        key_file: new.key.display().to_string(),
        key: Secret::new(std::mem::take(&mut *key)),
    });
    drop(key);
    tell(&new.folder, request, false)
}

fn show(options: &CertificateShow) -> Result<ExitCode, CommandError> {
    tell(&options.folder, Request::CertificateShow, options.json)
}

/// Reads a file that may hold a key: nothing of it stays in memory. The wrong file may be any file.
pub(super) fn read(path: &Path, limit_bytes: usize) -> Result<Zeroizing<String>, CommandError> {
    let failed = || CommandError::file("read", path);
    let mut bytes = Zeroizing::new(Vec::with_capacity(limit_bytes + 1));
    let limit = u64::try_from(limit_bytes).unwrap_or(u64::MAX).saturating_add(1);
    File::open(path).map_err(failed())?.take(limit).read_to_end(&mut bytes).map_err(failed())?;
    let refused = |what: &str| CommandError::Usage(format!("{}: {what}", path.display()));
    if bytes.len() > limit_bytes {
        return Err(refused(&format!(
            "it has more than {limit_bytes} bytes; give a file with PEM text and nothing else"
        )));
    }
    let text = String::from_utf8(std::mem::take(&mut *bytes)).map_err(|e| {
        drop(Zeroizing::new(e.into_bytes()));
        refused("it is not PEM text; convert it with openssl, from DER (-inform DER) or PKCS #12 (openssl pkcs12)")
    })?;
    Ok(Zeroizing::new(text))
}

fn tell(on: &Folder, request: Request, json: bool) -> Result<ExitCode, CommandError> {
    match ask::box_of(on, request)? {
        Answer::Certificate(facts) if json => {
            let text = serde_json::to_string_pretty(&facts)
                .map_err(|e| CommandError::Usage(format!("the certificate cannot be written as JSON: {e}")))?;
            println!("{text}");
        }
        Answer::Certificate(facts) => print(&facts),
        answer => return Err(ask::other(answer)),
    }
    Ok(ExitCode::SUCCESS)
}

fn print(facts: &CertificateFacts) {
    println!("certificate {}", in_words(facts));
    println!("fingerprint {}", facts.fingerprint);
    for warning in &facts.warnings {
        println!("warning     {warning}");
    }
}

/// One line about it.
pub(super) fn in_words(facts: &CertificateFacts) -> String {
    let kind = match facts.kind {
        CertificateKind::OwnCa => "of the box's own CA",
        CertificateKind::Uploaded => "uploaded",
    };
    let until = day(i64::try_from(facts.expires_at_ms).unwrap_or(i64::MAX));
    format!("{kind}, for {}, until {until}", facts.names.join(" "))
}
