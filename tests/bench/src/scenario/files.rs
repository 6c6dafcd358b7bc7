//! Files go up and come down: by slots as standard clients do (XEP-0363), by Rainbow's REST interface, or down alone.
//!
//! Each file comes over a connection of its own. No two are the same: a scanner need not look at one twice.

use crate::http::{self, Answer, Request};
use crate::latency::count_f64;
use crate::server::{Server, nginx};
use crate::session::{Session, attribute};
use futures_util::{StreamExt as _, TryStreamExt as _};
use serde_json::{Value, json};
use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Files on their way at once.
const STREAMS: usize = 4;
const FILES: &str = "/api/rainbow/filestorage/v1.0/files";
const BYTES: &str = "/api/rainbow/fileserver/v1.0/files";
/// Each look is a connection of its own.
const TICK: Duration = Duration::from_millis(200);
const SCANNED_WITHIN: Duration = Duration::from_secs(60);

/// What is carried.
#[derive(Clone, Debug)]
pub struct Cargo {
    /// A file but for its first bytes, which are its number.
    rest: Vec<u8>,
    pub uploads: usize,
    pub downloads: usize,
}

/// How much went through.
#[derive(Clone, Copy, Debug)]
pub struct Throughput {
    /// Of the server's own processes.
    pub mb_per_cpu_s: f64,
    /// With the virus scanner's.
    pub with_scanner: f64,
    pub mb_per_s: f64,
}

/// Where a file is had.
#[derive(Clone, Debug)]
pub struct Place {
    path: String,
    headers: String,
}

impl Cargo {
    /// Files of so many bytes that no packer shortens.
    #[must_use]
    pub fn new(size: usize, uploads: usize, downloads: usize) -> Self {
        let mut seeded = world::Seeded::new(363);
        let mut rest = Vec::with_capacity(size);
        while rest.len() + 8 < size {
            rest.extend_from_slice(&seeded.bits().to_le_bytes());
        }
        rest.truncate(size.saturating_sub(8));
        Self { rest, uploads, downloads }
    }

    /// Bytes of a file.
    #[must_use]
    pub fn size(&self) -> usize {
        self.rest.len() + 8
    }

    /// One file, whole.
    #[must_use]
    pub fn file(&self) -> Vec<u8> {
        [&number()[..], &self.rest].concat()
    }
}

fn number() -> [u8; 8] {
    static FILES: AtomicU64 = AtomicU64::new(0);
    FILES.fetch_add(1, Ordering::Relaxed).to_le_bytes()
}

/// What the processor had done before a load.
struct Meter<'a> {
    server: &'a Server,
    own: Duration,
    scanner: Duration,
    begun: Instant,
}

impl<'a> Meter<'a> {
    fn new(server: &'a Server) -> Self {
        let scanner = server.scanner_cpu().unwrap_or_default();
        Self { server, own: server.cpu(), scanner, begun: Instant::now() }
    }

    fn read(&self, cargo: &Cargo, count: usize) -> Throughput {
        let mb = count_f64(cargo.size()) / 1e6 * count_f64(count);
        let own = (self.server.cpu() - self.own).as_secs_f64();
        let scanner = (self.server.scanner_cpu().unwrap_or_default() - self.scanner).as_secs_f64();
        Throughput {
            mb_per_cpu_s: mb / own,
            with_scanner: mb / (own + scanner),
            mb_per_s: mb / self.begun.elapsed().as_secs_f64(),
        }
    }
}

/// Strangers ask for slots and fill them; where the files are had.
///
/// # Errors
/// When a slot or a file is refused.
pub async fn put_in_slots(server: &Server, cargo: &Cargo) -> Result<(Throughput, Vec<Place>), String> {
    let people = server.accounts.strangers.get(..STREAMS).ok_or("too few accounts")?;
    let mut sessions = Vec::new();
    for account in people {
        sessions.push(Session::log_in(server, account).await?);
    }
    let left = Cell::new(cargo.uploads);
    let meter = Meter::new(server);
    let streams = sessions.into_iter().map(|mut session| {
        let left = &left;
        async move {
            let mut places = Vec::new();
            while let Some(less) = left.get().checked_sub(1) {
                left.set(less);
                places.push(put_in_slot(server, &mut session, cargo).await?);
            }
            Ok::<_, String>(places)
        }
    });
    let places = futures_util::future::try_join_all(streams).await?.concat();
    Ok((meter.read(cargo, cargo.uploads), places))
}

