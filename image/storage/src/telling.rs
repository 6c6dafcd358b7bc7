//! What people see of all this: a state for the console, and lines for the log.

use crate::error::StorageError;
use crate::place::Place;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use storage_contract::{Lock, Phase, Problem, State};

/// Keeps the state file true.
pub(crate) struct Telling<'p> {
    place: &'p Place,
    state: State,
    /// What had opened the data when this began, where it was open then.
    opened_before: Option<Lock>,
}

impl<'p> Telling<'p> {
    pub(crate) fn begin(place: &'p Place) -> Result<Self, StorageError> {
        let opened_before = told(place).and_then(|state| state.opened_by);
        let telling = Self { place, state: State::working(), opened_before };
        telling.write()?;
        Ok(telling)
    }

    /// Goes on with what an earlier step has told.
    pub(crate) fn go_on(place: &'p Place) -> Self {
        Self { place, state: told(place).unwrap_or_else(State::working), opened_before: None }
    }

    /// A question in between, with what was told before it.
    pub(crate) fn interrupt(place: &'p Place) -> (Self, State) {
        let telling = Self::go_on(place);
        let before = telling.state.clone();
        (telling, before)
    }

    /// Ends it.
    pub(crate) fn turn_back(&mut self, before: State) -> Result<(), StorageError> {
        self.state = before;
        self.write()
    }

    pub(crate) fn opened_before(&self) -> Option<Lock> {
        self.opened_before
    }

    /// From which slot the system was started.
    pub(crate) fn started_from(&mut self, slot: Option<String>) -> Result<(), StorageError> {
        self.state.slot = slot;
        self.write()
    }

    /// A person is needed, for this.
    pub(crate) fn asking(&mut self, problems: Vec<Problem>) -> Result<(), StorageError> {
        problems.iter().for_each(log);
        self.turn(Phase::Asking, None, problems)
    }

    pub(crate) fn working(&mut self) -> Result<(), StorageError> {
        self.turn(Phase::Working, None, Vec::new())
    }

    pub(crate) fn open(&mut self, opened_by: Lock, problems: Vec<Problem>) -> Result<(), StorageError> {
        problems.iter().for_each(log);
        self.turn(Phase::Open, Some(opened_by), problems)
    }

    pub(crate) fn open_with_what_was_told(&mut self) -> Result<(), StorageError> {
        self.state.phase = Phase::Open;
        self.write()
    }

    pub(crate) fn failed(&mut self, error: &StorageError) -> Result<(), StorageError> {
        let problem = Problem { what: error.to_string(), what_to_do: error.what_to_do().to_owned() };
        self.turn(Phase::Failed, None, vec![problem])
    }

    fn turn(&mut self, phase: Phase, opened_by: Option<Lock>, problems: Vec<Problem>) -> Result<(), StorageError> {
        self.state = State { phase, opened_by, slot: self.state.slot.take(), problems };
        self.write()
    }

    fn write(&self) -> Result<(), StorageError> {
        let path = self.place.state_file();
        make_folder(&path, 0o755)?;
        let beside = path.with_extension("new");
        fs::write(&beside, self.state.to_json()).map_err(StorageError::file("write", &beside))?;
        let readable = fs::set_permissions(&beside, Permissions::from_mode(0o644));
        readable.and_then(|()| fs::rename(&beside, &path)).map_err(StorageError::file("write", &path))
    }
}

fn told(place: &Place) -> Option<State> {
    State::from_json(&fs::read(place.state_file()).ok()?)
}

/// Makes the folder that holds `path`.
pub(crate) fn make_folder(path: &Path, mode: u32) -> Result<(), StorageError> {
    use std::os::unix::fs::DirBuilderExt;
    let folder = path.parent().unwrap_or(path);
    let made = fs::DirBuilder::new().recursive(true).mode(mode).create(folder);
    made.map_err(StorageError::file("make", folder))
}

fn log(problem: &Problem) {
    eprintln!("{} {}", problem.what, problem.what_to_do);
}

pub(crate) fn problem(what: impl Into<String>, what_to_do: impl Into<String>) -> Problem {
    Problem { what: what.into(), what_to_do: what_to_do.into() }
}
