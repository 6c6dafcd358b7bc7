//! A client in a process of its own.

use crate::world;
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;
use tokio::sync::mpsc;
use world::SignedIn;

const LIMIT: Duration = Duration::from_secs(world::PATIENCE_S);
/// Lines that may wait to be read.
const EVENTS_MAX: usize = 1000;

/// slixmpp, signed in as somebody.
pub(crate) struct Slixmpp {
    child: Child,
    commands: ChildStdin,
    /// Lines of its output; a thread reads them.
    events: mpsc::Receiver<String>,
    /// Events that nobody has asked for yet, in order.
    untold: Vec<Value>,
}

impl Slixmpp {
    /// Starts it; it connects to this port by direct TLS.
    pub(crate) fn start(who: &SignedIn, password: &str, port: u16) -> Self {
        let python = std::env::var_os("RAINBOW_EDGE_PYTHON").expect("`cargo xtask test clients` says where Python is");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/slixmpp/client.py");
        let mut command = Command::new(python);
        command.arg(script).args(["localhost", &port.to_string(), who.jid(), password]);
        command.arg(world().edge.data().join("ca.pem")).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("Python can be started");
        let commands = child.stdin.take().expect("piped");
        let output = BufReader::new(child.stdout.take().expect("piped"));
        let (told, events) = mpsc::channel(EVENTS_MAX);
        std::thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| told.blocking_send(line)));
        Self { child, commands, events, untold: Vec::new() }
    }

    /// Starts it and waits until its session is there.
    pub(crate) async fn started(who: &SignedIn, password: &str, port: u16) -> (Self, Value) {
        let mut client = Self::start(who, password, port);
        let started = client.expect("started", |_| true).await;
        (client, started)
    }

    /// Sends a command.
    pub(crate) fn obey(&mut self, command: &Value) {
        writeln!(self.commands, "{command}").expect("the client lives");
    }

    /// Sends a message.
    pub(crate) fn say(&mut self, to: &str, body: &str) {
        self.obey(&json!({ "do": "send", "to": to, "body": body }));
    }

    /// The first event of this kind that fits; others stay, in order.
    pub(crate) async fn expect(&mut self, kind: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let fits = |event: &Value| event["event"] == kind && fits(event);
        if let Some(at) = self.untold.iter().position(fits) {
            return self.untold.remove(at);
        }
        let wait = async {
            while let Some(line) = self.events.recv().await {
                let event: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("no event: {line}"));
                assert!(event["event"] != "error" && event["event"] != "refused", "{event}");
                if fits(&event) {
                    return Some(event);
                }
                self.untold.push(event);
            }
            None
        };
        match tokio::time::timeout(LIMIT, wait).await {
            Ok(Some(event)) => event,
            Ok(None) => panic!("the client ended before `{kind}`; told: {:#?}", self.untold),
            Err(_) => panic!("no `{kind}` in {LIMIT:?}; told: {:#?}", self.untold),
        }
    }

    /// Waits for a message, which stays among those that were told.
    pub(crate) async fn await_message(&mut self, body: &str) {
        let message = self.expect("message", |event| event["body"] == body).await;
        self.untold.push(message);
    }

    /// All messages' bodies so far, once everything that the box sent before has come.
    pub(crate) async fn bodies(&mut self) -> Vec<String> {
        self.obey(&json!({ "do": "ping" }));
        self.expect("pong", |_| true).await;
        let messages = self.untold.extract_if(.., |event| event["event"] == "message");
        messages.map(|message| message["body"].as_str().expect("a body").to_owned()).collect()
    }

    /// How often something of this kind was told and not asked for.
    pub(crate) fn untold(&self, kind: &str) -> usize {
        self.untold.iter().filter(|event| event["event"] == kind).count()
    }
}

impl Drop for Slixmpp {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
