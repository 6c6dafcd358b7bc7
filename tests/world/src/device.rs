//! One device of a person: an XMPP stream over WebSocket (RFC 7395) or by direct TLS (XEP-0368). It answers nothing by
//! itself.

use crate::direct::Direct;
use crate::stanza::{bare, escape, ns};
use crate::tls::Door;
use crate::websocket::{self, Frame, Socket};
use crate::{EdgeBox, Element, SignedIn, scram};
use base64::Engine as _;
use std::collections::VecDeque;
use std::time::Duration;

/// The hint `<store/>`: archive, and keep for a recipient who is away.
pub const STORE: &str = "<store xmlns='urn:xmpp:hints'/>";
/// The hint `<no-store/>`: deliver to who is there, keep nothing.
pub const NO_STORE: &str = "<no-store xmlns='urn:xmpp:hints'/>";
/// Local part of a JID that is well formed and belongs to nobody.
pub const NOBODY: &str = "d00000000000000000000bad";

const LIMIT: Duration = Duration::from_secs(crate::PATIENCE_S);

/// What carries a stream.
#[derive(Debug)]
enum Line {
    Socket(Box<Socket>),
    Direct(Box<Direct>),
}

/// A stream and what came over it and was not asked for yet, in order.
#[derive(Debug)]
pub struct Device {
    line: Line,
    inbox: VecDeque<Element>,
    closed: Option<Option<u16>>,
    domain: String,
    pub(crate) jid: String,
    fences: u32,
    /// Stanzas that came since stream management was enabled or the session resumed (XEP-0198).
    received: u32,
}

impl Device {
    /// The WebSocket alone, nothing said yet.
    pub async fn connect(edge: &EdgeBox) -> Self {
        let domain = crate::edge_box::DOMAIN;
        let target = format!(
            "/websocket?x-rainbow-xmpp-dom={domain}&x-rainbow-client=sdk_node&x-rainbow-client-version=2.46.1&x-rainbow-client-id="
        );
        Self::connect_to(edge, &target).await
    }

    /// The same to where standard clients connect.
    pub async fn connect_standard(edge: &EdgeBox) -> Self {
        Self::connect_to(edge, "/xmpp-websocket").await
    }

    async fn connect_to(edge: &EdgeBox, target: &str) -> Self {
        let socket = websocket::upgrade(&Door::of(edge), edge.https(), target, Some("xmpp"))
            .await
            .unwrap_or_else(|refusal| panic!("the upgrade to WebSocket was refused: {refusal}"));
        Self::over(Line::Socket(Box::new(socket)))
    }

    /// By direct TLS, nothing said yet.
    pub async fn connect_direct(edge: &EdgeBox) -> Self {
        let direct = Direct::connect(&Door::of(edge), &["xmpp-client"]).await.expect("TLS with xmpp-client");
        Self::over(Line::Direct(Box::new(direct)))
    }

    fn over(line: Line) -> Self {
        let domain = crate::edge_box::DOMAIN.to_owned();
        Self { line, inbox: VecDeque::new(), closed: None, domain, jid: String::new(), fences: 0, received: 0 }
    }

    /// The start tag of a stream of bytes to this domain.
    pub fn header(domain: &str) -> String {
        let (client, streams) = (ns::CLIENT, ns::STREAMS);
        format!(
            "<?xml version='1.0'?><stream:stream xmlns='{client}' xmlns:stream='{streams}' version='1.0' to='{domain}'>"
        )
    }

    /// Opens the stream and returns the features that answer it.
    pub async fn open(&mut self) -> Element {
        let domain = self.domain.clone();
        let opening = match self.line {
            Line::Socket(_) => format!("<open xmlns='{}' version='1.0' to='{domain}'/>", ns::FRAMING),
            Line::Direct(_) => Self::header(&domain),
        };
        self.send(&opening).await;
        let open =
            self.expect("the stream's start", |e| e.is("open", ns::FRAMING) || e.is("stream", ns::STREAMS)).await;
        assert_eq!(open.attr("from"), Some(domain.as_str()), "open names the domain");
        assert_eq!(open.attr("version"), Some("1.0"));
        assert!(open.attr("id").is_some_and(|id| !id.is_empty()), "open carries a stream id");
        self.expect("<stream:features/>", |e| e.is("features", ns::STREAMS)).await
    }

