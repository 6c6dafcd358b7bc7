use super::perform::{perform, refusal};
use crate::certificate::{self, Keeper};
use crate::error::CommandError;
use crate::folder;
use app::setup::Setup;
use app::{App, installation};
use appliance_contract::{
    Answer, LINE_LIMIT_BYTES, Recovered, Refusal, Request, SOCKET_NAME, Secret, SetupFacts, Status, decode_request,
    encode_answer,
};
use std::os::unix::fs::PermissionsExt;
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
    pub(crate) fn new(app: &App, data: &Path, address: String, warnings: Vec<String>) -> Self {
        let ca_file = data.join(folder::CA_FILE);
        Self { address, ca_file, data: data.to_owned(), started_at_ms: app.now_ms(), warnings }
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
    /// While the box is set up: then it tells how it is, and does nothing else.
    pub setup: Option<Arc<Setup>>,
}

/// The open socket; it goes when closed.
pub struct Console {
    task: tokio::task::JoinHandle<()>,
    path: PathBuf,
}

impl Console {
    /// Closes the socket.
    pub fn close(self) {
        self.task.abort();
        // A leftover socket is replaced by the next start.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Opens the admin socket for the user who runs the box, and for nobody else.
///
/// # Errors
/// When the socket cannot be made.
pub fn listen(data: &Path, desk: Desk) -> Result<Console, CommandError> {
    let path = data.join(SOCKET_NAME);
    // This process holds the folder, so a socket that is there belongs to nobody.
    let _ = std::fs::remove_file(&path);
    let listener = UnixListener::bind(&path).map_err(CommandError::file("make the socket", &path))?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))
        .map_err(CommandError::file("set the permissions of", &path))?;
    let (room, desk) = (Arc::new(Semaphore::new(REQUESTS_MAX)), Arc::new(desk));
    let task = tokio::spawn(async move {
        loop {
            let Ok(permit) = Arc::clone(&room).acquire_owned().await else { return };
            let Ok((stream, _)) = listener.accept().await else { continue };
            let desk = Arc::clone(&desk);
            tokio::spawn(async move {
                if let Err(failure) = answer(stream, &desk).await {
                    tracing::debug!(%failure, "a console request was not answered");
                }
                drop(permit);
            });
        }
    });
    Ok(Console { task, path })
}

async fn answer(mut stream: UnixStream, desk: &Desk) -> std::io::Result<()> {
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
        Ok(_) if desk.setup.is_some() => Answer::Refused(not_set_up(&desk.facts)),
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

fn setup_facts(setup: &Setup) -> SetupFacts {
    SetupFacts {
        code: Secret::new(setup.code().to_string()),
        fingerprint: setup.facts().fingerprint.clone(),
        step: setup.step().map(str::to_owned),
    }
}

async fn status(desk: &Desk) -> Answer {
    let Desk { app, keeper, facts, setup } = desk;
    let certificate = keeper.facts();
    match installation::health(app).await {
        Ok(health) => Answer::Status(Box::new(Status {
            ready: setup.is_none(),
            setup: setup.as_ref().filter(|setup| !setup.is_finished()).map(|setup| setup_facts(setup)),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            name: app.name(),
            domain: app.domain(),
            address: facts.address.clone(),
            ca_file: facts.ca_file.display().to_string(),
            data_folder: facts.data.display().to_string(),
            companies: health.companies,
            users: health.users,
            started_at_ms: u64::try_from(facts.started_at_ms).unwrap_or(0),
            recovered: health.recovered.into_iter().map(recovered).collect(),
            warnings: facts.warnings.iter().chain(&certificate.warnings).cloned().collect(),
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
