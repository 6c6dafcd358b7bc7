//! The recovery key becomes a key of the disk as well: a slot of its own, and the older ones go away (decision 16).

use crate::disk::Disk;
use crate::error::StorageError;
use crate::header::{Header, RECOVERY_TOKEN, TPM_TOKEN};
use crate::keys;
use crate::luks::{Luks, Unlock};
use crate::place::Place;
use crate::tool::Tools;
use crate::tpm;
use std::collections::BTreeSet;
use std::io::{BufRead, Write};
use storage_contract::{LINE_LIMIT_BYTES, Refusal, decode_request, encode_answer};
use vault::RecoveryKey;
use zeroize::Zeroizing;

/// Takes one recovery key from `from`, enrols it, and answers to `to`.
///
/// # Errors
/// The same that was answered.
pub fn enrol(place: &Place, tools: &Tools, from: impl BufRead, mut to: impl Write) -> Result<(), StorageError> {
    let done = read(from).and_then(|key| enrol_key(place, tools, &key));
    let refused = |error: &StorageError| Refusal { why: format!("{error}. {}", error.what_to_do()) };
    let answer = encode_answer(done.as_ref().err().map(refused).map_or(Ok(()), Err));
    to.write_all(&answer).and_then(|()| to.flush()).map_err(StorageError::file("answer on", "the socket"))?;
    done
}

fn read(from: impl BufRead) -> Result<RecoveryKey, StorageError> {
    let mut line = Zeroizing::new(Vec::with_capacity(LINE_LIMIT_BYTES + 1));
    let limit = u64::try_from(LINE_LIMIT_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    let read = from.take(limit).read_until(b'\n', &mut line);
    read.map_err(StorageError::file("read from", "the socket"))?;
    let text = decode_request(&line).map_err(|_| StorageError::NoRecoveryKey)?;
    RecoveryKey::parse(text.reveal()).map_err(|_| StorageError::NoRecoveryKey)
}

fn enrol_key(place: &Place, tools: &Tools, key: &RecoveryKey) -> Result<(), StorageError> {
    let disk = Disk::of_root(place, tools)?;
    let no_partition = || StorageError::NoDisk("it has no data partition".to_owned());
    let partition = &disk.partition("data").ok_or_else(no_partition)?.node;
    let luks = Luks::new(tools, partition);
    let header = luks.header()?;
    let key = keys::disk_key(key);
    let slot = match already(&luks, &header, &key)? {
        Some(slot) => slot,
        None => {
            let slot = luks.add_key(&key, &unlock(place, &header)?)?;
            luks.add_token(RECOVERY_TOKEN, Some(slot))?;
            slot
        }
    };
    remove_older(&luks, slot)?;
    // What was typed at this start may have been the recovery key that is void now.
    match keys::held(&place.opened_by()) {
        Some(held) if !luks.opens(&held, None)? => keys::hold(&place.opened_by(), &key),
        _ => Ok(()),
    }
}

/// The slot that this recovery key opens: an enrolment whose answer was lost is not done twice.
fn already(luks: &Luks<'_>, header: &Header, key: &str) -> Result<Option<u32>, StorageError> {
    for slot in header.slots_of(RECOVERY_TOKEN) {
        if luks.opens(key, Some(slot))? {
            return Ok(Some(slot));
        }
    }
    Ok(None)
}

/// What a person typed at this start, or else the TPM.
fn unlock(place: &Place, header: &Header) -> Result<Unlock, StorageError> {
    if place.opened_by().exists() {
        return Ok(Unlock::KeyFile(place.opened_by()));
    }
    if header.has(TPM_TOKEN) && tpm::is_there(place) { Ok(Unlock::Tpm) } else { Err(StorageError::NoKeyAtHand) }
}

/// Takes away slots of earlier recovery keys, and of enrolments that were cut before their token was written. What opens
/// the data in other ways has tokens of its own.
fn remove_older(luks: &Luks<'_>, keep: u32) -> Result<(), StorageError> {
    let header = luks.header()?;
    let older: BTreeSet<u32> = header.slots_of(RECOVERY_TOKEN).union(&header.unnamed_slots()).copied().collect();
    for slot in older.into_iter().filter(|slot| *slot != keep) {
        luks.remove_slot(slot)?;
    }
    let header = luks.header()?;
    // cryptsetup has taken the removed slots out of their tokens; what is left names none.
    for token in header.tokens_of(RECOVERY_TOKEN) {
        if !header.token_names(token, keep) {
            luks.remove_token(token)?;
        }
    }
    Ok(())
}
