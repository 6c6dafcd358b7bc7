use super::code::Code;
use super::guesses::Guesses;
use super::steps::{Progress, STEPS};
use super::tokens::Tokens;
use crate::{App, AppError};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use store::{RecoveryKey, StoreError, setup as rows};
use tokio::sync::watch;
use zeroize::Zeroizing;

/// What a setup needs of what is around the application.
pub trait Surroundings: Send + Sync {
    /// Shows a code to who stands before the box, and to nobody else.
    fn show(&self, code: &str);

    /// Lets the recovery key open the disk as well, where that has a lock of its own (decision 16). Blocks. A setup that was
    /// cut after it does it again, with the key of then.
    ///
    /// # Errors
    /// When the disk did not take it, in words for people; then the setup goes on.
    fn give_disk(&self, _key: &RecoveryKey) -> Result<(), String> {
        Ok(())
    }

    /// The last stroke: from now on, and after any crash, the box is one that was set up. Blocks until that is on the disk.
    ///
    /// # Errors
    /// When it could not be written; then the setup goes on.
    fn finish(&self) -> Result<(), StoreError>;
}

/// What a browser is told of the box before it has shown a code.
#[derive(Debug, Clone)]
pub struct Facts {
    /// SHA-256 of the box's own CA, as people compare it: `AB:CD:...`.
    pub fingerprint: String,
    /// Port of the address, by which browsers reach the box.
    pub port: u16,
}

/// A setup that is going on.
pub struct Setup {
    facts: Facts,
    surroundings: Arc<dyn Surroundings>,
    state: Mutex<State>,
    /// Held by who changes answers or carries them out: no answer changes under the feet of the end.
    pub(super) changing: tokio::sync::Mutex<()>,
    finished: watch::Sender<bool>,
}

/// What is in memory only, but for the answers, which stand in the directory too.
pub(super) struct State {
    pub(super) code: Code,
    pub(super) guesses: Guesses,
    pub(super) tokens: Tokens,
    pub(super) progress: Progress,
}

impl Setup {
    /// Begins a setup, or goes on with one that a restart cut: with a new code, and the answers that were given.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub async fn begin(app: &App, facts: Facts, surroundings: Arc<dyn Surroundings>) -> Result<Arc<Self>, AppError> {
        let rows = app.store.directory().read(|c| Ok::<_, AppError>(rows::answers(c)?)).await?;
        let known = |(step, answer): (String, String)| {
            // An answer of another version that cannot be read is asked for again.
            let step = STEPS.iter().map(|known| known.name()).find(|known| *known == step)?;
            Some((step, serde_json::from_str(&answer).ok()?))
        };
        let answers: BTreeMap<_, _> = rows.into_iter().filter_map(known).collect();
        let code = Code::new(app.rng.as_ref());
        let state = State {
            code,
            guesses: Guesses::default(),
            tokens: Tokens::default(),
            progress: Progress { answers, recovery: None },
        };
        let (finished, _) = watch::channel(false);
        Ok(Arc::new(Self {
            facts,
            surroundings,
            state: Mutex::new(state),
            changing: tokio::sync::Mutex::default(),
            finished,
        }))
    }

    /// The box, for who has shown no code.
    #[must_use]
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The code of now, for who may open the box's console.
    #[must_use]
    pub fn code(&self) -> Zeroizing<String> {
        self.state().code.shown()
    }

    /// The first step without an answer; `None` when all have one.
    #[must_use]
    pub fn step(&self) -> Option<&'static str> {
        self.state().progress.missing()
    }

    /// Whether a token was given for the code.
    #[must_use]
    pub fn is_unlocked_by(&self, token: &str) -> bool {
        !self.is_finished() && self.state().tokens.know(token)
    }

    /// Whether the box is set up.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        *self.finished.borrow()
    }

    /// Returns when the box is set up.
    pub async fn finished(&self) {
        // The sender is part of this setup, so it cannot be gone.
        let _ = self.finished.subscribe().wait_for(|finished| *finished).await;
    }

    /// Refuses what comes after the end.
    pub(super) fn goes_on(&self) -> Result<(), AppError> {
        if self.is_finished() { Err(AppError::SetUp) } else { Ok(()) }
    }

    /// Never held across an await.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn surroundings(&self) -> &Arc<dyn Surroundings> {
        &self.surroundings
    }

    /// Nothing of what was secret stays in memory.
    pub(super) fn end(&self) {
        let mut state = self.state();
        state.tokens = Tokens::default();
        state.progress = Progress::default();
        drop(state);
        self.finished.send_replace(true);
    }
}
