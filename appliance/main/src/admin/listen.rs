use super::perform::{perform, refusal};
use crate::error::CommandError;
use crate::folder;
use app::{App, installation};
use appliance_contract::{
    Answer, LINE_LIMIT_BYTES, Recovered, Refusal, Request, SOCKET_NAME, Status, decode_request, encode_answer,
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
pub fn listen(data: &Path, app: Arc<App>, facts: Facts) -> Result<Console, CommandError> {
    let path = data.join(SOCKET_NAME);
    // This process holds the folder, so a socket that is there belongs to nobody.
    let _ = std::fs::remove_file(&path);
    let listener = UnixListener::bind(&path).map_err(CommandError::file("make the socket", &path))?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))
        .map_err(CommandError::file("set the permissions of", &path))?;
    let room = Arc::new(Semaphore::new(REQUESTS_MAX));
    let task = tokio::spawn(async move {
        loop {
            let Ok(permit) = Arc::clone(&room).acquire_owned().await else { return };
            let Ok((stream, _)) = listener.accept().await else { continue };
            let (app, facts) = (Arc::clone(&app), facts.clone());
            tokio::spawn(async move {
                if let Err(failure) = answer(stream, &app, &facts).await {
                    tracing::debug!(%failure, "a console request was not answered");
                }
                drop(permit);
            });
        }
    });
    Ok(Console { task, path })
}

async fn answer(mut stream: UnixStream, app: &App, facts: &Facts) -> std::io::Result<()> {
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
        Ok(Request::Status) => status(app, facts).await,
        Ok(request) => perform(app, request).await,
        Err(e) => Answer::Refused(Refusal {
            code: String::from("unreadable"),
            message: e.to_string(),
            what_to_do: String::from("Use the command line of the same version as the box"),
        }),
    };
    let line = encode_answer(&answer).map_err(std::io::Error::other)?;
    write.write_all(&line).await
}

async fn status(app: &App, facts: &Facts) -> Answer {
    match installation::health(app).await {
        Ok(health) => Answer::Status(Status {
            ready: true,
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
            warnings: facts.warnings.clone(),
        }),
        Err(failure) => Answer::Refused(refusal("status", &failure)),
    }
}

fn recovered(of: store::Recovered) -> Recovered {
    Recovered { database: of.database, commits: u64::from(of.commits), frames: u64::from(of.frames) }
}
