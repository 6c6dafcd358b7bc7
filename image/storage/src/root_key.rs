//! The vault's root key as a credential sealed to the TPM, which systemd hands to the server alone (decision 16).
//!
//! Without a TPM it is sealed with systemd's host key, which lies on the encrypted data partition: whoever cannot open that
//! can read neither.

use crate::error::StorageError;
use crate::keys;
use crate::place::Place;
use crate::question::{Typeable, ask};
use crate::refusal::Refusal;
use crate::telling::{Telling, make_folder, problem};
use crate::tool::{Run, Tools};
use crate::tpm;
use std::fs::{self, File};
use std::path::Path;
use vault::{KEYRING_FILE, Keyring, RecoveryKey, RootSource, SecretKey};
use zeroize::Zeroizing;

/// The credential's name, which is part of what is sealed.
const NAME: &str = "--name=root-key";
/// How a credential begins that systemd's host key has sealed: its kind (systemd, `creds-util.h`,
/// `CRED_AES256_GCM_BY_HOST`), in base64 but for the last byte.
const BY_HOST_KEY: &[u8] = b"Whxqht+dQJax1aZeCGLx";

/// Makes the sealed root key where there is none and no box either; where it cannot be opened any more, recovers it by the
/// recovery key.
///
/// # Errors
/// When it can be neither opened nor made; the server does not start then.
pub fn root_key(place: &Place, tools: &Tools) -> Result<(), StorageError> {
    let mut telling = Telling::go_on(place);
    let done = ensure(place, tools, &mut telling);
    keys::forget_recovery_key(place);
    if let Err(error) = &done {
        telling.failed(error)?;
    }
    done
}

fn ensure(place: &Place, tools: &Tools, telling: &mut Telling<'_>) -> Result<(), StorageError> {
    let credential = place.credential();
    let is_box = place.box_folder().join(KEYRING_FILE).exists();
    let refusal = if credential.exists() {
        let opened = unseal(tools, &credential)?;
        match opened {
            Ok(key) => return seal_to_returned_tpm(place, tools, &credential, &key),
            Err(said) => Some(Refusal::of(&said)),
        }
    } else {
        None
    };
    if !is_box {
        // Nothing is locked with it yet.
        let mut fresh = Zeroizing::new([0; 32]);
        getrandom::fill(&mut *fresh).map_err(|error| StorageError::Seal(error.to_string()))?;
        return seal(place, tools, &RootSource::Raw(SecretKey::copied(&fresh)));
    }
    let source = recover(place, tools, telling, refusal)?;
    seal(place, tools, &source)?;
    telling.open_with_what_was_told()
}

/// What was sealed while the TPM was away is sealed to it once it is there again.
fn seal_to_returned_tpm(place: &Place, tools: &Tools, credential: &Path, key: &[u8]) -> Result<(), StorageError> {
    let sealed = fs::read(credential).map_err(StorageError::file("read", credential))?;
    if !tpm::is_there(place) || !sealed.starts_with(BY_HOST_KEY) {
        return Ok(());
    }
    seal(place, tools, &RootSource::from_key_bytes(key)?)
}

/// The root key, by the recovery key that was typed a moment ago to open the disk, or by one that is typed now.
fn recover(
    place: &Place,
    tools: &Tools,
    telling: &mut Telling<'_>,
    refusal: Option<Refusal>,
) -> Result<RootSource, StorageError> {
    let folder = place.box_folder();
    let mut typed = keys::held(&place.typed_recovery_key());
    let typeable = Typeable { recovery_key: true, passphrase: false };
    let mut tries = 0;
    loop {
        if let Some(text) = typed.take() {
            match RecoveryKey::parse(&text).and_then(|key| Keyring::recover_root_key(&folder, &key)) {
                Ok(root) => return Ok(root.to_source()),
                Err(vault::VaultError::WrongRecoveryKey { .. } | vault::VaultError::RecoveryKeyFormat) => tries += 1,
                Err(other) => return Err(other.into()),
            }
        }
        let mut problems = vec![refusal.map_or_else(missing, Refusal::in_words)];
        if tries > 0 {
            let (what, what_to_do) = typeable.wrong(tries);
            problems.push(problem(what, what_to_do));
        }
        telling.asking(problems)?;
        typed = Some(ask(tools, typeable.question())?);
    }
}

fn missing() -> storage_contract::Problem {
    problem("The sealed root key of the box is missing, and its data cannot be read without.", "Type the recovery key.")
}

/// Seals, tries whether it opens again, and only then puts it in its place.
fn seal(place: &Place, tools: &Tools, source: &RootSource) -> Result<(), StorageError> {
    let RootSource::Raw(key) = source else { return Err(StorageError::Seal("it is no key".to_owned())) };
    let path = place.credential();
    make_folder(&path, 0o700)?;
    let beside = path.with_extension("new");
    let run = with_key(tools.run("systemd-creds").arg("encrypt").arg(NAME), place);
    let sealed = run.arg("-").arg(&beside).input(key.expose()).end()?;
    if !sealed.is_success() {
        return Err(StorageError::Seal(sealed.last_words()));
    }
    match unseal(tools, &beside)? {
        Ok(opened) if opened.as_slice() == key.expose() => {}
        Ok(_) => return Err(StorageError::Seal("what was sealed opens to something else".to_owned())),
        Err(said) => return Err(StorageError::Seal(said)),
    }
    let durably = || {
        File::open(&beside)?.sync_all()?;
        fs::rename(&beside, &path)?;
        File::open(path.parent().unwrap_or(&path))?.sync_all()
    };
    durably().map_err(StorageError::file("write", &path))
}

fn with_key(run: Run, place: &Place) -> Run {
    if !tpm::is_there(place) {
        return run.arg("--with-key=host");
    }
    let kind = if tpm::public_key(place).is_some() { "tpm2-with-public-key" } else { "tpm2" };
    run.arg(format!("--with-key={kind}")).args(tpm::policy(place))
}

/// The secret, or what the tool said.
fn unseal(tools: &Tools, path: &Path) -> Result<Result<Zeroizing<Vec<u8>>, String>, StorageError> {
    let opened = tools.run("systemd-creds").arg("decrypt").arg(NAME).arg(path).arg("-").end()?;
    Ok(if opened.is_success() { Ok(opened.output) } else { Err(opened.said) })
}
