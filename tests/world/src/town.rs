//! A town of network namespaces: boxes on its street, devices at home behind routers that change addresses (`town/town.sh`).

use std::fmt;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU8, Ordering};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/town/town.sh");

/// How a home's router treats what comes from outside (RFC 4787).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Router {
    /// Others reach a port that was once used, whoever they are.
    FullCone,
    /// Only whoever was spoken to answers.
    Restricted,
    /// Another port for each place that is spoken to, and only that place answers.
    Symmetric,
    /// Two in a row, the provider's and one's own.
    Double,
    /// No UDP passes.
    UdpBlocked,
}

/// Somewhere in a town, where programs can be run.
#[derive(Clone, Debug)]
pub struct Place {
    process: u32,
    /// By which the street knows whoever is there.
    pub addresses: Vec<Ipv4Addr>,
}

/// All of it lasts as long as this does.
pub struct Town {
    shell: Child,
    lines: Mutex<(ChildStdin, BufReader<ChildStdout>)>,
    folder: PathBuf,
    given: AtomicU8,
}

impl Town {
    /// An empty street.
    ///
    /// # Panics
    /// Where this machine lets nobody make namespaces, or lacks iproute2, nftables or util-linux.
    pub fn build() -> Self {
        static COUNT: AtomicU8 = AtomicU8::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("rainbow-edge-town-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a temporary folder");
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--net", "--mount", "sh", SCRIPT]).arg(folder.join("hosts"));
        let mut shell = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("unshare (util-linux)");
        let lines = (shell.stdin.take().expect("piped"), BufReader::new(shell.stdout.take().expect("piped")));
        let town = Self { shell, lines: Mutex::new(lines), folder, given: AtomicU8::new(10) };
        assert_eq!(town.answer(&mut town.lines.lock().expect("nobody panics holding this").1), "ready");
        town
    }

    /// A place on the street with so many addresses.
    pub fn place(&self, addresses: u8) -> Place {
        let own: Vec<Ipv4Addr> = (0..addresses.max(1)).map(|_| self.address()).collect();
        let words: Vec<String> = own.iter().map(ToString::to_string).collect();
        let process = self.number(&format!("place {}", words.join(" ")));
        Place { process, addresses: own }
    }

    /// A device at home.
    pub fn home(&self, router: Router) -> Place {
        let address = self.address();
        Place { process: self.number(&format!("home {router} {address}")), addresses: vec![address] }
    }

    /// From now on this name means this place.
    pub fn name(&self, name: &str, address: Ipv4Addr) {
        assert_eq!(self.ask(&format!("name {name} {address}")), "named");
    }

    /// One that nobody has.
    pub fn address(&self) -> Ipv4Addr {
        Ipv4Addr::new(203, 0, 113, self.given.fetch_add(1, Ordering::Relaxed))
    }

    fn number(&self, line: &str) -> u32 {
        let answer = self.ask(line);
        answer.parse().unwrap_or_else(|_| panic!("{line}: {answer}"))
    }

    fn ask(&self, line: &str) -> String {
        let mut lines = self.lines.lock().expect("nobody panics holding this");
        writeln!(lines.0, "{line}").expect("the town stands");
        self.answer(&mut lines.1)
    }

    fn answer(&self, from: &mut BufReader<ChildStdout>) -> String {
        let mut answer = String::new();
        from.read_line(&mut answer).expect("the town answers");
        assert!(!answer.is_empty(), "the town could not be built: what it said stands above");
        answer.trim().to_owned()
    }
}

impl Place {
    /// The first of its addresses.
    pub fn address(&self) -> Ipv4Addr {
        self.addresses[0]
    }

    /// A program that runs there.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["--target", &self.process.to_string(), "--user", "--mount", "--net", "--preserve-credentials"]);
        // Without it nsenter goes to the root of the file system that it enters.
        command.arg("--wd=.").arg(program);
        command
    }
}

impl fmt::Display for Router {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FullCone => "cone",
            Self::Restricted => "restricted",
            Self::Symmetric => "symmetric",
            Self::Double => "double",
            Self::UdpBlocked => "blocked",
        })
    }
}

impl Drop for Town {
    fn drop(&mut self) {
        let _ = self.shell.kill();
        let _ = self.shell.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