    /// SASL PLAIN; `Err` holds the `<failure/>`.
    pub async fn authenticate(&mut self, local: &str, secret: &str) -> Result<(), Element> {
        let plain = base64::engine::general_purpose::STANDARD.encode(format!("\0{local}\0{secret}"));
        self.send(&format!("<auth xmlns='{}' mechanism='PLAIN'>{plain}</auth>", ns::SASL)).await;
        let answer = self.expect("the outcome of SASL", |e| e.xmlns == ns::SASL).await;
        if answer.name == "success" { Ok(()) } else { Err(answer) }
    }

    /// SASL SCRAM-SHA-256 with an application password; `Err` holds the `<failure/>`. The server must sign its success.
    pub async fn prove(&mut self, local: &str, password: &str) -> Result<(), Element> {
        let challenge = self.challenge(local).await?;
        let (last, signature) = challenge.answer(local, password);
        self.conclude(&last, &signature).await
    }

    /// The same by SCRAM-SHA-256-PLUS, bound to a channel of which the client believes this.
    pub async fn prove_bound(&mut self, channel: &[u8], local: &str, password: &str) -> Result<(), Element> {
        let first = scram::first(scram::BOUND, local);
        let answer = self.sasl_by("SCRAM-SHA-256-PLUS", &first).await;
        let challenge = Self::read_challenge(answer)?;
        let (last, signature) = challenge.answer_bound(scram::BOUND, channel, local, password);
        self.conclude(&last, &signature).await
    }

    /// What the client knows of its channel: the value of `tls-exporter`.
    pub fn exporter(&self) -> [u8; 32] {
        match &self.line {
            Line::Socket(_) => panic!("no client of a WebSocket sees its TLS"),
            Line::Direct(direct) => direct.exporter(),
        }
    }

    async fn conclude(&mut self, last: &str, signature: &str) -> Result<(), Element> {
        let answer = self.sasl("response", last).await;
        if answer.name != "success" {
            return Err(answer);
        }
        let told = base64::engine::general_purpose::STANDARD.decode(&answer.text).expect("base64 in <success/>");
        assert_eq!(String::from_utf8_lossy(&told), signature, "the server knows the password too");
        Ok(())
    }

    /// What the server asks of who claims to have this local part.
    pub async fn challenge(&mut self, local: &str) -> Result<scram::Challenge, Element> {
        let answer = self.sasl("auth", &scram::first(scram::UNBOUND, local)).await;
        Self::read_challenge(answer)
    }

    fn read_challenge(answer: Element) -> Result<scram::Challenge, Element> {
        if answer.name != "challenge" {
            return Err(answer);
        }
        let text = base64::engine::general_purpose::STANDARD.decode(&answer.text).expect("base64 in <challenge/>");
        Ok(scram::Challenge::read(&String::from_utf8_lossy(&text)))
    }

    /// Sends one message of SCRAM-SHA-256 in this element and returns what answers it.
    pub async fn sasl(&mut self, element: &str, message: &str) -> Element {
        if element == "auth" {
            return self.sasl_by("SCRAM-SHA-256", message).await;
        }
        let encoded = base64::engine::general_purpose::STANDARD.encode(message);
        self.send(&format!("<{element} xmlns='{}'>{encoded}</{element}>", ns::SASL)).await;
        self.expect("an answer of SASL", |e| e.xmlns == ns::SASL).await
    }

    /// Begins SASL by this mechanism and returns what answers it.
    pub async fn sasl_by(&mut self, mechanism: &str, message: &str) -> Element {
        let encoded = base64::engine::general_purpose::STANDARD.encode(message);
        self.send(&format!("<auth xmlns='{}' mechanism='{mechanism}'>{encoded}</auth>", ns::SASL)).await;
        self.expect("an answer of SASL", |e| e.xmlns == ns::SASL).await
    }

    /// As a standard client: connect, open, prove an application password, open again, bind, ask for the roster, be there.
    pub async fn standard(edge: &EdgeBox, local: &str, password: &str, resource: &str) -> Self {
        Self::connect_standard(edge).await.get_ready(local, password, resource).await
    }

