//! Where backups go (D7): addresses as they are written into the configuration.

use std::path::PathBuf;

const TEXT_LENGTH_MAX: usize = 1024;
const NAME_LENGTH_MAX: usize = 32;
const HTTPS_PORT: u16 = 443;
const SSH_PORT: u16 = 22;

/// Why a text names no target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotATarget {
    /// No `NAME=` before the address, or one of other characters.
    #[error("expected NAME=ADDRESS, the name of up to {NAME_LENGTH_MAX} small letters, digits and dashes")]
    Name,
    /// Another scheme, or none.
    #[error("expected an address that begins with file://, s3://, sftp:// or davs://")]
    Scheme,
    /// Host or port is none.
    #[error("the host or the port in it cannot be read")]
    Host,
    /// No name before the host.
    #[error("expected NAME@ before the host: an account, or the access key of S3")]
    Account,
    /// A path that is not absolute, or holds what cannot stand in one.
    #[error("its path is not allowed: absolute, of letters, digits and . _ - / alone, without . and .. as parts")]
    Path,
    /// No bucket.
    #[error("expected a bucket as the first part of the path")]
    Bucket,
    /// No pinned key.
    #[error("expected ?host_key=SHA256:... as `ssh-keygen -lf` prints it for the server's key")]
    HostKey,
    /// Something behind the question mark that is not known.
    #[error("only region= (s3) and host_key= (sftp) may stand behind the question mark")]
    Query,
}

/// A target by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// How people and files of secrets call it.
    pub name: String,
    /// Where it is.
    pub address: Address,
}

/// Where a target is, and as whom it is asked. Secrets are not part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// A folder of this machine: a disk, a mounted share.
    Folder(PathBuf),
    /// A bucket of an S3-compatible service, over TLS.
    S3 {
        /// The service.
        server: Server,
        /// Bucket, addressed by path.
        bucket: String,
        /// What object names begin with; empty or with a slash at its end.
        prefix: String,
        /// Region that requests are signed for.
        region: String,
    },
    /// A folder of an SFTP server.
    Sftp {
        /// The server.
        server: Server,
        /// Folder.
        path: String,
        /// Base64 of the SHA-256 of its host key, without padding.
        host_key: String,
    },
    /// A folder of a WebDAV server, over TLS.
    WebDav {
        /// The server.
        server: Server,
        /// Folder; ends with a slash.
        path: String,
    },
}

/// A server and who asks it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Account, or access key.
    pub account: String,
    /// Host, in small letters.
    pub host: String,
    /// TCP port.
    pub port: u16,
}

impl Target {
    /// Reads `NAME=ADDRESS`.
    ///
    /// # Errors
    /// [`NotATarget`] says what is wrong.
    pub fn parse(text: &str) -> Result<Self, NotATarget> {
        let (name, address) = text.split_once('=').ok_or(NotATarget::Name)?;
        let clean = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
        if name.is_empty() || name.len() > NAME_LENGTH_MAX || !name.bytes().all(clean) {
            return Err(NotATarget::Name);
        }
        Ok(Self { name: name.to_owned(), address: Address::parse(address)? })
    }
}

impl Address {
    /// Reads an address.
    ///
    /// # Errors
    /// [`NotATarget`] says what is wrong.
    pub fn parse(text: &str) -> Result<Self, NotATarget> {
        if text.len() > TEXT_LENGTH_MAX {
            return Err(NotATarget::Path);
        }
        let (scheme, rest) = text.split_once("://").ok_or(NotATarget::Scheme)?;
        if scheme == "file" {
            return Ok(Self::Folder(PathBuf::from(path(rest)?)));
        }
        let (rest, query) = rest.split_once('?').map_or((rest, None), |(rest, query)| (rest, Some(query)));
        let (authority, rest) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        match scheme {
            "s3" => s3(server(authority, HTTPS_PORT)?, rest, query),
            "sftp" => {
                let host_key = query.and_then(|query| query.strip_prefix("host_key=SHA256:"));
                let base64 = |c: u8| c.is_ascii_alphanumeric() || c == b'+' || c == b'/';
                let host_key = host_key.filter(|key| key.len() == 43 && key.bytes().all(base64));
                let host_key = host_key.ok_or(NotATarget::HostKey)?.to_owned();
                Ok(Self::Sftp { server: server(authority, SSH_PORT)?, path: path(rest)?.to_owned(), host_key })
            }
            "davs" if query.is_some() => Err(NotATarget::Query),
            "davs" => {
                let path = format!("{}/", path(rest)?.trim_end_matches('/'));
                Ok(Self::WebDav { server: server(authority, HTTPS_PORT)?, path })
            }
            _ => Err(NotATarget::Scheme),
        }
    }

    /// Whether a secret is needed beside it.
    #[must_use]
    pub fn needs_secret(&self) -> bool {
        !matches!(self, Self::Folder(_))
    }
}

