//! A client's whole dialogue, by both framings and all mechanisms: nobody is served who has not signed in, everybody speaks as
//! himself, what is sent can be read, and after the end there is nothing more.
//!
//! The first byte of the input chooses framing, mechanisms and answers; each line of the rest is one frame, or the rest is
//! the stream of bytes.

use std::sync::Arc;
use xmpp::jid::FullJid;
use xmpp::stream::{
    AuthenticationRefusal, BindRefusal, Carrier, ChannelBinding, Framing, Output, Salt, Stream, StreamCondition,
    StreamSettings, Ticket, Token, iq_result,
};
use xmpp::xml::{self, Piece, Splitter};

const LIMIT_BYTES: usize = 8 * 1024;
/// What one frame may make the stream do; a resumed session may send its whole backlog.
const OUTPUTS_MAX: usize = 64;
const FRAMES_MAX: usize = 200;

/// The owner of a stream, as simple as one may be.
struct Owner {
    stream: Stream,
    framing: Framing,
    lenient: bool,
    bound: Option<FullJid>,
    signed_in: bool,
    ended: bool,
    sent: String,
}

pub(crate) fn run(input: &[u8]) {
    let Some((choice, rest)) = input.split_first() else { return };
    let framing = if choice & 1 == 0 { Framing::Message } else { Framing::Bytes };
    let binding = (choice & 4 != 0).then_some(ChannelBinding([7; 32]));
    let rainbow = StreamSettings { stanza_limit_bytes: LIMIT_BYTES, ..StreamSettings::for_domain("edge.test") };
    let settings = if choice & 2 == 0 { rainbow } else { rainbow.for_application_passwords() };
    let carrier = Carrier { framing, binding };
    let mut owner = Owner {
        stream: Stream::new(Arc::new(settings), carrier, String::from("stream"), 0),
        framing,
        lenient: choice & 8 == 0,
        bound: None,
        signed_in: false,
        ended: false,
        sent: String::new(),
    };
    match framing {
        Framing::Message => owner.read_frames(rest),
        Framing::Bytes => owner.read_bytes(rest),
    }
    owner.end();
}

impl Owner {
    fn read_frames(&mut self, input: &[u8]) {
        for frame in input.split(|byte| *byte == b'\n').take(FRAMES_MAX) {
            let Some(frame) = crate::text(frame) else { continue };
            self.stream.handle_frame(frame, 1);
            self.serve();
        }
    }

    fn read_bytes(&mut self, input: &[u8]) {
        let mut splitter = Splitter::new(LIMIT_BYTES);
        splitter.feed(input);
        for _ in 0..FRAMES_MAX {
            match splitter.next_piece() {
                Ok(Some(Piece::Header(tag))) => self.stream.handle_header(&tag, 1),
                Ok(Some(Piece::Element(text))) => self.stream.handle_frame(&text, 1),
                Ok(Some(Piece::End)) => self.stream.handle_end(),
                Ok(None) => return,
                Err(error) => self.stream.fail(error.into(), &error.to_string()),
            }
            self.serve();
            if self.ended {
                return;
            }
        }
    }

    fn serve(&mut self) {
        for turn in 0.. {
            let Some(output) = self.stream.poll_output() else { return };
            assert!(!self.ended, "after its end the stream asks for {output:?}");
            assert!(turn < OUTPUTS_MAX, "one frame asks for more and more");
            self.answer(output);
        }
    }