    /// The same by direct TLS.
    pub async fn direct(edge: &EdgeBox, local: &str, password: &str, resource: &str) -> Self {
        Self::connect_direct(edge).await.get_ready(local, password, resource).await
    }

    async fn get_ready(self, local: &str, password: &str, resource: &str) -> Self {
        let mut device = self;
        device.open().await;
        device.prove(local, password).await.expect("an application password is accepted");
        device.open().await;
        device.bind(resource).await;
        assert_eq!(bare(&device.jid).split('@').next(), Some(local));
        device.iq("get", None, &format!("<query xmlns='{}'/>", ns::ROSTER)).await;
        device.presence("").await;
        device
    }

    /// Binds a resource; the server must bind exactly that one.
    pub async fn bind(&mut self, resource: &str) {
        let bind = format!("<bind xmlns='{}'><resource>{resource}</resource></bind>", ns::BIND);
        let answer = self.iq("set", None, &bind).await;
        let jid = answer.find("jid", ns::BIND).unwrap_or_else(|| panic!("bind was refused: {answer:?}"));
        self.jid = jid.text.clone();
        assert_eq!(self.jid.split('/').nth(1), Some(resource), "exactly the asked resource is bound");
    }

    /// Connect, open, authenticate, open again, bind; no presence yet.
    pub async fn sign_in(edge: &EdgeBox, who: &SignedIn, resource: &str) -> Self {
        let mut device = Self::connect(edge).await;
        device.open().await;
        device.authenticate(who.local(), who.secret()).await.expect("the secret of a live session is accepted");
        device.open().await;
        device.bind(resource).await;
        assert_eq!(bare(&device.jid), who.jid());
        device
    }

    /// As `sign_in`, with carbons and the initial presence, whose echo is waited for.
    pub async fn online(edge: &EdgeBox, who: &SignedIn, resource: &str) -> Self {
        let mut device = Self::sign_in(edge, who, resource).await;
        device.iq("set", None, &format!("<enable xmlns='{}'/>", ns::CARBONS)).await;
        device.presence("<priority>5</priority><status>mode=auto</status>").await;
        device
    }

    /// Sends a presence with this content and waits for its echo.
    pub async fn presence(&mut self, content: &str) -> Element {
        self.fences += 1;
        let id = format!("presence-{}", self.fences);
        let jid = self.jid.clone();
        self.send(&format!("<presence xmlns='jabber:client' id='{id}'>{content}</presence>")).await;
        self.expect("the echo of one's own presence", |e| {
            e.is("presence", ns::CLIENT) && e.attr("from") == Some(&jid) && e.attr("id") == Some(&id)
        })
        .await
    }

    /// Enables stream management (XEP-0198); what answers.
    pub async fn manage(&mut self, attributes: &str) -> Element {
        self.send(&format!("<enable xmlns='{}' {attributes}/>", ns::MANAGEMENT)).await;
        self.expect("<enabled/>", |e| e.xmlns == ns::MANAGEMENT && matches!(e.name.as_str(), "enabled" | "failed"))
            .await
    }

    /// How many stanzas came since then, to be acknowledged.
    pub fn received(&self) -> u32 {
        self.received
    }

    /// Acknowledges all that came.
    pub async fn acknowledge(&mut self) {
        let h = self.received;
        self.send(&format!("<a xmlns='{}' h='{h}'/>", ns::MANAGEMENT)).await;
    }

    /// Asks how many stanzas of this client the server has handled.
    pub async fn handled(&mut self) -> u32 {
        self.send(&format!("<r xmlns='{}'/>", ns::MANAGEMENT)).await;
        let answer = self.expect("<a/>", |e| e.is("a", ns::MANAGEMENT)).await;
        answer.attr("h").and_then(|h| h.parse().ok()).expect("<a/> says how many")
    }

    /// Resumes a session of which this client has received `h` stanzas; what answers.
    pub async fn resume(&mut self, previd: &str, h: u32) -> Element {
        self.send(&format!("<resume xmlns='{}' previd='{previd}' h='{h}'/>", ns::MANAGEMENT)).await;
        self.expect("<resumed/>", |e| e.xmlns == ns::MANAGEMENT && matches!(e.name.as_str(), "resumed" | "failed"))
            .await
    }

