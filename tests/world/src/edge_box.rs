//! A box: one data folder, the commands on it, and the server process that serves it.

use crate::executable::{self, Outcome};
use crate::{Place, fault, ports, process};
use serde_json::Value;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// The password of the first administrator of every test box.
pub const ADMIN_PASSWORD: &str = "Adm1n-of-Acme!";
/// The e-mail address of that administrator.
pub const ADMIN_EMAIL: &str = "admin@acme.test";
/// The XMPP domain of every test box.
pub const DOMAIN: &str = "edge.test";

const START_LIMIT: Duration = Duration::from_secs(60);
const STOP_LIMIT: Duration = Duration::from_secs(30);
const FOLDER_PREFIX: &str = "rainbow-edge-world-";

/// A data folder and, while it runs, its server. Shared between tests by `&`; commands may run at any time.
#[derive(Debug)]
pub struct EdgeBox {
    folder: PathBuf,
    https: u16,
    http: u16,
    media: u16,
    extra: Vec<String>,
    /// Where in a town it stands; on this machine's own network otherwise.
    place: Option<Place>,
    running: Mutex<Option<Child>>,
    log_start: Mutex<u64>,
}

impl EdgeBox {
    /// An initialised box with company Acme and its administrator, not started.
    pub fn init() -> Self {
        let edge = Self::empty();
        edge.run_init(&[], ADMIN_PASSWORD).succeeded("init");
        edge
    }

    /// A box whose data folder does not exist yet.
    pub fn empty() -> Self {
        Self {
            folder: new_folder(),
            https: ports::free(),
            http: ports::free(),
            media: ports::free(),
            extra: Vec::new(),
            place: None,
            running: Mutex::new(None),
            log_start: Mutex::new(0),
        }
    }

    /// An initialised box of this name that stands in a town, with the ports that boxes have.
    pub fn init_at(place: Place, name: &str) -> Self {
        let mut edge = Self::empty();
        (edge.https, edge.http, edge.media, edge.place) = (443, 80, 443, Some(place));
        edge.run_init_as(name, &[], ADMIN_PASSWORD).succeeded("init");
        edge
    }

    /// The same box with more arguments for `run` (a key file, say).
    #[must_use]
    pub fn with_args(mut self, args: &[&str]) -> Self {
        self.extra = args.iter().map(ToString::to_string).collect();
        self
    }

    /// Runs `init` on this folder with the usual names, `more` arguments and `password` on standard input.
    pub fn run_init(&self, more: &[&str], password: &str) -> Outcome {
        self.run_init_as("localhost", more, password)
    }

    fn run_init_as(&self, name: &str, more: &[&str], password: &str) -> Outcome {
        let mut args = vec!["init", "--name", name, "--domain", DOMAIN];
        args.extend(["--company", crate::ACME, "--admin", ADMIN_EMAIL]);
        args.extend(more);
        self.edge(&args, &format!("{password}\n"))
    }

    /// Runs `rainbow-edge ARGS --data DIR`.
    pub fn edge(&self, args: &[&str], input: &str) -> Outcome {
        self.edge_at(self.place.as_ref(), args, input)
    }

    /// The same as if this machine stood elsewhere in its town.
    pub fn edge_at(&self, place: Option<&Place>, args: &[&str], input: &str) -> Outcome {
        let data = self.data().to_string_lossy().into_owned();
        let mut whole = args.to_vec();
        whole.extend(["--data", &data]);
        executable::edge_at(place, &whole, input)
    }

    /// Where in a town it stands.
    pub fn place(&self) -> Option<&Place> {
        self.place.as_ref()
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// A folder of this box's own outside the data folder: key files, logs, copies.
    pub fn beside(&self) -> &Path {
        &self.folder
    }

    /// The port that serves HTTPS and WebSocket.
    pub fn https(&self) -> u16 {
        self.https
    }

    /// The port that redirects.
    pub fn http(&self) -> u16 {
        self.http
    }

    /// The UDP port of the relay for calls.
    pub fn media(&self) -> u16 {
        self.media
    }

    /// Writes `DIR/edge.toml`; read at the next start.
    pub fn configure(&self, toml: &str) {
        fs::create_dir_all(self.data()).expect("the data folder can be made");
        fs::write(self.data().join("edge.toml"), toml).expect("edge.toml can be written");
    }

    /// All that the server has written to its standard output and error since the box was made.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(self.log_file()).unwrap_or_default()).into_owned()
    }

