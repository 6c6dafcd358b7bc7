//! Asks the server how it is, for a limited time: the socket belongs to systemd and takes connections before the server does.

use crate::facts::Server;
use appliance_contract::{Answer, LINE_LIMIT_BYTES, Request, STATUS_SOCKET, Status, decode_answer, encode_request};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;
use zeroize::Zeroizing;

const WITHIN: Duration = Duration::from_secs(3);

pub(super) fn ask() -> Option<Server> {
    let mut stream = UnixStream::connect(STATUS_SOCKET).ok()?;
    stream.set_read_timeout(Some(WITHIN)).ok()?;
    stream.set_write_timeout(Some(WITHIN)).ok()?;
    stream.write_all(&encode_request(&Request::Status).ok()?).ok()?;
    let mut line = Zeroizing::new(Vec::with_capacity(LINE_LIMIT_BYTES + 1));
    let limit = u64::try_from(LINE_LIMIT_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    BufReader::new(stream.take(limit)).read_until(b'\n', &mut line).ok()?;
    match decode_answer(&line).ok()? {
        Answer::Status(status) => Some(of(*status)),
        _ => None,
    }
}

fn of(status: Status) -> Server {
    Server {
        name: status.name,
        urls: status.urls,
        ca_fingerprint: status.ca_fingerprint,
        code: status.setup.map(|setup| setup.code.reveal().to_owned()),
        warnings: status.warnings,
    }
}
