//! The `readme` suite: what the README promises a new user, tried in a clean clone.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

use crate::{Failure, Outcome, bare_debian, packages, process};

const EMAIL: &str = "owner@example.org";
const COMPANY: &str = "Clean Clone";
/// Of the form that the product asks of passwords; the account dies with the folder.
const PASSWORD: &str = "Clean-clone-1";
/// From start to ready, and from SIGTERM to the end.
const PATIENCE: Duration = Duration::from_secs(60);
/// From an empty target folder to a box that prints.
const BUILD_PATIENCE: Duration = Duration::from_secs(1800);
const PAUSE: Duration = Duration::from_millis(200);
const FIRST_PORT: u16 = 20_000;
const PORTS: u16 = 12_000;

struct Newcomer {
    clone: PathBuf,
    /// What is built in the clone.
    target: PathBuf,
    data: PathBuf,
    https: u16,
    http: u16,
}

/// Clones what is committed and follows the README; with `full` all of that in a bare Debian 12.
///
/// # Errors
/// `Failed` with the first promise that is not kept.
pub(crate) fn suite(full: bool) -> Outcome {
    if full {
        return bare_debian::suite();
    }
    packages::install(packages::README)?;
    let folder = process::scratch("readme")?;
    let outcome = in_folder(&folder);
    if outcome.is_ok() {
        let _ = std::fs::remove_dir_all(&folder);
    } else {
        println!("left for you to look at: {}", folder.display());
    }
    outcome
}

fn in_folder(folder: &Path) -> Outcome {
    let (clone, target) = clean_clone(folder)?;
    names_both_commands(&clone)?;
    let newcomer = Newcomer { clone, target, data: folder.join("data"), https: free_port()?, http: free_port()? };
    println!("first start: a box that nobody has set up");
    let mut running = newcomer.start(Stdio::piped())?;
    let outcome = newcomer.set_up(&mut running).and_then(|()| newcomer.visit(&mut running));
    let stopped = stop(&mut running);
    outcome.and(stopped)?;
    println!("second start");
    let mut running = newcomer.start(Stdio::inherit())?;
    let outcome = newcomer.visit(&mut running);
    let stopped = stop(&mut running);
    outcome.and(stopped)
}

/// A checkout without changes is a clean clone itself, and what it has built need not be built again. Else a clone is made.
fn clean_clone(folder: &Path) -> Result<(PathBuf, PathBuf), Failure> {
    let changes = process::output(Command::new("git").args(["status", "--porcelain"]).current_dir(process::root()))?;
    if changes.trim().is_empty() {
        return Ok((process::root(), process::target_dir()));
    }
    let clone = folder.join("clone");
    process::run(Command::new("git").args(["clone", "--quiet"]).arg(process::root()).arg(&clone))?;
    take_over_dependencies()?;
    Ok((clone, clone_target()))
}

fn names_both_commands(clone: &Path) -> Outcome {
    let readme = clone.join("README.md");
    let text =
        std::fs::read_to_string(&readme).map_err(|error| Failure::Failed(format!("{}: {error}", readme.display())))?;
    for command in ["cargo xtask run", "cargo xtask test"] {
        if !text.contains(command) {
            return Err(Failure::Failed(format!("README.md does not name `{command}`")));
        }
    }
    Ok(())
}

impl Newcomer {
    /// `cargo xtask WORDS` in the clone. What a clone has built is kept for the next time, and apart from this checkout's:
    /// cargo takes what was built from the clone for newer than changes here that are not committed.
    fn xtask(&self, words: &[&str]) -> Command {
        let mut command = Command::new("cargo");
        command.current_dir(&self.clone).env("CARGO_TARGET_DIR", &self.target);
        command.arg("xtask").args(words).stdin(Stdio::null());
        command
    }

    fn run_command(&self) -> Command {
        let mut command = self.xtask(&["run", "--name", "localhost", "--data"]);
        command.arg(&self.data).args(["--", "--https"]).arg(self.https.to_string());
        command.arg("--http").arg(self.http.to_string());
        command
    }

