//! The `readme` suite: what the README promises a new user, tried in a clean clone.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::{Failure, Outcome, bare_debian, packages, process};

const EMAIL: &str = "owner@example.org";
const COMPANY: &str = "Clean Clone";
/// Of the form that the product asks of passwords; the account dies with the folder.
const PASSWORD: &str = "Clean-clone-1";
/// From start to ready, and from SIGTERM to the end.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(200);

struct Newcomer {
    clone: PathBuf,
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
    let clone = folder.join("clone");
    process::run(Command::new("git").args(["clone", "--quiet"]).arg(process::root()).arg(&clone))?;
    names_both_commands(&clone)?;
    take_over_dependencies()?;
    let newcomer = Newcomer { clone, data: folder.join("data"), https: free_port()?, http: free_port()? };
    let line = newcomer.refused_without_terminal()?;
    newcomer.type_init_line(&line)?;
    for start in ["first", "second"] {
        println!("{start} start");
        let mut running = newcomer.start()?;
        let outcome = newcomer.visit(&mut running);
        let stopped = stop(&mut running);
        outcome.and(stopped)?;
    }
    Ok(())
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
    /// `cargo xtask WORDS` in the clone. What is built is kept for the next time, and apart from this checkout's: cargo
    /// takes what was built from the clone for newer than changes here that are not committed.
    fn xtask(&self, words: &[&str]) -> Command {
        let mut command = Command::new("cargo");
        command.current_dir(&self.clone).env("CARGO_TARGET_DIR", target_dir());
        command.arg("xtask").args(words).stdin(Stdio::null());
        command
    }

    fn run_command(&self) -> Command {
        let mut command = self.xtask(&["run", "--name", "localhost", "--data"]);
        command.arg(&self.data).args(["--", "--https"]).arg(self.https.to_string());
        command.arg("--http").arg(self.http.to_string());
        command
    }

    /// On empty data and without a terminal: exit code 2, nothing served, and the line that makes the box.
    fn refused_without_terminal(&self) -> Result<String, Failure> {
        println!("`cargo xtask run` on empty data without a terminal");
        let output = self.run_command().output().map_err(|error| Failure::Failed(format!("cargo: {error}")))?;
        let errors = String::from_utf8_lossy(&output.stderr);
        if output.status.code() != Some(2) {
            return Err(Failure::Failed(format!(
                "it must end with code 2, but ended with {}: {errors}",
                output.status
            )));
        }
        if self.data.exists() {
            return Err(Failure::Failed("it made a data folder for nobody's account".to_owned()));
        }
        let line = errors.lines().map(str::trim).find(|line| line.contains("rainbow-edge init --data"));
        line.map(str::to_owned).ok_or_else(|| Failure::Failed(format!("it printed no init line: {errors}")))
    }

    fn type_init_line(&self, line: &str) -> Outcome {
        println!("$ {line}");
        process::run(
            Command::new("sh")
                .current_dir(&self.clone)
                .args(["-c", line])
                .envs([("COMPANY", COMPANY), ("EMAIL", EMAIL), ("PASSWORD", PASSWORD)])
                .stdin(Stdio::null()),
        )
    }

    /// The process is the box itself in the end: cargo and xtask each become the next.
    fn start(&self) -> Result<Child, Failure> {
        self.run_command().spawn().map_err(|error| Failure::Failed(format!("cargo: {error}")))
    }

    /// Ready, TLS by the box's own CA, and the account of the init line is there.
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
        let answer = process::output(
            Command::new("curl")
                .args(["--silent", "--show-error", "--fail", "--max-time", "20", "--cacert"])
                .arg(self.data.join("ca.pem"))
                .args(["--user", &format!("{EMAIL}:{PASSWORD}"), &url]),
        )?;
        if answer.contains(EMAIL) { Ok(()) } else { Err(Failure::Failed(format!("the login answered {answer}"))) }
    }

    fn is_ready(&self) -> bool {
        let status = process::output(
            Command::new(target_dir().join("release/rainbow-edge"))
                .args(["status", "--json", "--data"])
                .arg(&self.data),
        );
        status.is_ok_and(|text| text.replace(' ', "").contains("\"ready\":true"))
    }
}

fn target_dir() -> PathBuf {
    process::target_dir().join("readme")
}

/// What this checkout has built of other people's crates serves the clone as well and saves minutes. Our own crates are
/// built anew, because the clone's files are younger. Where nothing is built yet, nothing is taken over.
fn take_over_dependencies() -> Outcome {
    let (from, to) = (process::target_dir().join("release"), target_dir().join("release"));
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

/// Port 0 lets the system choose; somebody may take it in between, and then the start fails loudly.
fn free_port() -> Result<u16, Failure> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr());
    listener.map(|address| address.port()).map_err(|error| Failure::Failed(format!("no free port: {error}")))
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
