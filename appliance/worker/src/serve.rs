use crate::thumbnail::thumbnails;
use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::time::Duration;
use thiserror::Error;
use worker_contract::{NoMessage, REQUEST_HEAD_BYTES, encode_answer, picture_bytes};

/// How long the other end may send nothing, or take nothing.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why nobody was answered.
#[derive(Debug, Error)]
pub enum ServeError {
    /// The other end has gone, or says nothing.
    #[error("the connection to the server failed")]
    Connection(#[from] io::Error),
    /// The other end asks something else.
    #[error("the server asked something else")]
    Request(#[from] NoMessage),
}

/// Looks at one picture. Whoever sends it waits for the answer.
///
/// # Errors
/// [`ServeError`]; what is wrong with a picture is an answer.
pub fn serve(mut stream: UnixStream) -> Result<(), ServeError> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut head = [0; REQUEST_HEAD_BYTES];
    stream.read_exact(&mut head)?;
    let length = picture_bytes(head)?;
    let mut picture = vec![0; usize::try_from(length).unwrap_or(usize::MAX)];
    stream.read_exact(&mut picture)?;
    Ok(stream.write_all(&encode_answer(&thumbnails(&picture)))?)
}
