//! A terminal, as bytes in and out. Nothing that is typed is ever shown; the kernel edits the line.

use nix::fcntl::OFlag;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::termios::{
    ControlFlags, FlushArg, InputFlags, LocalFlags, OutputFlags, SetArg, SpecialCharacterIndices, tcflush, tcgetattr,
    tcsetattr,
};
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use zeroize::Zeroizing;

/// The kernel's own limit of a line.
const LINE_BYTES_MAX: usize = 4096;
/// A serial line whose other end has stopped it must not stop the other terminal's questions.
const WRITE_WITHIN_MS: u16 = 5000;

/// Stands for a function that no key has (`_POSIX_VDISABLE`).
const NO_KEY: u8 = 0;

/// An open terminal.
pub(crate) struct Terminal {
    file: File,
}

impl Terminal {
    /// Opens it without waiting for a modem, and without becoming its session's leader.
    ///
    /// # Errors
    /// When it is none, or there is none.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let flags = (OFlag::O_NOCTTY | OFlag::O_NONBLOCK).bits();
        let file = OpenOptions::new().read(true).write(true).custom_flags(flags).open(path)?;
        let terminal = Self { file };
        terminal.set_up()?;
        Ok(terminal)
    }

    fn set_up(&self) -> io::Result<()> {
        let mut settings = tcgetattr(&self.file)?;
        // ISIG off: nobody ends the page by a key.
        settings.local_flags.remove(LocalFlags::ECHO | LocalFlags::ECHONL | LocalFlags::ISIG | LocalFlags::IEXTEN);
        settings.local_flags.insert(LocalFlags::ICANON | LocalFlags::ECHOE);
        settings.input_flags.remove(InputFlags::IGNCR | InputFlags::INLCR | InputFlags::IXON | InputFlags::ISTRIP);
        settings.input_flags.insert(InputFlags::ICRNL);
        settings.output_flags.remove(OutputFlags::OPOST);
        settings.control_flags.insert(ControlFlags::CLOCAL | ControlFlags::CREAD);
        settings.control_chars[SpecialCharacterIndices::VEOF as usize] = NO_KEY;
        Ok(tcsetattr(&self.file, SetArg::TCSANOW, &settings)?)
    }

    /// Forgets what was typed before there was a question.
    pub(crate) fn forget_input(&self) {
        let _ = tcflush(&self.file, FlushArg::TCIFLUSH);
    }

    /// Writes all of it, or as much as the other end takes in time.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub(crate) fn write(&mut self, text: &str) -> io::Result<()> {
        let mut left = text.as_bytes();
        while !left.is_empty() {
            match self.file.write(left) {
                Ok(written) => left = &left[written..],
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    if !self.wait(PollFlags::POLLOUT, WRITE_WITHIN_MS)? {
                        return Ok(());
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// A line that was typed, without its end; `None` when there is none within `within_ms`.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub(crate) fn line(&mut self, within_ms: u16) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
        if !self.wait(PollFlags::POLLIN, within_ms)? {
            return Ok(None);
        }
        let mut line = Zeroizing::new(vec![0; LINE_BYTES_MAX]);
        match self.file.read(&mut line) {
            // The end of input was switched off: nobody typed it.
            Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
            Ok(length) => {
                line.truncate(length);
                while line.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
                    line.pop();
                }
                Ok(Some(line))
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn wait(&self, flags: PollFlags, within_ms: u16) -> io::Result<bool> {
        let mut waited = [PollFd::new(self.file.as_fd(), flags)];
        match poll(&mut waited, PollTimeout::from(within_ms)) {
            Ok(ready) => Ok(ready > 0),
            Err(nix::Error::EINTR) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}
