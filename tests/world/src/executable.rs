//! Running the executable `rainbow-edge` as an administrator would, with a bound on its time.

use crate::Place;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::{Duration, Instant};

/// Longest that a command other than `run` may take.
const COMMAND_LIMIT: Duration = Duration::from_secs(60);

/// What a finished command left behind.
#[derive(Debug)]
pub struct Outcome {
    /// Exit code, `None` when a signal ended it or it was killed for taking too long.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Outcome {
    /// Standard output and standard error together: what a person at the terminal reads.
    pub fn text(&self) -> String {
        format!("{}{}", self.out, self.err)
    }

    /// The outcome of a command that must have worked.
    #[track_caller]
    pub fn succeeded(self, what: &str) -> Self {
        assert_eq!(self.code, Some(0), "{what} failed:\n{}", self.text());
        self
    }

    /// The text of a command that must have been refused: not by a panic, not by a signal, and with words to read.
    #[track_caller]
    pub fn refused(self, what: &str) -> String {
        let text = self.text();
        let code = self.code.unwrap_or_else(|| panic!("{what} was ended by a signal or took too long:\n{text}"));
        assert_ne!(code, 0, "{what} was not refused:\n{text}");
        assert_ne!(code, 101, "{what} panicked:\n{text}");
        assert!(!text.contains("panicked at"), "{what} panicked:\n{text}");
        assert!(!text.trim().is_empty(), "{what} was refused without a word");
        text
    }
}

/// The executable that was built with this one (`target/release/rainbow-edge`): beside it, or above where it is a test.
pub fn path() -> PathBuf {
    let own = std::env::current_exe().expect("a program knows its own path");
    let folder = own.parent().expect("a program lives in a folder");
    let folder = if folder.ends_with("deps") { folder.parent().unwrap_or(folder) } else { folder };
    let executable = folder.join("rainbow-edge");
    assert!(
        executable.is_file(),
        "{} is missing: run `cargo xtask test`, or `cargo build --release` first",
        executable.display()
    );
    executable
}

/// Runs `rainbow-edge ARGS` with `input` on its standard input and waits for its end.
pub fn edge(args: &[&str], input: &str) -> Outcome {
    edge_at(None, args, input)
}

/// The same at a place of a town.
pub(crate) fn edge_at(place: Option<&Place>, args: &[&str], input: &str) -> Outcome {
    let mut command = place.map_or_else(|| Command::new(path()), |place| place.command(&path()));
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the executable can be started");
    let mut stdin = child.stdin.take().expect("stdin is piped");
    // A command that refuses early does not read: a broken pipe is its right.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    let out = collect(child.stdout.take().expect("stdout is piped"));
    let err = collect(child.stderr.take().expect("stderr is piped"));
    let code = wait_bounded(&mut child, COMMAND_LIMIT);
    if code.is_none() {
        let _ = child.kill();
        let _ = child.wait();
    }
    let gather = |reader: std::thread::JoinHandle<String>| reader.join().expect("a reader does not panic");
    Outcome { code: code.flatten(), out: gather(out), err: gather(err) }
}

/// Waits for the end of `child`: `None` when it still runs after `limit`, `Some(None)` when a signal ended it.
pub fn wait_bounded(child: &mut Child, limit: Duration) -> Option<Option<i32>> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("a child can be waited for") {
            return Some(status.code());
        }
        if start.elapsed() > limit {
            return None;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn collect(mut from: impl Read + Send + 'static) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = from.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// Starts a long-running child that dies with the test process.
///
/// A box in a `static` is never dropped, so the kernel must end it: `setpriv --pdeathsig`. That signal follows the
/// *thread* that started the child, hence one thread that lives as long as the process starts them all.
pub fn spawn_tied(command: Command) -> std::io::Result<Child> {
    type Order = (Command, SyncSender<std::io::Result<Child>>);
    static STARTER: OnceLock<std::sync::Mutex<SyncSender<Order>>> = OnceLock::new();
    let starter = STARTER.get_or_init(|| {
        let (orders, inbox) = sync_channel::<Order>(1);
        std::thread::spawn(move || {
            for (mut command, answer) in inbox {
                let _ = answer.send(command.spawn());
            }
        });
        std::sync::Mutex::new(orders)
    });
    let (answer, result) = sync_channel(1);
    starter.lock().expect("nobody panics holding this").send((command, answer)).expect("the starter lives");
    result.recv().expect("the starter answers")
}

/// `rainbow-edge` prepared to run tied to this process.
pub fn tied_command() -> Command {
    tied(&path())
}

/// The same at a place of a town.
pub(crate) fn tied_command_at(place: Option<&Place>) -> Command {
    place.map_or_else(tied_command, |place| {
        let own = tied_command();
        let mut command = place.command(own.get_program().as_ref());
        command.args(own.get_args());
        command
    })
}

/// A program prepared to run tied to this process, where `setpriv` (util-linux) is there.
pub(crate) fn tied(program: &std::path::Path) -> Command {
    let setpriv = std::path::Path::new("/usr/bin/setpriv");
    if !setpriv.exists() {
        return Command::new(program);
    }
    let mut command = Command::new(setpriv);
    command.args(["--pdeathsig", "KILL"]).arg(program);
    command
}
