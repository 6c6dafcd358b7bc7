//! One message as one line.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::{ConfigurationError, Fact, Order};

/// Version of these messages. Server and node come from one executable; after an update one of them may still be the old one.
pub const PROTOCOL_VERSION: u32 = 1;

/// Longest line, its newline included.
pub const LINE_LIMIT_BYTES: usize = 256 * 1024;

/// Why a message cannot be written or read.
#[derive(Debug, Error)]
pub enum ContractError {
    #[error("the message is {length} bytes long, {LINE_LIMIT_BYTES} are allowed")]
    TooLong { length: usize },
    #[error("the message does not end with a newline: the other end closed the connection early")]
    Unfinished,
    #[error(
        "the other end speaks version {theirs} of the media contract, this one speaks {PROTOCOL_VERSION}; restart both roles"
    )]
    OtherVersion { theirs: u32 },
    /// Carries place and kind only, never content: the line may hold a secret.
    #[error("the message is not valid at column {column}: {problem}")]
    Malformed { column: usize, problem: &'static str },
    #[error("the configuration breaks a bound")]
    Bound(#[source] ConfigurationError),
    #[error("the message cannot be written as JSON")]
    Encode(#[source] serde_json::Error),
}

#[derive(Serialize)]
struct Outgoing<'b, B> {
    version: u32,
    body: &'b B,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Incoming<B> {
    #[serde(rename = "version")]
    _version: u32,
    body: B,
}

/// Read first and alone, so that a message of another version is told as such and not as malformed.
#[derive(Deserialize)]
struct VersionOnly {
    version: u32,
}

/// The line of an [`Order`] or a [`Fact`], newline included; wiped when dropped, since it may hold a secret.
///
/// # Errors
/// [`ContractError::TooLong`].
pub fn encode<B: Message>(message: &B) -> Result<Zeroizing<Vec<u8>>, ContractError> {
    // Measured first, then written into its full capacity: a vector that grows leaves copies behind that nobody wipes.
    let outgoing = Outgoing { version: PROTOCOL_VERSION, body: message };
    let mut measure = Measure(0);
    serde_json::to_writer(&mut measure, &outgoing).map_err(ContractError::Encode)?;
    let length = measure.0.saturating_add(1);
    if length > LINE_LIMIT_BYTES {
        return Err(ContractError::TooLong { length });
    }
    let mut line = Zeroizing::new(Vec::with_capacity(length));
    serde_json::to_writer(&mut *line, &outgoing).map_err(ContractError::Encode)?;
    line.push(b'\n');
    Ok(line)
}

/// What may be a line.
pub trait Message: Serialize {}
impl Message for Order {}
impl Message for Fact {}

struct Measure(usize);

impl std::io::Write for Measure {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 = self.0.saturating_add(bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Reads a line, newline included. Callers read at most [`LINE_LIMIT_BYTES`] + 1 bytes from the socket.
///
/// # Errors
/// Any but [`ContractError::Encode`].
pub fn decode_order(line: &[u8]) -> Result<Order, ContractError> {
    let order = decode(line)?;
    if let Order::Configure(configuration) = &order {
        configuration.check().map_err(ContractError::Bound)?;
    }
    Ok(order)
}

/// Reads a line, newline included. Callers read at most [`LINE_LIMIT_BYTES`] + 1 bytes from the socket.
///
/// # Errors
/// Any but [`ContractError::Encode`] and [`ContractError::Bound`].
pub fn decode_fact(line: &[u8]) -> Result<Fact, ContractError> {
    decode(line)
}

fn decode<B: DeserializeOwned>(line: &[u8]) -> Result<B, ContractError> {
    if line.len() > LINE_LIMIT_BYTES {
        return Err(ContractError::TooLong { length: line.len() });
    }
    let json = line.strip_suffix(b"\n").ok_or(ContractError::Unfinished)?;
    let VersionOnly { version } = serde_json::from_slice(json).map_err(malformed)?;
    if version != PROTOCOL_VERSION {
        return Err(ContractError::OtherVersion { theirs: version });
    }
    let Incoming { body, .. } = serde_json::from_slice(json).map_err(malformed)?;
    Ok(body)
}

/// `serde_json`'s own text may quote the offending value; only its place and kind go on.
fn malformed(error: serde_json::Error) -> ContractError {
    let problem = match error.classify() {
        serde_json::error::Category::Data => "a field is unknown, missing or of the wrong type",
        serde_json::error::Category::Eof => "it ends too early",
        serde_json::error::Category::Syntax | serde_json::error::Category::Io => "it is not JSON",
    };
    ContractError::Malformed { column: error.column(), problem }
}
