//! A folder of an SFTP server: SSH by `russh`, whose host key has to be the pinned one, and of SFTP (draft-ietf-secsh-filexfer-02,
//! version 3, what servers speak) what objects need.

mod session;
mod words;

use super::{Means, PARTIAL};
use app::backup::{OBJECT_BYTES_MAX, Object, Target, TargetError};
use domain::backup::Server;
use session::{Failed, Session};
use std::future::Future;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::runtime::Runtime;
use zeroize::Zeroizing;

/// For a whole object.
const CALL_WITHIN: Duration = Duration::from_secs(300);

pub(super) struct Sftp {
    server: Server,
    root: String,
    host_key: String,
    secret: Zeroizing<String>,
    /// One connection for all calls; after a failure another one.
    open: Mutex<Option<Open>>,
}

/// A connection, and what drives it.
struct Open {
    runtime: Option<Runtime>,
    session: Option<Session>,
}

impl Drop for Open {
    /// Nobody waits for it: the connection may be the thing that does not answer.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            let inside = runtime.enter();
            // It says good-bye by a task.
            self.session = None;
            drop(inside);
            runtime.shutdown_background();
        }
    }
}

impl Sftp {
    pub(super) fn new(server: &Server, (path, host_key): (&str, &str), means: &Means) -> Result<Self, String> {
        let secret = means.secret.clone().ok_or("the password or the private key is missing")?;
        let root = format!("{}/", path.trim_end_matches('/'));
        Ok(Self { server: server.clone(), root, host_key: host_key.to_owned(), secret, open: Mutex::default() })
    }

    fn path(&self, name: &str) -> String {
        format!("{}{name}", self.root)
    }

    fn ask<T>(&self, work: impl AsyncFnOnce(&mut Session) -> Result<T, Failed>) -> Result<T, TargetError> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let mut of = match open.take() {
            Some(of) => of,
            None => self.connect()?,
        };
        let Open { runtime: Some(runtime), session: Some(session) } = &mut of else {
            return Err(TargetError::Passing(String::from("no runtime")));
        };
        let done = within(runtime, work(session));
        if !matches!(done, Err(Failed::Broken(_))) {
            *open = Some(of);
        }
        done.map_err(|failed| self.told(failed))
    }

    fn connect(&self) -> Result<Open, TargetError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|e| TargetError::Passing(format!("no runtime: {e}")))?;
        let session = within(&runtime, Session::open(&self.server, &self.host_key, &self.secret));
        Ok(Open { session: Some(session.map_err(|failed| self.told(failed))?), runtime: Some(runtime) })
    }

    fn told(&self, failed: Failed) -> TargetError {
        let host = &self.server.host;
        match failed {
            Failed::Broken(why) => TargetError::Passing(format!("{host}: {why}")),
            Failed::Refused(why) => TargetError::Refused(format!("{host}: {why}")),
            // Version 3 has no word for a full disk: its general failure is what servers answer then.
            Failed::Failure(why) => TargetError::Refused(format!("{host}: {why} (is there room left?)")),
            Failed::NotThere => TargetError::Refused(format!("{host}: it is not there")),
        }
    }

    async fn make_folders(&self, session: &mut Session, name: &str) -> Result<(), Failed> {
        for (at, _) in name.match_indices('/') {
            // Whether it is there already is not told by version 3; if it is not, the file will not open.
            match session.make_folder(&self.path(&name[..at])).await {
                Err(Failed::Broken(why)) => return Err(Failed::Broken(why)),
                _ => continue,
            }
        }
        Ok(())
    }
}

fn within<T>(runtime: &Runtime, work: impl Future<Output = Result<T, Failed>>) -> Result<T, Failed> {
    let late = |_| Failed::Broken(String::from("it took too long"));
    runtime.block_on(async { tokio::time::timeout(CALL_WITHIN, work).await }).map_err(late)?
}

impl Target for Sftp {
    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), TargetError> {
        let (path, partial) = (self.path(name), self.path(&format!("{name}{PARTIAL}")));
        self.ask(async |session| {
            let mut written = session.write(&partial, bytes).await;
            if matches!(written, Err(Failed::NotThere)) {
                self.make_folders(session, name).await?;
                written = session.write(&partial, bytes).await;
            }
            written?;
            session.rename(&partial, &path).await
        })
    }

    fn get(&self, name: &str, part: Option<Range<u64>>) -> Result<Option<Vec<u8>>, TargetError> {
        let path = self.path(name);
        self.ask(async |session| match session.read(&path, part.clone(), OBJECT_BYTES_MAX).await {
            Err(Failed::NotThere) => Ok(None),
            read => read.map(Some),
        })
    }

    fn list(&self, folder: &str) -> Result<Vec<Object>, TargetError> {
        let path = self.path(folder);
        let listed = self.ask(async |session| match session.list(&path).await {
            Err(Failed::NotThere) => Ok(Vec::new()),
            listed => listed,
        });
        let object = |(name, bytes): (String, u64)| Object { name, bytes };
        Ok(listed?.into_iter().filter(|(name, _)| !name.ends_with(PARTIAL)).map(object).collect())
    }

    fn remove(&self, name: &str) -> Result<(), TargetError> {
        let path = self.path(name);
        self.ask(async |session| match session.remove(&path).await {
            Err(Failed::NotThere) => Ok(()),
            removed => removed,
        })
    }
}
