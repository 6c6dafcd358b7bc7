//! The file of keys: whatever is made of it, it gives the keys that it was made with, or none.

use crate::changed::{changed, folder};
use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, OnceLock, PoisonError};
use vault::{KEYRING_FILE, Keyring, RecoveryKey, RootSource, SecretKey};
use zeroize::Zeroizing;

/// From this first byte on, the recovery key is tried too. No file of the corpus begins so: its changes would too.
const RECOVERED_FROM: u8 = 0xFA;

struct Genuine {
    folder: PathBuf,
    root: RootSource,
    recovery: RootSource,
    bytes: Vec<u8>,
    directory: SecretKey,
}

fn directory(vault: &vault::Vault) -> SecretKey {
    vault.directory_key().derive("fuzz")
}

impl Genuine {
    fn new() -> Self {
        let folder = folder("keyring");
        let _ = fs::remove_file(folder.join(KEYRING_FILE));
        let root = RootSource::from_key_bytes(&[0x41; 32]).expect("a key");
        let vault = Keyring::create(&folder, &root).expect("a keyring");
        let recovery = RecoveryKey::new(Zeroizing::new([7; 20]));
        vault.set_recovery_key(&folder, &recovery).expect("a recovery key");
        let bytes = fs::read(folder.join(KEYRING_FILE)).expect("reads");
        Self { folder, root, recovery: RootSource::Recovery(recovery), bytes, directory: directory(&vault) }
    }
}

pub(crate) fn run(input: &[u8]) {
    static GENUINE: OnceLock<Mutex<Genuine>> = OnceLock::new();
    let genuine = GENUINE.get_or_init(|| Mutex::new(Genuine::new())).lock().unwrap_or_else(PoisonError::into_inner);
    let [how, rest @ ..] = input else { return };
    let bytes = changed(&genuine.bytes, 16, *how, rest);
    fs::write(genuine.folder.join(KEYRING_FILE), bytes).expect("writes");
    // Stretching a recovery key takes long, by design: for few inputs.
    let recovery = (*how >= RECOVERED_FROM).then_some(&genuine.recovery);
    for source in [&genuine.root].into_iter().chain(recovery) {
        if let Ok(vault) = Keyring::open(&genuine.folder, source) {
            assert!(directory(&vault).same_as(&genuine.directory), "another key than it was made with");
        }
    }
}
