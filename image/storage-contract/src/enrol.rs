//! One recovery key, one answer.

use appliance_contract::Secret;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use zeroize::Zeroizing;

/// Where the storage service takes recovery keys; absent where the data folder is on no partition of ours.
pub const ENROL_SOCKET: &str = "/run/rainbow-edge-storage/enrol.sock";

/// Longest line, its newline included.
pub const LINE_LIMIT_BYTES: usize = 4096;

/// Why a line cannot be read. Never carries content: it may be a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum EnrolError {
    #[error(
        "the storage service and the server do not understand each other: restart the box, so that both are of one version"
    )]
    Malformed,
    #[error("the storage service ended before it answered: try again, and if it stays so, look at its log")]
    Unfinished,
}

/// Why a recovery key does not open the disk; the earlier state still holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    /// What is wrong and what to do, for people.
    pub why: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    recovery_key: Secret,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    refused: Option<Refusal>,
}

/// The line that asks for a recovery key to be enrolled, newline included.
#[must_use]
pub fn encode_request(recovery_key: &str) -> Zeroizing<Vec<u8>> {
    encode(&Request { recovery_key: Secret::new(recovery_key.to_owned()) })
}

/// Reads the line of [`encode_request`].
///
/// # Errors
/// [`EnrolError`].
pub fn decode_request(line: &[u8]) -> Result<Secret, EnrolError> {
    decode::<Request>(line).map(|request| request.recovery_key)
}

/// The line that answers, newline included.
#[must_use]
pub fn encode_answer(answer: Result<(), Refusal>) -> Zeroizing<Vec<u8>> {
    encode(&Answer { refused: answer.err() })
}

/// Reads the line of [`encode_answer`].
///
/// # Errors
/// [`EnrolError`].
pub fn decode_answer(line: &[u8]) -> Result<Result<(), Refusal>, EnrolError> {
    decode::<Answer>(line).map(|answer| answer.refused.map_or(Ok(()), Err))
}

fn encode(message: &impl Serialize) -> Zeroizing<Vec<u8>> {
    // Full capacity at once: a vector that grows leaves copies behind that nobody wipes.
    let mut line = Zeroizing::new(Vec::with_capacity(LINE_LIMIT_BYTES));
    serde_json::to_writer(&mut *line, message).expect("plain fields are always JSON");
    line.push(b'\n');
    line
}

fn decode<M: DeserializeOwned>(line: &[u8]) -> Result<M, EnrolError> {
    if line.is_empty() {
        return Err(EnrolError::Unfinished);
    }
    if line.len() > LINE_LIMIT_BYTES {
        return Err(EnrolError::Malformed);
    }
    let json = line.strip_suffix(b"\n").ok_or(EnrolError::Unfinished)?;
    serde_json::from_slice(json).map_err(|_| EnrolError::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_and_both_answers_read_back_d2() {
        let key = decode_request(&encode_request("0000-1111")).expect("reads");
        assert_eq!(key.reveal(), "0000-1111");
        assert_eq!(decode_answer(&encode_answer(Ok(()))), Ok(Ok(())));
        let refusal = Refusal { why: "the disk is gone".to_owned() };
        assert_eq!(decode_answer(&encode_answer(Err(refusal.clone()))), Ok(Err(refusal)));
    }

    #[test]
    fn a_cut_or_foreign_line_is_an_error_that_tells_nothing_of_it_d2() {
        let whole = encode_request("0000-1111");
        for length in 0..whole.len() {
            assert_eq!(decode_request(&whole[..length]).err(), Some(EnrolError::Unfinished), "{length}");
        }
        for line in [&b"\n"[..], b"{}\n", b"{\"recovery_key\":1}\n", b"{\"recovery_key\":\"a\",\"b\":1}\n"] {
            assert_eq!(decode_request(line).err(), Some(EnrolError::Malformed));
        }
        assert_eq!(decode_answer(&vec![b' '; LINE_LIMIT_BYTES + 1]), Err(EnrolError::Malformed));
    }
}
