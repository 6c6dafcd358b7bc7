//! One client: logs in as any standard client does (RFC 7395, SCRAM-SHA-256) and then says what it is told to.

use crate::http::connect;
use crate::server::{Account, Server};
use crate::websocket::Socket;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::rc::Rc;
use tokio::sync::mpsc;
use world::scram;

const FRAMING: &str = "urn:ietf:params:xml:ns:xmpp-framing";
const SASL: &str = "urn:ietf:params:xml:ns:xmpp-sasl";

/// A client that is logged in and bound.
pub struct Session {
    socket: Socket,
}

impl Session {
    /// Connects, logs in, binds; no presence yet.
    ///
    /// # Errors
    /// Whatever the server refuses, in words.
    pub async fn log_in(server: &Server, account: &Account) -> Result<Self, String> {
        let mut session = Self { socket: Socket::open(connect(server).await?, "/xmpp-websocket").await? };
        session.open(server).await?;
        session.authenticate(server, account).await?;
        session.open(server).await?;
        let bind =
            "<iq xmlns='jabber:client' type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>";
        let bound = session.ask(bind, "<iq").await?;
        if attribute(&bound, "type") != Some("result") {
            return Err(format!("no resource was bound: {bound}"));
        }
        Ok(session)
    }

    async fn open(&mut self, server: &Server) -> Result<(), String> {
        let open = format!("<open xmlns='{FRAMING}' to='{}' version='1.0'/>", server.domain);
        self.ask(&open, "<stream:features").await.map(drop)
    }

    async fn authenticate(&mut self, server: &Server, account: &Account) -> Result<(), String> {
        let first = STANDARD.encode(scram::first(scram::UNBOUND, &account.name));
        let auth = format!("<auth xmlns='{SASL}' mechanism='SCRAM-SHA-256'>{first}</auth>");
        let challenge = decoded(&self.ask(&auth, "<challenge").await?)?;
        let challenge = scram::Challenge::read(&challenge);
        let salted = server.salted(account, &challenge);
        let (last, signature) = challenge.answer_salted(scram::UNBOUND, &[], &account.name, &salted);
        let response = format!("<response xmlns='{SASL}'>{}</response>", STANDARD.encode(last));
        let told = decoded(&self.ask(&response, "<success").await?)?;
        if told == signature { Ok(()) } else { Err(String::from("the server does not know the password")) }
    }

    /// Becomes available and waits for the echo.
    ///
    /// # Errors
    /// When the stream ends.
    pub async fn become_available(&mut self) -> Result<(), String> {
        self.ask("<presence xmlns='jabber:client'/>", "<presence").await.map(drop)
    }

    /// Sends this and returns the first frame that begins so; what comes before is dropped.
    pub(crate) async fn ask(&mut self, text: &str, begins: &str) -> Result<String, String> {
        self.socket.put(text);
        loop {
            if self.socket.is_dirty() {
                self.socket.flush().await?;
            }
            while let Some(frame) = self.socket.take()? {
                if frame.starts_with(begins) {
                    return Ok(frame.to_owned());
                }
                if frame.starts_with("<failure") || frame.starts_with("<stream:error") {
                    return Err(frame.to_owned());
                }
            }
            self.socket.fill().await?;
        }
    }

    /// Lives until `orders` ends: sends what is ordered, hands every frame to `hears`.
    ///
    /// # Errors
    /// When the server ends the stream.
    pub async fn live(mut self, mut orders: mpsc::Receiver<Rc<str>>, hears: impl Fn(&str)) -> Result<(), String> {
        loop {
            while let Some(frame) = self.socket.take()? {
                hears(frame);
            }
            while let Ok(order) = orders.try_recv() {
                self.socket.put(&order);
            }
            if self.socket.is_dirty() {
                self.socket.flush().await?;
            }
            tokio::select! {
                order = orders.recv() => match order {
                    Some(order) => self.socket.put(&order),
                    None => return Ok(()),
                },
                filled = self.socket.fill() => filled?,
            }
        }
    }
}

/// The text of a SASL element.
fn decoded(element: &str) -> Result<String, String> {
    let text = element.split_once('>').and_then(|(_, rest)| rest.split_once('<')).map_or("", |(text, _)| text);
    let bytes = STANDARD.decode(text.trim()).map_err(|error| format!("{error} in {element}"))?;
    String::from_utf8(bytes).map_err(|error| error.to_string())
}

/// An attribute of the frame's own tag.
#[must_use]
pub fn attribute<'a>(frame: &'a str, name: &str) -> Option<&'a str> {
    let tag = frame.split('>').next()?;
    let mut rest = tag;
    loop {
        let at = rest.find(name)?;
        let (before, after) = (&rest[..at], &rest[at + name.len()..]);
        rest = after;
        let Some(value) = after.strip_prefix('=') else { continue };
        if before.ends_with([' ', '\n']) {
            let quote = value.chars().next()?;
            return value[1..].split(quote).next();
        }
    }
}
