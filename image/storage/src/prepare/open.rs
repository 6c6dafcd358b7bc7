//! Opens the volume: by the TPM without anybody, else by what a person types, as often as it takes. What was typed then seals
//! a new key to the machine's TPM, so that the next start needs nobody.

use super::make::{Instead, unsigned_system};
use super::{Work, lock_of_new};
use crate::disk::{Disk, Partition};
use crate::error::StorageError;
use crate::header::{Header, PASSPHRASE_TOKEN, RECOVERY_TOKEN, TPM_TOKEN};
use crate::keys::{self, Typed};
use crate::luks::{Luks, Unlock};
use crate::question::{Typeable, ask};
use crate::refusal::Refusal;
use crate::telling::problem;
use crate::tpm;
use std::time::Duration;
use storage_contract::{Lock, Problem};

/// After so many wrong tries in a row nobody is let try for a while.
const TRIES_IN_A_ROW: u32 = 5;
const PAUSE: Duration = Duration::from_secs(10);

impl Work<'_, '_> {
    pub(super) fn open(&mut self, disk: &Disk, partition: &Partition, header: &Header) -> Result<Lock, StorageError> {
        if self.place.mapper().exists() {
            return Ok(self.telling.opened_before().unwrap_or(lock_of_new(header.has(TPM_TOKEN))));
        }
        let luks = Luks::new(self.tools, &partition.node);
        let refusal = match self.try_tpm(&luks, header)? {
            Ok(()) => return Ok(Lock::Tpm),
            Err(refusal) => refusal,
        };
        // Chosen a moment ago.
        if let Some(key) = keys::held(&self.place.opened_by())
            && luks.opens(&key, None)?
        {
            luks.attach_by(&self.place.opened_by())?;
            return Ok(Lock::Passphrase);
        }
        let typeable = Typeable { recovery_key: header.has(RECOVERY_TOKEN), passphrase: header.has(PASSPHRASE_TOKEN) };
        if typeable.is_nothing() {
            return self.make_anew_if_asked(disk, refusal);
        }
        let typed = self.ask_for_key(&luks, typeable, refusal)?;
        keys::hold(&self.place.opened_by(), &typed.key)?;
        luks.attach_by(&self.place.opened_by())?;
        self.seal_to_this_machine(&luks, typed.lock);
        Ok(typed.lock)
    }

    /// `Ok(Err(None))` where no key was ever sealed to a TPM.
    fn try_tpm(&self, luks: &Luks<'_>, header: &Header) -> Result<Result<(), Option<Refusal>>, StorageError> {
        if !header.has(TPM_TOKEN) {
            return Ok(Err(None));
        }
        if !tpm::is_there(self.place) {
            return Ok(Err(Some(Refusal::NoTpm)));
        }
        let attached = luks.attach_by_tpm()?;
        if attached.is_success() {
            return Ok(Ok(()));
        }
        eprintln!("{}", attached.said.trim_end());
        Ok(Err(Some(Refusal::of(&attached.said))))
    }

    /// Asks until something that opens was typed.
    fn ask_for_key(
        &mut self,
        luks: &Luks<'_>,
        typeable: Typeable,
        refusal: Option<Refusal>,
    ) -> Result<Typed, StorageError> {
        let why: Vec<Problem> = refusal.map(Refusal::in_words).into_iter().collect();
        let mut problems = why.clone();
        let mut tries = 0;
        loop {
            self.telling.asking(problems)?;
            let answer = ask(self.tools, typeable.question())?;
            for typed in keys::readings(&answer, typeable.passphrase) {
                if luks.opens(&typed.key, None)? {
                    if typed.lock == Lock::RecoveryKey {
                        keys::hold(&self.place.typed_recovery_key(), &answer)?;
                    }
                    self.telling.working()?;
                    return Ok(typed);
                }
            }
            tries += 1;
            let (what, what_to_do) = typeable.wrong(tries);
            problems = why.clone();
            problems.push(problem(what, what_to_do));
            if tries % TRIES_IN_A_ROW == 0 {
                problems.push(problem("There were 5 wrong tries in a row.", "The question comes back in 10 seconds."));
                self.telling.asking(problems.clone())?;
                std::thread::sleep(PAUSE);
                problems.pop();
            }
        }
    }

    /// Nobody ever finished the setup on this disk, and only a TPM that refuses opens it: nothing is lost with it.
    fn make_anew_if_asked(&mut self, disk: &Disk, refusal: Option<Refusal>) -> Result<Lock, StorageError> {
        let mut problems: Vec<Problem> = refusal.map(without_recovery_key).into_iter().collect();
        problems.push(problem(
            "Nobody has finished the setup on this disk, so there is no recovery key, and no data to lose.",
            "Type ERASE to make the data partition anew, for this machine.",
        ));
        loop {
            self.telling.asking(problems.clone())?;
            if ask(self.tools, "Type ERASE to begin again:")?.trim() == "ERASE" {
                break;
            }
        }
        self.telling.working()?;
        let (partition, header) = self.make(disk, Instead::OfUnfinished)?;
        let luks = Luks::new(self.tools, &partition.node);
        if header.has(TPM_TOKEN) {
            let attached = luks.attach_by_tpm()?;
            if !attached.is_success() {
                return Err(StorageError::Open { partition: partition.node.clone(), said: attached.last_words() });
            }
        } else {
            luks.attach_by(&self.place.opened_by())?;
        }
        Ok(lock_of_new(header.has(TPM_TOKEN)))
    }

    /// The data is open already: that it will not open by itself next time is told and not fatal.
    fn seal_to_this_machine(&mut self, luks: &Luks<'_>, lock: Lock) {
        if !tpm::is_there(self.place) {
            self.notes.push(problem(
                "This machine has no TPM 2.0 (or it is switched off): the data was opened by hand.",
                "Switch the TPM on in the firmware's settings; until then somebody must type the key at every start.",
            ));
            return;
        }
        let unlock = Unlock(self.place.opened_by());
        self.notes.push(match luks.seal_to_tpm(&tpm::policy(self.place), &unlock) {
            Ok(()) => sealed(lock),
            Err(error) => problem(
                format!("The data is open, but could not be bound to this machine's TPM: {error}."),
                "Somebody must type the key at the next start. Clear the TPM in the firmware's settings and start again.",
            ),
        });
        if tpm::public_key(self.place).is_none() {
            self.notes.push(unsigned_system());
        }
    }
}

fn sealed(lock: Lock) -> Problem {
    let by = if lock == Lock::RecoveryKey { "recovery key" } else { "passphrase" };
    problem(
        format!("The data was opened with the {by} and is bound to this machine's TPM now."),
        "Nothing needs to be done: the next start opens it by itself.",
    )
}

/// What a refusal says where nobody has a recovery key.
fn without_recovery_key(refusal: Refusal) -> Problem {
    problem(refusal.in_words().what, "Putting back what was changed opens it again.")
}
