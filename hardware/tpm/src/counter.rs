//! The counter of one box.

use crate::TpmError;
use crate::codec::{Answer, Command, ResponseCode, WRITTEN, is_ours, read_answer, write_command};
use crate::device::{Device, Stream};
use std::path::Path;
use std::time::Duration;
use zeroize::Zeroizing;

/// What a counter is written and read with: only the box that defined it knows it.
pub type Auth = Zeroizing<[u8; 32]>;

/// A number that only goes up, outside of all files.
pub trait Counter: Send {
    /// Its value; `Some(0)` where it is defined and was never incremented, `None` where there is none.
    ///
    /// # Errors
    /// A TPM that cannot be asked, or that refuses.
    fn read(&mut self) -> Result<Option<u64>, TpmError>;

    /// Makes it.
    ///
    /// # Errors
    /// As [`Counter::read`], and where there is one.
    fn define(&mut self) -> Result<(), TpmError>;

    /// Adds one, for good when this returns, and gives the new value. The first makes it more than any counter of this TPM ever
    /// was.
    ///
    /// # Errors
    /// As [`Counter::read`].
    fn increment(&mut self) -> Result<u64, TpmError>;

    /// Takes it away; a later one begins above it.
    ///
    /// # Errors
    /// As [`Counter::read`].
    fn remove(&mut self) -> Result<(), TpmError>;

    /// What tells this machine's TPM from others; empty where it does not say.
    ///
    /// # Errors
    /// As [`Counter::read`].
    fn machine(&mut self) -> Result<Vec<u8>, TpmError>;
}

/// First of the NV indexes that are the owner's (TCG, registry of reserved handles), and how many we choose among.
const INDEX_FIRST: u32 = 0x0180_4000;
const INDEXES: u32 = 0x1000;
/// A busy TPM is asked so often, after a pause each.
const TRIES: u32 = 50;
const PAUSE: Duration = Duration::from_millis(20);

/// The NV index of a box, by four bytes that belong to it alone.
#[must_use]
pub fn index_for(bytes: [u8; 4]) -> u32 {
    INDEX_FIRST + u32::from_be_bytes(bytes) % INDEXES
}

/// A counter in a TPM 2.0.
pub struct Tpm {
    device: Device,
    index: u32,
    auth: Auth,
    pause: Duration,
}

impl Tpm {
    /// The counter at an NV index of the TPM behind `path`: the resource manager's device (`/dev/tpmrm0`), or a Unix socket.
    ///
    /// # Errors
    /// Where there is no such device.
    pub fn open(path: &Path, index: u32, auth: Auth) -> Result<Self, TpmError> {
        Ok(Self { device: Device::open(path)?, index, auth, pause: PAUSE })
    }

    /// The same of a TPM at the other end of a stream, which is asked again after `pause` while it is busy.
    #[must_use]
    pub fn over(stream: Box<dyn Stream>, index: u32, auth: Auth, pause: Duration) -> Self {
        Self { device: Device::over(stream, Path::new("the stream")), index, auth, pause }
    }

    fn ask(&mut self, command: &Command<'_>) -> Result<Answer, TpmError> {
        let bytes = Zeroizing::new(write_command(command));
        let mut tries = 0;
        loop {
            match read_answer(command, &self.device.ask(&bytes)?) {
                Err(TpmError::Refused { code, .. }) if code.is_passing() && tries < TRIES => {
                    tries += 1;
                    std::thread::sleep(self.pause);
                }
                answer => return answer,
            }
        }
    }

    fn value(&mut self) -> Result<u64, TpmError> {
        let auth = self.auth.clone();
        let command = Command::Read { index: self.index, auth: &auth };
        match self.ask(&command)? {
            Answer::Value(value) => Ok(value),
            _ => Err(TpmError::Answer { command: command.name(), what: "it is no value" }),
        }
    }
}

impl Counter for Tpm {
    fn read(&mut self) -> Result<Option<u64>, TpmError> {
        let command = Command::ReadPublic { index: self.index };
        let attributes = match self.ask(&command) {
            Ok(Answer::Attributes(attributes)) if is_ours(attributes) => attributes,
            Ok(_) => {
                return Err(TpmError::Answer { command: command.name(), what: "the index is no counter of a box" });
            }
            Err(TpmError::Refused { code: ResponseCode::NO_SUCH_HANDLE, .. }) => return Ok(None),
            Err(failure) => return Err(failure),
        };
        if attributes & WRITTEN == 0 {
            return Ok(Some(0));
        }
        self.value().map(Some)
    }

    fn define(&mut self) -> Result<(), TpmError> {
        let auth = self.auth.clone();
        self.ask(&Command::Define { index: self.index, auth: &auth }).map(drop)
    }

    fn increment(&mut self) -> Result<u64, TpmError> {
        let auth = self.auth.clone();
        self.ask(&Command::Increment { index: self.index, auth: &auth })?;
        self.value()
    }

    fn remove(&mut self) -> Result<(), TpmError> {
        match self.ask(&Command::Undefine { index: self.index }) {
            // Of two handles it is the second that names it.
            Err(TpmError::Refused { code: ResponseCode(0x28B), .. }) => Ok(()),
            answer => answer.map(drop),
        }
    }

    fn machine(&mut self) -> Result<Vec<u8>, TpmError> {
        match self.ask(&Command::ReadRoot) {
            Ok(Answer::Name(name)) => Ok(name),
            Ok(_) | Err(TpmError::Refused { code: ResponseCode::NO_SUCH_HANDLE, .. }) => Ok(Vec::new()),
            Err(failure) => Err(failure),
        }
    }
}
