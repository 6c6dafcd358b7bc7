//! The executable on a pseudo terminal, asked by the real `systemd-ask-password` in a `/run` of its own.

use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::openpty;
use nix::unistd::ttyname;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

const WITHIN: Duration = Duration::from_secs(30);
const TYPED: &str = "0000-1111-2222";

/// A terminal, what is asked on it, and what the asking program gets.
struct Desk {
    terminal: File,
    /// Open until the terminal is unplugged.
    other_end: Option<OwnedFd>,
    folder: PathBuf,
    console: Child,
    seen: String,
}

impl Desk {
    /// Runs `questions` in the background and the console before it; what they get goes to files in a folder.
    fn new(name: &str, questions: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("rainbow-edge-console-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        let ends = openpty(None, None).expect("a terminal");
        let path = ttyname(&ends.slave).expect("its name");
        for end in [&ends.master, &ends.slave] {
            // Who holds the other end as well never sees it go.
            fcntl(end, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC)).expect("is not inherited");
        }
        let script = format!(
            "mount -t tmpfs tmpfs /run; mkdir -p /run/systemd; cd '{}'; {{ {questions}; }} & exec '{}' --terminal '{}'",
            folder.display(),
            env!("CARGO_BIN_EXE_rainbow-edge-console"),
            path.display()
        );
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", "--kill-child", "sh", "-c", &script]);
        let console = command.spawn().expect("unshare is installed (package util-linux)");
        Self { terminal: File::from(ends.master), other_end: Some(ends.slave), folder, console, seen: String::new() }
    }

    /// Waits until the terminal has shown `text` after what was waited for before.
    fn shows(&mut self, text: &str) {
        let until = Instant::now() + WITHIN;
        while !self.seen.contains(text) {
            assert!(Instant::now() < until, "`{text}` is not shown, but:\n{}", self.seen);
            let mut waited = [PollFd::new(self.terminal.as_fd(), PollFlags::POLLIN)];
            if poll(&mut waited, PollTimeout::from(200_u16)).expect("polls") > 0 {
                let mut bytes = [0; 4096];
                let length = self.terminal.read(&mut bytes).expect("reads");
                self.seen.push_str(&String::from_utf8_lossy(&bytes[..length]));
            }
        }
    }

    fn forget(&mut self) -> String {
        std::mem::take(&mut self.seen)
    }

    fn types(&mut self, line: &str) {
        self.terminal.write_all(format!("{line}\r").as_bytes()).expect("types");
    }

    /// What the asking program was told.
    fn told(&self, file: &str) -> String {
        let until = Instant::now() + WITHIN;
        loop {
            let told = fs::read_to_string(self.folder.join(file)).unwrap_or_default();
            if !told.is_empty() {
                return told;
            }
            assert!(Instant::now() < until, "{file} stays empty");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = self.console.kill();
        let _ = self.console.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[test]
fn a_question_of_systemd_is_asked_below_the_page_and_the_answer_is_not_shown_d2() {
    let ask = "systemd-ask-password --no-tty --timeout=60 'Type the recovery key:' > answer";
    let mut desk = Desk::new("ask", ask);
    desk.shows("Type the recovery key: ");
    let page = desk.forget();
    assert!(page.contains("Rainbow Edge"), "{page}");
    assert!(!page.contains('\x1b'), "no cursor tricks on a line: {page:?}");
    desk.types(TYPED);
    assert_eq!(desk.told("answer"), format!("{TYPED}\n"));
    desk.shows("One moment");
    desk.types("");
    desk.shows("Rainbow Edge");
    assert!(!desk.forget().contains(TYPED));
}

#[test]
fn a_second_question_is_asked_after_the_first_was_answered_d2() {
    let ask = "systemd-ask-password --no-tty --timeout=60 'First:' > first; \
        systemd-ask-password --no-tty --timeout=60 'Second:' > second";
    let mut desk = Desk::new("twice", ask);
    desk.shows("First: ");
    desk.types("one");
    assert_eq!(desk.told("first"), "one\n");
    desk.shows("Second: ");
    desk.types("two");
    assert_eq!(desk.told("second"), "two\n");
}

#[test]
fn a_question_whose_asker_has_gone_is_taken_from_the_screen_d2() {
    let ask = "timeout --signal=KILL 2 systemd-ask-password --no-tty --timeout=60 'Gone:' > answer";
    let mut desk = Desk::new("gone", ask);
    desk.shows("Gone: ");
    desk.forget();
    desk.shows("Rainbow Edge");
    assert!(!desk.forget().contains("Gone:"));
}

#[test]
fn a_terminal_that_is_unplugged_ends_the_page_and_spins_in_no_circle_i1() {
    let mut desk = Desk::new("unplugged", "true");
    desk.shows("Rainbow Edge");
    desk.other_end = None;
    desk.terminal = File::open("/dev/null").expect("nothing");
    let until = Instant::now() + WITHIN;
    let ended = loop {
        if let Some(status) = desk.console.try_wait().expect("waits") {
            break status;
        }
        assert!(Instant::now() < until, "it goes on without a terminal");
        std::thread::sleep(Duration::from_millis(50));
    };
    assert!(!ended.success());
}
