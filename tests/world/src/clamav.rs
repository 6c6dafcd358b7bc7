//! ClamAV's clamd, as Debian packages it, with the box's own settings and one signature.

use crate::{edge_box, executable};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

const SETTINGS: &str = include_str!("../../../config/clamav/clamd.conf");
const START_LIMIT: Duration = Duration::from_secs(30);

/// The standard test file of virus scanners, put together so that no scanner takes this source for it.
#[must_use]
pub fn eicar() -> Vec<u8> {
    [r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR", "-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"].concat().into_bytes()
}

/// A scanner of a test's own. It is killed when it is dropped.
#[derive(Debug)]
pub struct ClamAv {
    folder: PathBuf,
    running: Mutex<Option<Child>>,
}

impl ClamAv {
    /// A scanner that is not started yet: its socket is not there.
    ///
    /// # Panics
    /// Where its folder cannot be written.
    pub fn new() -> Self {
        let folder = edge_box::new_folder().join("clamav");
        fs::create_dir_all(&folder).expect("a folder for the scanner");
        let hex: String = eicar().iter().map(|byte| format!("{byte:02x}")).collect();
        fs::write(folder.join("test.ndb"), format!("Eicar-Test-Signature:0:*:{hex}\n")).expect("the signatures");
        let mut settings: String = SETTINGS
            .lines()
            .filter(|line| !line.starts_with("LocalSocketGroup") && !line.starts_with("LogSyslog"))
            .map(|line| format!("{line}\n"))
            .collect();
        let place = |path: PathBuf| path.display().to_string();
        settings = settings.replace("/run/clamav/clamd.ctl", &place(folder.join("clamd.ctl")));
        settings = settings.replace("/var/lib/clamav", &place(folder.clone()));
        settings = settings.replace("/run/clamav", &place(folder.clone()));
        fs::write(folder.join("clamd.conf"), settings + "Foreground yes\n").expect("the scanner's settings");
        Self { folder, running: Mutex::new(None) }
    }

    /// One for all tests of a process, started when it is asked for first.
    ///
    /// # Panics
    /// As [`ClamAv::start`].
    pub fn of_suite() -> &'static Self {
        static SCANNER: OnceLock<ClamAv> = OnceLock::new();
        SCANNER.get_or_init(|| {
            let scanner = Self::new();
            scanner.start();
            scanner
        })
    }

    /// Where it listens.
    pub fn socket(&self) -> PathBuf {
        self.folder.join("clamd.ctl")
    }

    /// Lines of `edge.toml` that make a box ask it.
    pub fn configuration(&self, more: &str) -> String {
        format!("[files]\nscanner = \"{}\"\n{more}\n", self.socket().display())
    }

    /// Starts it and waits until it listens.
    ///
    /// # Panics
    /// Where it is not installed, or does not start.
    pub fn start(&self) {
        let mut command = executable::tied(Path::new("/usr/sbin/clamd"));
        command.arg("--config-file").arg(self.folder.join("clamd.conf"));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = executable::spawn_tied(command).expect("clamd is installed (package clamav-daemon)");
        *self.running.lock().expect("no panic holds this") = Some(child);
        let begun = Instant::now();
        while std::os::unix::net::UnixStream::connect(self.socket()).is_err() {
            assert!(begun.elapsed() < START_LIMIT, "clamd does not listen");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Kills it: its socket stays, and nobody answers there.
    pub fn kill(&self) {
        if let Some(mut child) = self.running.lock().expect("no panic holds this").take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Its process id.
    ///
    /// # Panics
    /// Where it does not run.
    pub fn pid(&self) -> u32 {
        self.running.lock().expect("no panic holds this").as_ref().expect("it runs").id()
    }

    /// Stops it where it is, as one that is reloading or swapped out: it takes connections and says nothing.
    pub fn freeze(&self, frozen: bool) {
        use nix::sys::signal::{Signal, kill};
        let pid = nix::unistd::Pid::from_raw(i32::try_from(self.pid()).expect("a process id fits"));
        kill(pid, if frozen { Signal::SIGSTOP } else { Signal::SIGCONT }).expect("our own child can be signalled");
    }
}

impl Default for ClamAv {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for ClamAv {
    fn drop(&mut self) {
        self.kill();
    }
}