    /// The full JID.
    pub fn jid(&self) -> &str {
        &self.jid
    }

    /// Sends one frame as it is.
    pub async fn send(&mut self, frame: &str) {
        match &mut self.line {
            Line::Socket(socket) => socket.send_text(frame).await,
            Line::Direct(direct) => direct.send(frame).await,
        }
    }

    /// The socket, for binary frames and pings.
    pub fn socket(&mut self) -> &mut Socket {
        match &mut self.line {
            Line::Socket(socket) => socket,
            Line::Direct(_) => panic!("no WebSocket"),
        }
    }

    /// Sends an iq with a fresh id and returns its result or error. `to` absent means the own account.
    pub async fn iq(&mut self, kind: &str, to: Option<&str>, payload: &str) -> Element {
        self.fences += 1;
        let id = format!("iq-{}", self.fences);
        let to = to.map_or(String::new(), |jid| format!(" to='{}'", escape(jid)));
        self.send(&format!("<iq xmlns='jabber:client' type='{kind}' id='{id}'{to}>{payload}</iq>")).await;
        self.answer_to(&id).await
    }

    /// The result or error of an iq sent by hand.
    pub async fn answer_to(&mut self, id: &str) -> Element {
        self.expect("the answer to an iq", |e| {
            e.is("iq", ns::CLIENT) && e.attr("id") == Some(id) && matches!(e.attr("type"), Some("result" | "error"))
        })
        .await
    }

    /// Sends a chat message as the SDK does (section 7): body in CDATA, receipt request, chat state, a hint.
    pub async fn message(&mut self, to: &str, id: &str, body: &str, hint: &str) {
        self.chat(
            to,
            id,
            &format!(
                "<body xml:lang='en'><![CDATA[{body}]]></body><request xmlns='{}'/><active xmlns='{}'/>{hint}",
                ns::RECEIPTS,
                ns::CHAT_STATES
            ),
        )
        .await;
    }

    /// Sends a message of type chat with this content.
    pub async fn chat(&mut self, to: &str, id: &str, content: &str) {
        self.send(&format!("<message xmlns='jabber:client' type='chat' to='{to}' id='{id}'>{content}</message>")).await;
    }

    /// Sends a client receipt (`received` or `read`) to a bare JID.
    pub async fn receipt(&mut self, to: &str, event: &str, message_id: &str) {
        let payload = format!("<received xmlns='{}' event='{event}' entity='client' id='{message_id}'/>", ns::RECEIPTS);
        self.chat(to, &format!("receipt-{event}-{message_id}"), &payload).await;
    }

    /// Waits for the first element that fits; what comes before it stays in the inbox, in order.
    pub async fn expect(&mut self, what: &str, fits: impl Fn(&Element) -> bool) -> Element {
        if let Some(at) = self.inbox.iter().position(&fits) {
            return self.inbox.remove(at).expect("just found");
        }
        let wait = async {
            loop {
                let element = self.receive().await?;
                if fits(&element) {
                    return Some(element);
                }
                self.inbox.push_back(element);
            }
        };
        match tokio::time::timeout(LIMIT, wait).await {
            Ok(Some(element)) => element,
            Ok(None) => panic!("{}: the stream ended before {what}; received: {:#?}", self.jid, self.inbox),
            Err(_) => panic!("{}: no {what} in {LIMIT:?}; received: {:#?}", self.jid, self.inbox),
        }
    }

    /// The next element, from the inbox first; `None` at the end of the stream.
    pub async fn next(&mut self) -> Option<Element> {
        self.next_within(LIMIT).await
    }

    /// The same with another patience.
    pub async fn next_within(&mut self, limit: Duration) -> Option<Element> {
        if let Some(element) = self.inbox.pop_front() {
            return Some(element);
        }
        let wait = tokio::time::timeout(limit, self.receive()).await;
        wait.unwrap_or_else(|_| panic!("{}: nothing came in {limit:?}", self.jid))
    }

