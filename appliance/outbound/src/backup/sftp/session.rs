//! One SFTP session over one SSH connection.

use super::words::{self, Packet, Words};
use domain::backup::Server;
use russh::client::{self, Handler};
use russh::keys::{HashAlg, PrivateKeyWithHashAlg, PublicKeyOrCertificate, decode_secret_key};
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// For the connection, the host key and the sign-in.
const CONNECT_WITHIN: Duration = Duration::from_secs(30);
/// What one packet carries: what every server takes.
const PIECE_BYTES: usize = 32 * 1024;
/// What is asked for at once; servers may send less.
const ASKED_BYTES: usize = 256 * 1024;
/// Packets that are on their way.
const ON_THEIR_WAY_MAX: usize = 32;
/// Longest packet that a server may send.
const PACKET_BYTES_MAX: usize = 1024 * 1024;
/// Entries of one folder.
const ENTRIES_MAX: usize = 1_000_000;

/// Why something was not done.
#[derive(Debug)]
pub(super) enum Failed {
    /// The connection is of no use any more.
    Broken(String),
    /// There is no such file or folder.
    NotThere,
    /// It was refused.
    Refused(String),
    /// It failed, and version 3 has no word for why.
    Failure(String),
}

/// A session.
pub(super) struct Session {
    _connection: client::Handle<Pinned>,
    stream: russh::ChannelStream<client::Msg>,
    next_id: u32,
}

/// Takes the pinned host key and no other.
struct Pinned {
    host_key: String,
}

impl Handler for Pinned {
    type Error = russh::Error;

    async fn check_server_key(&mut self, shown: &PublicKeyOrCertificate) -> Result<bool, Self::Error> {
        let PublicKeyOrCertificate::PublicKey { key, .. } = shown else { return Ok(false) };
        // `SHA256:` and base64 without padding.
        let fingerprint = key.fingerprint(HashAlg::Sha256).to_string();
        Ok(fingerprint.strip_prefix("SHA256:") == Some(self.host_key.as_str()))
    }
}

fn broken(e: impl std::fmt::Display) -> Failed {
    Failed::Broken(e.to_string())
}

impl Session {
    /// Connects, checks the host key, signs in and opens the subsystem.
    pub(super) async fn open(server: &Server, host_key: &str, secret: &str) -> Result<Self, Failed> {
        let late = |_| Failed::Broken(String::from("no connection in time"));
        tokio::time::timeout(CONNECT_WITHIN, Self::connect(server, host_key, secret)).await.map_err(late)?
    }

    async fn connect(server: &Server, host_key: &str, secret: &str) -> Result<Self, Failed> {
        let config = Arc::new(client::Config { nodelay: true, ..client::Config::default() });
        let pinned = Pinned { host_key: host_key.to_owned() };
        let connected = client::connect(config, (server.host.as_str(), server.port), pinned).await;
        let mut connection = connected.map_err(|e| match e {
            russh::Error::UnknownKey => {
                Failed::Refused(String::from("its host key is not the pinned one: nothing was sent"))
            }
            e => broken(e),
        })?;
        let signed_in = if secret.starts_with("-----BEGIN") {
            let key = decode_secret_key(secret, None);
            let key = key.map_err(|e| Failed::Refused(format!("the private key cannot be used: {e}")))?;
            let key = PrivateKeyWithHashAlg::new(Arc::new(key), Some(HashAlg::Sha512));
            connection.authenticate_publickey(&server.account, key).await.map_err(broken)?
        } else {
            connection.authenticate_password(&server.account, secret).await.map_err(broken)?
        };
        if !signed_in.success() {
            return Err(Failed::Refused(format!("it does not let {} in with this secret", server.account)));
        }
        let channel = connection.channel_open_session().await.map_err(broken)?;
        channel.request_subsystem(true, "sftp").await.map_err(broken)?;
        let mut session = Self { _connection: connection, stream: channel.into_stream(), next_id: 0 };
        // The first packet has a version where others have an id.
        session.send(Packet::new(words::INIT, 3)).await?;
        let answer = session.receive().await?;
        if answer.first() == Some(&words::VERSION) {
            Ok(session)
        } else {
            Err(Failed::Refused(String::from("it speaks no SFTP")))
        }
    }

    async fn send(&mut self, packet: Packet) -> Result<(), Failed> {
        self.stream.write_all(&packet.finish()).await.map_err(broken)
    }