    /// The process is the box itself in the end: cargo and xtask each become the next.
    fn start(&self, output: Stdio) -> Result<Child, Failure> {
        self.run_command().stdout(output).spawn().map_err(|error| Failure::Failed(format!("cargo: {error}")))
    }

    /// What a person does in the browser, with the code that the terminal shows.
    fn set_up(&self, running: &mut Child) -> Outcome {
        let output = running.stdout.take().ok_or_else(|| Failure::Failed("the box prints nowhere".to_owned()))?;
        let code = code_of(&lines_of(output))?;
        let unlocked = self.ask("POST", "/code", &format!(r#"{{"code":"{code}"}}"#), "")?;
        let token = field(&unlocked, "token")?;
        for (step, answer) in [
            ("language", r#"{"language":"en"}"#.to_owned()),
            ("name", r#"{"name":"localhost","domain":"localhost"}"#.to_owned()),
            ("company", format!(r#"{{"name":"{COMPANY}","visibility":"public"}}"#)),
            ("administrator", format!(r#"{{"email":"{EMAIL}","firstName":"Clean","lastName":"Clone"}}"#)),
        ] {
            self.ask("PUT", &format!("/answers/{step}"), &answer, token)?;
        }
        let made = self.ask("POST", "/recovery-key", "{}", token)?;
        self.ask("POST", "/recovery-key/check", &format!(r#"{{"key":"{}"}}"#, field(&made, "key")?), token)?;
        self.ask("POST", "/finish", &format!(r#"{{"password":"{PASSWORD}"}}"#), token)?;
        println!("set up by its address");
        Ok(())
    }

    /// A request to the setup; its answer.
    fn ask(&self, method: &str, route: &str, body: &str, token: &str) -> Result<String, Failure> {
        let url = format!("https://localhost:{}/api/edge/v1/setup{route}", self.https);
        let mut command = self.curl();
        command.args(["--request", method, "--header", "content-type: application/json", "--data", body]);
        if !token.is_empty() {
            command.args(["--header", &format!("authorization: Bearer {token}")]);
        }
        process::output(command.arg(url))
    }

    /// Trusts the box's own CA and nothing else.
    fn curl(&self) -> Command {
        let mut command = Command::new("curl");
        command.args(["--silent", "--show-error", "--fail", "--max-time", "20", "--cacert"]);
        command.arg(self.data.join("ca.pem"));
        command
    }

    /// Ready, TLS by the box's own CA, and the account of the setup is there.
    fn visit(&self, running: &mut Child) -> Outcome {
        let deadline = Instant::now() + PATIENCE;
        while !self.is_ready() {
            if let Ok(Some(status)) = running.try_wait() {
                return Err(Failure::Failed(format!("the box ended with {status} before it was ready")));
            }
            if Instant::now() > deadline {
                return Err(Failure::Failed(format!("the box was not ready after {} s", PATIENCE.as_secs())));
            }
            std::thread::sleep(PAUSE);
        }
        let url = format!("https://localhost:{}/api/rainbow/authentication/v1.0/login", self.https);
        let answer = process::output(self.curl().args(["--user", &format!("{EMAIL}:{PASSWORD}"), &url]))?;
        if answer.contains(EMAIL) { Ok(()) } else { Err(Failure::Failed(format!("the login answered {answer}"))) }
    }

    fn is_ready(&self) -> bool {
        let status = process::output(
            Command::new(self.target.join("release/rainbow-edge")).args(["status", "--json", "--data"]).arg(&self.data),
        );
        status.is_ok_and(|text| text.replace(' ', "").contains("\"ready\":true"))
    }
}

/// What a program prints, line by line, as it comes; shown to who watches, too.
fn lines_of(output: ChildStdout) -> Receiver<String> {
    let (told, lines) = sync_channel(64);
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            println!("{line}");
            // Nobody waits for lines any more, but the box must be able to print.
            let _ = told.try_send(line);
        }
    });
    lines
}

/// The code of the setup, from what the box prints.
fn code_of(lines: &Receiver<String>) -> Result<String, Failure> {
    let deadline = Instant::now() + BUILD_PATIENCE;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let line = lines.recv_timeout(left);
        let line = line.map_err(|_| Failure::Failed("the box printed no code of its setup".to_owned()))?;
        if let Some(code) = line.trim().strip_prefix("code ") {
            return Ok(code.trim().to_owned());
        }
    }
}

/// A text of a JSON answer that holds it once.
fn field<'a>(json: &'a str, name: &str) -> Result<&'a str, Failure> {
    let rest = json.split_once(&format!("\"{name}\":\"")).map(|(_, rest)| rest);
    let text = rest.and_then(|rest| rest.split_once('"')).map(|(text, _)| text);
    text.ok_or_else(|| Failure::Failed(format!("no `{name}` in {json}")))
}

fn clone_target() -> PathBuf {
    process::target_dir().join("readme")
}

/// What this checkout has built of other people's crates serves the clone as well and saves minutes. Our own crates are
/// built anew, because the clone's files are younger. Where nothing is built yet, nothing is taken over.
fn take_over_dependencies() -> Outcome {
    let (from, to) = (process::target_dir().join("release"), clone_target().join("release"));
    if to.exists() || !from.join(".fingerprint").is_dir() {
        return Ok(());
    }
    let script = r#"
        mkdir -p "$2/deps"
        cp -a "$1/.fingerprint" "$1/build" "$2"
        find "$1/deps" '(' -name '*.rlib' -o -name '*.rmeta' -o -name '*.so' -o -name '*.d' ')' -exec cp -a -t "$2/deps" {} +
    "#;
    process::run(Command::new("sh").args(["-ec", script, "sh"]).args([from, to]))
}

/// A port that was free a moment ago and that was not given out before: below the ephemeral range, so that no outgoing
/// connection takes it between two starts. Processes that run side by side begin at different places.
fn free_port() -> Result<u16, Failure> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let begin = std::process::id() % u32::from(PORTS) * 97;
    for _ in 0..PORTS {
        let step = u32::from(NEXT.fetch_add(1, Ordering::Relaxed));
        let offset = u16::try_from((begin + step) % u32::from(PORTS)).unwrap_or(0);
        // Asked of all addresses, as the box will listen.
        if TcpListener::bind(("0.0.0.0", FIRST_PORT + offset)).is_ok() {
            return Ok(FIRST_PORT + offset);
        }
    }
    Err(Failure::Failed(format!("no free TCP port between {FIRST_PORT} and {}", FIRST_PORT + PORTS)))
}

/// SIGTERM, and a clean end in time.
fn stop(running: &mut Child) -> Outcome {
    process::run(Command::new("kill").args(["-TERM", &running.id().to_string()]))?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        match running.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => {
                return Err(Failure::Failed(format!("after SIGTERM the box ended with {status}")));
            }
            _ if Instant::now() > deadline => {
                let _ = running.kill();
                return Err(Failure::Failed(format!("the box did not end within {} s of SIGTERM", PATIENCE.as_secs())));
            }
            _ => std::thread::sleep(PAUSE),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{FIRST_PORT, PORTS, code_of, field, free_port};
    use std::collections::BTreeSet;
    use std::sync::mpsc::sync_channel;

    #[test]
    fn ports_are_given_out_once_and_below_the_ephemeral_range() {
        let ports: BTreeSet<u16> = (0..50).map(|_| free_port().expect("a free port")).collect();
        assert_eq!(ports.len(), 50);
        assert!(ports.iter().all(|port| (FIRST_PORT..FIRST_PORT + PORTS).contains(port)));
    }

    #[test]
    fn a_code_is_found_among_the_lines_of_a_start() {
        let (told, lines) = sync_channel(8);
        for line in ["Rainbow Edge waits", "  fingerprint  AB:CD", "  code         ABCD-1234", "What to do next:"] {
            told.send(line.to_owned()).expect("room");
        }
        assert_eq!(code_of(&lines).expect("it is there"), "ABCD-1234");
        drop(told);
        assert!(code_of(&lines).is_err());
    }

    #[test]
    fn a_field_is_read_from_an_answer() {
        assert_eq!(field(r#"{"data":{"token":"a_b-c"}}"#, "token").expect("it is there"), "a_b-c");
        assert!(field(r#"{"data":{}}"#, "token").is_err());
    }
}
