//! One request of HTTP/1.1 over a connection of its own, as lean as may be: a body is sent from where it lies, an answer counted.

use crate::server::Server;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

/// Longest head of an answer.
const HEAD_MAX: usize = 16_384;
/// As much of an answer is kept.
const KEPT_MAX: usize = 65_536;
const PIECE: usize = 65_536;

/// What is asked for.
pub(crate) struct Request<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    /// Lines of the head, each with its end.
    pub(crate) headers: &'a str,
    /// The body, in pieces that follow one another.
    pub(crate) body: [&'a [u8]; 2],
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Bytes of the body.
    pub(crate) length: usize,
    /// The first of them.
    pub(crate) body: Vec<u8>,
}

/// A TLS connection to a server.
///
/// # Errors
/// When it does not take one.
pub(crate) async fn connect(server: &Server) -> Result<TlsStream<TcpStream>, String> {
    let stream = TcpStream::connect(("127.0.0.1", server.port)).await.map_err(|error| error.to_string())?;
    stream.set_nodelay(true).map_err(|error| error.to_string())?;
    let name = rustls::pki_types::ServerName::try_from("localhost").expect("a valid name");
    server.tls.connect(name, stream).await.map_err(|error| format!("TLS: {error}"))
}

/// Asks and reads the whole answer.
///
/// # Errors
/// When the connection breaks, or the answer has no length.
pub(crate) async fn ask(server: &Server, request: &Request<'_>) -> Result<Answer, String> {
    let mut stream = connect(server).await?;
    let Request { method, path, headers, body } = request;
    let length: usize = body.iter().map(|piece| piece.len()).sum();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost:{}\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n",
        server.port
    );
    let broken = |error: std::io::Error| format!("{method} {path}: {error}");
    for piece in [head.as_bytes(), body[0], body[1]] {
        stream.write_all(piece).await.map_err(broken)?;
    }
    stream.flush().await.map_err(broken)?;
    read_answer(&mut stream).await.map_err(|error| format!("{method} {path}: {error}"))
}

async fn read_answer(stream: &mut TlsStream<TcpStream>) -> Result<Answer, String> {
    let mut read = Vec::with_capacity(PIECE);
    let end = loop {
        if let Some(at) = read.windows(4).position(|four| four == b"\r\n\r\n") {
            break at;
        }
        let came = stream.read_buf(&mut read).await.map_err(|error| error.to_string())?;
        if came == 0 || read.len() > HEAD_MAX + PIECE {
            return Err(String::from("no answer"));
        }
    };
    let head = String::from_utf8_lossy(&read[..end]).into_owned();
    let status = head.split(' ').nth(1).and_then(|word| word.parse().ok());
    let status = status.ok_or_else(|| format!("no status: {head}"))?;
    let whole = length_in(&head).ok_or_else(|| format!("no length: {head}"))?;
    let mut body = read.split_off(end + 4);
    let mut length = body.len();
    let mut piece = vec![0; PIECE];
    while length < whole {
        let came = stream.read(&mut piece).await.map_err(|error| error.to_string())?;
        if came == 0 {
            return Err(format!("{length} bytes of {whole} came"));
        }
        length += came;
        let room = KEPT_MAX.saturating_sub(body.len()).min(came);
        body.extend_from_slice(&piece[..room]);
    }
    Ok(Answer { status, length, body })
}

fn length_in(head: &str) -> Option<usize> {
    let field = |line: &str| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    };
    head.lines().find_map(field)
}
