//! Clients that others wrote, each in a process of its own.

use crate::world;
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;
use tokio::sync::mpsc;
use world::SignedIn;

/// Sounds, pictures and browsers need a processor in time, which a busy machine gives late.
const LIMIT: Duration = Duration::from_secs(3 * world::PATIENCE_S);
/// Lines that may wait to be read.
const EVENTS_MAX: usize = 1000;
const END_WITHIN: Duration = Duration::from_secs(5);

/// How a client is started: what of it is ours obeys lines of JSON and tells what happens likewise.
pub(crate) struct Kind {
    /// The variable that says where the program is that runs it.
    runs_it: &'static str,
    arguments: &'static [&'static str],
}

pub(crate) const SLIXMPP: Kind = Kind { runs_it: PYTHON, arguments: &["slixmpp/client.py"] };
pub(crate) const PROFANITY: Kind = Kind { runs_it: PYTHON, arguments: &["profanity/client.py"] };
/// Node 20 knows WebSockets when it is asked to.
pub(crate) const XMPP_JS: Kind =
    Kind { runs_it: NODE, arguments: &["--experimental-websocket", "--no-warnings", "node/xmpp_js.mjs"] };
pub(crate) const STANZA_JS: Kind = Kind { runs_it: NODE, arguments: &["node/stanza_js.mjs"] };
pub(crate) const CONVERSE: Kind = Kind { runs_it: NODE, arguments: &["node/converse.mjs"] };

/// Calls, with the media of aiortc.
pub(crate) const AIORTC: Kind = Kind { runs_it: PYTHON, arguments: &["aiortc/client.py"] };
/// The box's own application, for calls with others; its password is an e-mail address, a space and the account's.
pub(crate) const RAINBOW_WEB: Kind = Kind { runs_it: NODE, arguments: &["node/rainbow_web.mjs"] };

const PYTHON: &str = "RAINBOW_EDGE_PYTHON";
const NODE: &str = "RAINBOW_EDGE_NODE";

/// A client, signed in as somebody.
pub(crate) struct Client {
    child: Child,
    commands: Option<ChildStdin>,
    /// Lines of its output; a thread reads them.
    events: mpsc::Receiver<String>,
    /// Events that nobody has asked for yet, in order.
    untold: Vec<Value>,
}

impl Client {
    /// Starts it; it connects to this port.
    pub(crate) fn start(kind: &Kind, who: &SignedIn, password: &str, port: u16) -> Self {
        let program = std::env::var_os(kind.runs_it).expect("`cargo xtask test clients` says where it is");
        let ca = world().edge.data().join("ca.pem");
        let mut command = Command::new(program);
        command.current_dir(env!("CARGO_MANIFEST_DIR")).env("NODE_EXTRA_CA_CERTS", &ca);
        // No compiled modules beside the sources.
        command.env("PYTHONPATH", concat!(env!("CARGO_MANIFEST_DIR"), "/python")).env("PYTHONDONTWRITEBYTECODE", "1");
        command.args(kind.arguments).args(["localhost", &port.to_string(), who.jid(), password]).arg(ca);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it can be started");
        let commands = child.stdin.take();
        let output = BufReader::new(child.stdout.take().expect("piped"));
        let (told, events) = mpsc::channel(EVENTS_MAX);
        std::thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| told.blocking_send(line)));
        Self { child, commands, events, untold: Vec::new() }
    }

    /// Starts it and waits until its session is there.
    pub(crate) async fn started(kind: &Kind, who: &SignedIn, password: &str, port: u16) -> (Self, Value) {
        let mut client = Self::start(kind, who, password, port);
        let started = client.expect("started", |_| true).await;
        (client, started)
    }

    /// Sends a command.
    pub(crate) fn obey(&mut self, command: &Value) {
        writeln!(self.commands.as_ref().expect("open"), "{command}").expect("the client lives");
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

    /// What of this kind was told and not asked for.
    pub(crate) fn untold(&self, kind: &str) -> Vec<&Value> {
        self.untold.iter().filter(|event| event["event"] == kind).collect()
    }
}

/// At the end of its commands a client ends by itself and takes its own processes with it.
impl Drop for Client {
    fn drop(&mut self) {
        self.commands = None;
        world::process::end_by_itself(&mut self.child, END_WITHIN);
    }
}
