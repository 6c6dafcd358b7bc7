use crate::error::CommandError;
use appliance_contract::{Answer, LINE_LIMIT_BYTES, Request, SOCKET_NAME, decode_answer, encode_request};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;
use zeroize::Zeroizing;

/// Time that a running box has to answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// Asks the running box; `None` when no box runs on this folder.
///
/// # Errors
/// When a box is there but does not answer, or answers what cannot be read.
pub fn ask(data: &Path, request: &Request) -> Result<Option<Answer>, CommandError> {
    ask_within(data, request, ANSWER_WITHIN)
}

/// The same where the answer may take longer.
///
/// # Errors
/// As [`ask`].
pub(crate) fn ask_within(data: &Path, request: &Request, within: Duration) -> Result<Option<Answer>, CommandError> {
    let path = data.join(SOCKET_NAME);
    let Ok(mut stream) = UnixStream::connect(&path) else { return Ok(None) };
    let failed = |what: String| CommandError::Admin { socket: path.clone(), what };
    let line = encode_request(request).map_err(|e| failed(e.to_string()))?;
    let talk = move || -> std::io::Result<Zeroizing<Vec<u8>>> {
        stream.set_read_timeout(Some(within))?;
        stream.set_write_timeout(Some(ANSWER_WITHIN))?;
        stream.write_all(&line)?;
        let mut answer = Zeroizing::new(Vec::new());
        let limit = u64::try_from(LINE_LIMIT_BYTES).unwrap_or(u64::MAX).saturating_add(1);
        BufReader::new(stream.take(limit)).read_until(b'\n', &mut answer)?;
        Ok(answer)
    };
    let answer = talk().map_err(|e| failed(e.to_string()))?;
    decode_answer(&answer).map(Some).map_err(|e| failed(e.to_string()))
}
