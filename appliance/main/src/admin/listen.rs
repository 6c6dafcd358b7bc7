use super::addresses;
use super::keys;
use super::perform::{perform, refusal};
use crate::backup::{self, Jobs};
use crate::certificate::{self, Keeper};
use crate::error::CommandError;
use crate::folder;
use app::setup::Setup;
use app::{App, installation};
use appliance_contract::{
    Answer, LINE_LIMIT_BYTES, Recovered, Refusal, Request, SOCKET_NAME, STATUS_SOCKET, Secret, SetupFacts, State,
    Status, TurnStage, decode_request, encode_answer,
};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener as StatusListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

/// Requests at once; more wait.
const REQUESTS_MAX: usize = 16;
/// Time for one request to arrive.
const REQUEST_WITHIN: Duration = Duration::from_secs(10);

/// What a server knows about itself and its set-up.
#[derive(Debug, Clone)]
pub struct Facts {
    /// `https` URL of the box.
    pub address: String,
    /// Its port.
    pub port: u16,
    /// File with the CA's certificate.
    pub ca_file: PathBuf,
    /// Data folder.
    pub data: PathBuf,
    /// When it started, in milliseconds since 1970.
    pub started_at_ms: i64,
    /// What people should know about this set-up.
    pub warnings: Vec<String>,
}

impl Facts {
    pub(crate) fn new(app: &App, data: &Path, port: u16, warnings: Vec<String>) -> Self {
        let (address, ca_file) = (app::setup::address(&app.name(), port), data.join(folder::CA_FILE));
        Self { address, port, ca_file, data: data.to_owned(), started_at_ms: app.now_ms(), warnings }
    }

    /// By name and by each address of the machine.
    fn urls(&self) -> Vec<String> {
        let of_machine = addresses::of_machine();
        let urls = of_machine.iter().map(|address| app::setup::address(&addresses::in_url(address), self.port));
        std::iter::once(self.address.clone()).chain(urls).collect()
    }

    fn ca_fingerprint(&self) -> String {
        certificate::fingerprint(&std::fs::read_to_string(&self.ca_file).unwrap_or_default())
    }
}

/// Whom the console asks.
pub struct Desk {
    /// The application.
    pub app: Arc<App>,
    /// What the TLS port shows.
    pub keeper: Arc<Keeper>,
    /// What the server knows about itself.
    pub facts: Facts,
    /// What is done with backups for who asks.
    pub jobs: Arc<Jobs>,
    /// While the box is set up: then it tells how it is, and does nothing else.
    pub setup: Option<Arc<Setup>>,
}

/// The open sockets; the one in the data folder goes when closed.
pub struct Console {
    tasks: Vec<tokio::task::JoinHandle<()>>,
    path: PathBuf,
}

impl Console {
    /// Closes them.
    pub fn close(self) {
        self.tasks.iter().for_each(tokio::task::JoinHandle::abort);
        // A leftover socket is replaced by the next start.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Opens the admin socket for the user who runs the box, and for nobody else; `status` is what the service manager has
/// opened for the box's own screen.
///
/// # Errors
/// When a socket cannot be made or used.
pub fn listen(data: &Path, status: Option<&StatusListener>, desk: Desk) -> Result<Console, CommandError> {
    let path = data.join(SOCKET_NAME);
    // This process holds the folder, so a socket that is there belongs to nobody.
    let _ = std::fs::remove_file(&path);
    let listener = UnixListener::bind(&path).map_err(CommandError::file("make the socket", &path))?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))
        .map_err(CommandError::file("set the permissions of", &path))?;
    let status = status.map(registered).transpose().map_err(CommandError::file("use the socket", STATUS_SOCKET))?;
    let desk = Arc::new(desk);
    let mut tasks = vec![tokio::spawn(accept(listener, Arc::clone(&desk), Scope::All))];
    tasks.extend(status.map(|status| tokio::spawn(accept(status, desk, Scope::Status))));
    Ok(Console { tasks, path })
}

/// The socket stays open for the box that comes after a setup.
fn registered(status: &StatusListener) -> std::io::Result<UnixListener> {
    let again = status.try_clone()?;
    again.set_nonblocking(true)?;
    UnixListener::from_std(again)
}

/// What may be asked on a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    All,
    Status,
}

async fn accept(listener: UnixListener, desk: Arc<Desk>, scope: Scope) {
    let room = Arc::new(Semaphore::new(REQUESTS_MAX));
    loop {
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else { continue };
        let desk = Arc::clone(&desk);
        tokio::spawn(async move {
            if let Err(failure) = answer(stream, &desk, scope).await {
                tracing::debug!(%failure, "a console request was not answered");
            }
            drop(permit);
        });
    }
}

