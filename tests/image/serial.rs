//! A serial port of a machine: everything it says is kept, and a test waits for words, never for time.

use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::error::{Fault, Outcome};
use crate::milestones::Milestones;
use crate::terminal::Reader;

/// QEMU connects before it does anything else.
const CONNECT: Duration = Duration::from_secs(120);
const LAST_LINES: usize = 40;

/// A socket that QEMU is told to connect to.
pub(crate) struct Socket {
    listener: UnixListener,
    pub(crate) path: PathBuf,
}

impl Socket {
    pub(crate) fn at(path: PathBuf) -> Outcome<Self> {
        let _ = std::fs::remove_file(&path);
        let listener = UnixListener::bind(&path).map_err(Fault::file("listen at", &path))?;
        Ok(Self { listener, path })
    }

    pub(crate) fn accept(self) -> Outcome<UnixStream> {
        let (done, accepted) = sync_channel(1);
        let path = self.path;
        thread::spawn(move || done.send(self.listener.accept()));
        match accepted.recv_timeout(CONNECT) {
            Ok(Ok((stream, _))) => Ok(stream),
            Ok(Err(source)) => Err(Fault::File { step: "accept at", path, source }),
            Err(_) => Err(Fault::Wrong(format!("QEMU does not connect to {}", path.display()))),
        }
    }
}

#[derive(Clone)]
pub(crate) struct Serial {
    machine: String,
    shared: Arc<Shared>,
    line: Arc<UnixStream>,
}

#[derive(Default)]
struct Shared {
    said: Mutex<Said>,
    grown: Condvar,
}

#[derive(Default)]
struct Said {
    text: Vec<u8>,
    is_over: bool,
}

impl Serial {
    /// Follows `line` until it ends. `log` gets the bytes as they come.
    pub(crate) fn follow(machine: &str, line: UnixStream, log: &Path, milestones: Option<Milestones>) -> Outcome<Self> {
        let shared = Arc::new(Shared::default());
        let file = File::create(log).map_err(Fault::file("write", log))?;
        let reading = line.try_clone().map_err(Fault::file("read", log))?;
        let theirs = Arc::clone(&shared);
        thread::spawn(move || pump(reading, file, &theirs, milestones));
        Ok(Self { machine: machine.to_owned(), shared, line: Arc::new(line) })
    }

    /// Where what is said from now on begins.
    pub(crate) fn mark(&self) -> usize {
        self.said().text.len()
    }

    pub(crate) fn text_from(&self, mark: usize) -> String {
        String::from_utf8_lossy(self.said().text.get(mark..).unwrap_or_default()).into_owned()
    }

    /// Waits until `find` finds something in what was said since `mark`.
    pub(crate) fn find<T>(
        &self,
        mark: usize,
        limit: Duration,
        wanted: &str,
        find: impl Fn(&str) -> Option<T>,
    ) -> Outcome<T> {
        let deadline = Instant::now() + limit;
        let mut said = self.said();
        loop {
            let text = String::from_utf8_lossy(said.text.get(mark..).unwrap_or_default()).into_owned();
            if let Some(found) = find(&text) {
                return Ok(found);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            let (machine, wanted, last) = (self.machine.clone(), wanted.to_owned(), last_lines(&text));
            if said.is_over {
                return Err(Fault::Ended { machine, wanted, last });
            }
            if left.is_zero() {
                return Err(Fault::Late { machine, wanted, limit, last });
            }
            said = self.shared.grown.wait_timeout(said, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Waits for one of `words`; says which.
    pub(crate) fn any_of<'a>(&self, mark: usize, limit: Duration, words: &[&'a str]) -> Outcome<&'a str> {
        let wanted = words.join("` or `");
        self.find(mark, limit, &format!("`{wanted}`"), |text| words.iter().copied().find(|word| text.contains(*word)))
    }

    /// Types as a person at the terminal would.
    pub(crate) fn send(&self, text: &str) -> Outcome<()> {
        let mut line = &*self.line;
        line.write_all(text.as_bytes()).map_err(Fault::file("type into the serial port of", Path::new(&self.machine)))
    }

    pub(crate) fn last(&self) -> String {
        last_lines(&self.text_from(0))
    }

    fn said(&self) -> MutexGuard<'_, Said> {
        self.shared.said.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn pump(mut line: UnixStream, mut log: File, shared: &Shared, mut milestones: Option<Milestones>) {
    let mut reader = Reader::default();
    let mut bytes = [0; 4096];
    loop {
        let count = line.read(&mut bytes).unwrap_or(0);
        let mut said = shared.said.lock().unwrap_or_else(PoisonError::into_inner);
        reader.read(&bytes[..count], &mut said.text);
        said.is_over = count == 0;
        if let Some(milestones) = &mut milestones {
            milestones.look(&said.text);
        }
        shared.grown.notify_all();
        drop(said);
        if count == 0 || log.write_all(&bytes[..count]).is_err() {
            return;
        }
    }
}

fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(LAST_LINES)..].join("\n")
}