    /// The log since the last start.
    pub fn log_since_start(&self) -> String {
        let from = usize::try_from(*self.log_start.lock().expect("no panic holds this")).expect("a log fits memory");
        let bytes = fs::read(self.log_file()).unwrap_or_default();
        String::from_utf8_lossy(bytes.get(from..).unwrap_or_default()).into_owned()
    }

    /// The file that catches the server's output, beside the data folder.
    pub fn log_file(&self) -> PathBuf {
        self.folder.join("run.log")
    }

    /// Starts the server and waits until it says that it is ready.
    #[track_caller]
    pub fn start(&self) {
        if let Err(outcome) = self.try_start() {
            panic!("`run` ended with {:?} instead of getting ready:\n{}", outcome.code, tail(&outcome.out));
        }
    }

    /// Starts the server; `Err` when it ends by itself instead of getting ready.
    pub fn try_start(&self) -> Result<(), Outcome> {
        self.spawn();
        self.wait_until(|status| status["ready"] == Value::Bool(true))
    }

    fn wait_until(&self, reached: impl Fn(&Value) -> bool) -> Result<(), Outcome> {
        let start = Instant::now();
        while !reached(&self.status()) {
            if let Some(code) = self.ended() {
                return Err(Outcome { code, out: self.log_since_start(), err: String::new() });
            }
            assert!(start.elapsed() < START_LIMIT, "not ready in time:\n{}", tail(&self.log_since_start()));
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    /// Starts the server where nobody has set the box up, and waits until it says so.
    #[track_caller]
    pub fn start_setup(&self) {
        self.start_any();
        let status = self.status();
        assert!(status["setup"].is_object(), "this box is set up: {status}\n{}", tail(&self.log_since_start()));
    }

    /// Starts the server and waits until people are served or the setup is.
    #[track_caller]
    pub fn start_any(&self) {
        self.spawn();
        let answers = |status: &Value| status["ready"] == Value::Bool(true) || status["setup"].is_object();
        if let Err(outcome) = self.wait_until(answers) {
            panic!("`run` ended with {:?} instead of serving:\n{}", outcome.code, tail(&outcome.out));
        }
    }

    /// The code of the setup, as the box's console shows it.
    #[track_caller]
    pub fn setup_code(&self) -> String {
        let status = self.status();
        status["setup"]["code"].as_str().unwrap_or_else(|| panic!("no code: {status}")).to_owned()
    }

    /// Starts the server and kills it after `after`, ready or not: a crash within recovery.
    pub fn start_and_kill_9(&self, after: Duration) {
        self.spawn();
        std::thread::sleep(after);
        self.kill_9();
    }

    /// Starts the server where it is expected to stop by itself; its exit code.
    pub fn start_refused(&self) -> Outcome {
        self.spawn();
        let mut child = self.running.lock().expect("no panic holds this").take().expect("just started");
        let code = executable::wait_bounded(&mut child, START_LIMIT);
        let _ = child.kill();
        let _ = child.wait();
        Outcome { code: code.flatten(), out: self.log_since_start(), err: String::new() }
    }

    fn spawn(&self) {
        let mut running = self.running.lock().expect("no panic holds this");
        assert!(running.is_none(), "this box already runs");
        let log = File::options().create(true).append(true).open(self.log_file()).expect("the log can be written");
        *self.log_start.lock().expect("no panic holds this") = log.metadata().expect("the log has a size").len();
        let mut command = executable::tied_command_at(self.place.as_ref());
        command.arg("run").arg("--data").arg(self.data());
        command.args(["--https", &self.https.to_string(), "--http", &self.http.to_string()]);
        // One of its own: sockets of one user that share a port share what comes as well.
        command.args(["--media", &self.media.to_string()]).args(&self.extra);
        command.stdin(Stdio::null()).stdout(log.try_clone().expect("a file handle can be copied")).stderr(log);
        *running = Some(executable::spawn_tied(command).expect("the executable can be started"));
    }

    fn ended(&self) -> Option<Option<i32>> {
        let mut running = self.running.lock().expect("no panic holds this");
        let status = running.as_mut()?.try_wait().expect("a child can be waited for")?;
        *running = None;
        Some(status.code())
    }

    /// What `status --json` answers; `Null` when it answers nothing readable.
    pub fn status(&self) -> Value {
        let outcome = self.edge(&["status", "--json"], "");
        serde_json::from_str(&outcome.out).unwrap_or(Value::Null)
    }

    /// The process id of `run`.
    pub fn pid(&self) -> u32 {
        self.running.lock().expect("no panic holds this").as_ref().expect("the box runs").id()
    }

    /// Whether the process of `run` still lives.
    pub fn alive(&self) -> bool {
        let mut running = self.running.lock().expect("no panic holds this");
        running.as_mut().is_some_and(|child| child.try_wait().expect("a child can be waited for").is_none())
    }

    /// Kills `run` without warning; its children die with it. Returns when they are gone and the ports are free again.
    pub fn kill_9(&self) {
        let mut child = self.running.lock().expect("no panic holds this").take().expect("the box runs");
        let family = process::family(child.id());
        child.kill().expect("our own child can be killed");
        child.wait().expect("a killed child can be waited for");
        // A worker that a test made hang may outlive them: it holds nothing of the box.
        let holders: Vec<_> = family.into_iter().filter(|member| !member.is_of_role("worker")).collect();
        let deadline = Instant::now() + STOP_LIMIT;
        while holders.iter().any(|member| member.lives()) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(5));
        }
        self.wait_for_free_port();
    }