    async fn receive(&mut self) -> Option<Element> {
        if self.closed.is_some() {
            return None;
        }
        let frame = match &mut self.line {
            Line::Socket(socket) => socket.next().await,
            Line::Direct(direct) => direct.next().await,
        };
        match frame {
            Frame::Text(text) => {
                let element = Element::parse(&text).unwrap_or_else(|error| panic!("the server sent no XML: {error}"));
                if element.is("enabled", ns::MANAGEMENT) {
                    self.received = 0;
                }
                self.received = self.received.wrapping_add(u32::from(element.xmlns == ns::CLIENT));
                Some(element)
            }
            Frame::Binary(_) => panic!("the server sent a binary frame (RFC 7395 section 3.2)"),
            Frame::Closed(code) => {
                self.closed = Some(code);
                None
            }
        }
    }

    /// A fence: when it returns, the server has dealt with all that this device sent, and what it had queued for this
    /// device is in the inbox. A stored message to nobody passes the company's writer behind everything sent before
    /// and comes back as an error; the ping passes the session's queue.
    pub async fn settle(&mut self) {
        let id = format!("fence-{}", self.next_number());
        let nobody = format!("{NOBODY}@{}", self.domain);
        self.chat(&nobody, &id, &format!("<body>fence</body>{STORE}")).await;
        self.expect("the refusal of a message to nobody", |e| {
            e.is("message", ns::CLIENT) && e.attr("id") == Some(&id) && e.attr("type") == Some("error")
        })
        .await;
        let answer = self.iq("get", Some(&self.domain.clone()), &format!("<ping xmlns='{}'/>", ns::PING)).await;
        assert_eq!(answer.attr("type"), Some("result"), "a ping is answered: {answer:?}");
    }

    /// Settles, then asserts that nothing that fits has come.
    pub async fn never(&mut self, what: &str, fits: impl Fn(&Element) -> bool) {
        self.settle().await;
        let found = self.inbox.iter().find(|element| fits(element));
        assert!(found.is_none(), "{}: {what} came: {found:#?}", self.jid);
    }

    /// Settles, then takes all that fits out of the inbox, in order.
    pub async fn take_all(&mut self, fits: impl Fn(&Element) -> bool) -> Vec<Element> {
        self.settle().await;
        self.take_received(fits)
    }

    /// A number that this device has not used yet, for ids.
    pub(crate) fn next_number(&mut self) -> u32 {
        self.fences += 1;
        self.fences
    }

    /// Takes all that fits and has been received already, in order.
    pub fn take_received(&mut self, fits: impl Fn(&Element) -> bool) -> Vec<Element> {
        let (taken, kept) = std::mem::take(&mut self.inbox).into_iter().partition(|element| fits(element));
        self.inbox = kept;
        Vec::from_iter::<VecDeque<Element>>(taken)
    }

    /// Waits for a stream error, returns its condition, and for the end of the stream.
    pub async fn expect_stream_error(&mut self) -> String {
        let error = self.expect("a stream error", |e| e.is("error", ns::STREAMS)).await;
        let condition = error.children.iter().find(|child| child.xmlns == ns::STREAM_ERRORS && child.name != "text");
        let condition = condition.unwrap_or_else(|| panic!("a stream error names its condition: {error:?}"));
        self.expect_end().await;
        condition.name.clone()
    }

    /// Says that the stream ends.
    pub async fn close(&mut self) {
        let end = match self.line {
            Line::Socket(_) => format!("<close xmlns='{}'/>", ns::FRAMING),
            Line::Direct(_) => "</stream:stream>".to_owned(),
        };
        self.send(&end).await;
    }

    /// Reads to the end of the stream.
    pub async fn expect_end(&mut self) {
        let wait = async {
            while let Some(element) = self.receive().await {
                self.inbox.push_back(element)
            }
        };
        let ended = tokio::time::timeout(LIMIT, wait).await.is_ok();
        assert!(ended, "{}: the stream did not end; received: {:#?}", self.jid, self.inbox);
    }

    /// Ends the session as the SDK does: unavailable, `<close/>`.
    pub async fn leave(mut self) {
        self.send("<presence xmlns='jabber:client' type='unavailable'/>").await;
        self.close().await;
        self.expect_end().await;
    }
}