    /// One packet, without its length.
    async fn receive(&mut self) -> Result<Vec<u8>, Failed> {
        let length = self.stream.read_u32().await.map_err(broken)?;
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if length > PACKET_BYTES_MAX {
            return Err(Failed::Broken(String::from("a packet is far too long")));
        }
        let mut packet = vec![0; length];
        self.stream.read_exact(&mut packet).await.map_err(broken)?;
        Ok(packet)
    }

    fn packet(&mut self, kind: u8) -> Packet {
        self.next_id = self.next_id.wrapping_add(1);
        Packet::new(kind, self.next_id)
    }

    /// Sends a packet and reads its answer: its type, and the rest after the id.
    async fn ask(&mut self, packet: Packet) -> Result<(u8, Vec<u8>), Failed> {
        self.send(packet).await?;
        let (kind, id, rest) = self.answer().await?;
        if id == self.next_id { Ok((kind, rest)) } else { Err(Failed::Broken(String::from("an answer to nothing"))) }
    }

    async fn answer(&mut self) -> Result<(u8, u32, Vec<u8>), Failed> {
        let packet = self.receive().await?;
        let mut words = Words(&packet);
        let head = words.byte().zip(words.number());
        let (kind, id) = head.ok_or_else(|| Failed::Broken(String::from("a packet is too short")))?;
        Ok((kind, id, words.0.to_vec()))
    }

    async fn done(&mut self, packet: Packet) -> Result<(), Failed> {
        let (kind, rest) = self.ask(packet).await?;
        status(kind, &rest)
    }

    async fn handle(&mut self, packet: Packet) -> Result<Vec<u8>, Failed> {
        let (kind, rest) = self.ask(packet).await?;
        if kind != words::HANDLE {
            return Err(status(kind, &rest).err().unwrap_or_else(odd));
        }
        Words(&rest).bytes().map(<[u8]>::to_vec).ok_or_else(odd)
    }

    /// Writes a file anew, and asks that it be put on the disk.
    pub(super) async fn write(&mut self, path: &str, bytes: &[u8]) -> Result<(), Failed> {
        let packet = self.packet(words::OPEN).bytes(path.as_bytes()).number(words::ANEW).number(0);
        let handle = self.handle(packet).await?;
        let (mut on_their_way, mut at) = (0, 0_u64);
        for piece in bytes.chunks(PIECE_BYTES) {
            let packet = self.packet(words::WRITE).bytes(&handle).long(at).bytes(piece);
            self.send(packet).await?;
            at += piece.len() as u64;
            on_their_way += 1;
            if on_their_way == ON_THEIR_WAY_MAX {
                self.written().await?;
                on_their_way -= 1;
            }
        }
        for _ in 0..on_their_way {
            self.written().await?;
        }
        let packet = self.packet(words::EXTENDED).bytes(b"fsync@openssh.com").bytes(&handle);
        let (kind, rest) = self.ask(packet).await?;
        if !is_unsupported(kind, &rest) {
            status(kind, &rest)?;
        }
        let packet = self.packet(words::CLOSE).bytes(&handle);
        self.done(packet).await
    }

    /// What is left of pieces that failed is answers that nobody waits for: the connection goes.
    async fn written(&mut self) -> Result<(), Failed> {
        let (kind, _, rest) = self.answer().await?;
        status(kind, &rest).map_err(|failed| match failed {
            Failed::Broken(why) | Failed::Refused(why) | Failed::Failure(why) => Failed::Broken(why),
            Failed::NotThere => Failed::Broken(String::from("the file went away")),
        })
    }

    /// Reads a file, or a range within it.
    pub(super) async fn read(
        &mut self,
        path: &str,
        part: Option<Range<u64>>,
        bytes_max: u64,
    ) -> Result<Vec<u8>, Failed> {
        let packet = self.packet(words::OPEN).bytes(path.as_bytes()).number(words::FOR_READING).number(0);
        let handle = self.handle(packet).await?;
        let packet = self.packet(words::FSTAT).bytes(&handle);
        let (kind, rest) = self.ask(packet).await?;
        let about = if kind == words::ATTRS { Words(&rest).about() } else { None };
        let bytes = about.and_then(|about| about.bytes).ok_or_else(odd)?;
        let part = part.map_or(0..bytes, |part| part.start.min(bytes)..part.end.min(bytes));
        let read = if part.end.saturating_sub(part.start) > bytes_max {
            Err(Failed::Refused(format!("{path} is far too large")))
        } else {
            self.pieces(&handle, part).await
        };
        let packet = self.packet(words::CLOSE).bytes(&handle);
        self.done(packet).await?;
        read
    }

