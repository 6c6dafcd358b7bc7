//! The counter in a whole TPM 2.0: Debian's `swtpm`, over a Unix socket.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tpm::{Auth, Counter, Tpm, TpmError, index_for};

struct Swtpm {
    folder: PathBuf,
    process: Child,
}

impl Swtpm {
    fn start(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("tpm-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("a folder");
        let process = Self::run(&folder);
        Self { folder, process }
    }

    fn run(folder: &std::path::Path) -> Child {
        let socket = folder.join("tpm.sock");
        let _ = std::fs::remove_file(&socket);
        let child = Command::new("swtpm")
            .args(["socket", "--tpm2", "--flags", "not-need-init,startup-clear"])
            .args(["--tpmstate", &format!("dir={}", folder.display())])
            .args(["--server", &format!("type=unixio,path={}", socket.display())])
            .args(["--ctrl", &format!("type=unixio,path={}", folder.join("control.sock").display())])
            .stdout(Stdio::null())
            .spawn()
            .expect("swtpm runs (Debian package swtpm)");
        let deadline = Instant::now() + Duration::from_secs(20);
        while !socket.exists() {
            assert!(Instant::now() < deadline, "swtpm listens");
            std::thread::sleep(Duration::from_millis(10));
        }
        child
    }

    /// The power goes and comes back.
    fn restart(&mut self) {
        self.process.kill().expect("it runs");
        self.process.wait().expect("it ends");
        self.process = Self::run(&self.folder);
    }

    fn counter(&self, box_of: u8) -> Tpm {
        let socket = self.folder.join("tpm.sock");
        Tpm::open(&socket, index_for([0, 0, 0, box_of]), Auth::new([box_of; 32])).expect("the socket opens")
    }
}

impl Drop for Swtpm {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

#[test]
fn a_counter_only_goes_up_and_outlives_the_power_d3() {
    let mut tpm = Swtpm::start("up");
    let first = {
        let mut counter = tpm.counter(1);
        assert_eq!(counter.read().expect("answers"), None);
        counter.define().expect("defines");
        assert_eq!(counter.read().expect("answers"), Some(0), "nobody has counted yet");
        let first = counter.increment().expect("counts");
        assert!(first > 0);
        assert_eq!(counter.increment().expect("counts"), first + 1);
        assert_eq!(counter.read().expect("answers"), Some(first + 1));
        assert!(counter.define().is_err(), "there is one");
        first
    };
    tpm.restart();
    let mut counter = tpm.counter(1);
    assert_eq!(counter.read().expect("answers"), Some(first + 1));
    counter.remove().expect("removes");
    counter.remove().expect("nothing is there, and that is as wished");
    assert_eq!(counter.read().expect("answers"), None);
    counter.define().expect("defines");
    assert!(counter.increment().expect("counts") > first + 1, "who makes it anew does not turn it back");
}

#[test]
fn a_counter_is_counted_and_read_by_its_own_box_alone_d3() {
    let tpm = Swtpm::start("own");
    let index = index_for([0, 0, 0, 1]);
    {
        let mut own = tpm.counter(1);
        own.define().expect("defines");
        own.increment().expect("counts");
        assert_eq!(own.machine().expect("answers"), Vec::<u8>::new(), "this one has no storage root key");
    }
    let mut other = Tpm::open(&tpm.folder.join("tpm.sock"), index, Auth::new([9; 32])).expect("opens");
    for _ in 0..40 {
        for refused in [other.read().map(drop), other.increment().map(drop)] {
            let Err(TpmError::Refused { code, .. }) = refused else { panic!("another's counter was used") };
            assert!(code.is_authorisation(), "{code}");
        }
    }
    drop(other);
    tpm.counter(1).increment().expect("wrong guesses lock nobody out");
}