    fn answer(&mut self, output: Output) {
        match output {
            Output::Send(frame) => {
                if self.framing == Framing::Message {
                    let read = xml::parse(frame.as_bytes(), usize::MAX);
                    assert!(read.is_ok(), "{frame}: {read:?}");
                }
                self.sent.push_str(&frame);
            }
            Output::Bind { account, resource, prefix, .. } => {
                assert!(self.signed_in && self.bound.is_none(), "a resource for nobody");
                let resource =
                    resource.unwrap_or_else(|| prefix.map_or(String::from("made"), |tag| format!("{tag}.made")));
                let jid = account.with_resource(&resource).expect("a resource that the stream has looked at");
                self.bound = self.lenient.then(|| jid.clone());
                self.stream.handle_bound(self.bound.clone().ok_or(BindRefusal::ResourceConstraint));
            }
            Output::Enable { life_s } => {
                assert!(self.bound.is_some() && life_s.is_none_or(|life_s| life_s <= 300));
                self.stream.handle_enabled(life_s.map(|life_s| Ticket { id: String::from("ticket"), life_s }));
            }
            Output::Resume { .. } => {
                assert!(self.signed_in && self.bound.is_none(), "a session for nobody");
                self.stream.handle_resumed(Err(self.lenient.then_some(3)));
            }
            Output::Acknowledge => self.stream.handle_acknowledged(),
            Output::Stanza(stanza) => {
                let own = self.bound.as_ref().expect("only who is bound sends stanzas");
                assert_eq!(stanza.attribute("from"), Some(own.as_str()));
                assert!(matches!(stanza.name(), "message" | "presence" | "iq"));
                if stanza.name() == "iq" && matches!(stanza.attribute("type"), Some("get" | "set")) {
                    self.stream.deliver(&iq_result(&stanza), None);
                }
                self.stream.count_handled();
            }
            Output::Close => self.ended = true,
            other => self.answer_credentials(other),
        }
    }

    fn answer_credentials(&mut self, output: Output) {
        match output {
            Output::Authenticate { username, password } => {
                assert!(!username.is_empty() && !password.reveal().is_empty());
                self.signed_in = password.reveal() == "right";
                let refusal = if self.lenient {
                    AuthenticationRefusal::NotAuthorized
                } else {
                    AuthenticationRefusal::AccountDisabled
                };
                self.stream.handle_authentication(if self.signed_in { Ok(()) } else { Err(refusal) }, 1);
            }
            Output::FindSalt { username } => {
                assert!(!username.is_empty());
                let salt = Salt { salt: vec![1; 16], iterations: 4096, nonce: String::from("of-the-server") };
                self.stream.handle_salt(&salt, 1);
            }
            Output::Verify { proof, .. } => {
                assert!(proof.message.contains("of-the-server"), "a proof of another exchange: {}", proof.message);
                self.signed_in = self.lenient;
                let answer = if self.lenient { Ok([3; 32]) } else { Err(AuthenticationRefusal::NotAuthorized) };
                self.stream.handle_proof(answer, 1);
            }
            Output::VerifyToken { username, proof } => {
                assert!(!username.is_empty() && !proof.agent.is_empty());
                self.signed_in = self.lenient;
                let answer = if self.lenient { Ok(([3; 32], true)) } else { Err(AuthenticationRefusal::Expired) };
                self.stream.handle_token_proof(proof.mechanism, answer, 1);
            }
            Output::MakeToken { .. } => {
                assert!(self.signed_in && self.bound.is_none(), "a token for nobody");
                let token = String::from("token").into();
                self.stream.handle_made_token(Some(&Token { token, expiry: String::from("2026-01-01T00:00:00Z") }));
            }
            // The connection alone is given up, and there is none here.
            _ => {}
        }
    }

    /// Time runs out, then the box stops; what was sent is a stream that a client can read.
    fn end(mut self) {
        self.stream.handle_timeout(u64::MAX);
        self.serve();
        self.stream.fail(StreamCondition::SystemShutdown, "the box stops");
        self.serve();
        assert!(self.ended && self.stream.is_closed() && self.stream.poll_timeout().is_none());
        self.stream.handle_frame("<presence xmlns='jabber:client'/>", 2);
        self.stream.fail(StreamCondition::Conflict, "again");
        self.serve();
        if self.framing == Framing::Bytes {
            let mut splitter = Splitter::new(usize::MAX);
            splitter.feed(self.sent.as_bytes());
            let mut last = None;
            while let Some(piece) = splitter.next_piece().unwrap_or_else(|error| panic!("{error}: {}", self.sent)) {
                last = Some(piece);
            }
            assert_eq!(last, Some(Piece::End), "{}", self.sent);
        }
    }
}
