//! A way to a TPM: the kernel's resource manager, or a Unix socket of one that is a program.

use crate::TpmError;
use crate::codec::{ANSWER_BYTES_MAX, HEAD_BYTES, answer_bytes};
use std::fs::{File, OpenOptions};
use std::io::{Error, ErrorKind, Read, Write};
use std::os::unix::fs::FileTypeExt as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;
use zeroize::Zeroizing;

/// A TPM takes up to two minutes to make a key, and we make none.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// Bytes to a TPM and from it, as a Unix socket has them.
pub trait Stream: Read + Write + Send {}

impl<S: Read + Write + Send> Stream for S {}

enum Way {
    /// Gives an answer by one read.
    Device(File),
    /// Gives it in pieces.
    Stream(Box<dyn Stream>),
}

pub(crate) struct Device {
    path: PathBuf,
    way: Way,
}

impl Device {
    pub(crate) fn open(path: &Path) -> Result<Self, TpmError> {
        let failed = |source| TpmError::Io { action: "open", path: path.to_owned(), source };
        let is_socket = path.metadata().map_err(failed)?.file_type().is_socket();
        let way = if is_socket {
            let socket = UnixStream::connect(path).map_err(failed)?;
            socket.set_read_timeout(Some(ANSWER_WITHIN)).map_err(failed)?;
            Way::Stream(Box::new(socket))
        } else {
            Way::Device(OpenOptions::new().read(true).write(true).open(path).map_err(failed)?)
        };
        Ok(Self { path: path.to_owned(), way })
    }

    /// One that is there already, by this name in what is told of it.
    pub(crate) fn over(stream: Box<dyn Stream>, name: &Path) -> Self {
        Self { path: name.to_owned(), way: Way::Stream(stream) }
    }

    /// Sends a command, and gives the answer.
    pub(crate) fn ask(&mut self, command: &[u8]) -> Result<Zeroizing<Vec<u8>>, TpmError> {
        let path = self.path.clone();
        let failed = |action| move |source| TpmError::Io { action, path, source };
        let outcome = match &mut self.way {
            Way::Device(file) => file.write_all(command).and_then(|()| from_device(file)),
            Way::Stream(stream) => stream.write_all(command).and_then(|()| from_stream(stream)),
        };
        outcome.map_err(failed("ask"))
    }
}

fn from_device(file: &mut File) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut bytes = Zeroizing::new(vec![0; ANSWER_BYTES_MAX]);
    let length = file.read(&mut bytes)?;
    bytes.truncate(length);
    Ok(bytes)
}

fn from_stream(stream: &mut dyn Stream) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut head = [0; HEAD_BYTES];
    stream.read_exact(&mut head)?;
    let length = answer_bytes(&head).ok_or_else(|| Error::from(ErrorKind::InvalidData))?;
    let mut bytes = Zeroizing::new(vec![0; length]);
    bytes[..HEAD_BYTES].copy_from_slice(&head);
    stream.read_exact(&mut bytes[HEAD_BYTES..])?;
    Ok(bytes)
}