async fn answer(mut stream: UnixStream, desk: &Desk, scope: Scope) -> std::io::Result<()> {
    let own = nix::unistd::geteuid().as_raw();
    let peer = stream.peer_cred()?.uid();
    if peer != own && peer != 0 {
        return Ok(());
    }
    let mut line = Zeroizing::new(Vec::new());
    let limit = u64::try_from(LINE_LIMIT_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    let (read, mut write) = stream.split();
    let reading = async { BufReader::new(read.take(limit)).read_until(b'\n', &mut line).await };
    tokio::time::timeout(REQUEST_WITHIN, reading).await??;
    let answer = match decode_request(&line) {
        Ok(Request::Status) => status(desk).await,
        Ok(_) if scope == Scope::Status => Answer::Refused(only_status()),
        Ok(_) if desk.setup.is_some() => Answer::Refused(not_set_up(&desk.facts)),
        Ok(Request::BackupBegin(wanted)) => desk.jobs.begin(&desk.app, wanted),
        Ok(Request::BackupJob { job }) => desk.jobs.far(&desk.app, job),
        Ok(request) => {
            let answer = perform(&desk.app, &desk.facts.data, request).await;
            shown(&desk.app, &desk.keeper, answer).await
        }
        Err(e) => Answer::Refused(Refusal {
            code: String::from("unreadable"),
            message: e.to_string(),
            what_to_do: String::from("Use the command line of the same version as the box"),
        }),
    };
    let line = encode_answer(&answer).map_err(std::io::Error::other)?;
    write.write_all(&line).await
}

/// Whoever is told of a certificate finds it on the port.
async fn shown(app: &App, keeper: &Keeper, answer: Answer) -> Answer {
    if !matches!(answer, Answer::Certificate(_)) {
        return answer;
    }
    match keeper.refresh(app).await {
        Ok(()) => Answer::Certificate(keeper.facts()),
        Err(failed) => Answer::Refused(certificate::unusable(&failed)),
    }
}

fn not_set_up(facts: &Facts) -> Refusal {
    Refusal {
        code: String::from("not_set_up"),
        message: String::from("nobody has set this box up yet"),
        what_to_do: format!("Open {} in a browser", facts.address),
    }
}

fn only_status() -> Refusal {
    Refusal {
        code: String::from("only_status"),
        message: String::from("this socket tells the status of the box and nothing else"),
        what_to_do: String::from("Use the command line"),
    }
}

fn setup_facts(setup: &Setup) -> SetupFacts {
    SetupFacts {
        code: Secret::new(setup.code().to_string()),
        fingerprint: setup.facts().fingerprint.clone(),
        step: setup.step().map(str::to_owned),
    }
}

async fn status(desk: &Desk) -> Answer {
    let Desk { app, keeper, facts, setup, .. } = desk;
    let certificate = keeper.facts();
    match installation::health(app).await {
        Ok(health) => Answer::Status(Box::new(Status {
            ready: setup.is_none(),
            state: if setup.is_none() { State::Serving } else { State::SettingUp },
            setup: setup.as_ref().filter(|setup| !setup.is_finished()).map(|setup| setup_facts(setup)),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            name: app.name(),
            domain: app.domain(),
            address: facts.address.clone(),
            urls: facts.urls(),
            ca_fingerprint: facts.ca_fingerprint(),
            ca_file: facts.ca_file.display().to_string(),
            data_folder: facts.data.display().to_string(),
            companies: health.companies,
            users: health.users,
            started_at_ms: u64::try_from(facts.started_at_ms).unwrap_or(0),
            recovered: health.recovered.into_iter().map(recovered).collect(),
            turns: keys::turns(app).into_iter().filter(|turn| turn.stage != TurnStage::Done).collect(),
            backups: backup::standing(app),
            warnings: facts
                .warnings
                .iter()
                .chain(&certificate.warnings)
                .chain(&app::vault::scrub_warnings(app))
                .cloned()
                .chain(app::backup::alarms(app))
                .collect(),
            certificate,
        })),
        Err(failure) => Answer::Refused(refusal("status", &failure)),
    }
}

/// What a start recovered, as it is told.
pub(crate) fn recovered(of: store::Recovered) -> Recovered {
    let (commits, frames) = (u64::from(of.commits), u64::from(of.frames));
    Recovered { database: of.database, commits, frames, torn_bytes: of.torn_bytes }
}