impl std::fmt::Display for Address {
    /// For people: without what signs or pins.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Folder(path) => write!(f, "file://{}", path.display()),
            Self::S3 { server, bucket, prefix, .. } => {
                write!(f, "s3://{}:{}/{bucket}/{prefix}", server.host, server.port)
            }
            Self::Sftp { server, path, .. } => write!(f, "sftp://{}:{}{path}", server.host, server.port),
            Self::WebDav { server, path } => write!(f, "davs://{}:{}{path}", server.host, server.port),
        }
    }
}

fn s3(server: Server, rest: &str, query: Option<&str>) -> Result<Address, NotATarget> {
    let region = match query {
        None => "us-east-1",
        Some(query) => query.strip_prefix("region=").ok_or(NotATarget::Query)?,
    };
    if region.is_empty() || !region.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-') {
        return Err(NotATarget::Query);
    }
    let path = path(rest).map_err(|_| NotATarget::Bucket)?.trim_matches('/');
    let (bucket, prefix) = path.split_once('/').unwrap_or((path, ""));
    if bucket.is_empty() {
        return Err(NotATarget::Bucket);
    }
    let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
    Ok(Address::S3 { server, bucket: bucket.to_owned(), prefix, region: region.to_owned() })
}

fn server(authority: &str, usual_port: u16) -> Result<Server, NotATarget> {
    let (account, rest) = authority.split_once('@').ok_or(NotATarget::Account)?;
    let plain = |c: u8| c.is_ascii_alphanumeric() || b"._-+".contains(&c);
    if account.is_empty() || !account.bytes().all(plain) {
        return Err(NotATarget::Account);
    }
    let (host, port) = match rest.split_once(':') {
        Some((host, port)) => (host, port.parse().ok().filter(|port| *port > 0).ok_or(NotATarget::Host)?),
        None => (rest, usual_port),
    };
    let host =
        crate::host::clean_name(host).or_else(|| host.parse::<std::net::Ipv4Addr>().ok().map(|ip| ip.to_string()));
    Ok(Server { account: account.to_owned(), host: host.ok_or(NotATarget::Host)?, port })
}

/// An absolute path that is the same in a URL, on a disk and in a signature.
fn path(text: &str) -> Result<&str, NotATarget> {
    let plain = |c: u8| c.is_ascii_alphanumeric() || b"._-/".contains(&c);
    let parts_fit = text.split('/').all(|part| part != "." && part != "..");
    if text.starts_with('/') && text.bytes().all(plain) && parts_fit { Ok(text) } else { Err(NotATarget::Path) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_of_each_kind_are_read_d7() {
        let target = |text| Target::parse(text).expect("a target");
        assert_eq!(target("usb=file:///mnt/usb").address, Address::Folder(PathBuf::from("/mnt/usb")));
        let server =
            |account: &str, host: &str, port| Server { account: account.to_owned(), host: host.to_owned(), port };
        let s3 = target("cloud=s3://AKIA1@S3.example.test:9000/bucket/a/b?region=eu-1");
        let (bucket, prefix, region) = (String::from("bucket"), String::from("a/b/"), String::from("eu-1"));
        let wanted = Address::S3 { server: server("AKIA1", "s3.example.test", 9000), bucket, prefix, region };
        assert_eq!((s3.name.as_str(), s3.address), ("cloud", wanted));
        let key = "a".repeat(43);
        let text = format!("attic=sftp://box@attic.test/srv/box?host_key=SHA256:{key}");
        let sftp = target(&text);
        let wanted =
            Address::Sftp { server: server("box", "attic.test", 22), path: String::from("/srv/box"), host_key: key };
        assert_eq!(sftp.address, wanted);
        let dav = Address::WebDav { server: server("me", "nas.test", 443), path: String::from("/dav/") };
        assert_eq!(target("nas=davs://me@nas.test/dav").address, dav);
    }

    #[test]
    fn what_is_no_target_is_explained_d7() {
        for (text, why) in [
            ("file:///mnt", NotATarget::Name),
            ("USB=file:///mnt", NotATarget::Name),
            ("usb=/mnt", NotATarget::Scheme),
            ("usb=ftp://a@b.test/", NotATarget::Scheme),
            ("usb=file://mnt", NotATarget::Path),
            ("usb=file:///mnt/../etc", NotATarget::Path),
            ("c=s3://b.test/bucket", NotATarget::Account),
            ("c=s3://a@b.test/", NotATarget::Bucket),
            ("c=s3://a@b.test/bucket?x=1", NotATarget::Query),
            ("c=s3://a@b.test:0/bucket", NotATarget::Host),
            ("c=sftp://a@b.test/x", NotATarget::HostKey),
            ("c=davs://a@b.test/x?y", NotATarget::Query),
        ] {
            assert_eq!(Target::parse(text), Err(why), "{text}");
        }
    }
}