    /// Asks `run` to stop (SIGTERM) and waits for its end; the exit code must be 0.
    pub fn terminate(&self) {
        self.stop_by(nix::sys::signal::Signal::SIGTERM);
    }

    /// As Ctrl-C at the terminal does.
    pub fn interrupt(&self) {
        self.stop_by(nix::sys::signal::Signal::SIGINT);
    }

    fn stop_by(&self, signal: nix::sys::signal::Signal) {
        let mut child = self.running.lock().expect("no panic holds this").take().expect("the box runs");
        let pid = nix::unistd::Pid::from_raw(i32::try_from(child.id()).expect("a process id fits"));
        nix::sys::signal::kill(pid, signal).expect("our own child can be signalled");
        let code = executable::wait_bounded(&mut child, STOP_LIMIT);
        if code.is_none() {
            let _ = child.kill();
            let _ = child.wait();
        }
        assert_eq!(code, Some(Some(0)), "{signal} did not end `run` cleanly:\n{}", tail(&self.log_since_start()));
        self.wait_for_free_port();
    }

    /// A clean stop and a new start on the same data and ports.
    pub fn restart(&self) {
        self.terminate();
        self.start();
    }

    fn wait_for_free_port(&self) {
        let start = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", self.https)).is_ok() {
            assert!(start.elapsed() < STOP_LIMIT, "somebody still serves port {} after the end of `run`", self.https);
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Adds a person of `company` with `user add`; works while the box runs and while it does not.
    pub fn add_person(&self, company: &str, email: &str, more: &[&str]) -> crate::Person {
        let person = crate::Person::named(company, email);
        let mut args = vec!["user", "add", "--company", company, "--email", email];
        args.extend(["--first-name", &person.first_name, "--last-name", &person.last_name]);
        args.extend(more);
        self.edge(&args, &format!("{}\n", person.password)).succeeded("user add");
        person
    }

    /// Adds a company with `company add`.
    pub fn add_company(&self, name: &str, visibility: &str) {
        self.edge(&["company", "add", "--name", name, "--visibility", visibility], "").succeeded("company add");
    }

    /// As `add_company`, of a kind: `customer`, `partner` or `default`.
    pub fn add_company_of_kind(&self, name: &str, visibility: &str, kind: &str) {
        let args = ["company", "add", "--name", name, "--visibility", visibility, "--kind", kind];
        self.edge(&args, "").succeeded("company add --kind");
    }

    /// Copies the (stopped) data folder, to damage the copy or to come back to it.
    pub fn copy_data_to(&self, target: &Path) {
        fault::copy_folder(&self.data(), target);
    }
}

impl Drop for EdgeBox {
    fn drop(&mut self) {
        if let Some(mut child) = self.running.lock().expect("no panic holds this").take() {
            let _ = child.kill();
            let _ = child.wait();
        }
        if std::thread::panicking() {
            eprintln!("the box of this test is kept in {} until the next run", self.folder.display());
            eprintln!("the end of its log:\n{}", tail(&self.log()));
            return;
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// An empty folder of this process's own.
pub(crate) fn new_folder() -> PathBuf {
    remove_folders_of_dead_processes();
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("{FOLDER_PREFIX}{}-{number}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the temporary folder can be written");
    folder
}

/// The last lines of a log, for a message.
pub fn tail(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(40)..].join("\n")
}

/// Boxes in statics are never dropped and failed ones are kept: the next run clears them away.
fn remove_folders_of_dead_processes() {
    let Ok(entries) = fs::read_dir(std::env::temp_dir()) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let owner = name.strip_prefix(FOLDER_PREFIX).and_then(|rest| rest.split('-').next());
        if owner.is_some_and(|pid| !Path::new("/proc").join(pid).exists()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
