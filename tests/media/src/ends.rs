//! Ends of calls by aiortc (`aiortc/peer.py`), in a process of their own, at home or on the machine's own network.

use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};
use world::Place;

/// Where the Python is that has aiortc; `cargo xtask test media` says it.
const PYTHON: &str = "RAINBOW_EDGE_PYTHON";
const HERE: &str = env!("CARGO_MANIFEST_DIR");
const EVENTS_MAX: usize = 1_000;
/// Sounds and pictures need a processor in time, which a busy machine gives late.
const PATIENCE: Duration = Duration::from_secs(3 * world::PATIENCE_S);
const END_WITHIN: Duration = Duration::from_secs(5);
/// The tone of `tests/clients/aiortc/media.py`.
const HERTZ: f64 = 440.0;

/// Such a process.
pub struct Ends {
    child: Child,
    commands: Option<ChildStdin>,
    events: Receiver<String>,
    untold: Vec<Value>,
}

/// By which kind of its own addresses an end speaks to the other: `host`, `srflx`, `prflx` or `relay`.
pub type Way = String;

impl Ends {
    /// Starts it; `ca` is whom it trusts for TLS.
    pub fn start(place: Option<&Place>, ca: &Path) -> Self {
        let python = std::env::var_os(PYTHON).expect("`cargo xtask test media` says where it is");
        let mut command = place.map_or_else(|| Command::new(&python), |place| place.command(python.as_ref()));
        let modules = [format!("{HERE}/../clients/python"), format!("{HERE}/../clients/aiortc")].join(":");
        command.env("PYTHONPATH", modules).env("PYTHONDONTWRITEBYTECODE", "1").env("SSL_CERT_FILE", ca);
        command.arg(format!("{HERE}/aiortc/peer.py")).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("it can be started");
        let commands = child.stdin.take();
        let output = BufReader::new(child.stdout.take().expect("piped"));
        let (told, events) = sync_channel(EVENTS_MAX);
        std::thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| told.send(line)));
        Self { child, commands, events, untold: Vec::new() }
    }

    /// Tells it to do something.
    pub fn obey(&mut self, command: &Value) {
        writeln!(self.commands.as_ref().expect("open"), "{command}").expect("it lives");
    }

    /// The first event of a kind about an end; others stay, in order.
    pub fn expect(&mut self, of: &str, kind: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let fits = |event: &Value| event["event"] == kind && (of.is_empty() || event["of"] == of) && fits(event);
        if let Some(at) = self.untold.iter().position(fits) {
            return self.untold.remove(at);
        }
        let until = Instant::now() + PATIENCE;
        loop {
            let line = match self.events.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(line) => line,
                Err(RecvTimeoutError::Timeout) => panic!("{of}: no `{kind}`; told: {:#?}", self.untold),
                Err(RecvTimeoutError::Disconnected) => panic!("it ended before `{kind}`; told: {:#?}", self.untold),
            };
            let event: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("no event: {line}"));
            assert!(event["event"] != "error", "{event}");
            if fits(&event) {
                return event;
            }
            self.untold.push(event);
        }
    }

    /// Signs in at a box; what it hands out as relays serves all ends from then on.
    pub fn sign_in(&mut self, origin: &str, ca: &Path, email: &str, password: &str) -> Vec<String> {
        self.obey(&json!({"do": "sign in", "origin": origin, "ca": ca, "email": email, "password": password}));
        let relays = self.expect("", "signed in", |_| true)["relays"].clone();
        serde_json::from_value(relays).expect("a list")
    }

    /// Whether it is connected, and by which way.
    pub fn connected(&mut self, of: &str) -> Way {
        let connected =
            self.expect(of, "connection", |event| event["state"] == "connected" || event["state"] == "failed");
        assert_eq!(connected["state"], "connected", "{of}");
        connected["ways"][0].as_str().expect("a way").to_owned()
    }

    /// The other's tone is heard and his picture seen, in its colour and moving.
    pub fn hears_and_sees(&mut self, of: &str) {
        let heard = self.expect(of, "heard", |_| true);
        assert!(heard["hertz"].as_f64().is_some_and(|hertz| (hertz - HERTZ).abs() < HERTZ / 8.0), "{heard}");
        let seen = self.expect(of, "seen", |_| true);
        let colour = |at: usize| seen["colour"][at].as_f64().unwrap_or_default();
        assert!(colour(0) > 2.0 * colour(1) && seen["moved"].as_u64().is_some_and(|moved| moved > 20), "{seen}");
    }

    /// Pictures that came after those that were looked at.
    pub fn pictures(&mut self, of: &str) -> u64 {
        self.obey(&json!({"do": "pictures", "of": of}));
        self.expect(of, "pictures", |_| true)["count"].as_u64().expect("a number")
    }
}

impl Drop for Ends {
    fn drop(&mut self) {
        self.commands = None;
        world::process::end_by_itself(&mut self.child, END_WITHIN);
    }
}