    async fn pieces(&mut self, handle: &[u8], part: Range<u64>) -> Result<Vec<u8>, Failed> {
        let wanted = usize::try_from(part.end.saturating_sub(part.start)).unwrap_or(0);
        let mut read = Vec::with_capacity(wanted);
        while read.len() < wanted {
            let length = ASKED_BYTES.min(wanted - read.len());
            let packet = self.packet(words::READ).bytes(handle).long(part.start + read.len() as u64);
            let (kind, rest) = self.ask(packet.number(u32::try_from(length).unwrap_or(0))).await?;
            if kind != words::DATA {
                return Err(status(kind, &rest).err().unwrap_or_else(odd));
            }
            let piece = Words(&rest).bytes().filter(|piece| !piece.is_empty() && piece.len() <= length);
            read.extend_from_slice(piece.ok_or_else(odd)?);
        }
        Ok(read)
    }

    /// Plain files of a folder, and their sizes.
    pub(super) async fn list(&mut self, path: &str) -> Result<Vec<(String, u64)>, Failed> {
        let packet = self.packet(words::OPENDIR).bytes(path.as_bytes());
        let handle = self.handle(packet).await?;
        let mut found = Vec::new();
        loop {
            let packet = self.packet(words::READDIR).bytes(&handle);
            let (kind, rest) = self.ask(packet).await?;
            if kind == words::STATUS && Words(&rest).number() == Some(words::EOF) {
                break;
            }
            if kind != words::NAME {
                return Err(status(kind, &rest).err().unwrap_or_else(odd));
            }
            let names = Words(&rest).names().ok_or_else(odd)?;
            found.extend(
                names
                    .into_iter()
                    .filter(|(_, about)| about.plain)
                    .filter_map(|(name, about)| Some((name, about.bytes?))),
            );
            if found.len() > ENTRIES_MAX {
                return Err(Failed::Refused(format!("{path} holds far too many files")));
            }
        }
        let packet = self.packet(words::CLOSE).bytes(&handle);
        self.done(packet).await?;
        Ok(found)
    }

    pub(super) async fn remove(&mut self, path: &str) -> Result<(), Failed> {
        let packet = self.packet(words::REMOVE).bytes(path.as_bytes());
        self.done(packet).await
    }

    pub(super) async fn make_folder(&mut self, path: &str) -> Result<(), Failed> {
        let packet = self.packet(words::MKDIR).bytes(path.as_bytes()).number(0);
        self.done(packet).await
    }

    /// Puts a file in the place of another, at once where the server can.
    pub(super) async fn rename(&mut self, from: &str, to: &str) -> Result<(), Failed> {
        let packet = self.packet(words::EXTENDED).bytes(b"posix-rename@openssh.com");
        let (kind, rest) = self.ask(packet.bytes(from.as_bytes()).bytes(to.as_bytes())).await?;
        if !is_unsupported(kind, &rest) {
            return status(kind, &rest);
        }
        // Else there is a moment without it: what is there after a cut is sent again.
        match self.remove(to).await {
            Ok(()) | Err(Failed::NotThere) => {}
            Err(failed) => return Err(failed),
        }
        let packet = self.packet(words::RENAME).bytes(from.as_bytes()).bytes(to.as_bytes());
        self.done(packet).await
    }
}

fn odd() -> Failed {
    Failed::Broken(String::from("an answer that is none"))
}

fn is_unsupported(kind: u8, rest: &[u8]) -> bool {
    kind == words::STATUS && Words(rest).number() == Some(words::UNSUPPORTED)
}

fn status(kind: u8, rest: &[u8]) -> Result<(), Failed> {
    let mut words = Words(rest);
    let (words::STATUS, Some(code)) = (kind, words.number()) else { return Err(odd()) };
    let why = words.bytes().map(|text| String::from_utf8_lossy(text).into_owned()).unwrap_or_default();
    match code {
        words::OK => Ok(()),
        words::NO_SUCH_FILE => Err(Failed::NotThere),
        words::FAILURE => Err(Failed::Failure(why)),
        _ => Err(Failed::Refused(format!("{why} (status {code})"))),
    }
}
