//! One message as one line.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::{Answer, Request};

/// Version of these messages. Both ends come from one executable; an old one may still run while a new one asks.
pub const PROTOCOL_VERSION: u32 = 1;

/// Longest line, its newline included.
pub const LINE_LIMIT_BYTES: usize = 64 * 1024;

/// Why a message cannot be written or read.
#[derive(Debug, Error)]
pub enum ContractError {
    #[error("the message is {length} bytes long, {LINE_LIMIT_BYTES} are allowed; shorten names and texts")]
    TooLong { length: usize },
    #[error("the message does not end with a newline: the other end closed the connection early; ask again")]
    Unfinished,
    #[error(
        "the other end speaks version {theirs} of the admin socket, this one speaks {PROTOCOL_VERSION}; \
         restart the box so that both are the same executable"
    )]
    OtherVersion { theirs: u32 },
    /// Carries place and kind only, never content: the line may hold a password.
    #[error("the message is not valid at column {column}: {problem}")]
    Malformed { column: usize, problem: &'static str },
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

/// Read first and alone, so that a message of a later version is told as such and not as malformed.
#[derive(Deserialize)]
struct VersionOnly {
    version: u32,
}

/// The line of a request, newline included; wiped when dropped, since it may hold a password.
///
/// # Errors
/// [`ContractError::TooLong`].
pub fn encode_request(request: &Request) -> Result<Zeroizing<Vec<u8>>, ContractError> {
    encode(request)
}

/// The line of an answer, newline included; wiped when dropped, since it may hold a secret.
///
/// # Errors
/// [`ContractError::TooLong`].
pub fn encode_answer(answer: &Answer) -> Result<Zeroizing<Vec<u8>>, ContractError> {
    encode(answer)
}

/// Reads a line. Callers read at most [`LINE_LIMIT_BYTES`] + 1 bytes from the socket.
///
/// # Errors
/// Any but [`ContractError::Encode`].
pub fn decode_request(line: &[u8]) -> Result<Request, ContractError> {
    decode(line)
}

/// Reads a line. Callers read at most [`LINE_LIMIT_BYTES`] + 1 bytes from the socket.
///
/// # Errors
/// Any but [`ContractError::Encode`].
pub fn decode_answer(line: &[u8]) -> Result<Answer, ContractError> {
    decode(line)
}

fn encode<B: Serialize>(body: &B) -> Result<Zeroizing<Vec<u8>>, ContractError> {
    // Full capacity at once: a vector that grows leaves copies behind that nobody wipes.
    let mut line = Zeroizing::new(Vec::with_capacity(LINE_LIMIT_BYTES));
    serde_json::to_writer(&mut *line, &Outgoing { version: PROTOCOL_VERSION, body }).map_err(ContractError::Encode)?;
    line.push(b'\n');
    if line.len() > LINE_LIMIT_BYTES {
        return Err(ContractError::TooLong { length: line.len() });
    }
    Ok(line)
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
