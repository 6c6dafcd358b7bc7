//! A counter in memory, which several hands may hold, as a TPM outlives the programs that use it.

use crate::{Counter, ResponseCode, TpmError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[derive(Debug, Default)]
struct State {
    value: Option<u64>,
    highest: u64,
    machine: Vec<u8>,
    /// How many increments still succeed; `None`: all.
    increments_left: Option<u32>,
    is_full: bool,
}

/// A TPM's counter as tests have it.
#[derive(Debug, Clone, Default)]
pub struct Fake(Arc<Mutex<State>>);

impl Fake {
    /// One in a machine of this name.
    #[must_use]
    pub fn in_machine(machine: &[u8]) -> Self {
        let fake = Self::default();
        fake.state().machine = machine.to_vec();
        fake
    }

    /// From now on only so many increments succeed: then the power is gone.
    pub fn fail_after(&self, increments: Option<u32>) {
        self.state().increments_left = increments;
    }

    /// Whether there is no room for a counter.
    pub fn refuse_to_define(&self, is_full: bool) {
        self.state().is_full = is_full;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counter for Fake {
    fn read(&mut self) -> Result<Option<u64>, TpmError> {
        Ok(self.state().value)
    }

    fn define(&mut self) -> Result<(), TpmError> {
        if self.state().is_full {
            return Err(TpmError::Refused { command: "TPM2_NV_DefineSpace", code: ResponseCode(0x14B) });
        }
        self.state().value = Some(0);
        Ok(())
    }

    fn increment(&mut self) -> Result<u64, TpmError> {
        let mut state = self.state();
        let absent = TpmError::Answer { command: "TPM2_NV_Increment", what: "the power is gone" };
        match state.increments_left {
            Some(0) => return Err(absent),
            Some(left) => state.increments_left = Some(left - 1),
            None => {}
        }
        let Some(value) = state.value else { return Err(absent) };
        let value = if value == 0 { state.highest } else { value } + 1;
        state.value = Some(value);
        state.highest = state.highest.max(value);
        Ok(value)
    }

    fn remove(&mut self) -> Result<(), TpmError> {
        self.state().value = None;
        Ok(())
    }

    fn machine(&mut self) -> Result<Vec<u8>, TpmError> {
        Ok(self.state().machine.clone())
    }
}
