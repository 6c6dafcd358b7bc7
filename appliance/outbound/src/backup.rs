//! Targets of backups (D7): one file a kind. They are called because the configuration, or whoever restores, names them (E6).

mod folder;
mod s3;
mod sftp;
mod web;
mod webdav;

use app::backup::Target;
use domain::backup::Address;
use std::path::PathBuf;
use std::sync::Arc;
use zeroize::Zeroizing;

/// What is not whole yet ends so, where a kind has no other way of writing whole objects.
const PARTIAL: &str = ".part";

/// What is needed beside an address.
#[derive(Clone)]
pub struct Means {
    /// Secret of the account: a secret key, a password, a private key of SSH.
    pub secret: Option<Zeroizing<String>>,
    /// PEM certificates of further CAs.
    pub ca_file: Option<PathBuf>,
    /// The time, in milliseconds since 1970.
    pub clock: fn() -> i64,
}

/// What takes the objects of a target. Nothing is called yet.
///
/// # Errors
/// For people: what is missing.
pub fn open(address: &Address, means: &Means) -> Result<Arc<dyn Target>, String> {
    Ok(match address {
        Address::Folder(path) => Arc::new(folder::Folder::new(path)),
        Address::S3 { server, bucket, prefix, region } => {
            Arc::new(s3::S3::new(server, (bucket, prefix, region), means)?)
        }
        Address::Sftp { server, path, host_key } => Arc::new(sftp::Sftp::new(server, (path, host_key), means)?),
        Address::WebDav { server, path } => Arc::new(webdav::WebDav::new(server, path, means)?),
    })
}