async fn put_in_slot(server: &Server, session: &mut Session, cargo: &Cargo) -> Result<Place, String> {
    let slot = format!(
        "<iq xmlns='jabber:client' type='get' id='slot' to='upload.{}'><request xmlns='urn:xmpp:http:upload:0' \
         filename='file.bin' size='{}' content-type='application/octet-stream'/></iq>",
        server.domain,
        cargo.size()
    );
    let slot = session.ask(&slot, "<iq").await?;
    let path = |name: &str| {
        let element = slot.find(&format!("<{name} ")).map(|at| &slot[at..]);
        let url = element.and_then(|element| attribute(element, "url"));
        let path = url.and_then(|url| url.splitn(4, '/').nth(3));
        path.map(|path| format!("/{path}")).ok_or_else(|| format!("no place to {name}: {slot}"))
    };
    let (to, from) = (path("put")?, path("get")?);
    let headers = format!("Content-Type: application/octet-stream\r\n{}", wanted_headers(&slot));
    let number = number();
    let put = Request { method: "PUT", path: &to, headers: &headers, body: [&number, &cargo.rest] };
    let answer = http::ask(server, &put).await?;
    if answer.status != 201 {
        return Err(format!("PUT {to}: {} {}", answer.status, String::from_utf8_lossy(&answer.body)));
    }
    Ok(Place { path: from, headers: String::new() })
}

/// Lines of the head with which a slot wants to be filled (XEP-0363, 6); Prosody's carry the right to do so.
fn wanted_headers(slot: &str) -> String {
    let wanted = slot.split("<header ").skip(1).filter_map(|element| {
        let name = attribute(&format!("<header {element}"), "name")?.to_owned();
        let value = element.split_once('>')?.1.split('<').next()?;
        Some(format!("{name}: {value}\r\n"))
    });
    wanted.collect()
}

/// A person of the box shares files by Rainbow's interface, and sees that they were found clean.
///
/// # Errors
/// When a file is refused.
pub async fn share(server: &Server, cargo: &Cargo) -> Result<(Throughput, Vec<Place>), String> {
    let edge = server.edge().ok_or("only the box speaks Rainbow's interface")?;
    let token = world::Person::first_admin().sign_in(edge).await.token;
    let headers = format!("Authorization: Bearer {token}\r\n");
    let meter = Meter::new(server);
    let shared = futures_util::stream::iter(0..cargo.uploads).map(|_| share_one(server, cargo, &headers));
    let places = shared.buffer_unordered(STREAMS).try_collect().await?;
    Ok((meter.read(cargo, cargo.uploads), places))
}

async fn share_one(server: &Server, cargo: &Cargo, headers: &str) -> Result<Place, String> {
    let announced = json!({ "fileName": "file.bin", "extension": "bin", "size": cargo.size(), "viewers": [] });
    let text = announced.to_string();
    let json = format!("{headers}Content-Type: application/json\r\n");
    let post = Request { method: "POST", path: FILES, headers: &json, body: [text.as_bytes(), &[]] };
    let file = data(&http::ask(server, &post).await?)?;
    let id = file["id"].as_str().ok_or_else(|| format!("no id: {file}"))?;
    let (path, number) = (format!("{BYTES}/{id}"), number());
    let octets = format!("{headers}Content-Type: application/octet-stream\r\n");
    let put = Request { method: "PUT", path: &path, headers: &octets, body: [&number, &cargo.rest] };
    data(&http::ask(server, &put).await?)?;
    let (about, begun) = (format!("{FILES}/{id}"), Instant::now());
    let look = Request { method: "GET", path: &about, headers, body: [&[], &[]] };
    while begun.elapsed() < SCANNED_WITHIN {
        match data(&http::ask(server, &look).await?)?["isClean"] {
            Value::Bool(true) => return Ok(Place { path, headers: headers.to_owned() }),
            Value::Bool(false) => return Err(String::from("noise was taken for a virus")),
            _ => tokio::time::sleep(TICK).await,
        }
    }
    Err(format!("{path} is not scanned"))
}

/// What Rainbow's interface answers where it refuses nothing.
fn data(answer: &Answer) -> Result<Value, String> {
    let text = String::from_utf8_lossy(&answer.body);
    if !(200..300).contains(&answer.status) {
        return Err(format!("{} {text}", answer.status));
    }
    let mut whole: Value = serde_json::from_str(&text).map_err(|error| format!("{error}: {text}"))?;
    Ok(whole["data"].take())
}

/// The place of the file that nginx gives.
#[must_use]
pub fn of_nginx() -> Vec<Place> {
    vec![Place { path: nginx::FILE.to_owned(), headers: String::new() }]
}

/// Gets files, in turn from each of these places.
///
/// # Errors
/// When one is not had, or not whole.
pub async fn get(server: &Server, cargo: &Cargo, places: &[Place]) -> Result<Throughput, String> {
    let get_one = |place: &Place| {
        let place = place.clone();
        async move {
            let get = Request { method: "GET", path: &place.path, headers: &place.headers, body: [&[], &[]] };
            let answer = http::ask(server, &get).await?;
            let whole = answer.status == 200 && answer.length == cargo.size();
            if whole { Ok(()) } else { Err(format!("{}: {} with {} bytes", place.path, answer.status, answer.length)) }
        }
    };
    let meter = Meter::new(server);
    let all = futures_util::stream::iter(places.iter().cycle().take(cargo.downloads)).map(get_one);
    all.buffer_unordered(STREAMS).try_collect::<()>().await?;
    Ok(meter.read(cargo, cargo.downloads))
}
