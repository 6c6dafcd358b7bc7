//! Data that is older than it should be (D3): the server refuses it, and whoever has the recovery key may say that it counts
//! nevertheless. Here that is asked; `rainbow-edge vault accept` does it.

use crate::error::StorageError;
use crate::place::Place;
use crate::question::{Typeable, ask};
use crate::telling::{Telling, problem};
use crate::tool::Tools;
use std::fs::File;
use std::io::Read as _;
use storage_contract::Problem;
use vault::{Keyring, RecoveryKey, VaultError};

const QUESTION: &str = "Type the recovery key to go on with this older data:";
/// Of what the server says.
const WORDS_BYTES_MAX: u64 = 2048;

/// Returns when somebody has typed the recovery key of this box.
///
/// # Errors
/// When there is none, or nobody can be asked.
pub fn older(place: &Place, tools: &Tools) -> Result<(), StorageError> {
    let (telling, before) = Telling::interrupt(place);
    let mut telling = telling;
    let done = asked(place, tools, &mut telling);
    // What was told of the partition is still so.
    telling.turn_back(before)?;
    done
}

fn asked(place: &Place, tools: &Tools, telling: &mut Telling<'_>) -> Result<(), StorageError> {
    let typeable = Typeable { recovery_key: true, passphrase: false };
    let mut tries = 0;
    loop {
        let mut problems = vec![refused(place)];
        if tries > 0 {
            let (what, what_to_do) = typeable.wrong(tries);
            problems.push(problem(what, what_to_do));
        }
        telling.asking(problems)?;
        let typed = ask(tools, QUESTION)?;
        match RecoveryKey::parse(&typed).and_then(|key| Keyring::recover_root_key(&place.box_folder(), &key)) {
            Ok(_) => return Ok(()),
            Err(VaultError::WrongRecoveryKey { .. } | VaultError::RecoveryKeyFormat) => tries += 1,
            Err(other) => return Err(other.into()),
        }
    }
}

/// In the server's words: its first sentence, for what to do is another thing at this screen.
fn refused(place: &Place) -> Problem {
    let mut said = String::new();
    let read = File::open(place.older()).and_then(|file| file.take(WORDS_BYTES_MAX).read_to_string(&mut said));
    let said = if read.is_ok() { said.trim().split(". ").next().unwrap_or_default() } else { "" };
    let why = if said.is_empty() { String::from(".") } else { format!(": {}.", said.trim_end_matches('.')) };
    problem(
        format!("The data of this box is older than it should be{why}"),
        "Put the newest disk back, and find out who exchanged it. If this is on purpose, or the newest is lost, type the recovery key.",
    )
}
