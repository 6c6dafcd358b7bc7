//! A stored file: whatever is made of it, what is read of it is what was written there, or nothing.

use crate::changed::{changed, folder};
use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, OnceLock, PoisonError};
use vault::{FileKey, FileWrapping, SealedReader, SealedWriter, SecretKey};
use zeroize::Zeroizing;

const SEGMENT: usize = 64 * 1024;
const LENGTH: usize = 2 * SEGMENT + 1_000;

struct Genuine {
    path: PathBuf,
    wrapping: FileWrapping,
    wrapped: Vec<u8>,
    bytes: Vec<u8>,
}

fn plain() -> Vec<u8> {
    (0..LENGTH).map(|at| (at % 251).to_le_bytes()[0]).collect()
}

impl Genuine {
    fn new() -> Self {
        let path = folder("sealed_file").join("file");
        let _ = fs::remove_file(&path);
        let wrapping = FileWrapping::from(SecretKey::new(Zeroizing::new([9; 32])));
        let key = FileKey::generate().expect("a key");
        let wrapped = key.wrap(&wrapping, "file").expect("wraps");
        let mut writer = SealedWriter::create(&path, key).expect("a file");
        writer.append(&plain()).expect("writes");
        writer.finish().expect("finishes");
        let bytes = fs::read(&path).expect("reads");
        Self { path, wrapping, wrapped, bytes }
    }
}

pub(crate) fn run(input: &[u8]) {
    static GENUINE: OnceLock<Mutex<Genuine>> = OnceLock::new();
    let genuine = GENUINE.get_or_init(|| Mutex::new(Genuine::new())).lock().unwrap_or_else(PoisonError::into_inner);
    let [which, how, rest @ ..] = input else { return };
    if which % 2 == 0 {
        let wrapped = changed(&genuine.wrapped, 16, *how, rest);
        let opened = FileKey::unwrap(&genuine.wrapping, "file", &wrapped).is_ok();
        assert!(!opened || wrapped == genuine.wrapped, "another wrapping opens");
        return;
    }
    fs::write(&genuine.path, changed(&genuine.bytes, SEGMENT + 28, *how, rest)).expect("writes");
    let key = FileKey::unwrap(&genuine.wrapping, "file", &genuine.wrapped).expect("the genuine one");
    let Ok(mut reader) = SealedReader::open(&genuine.path, key) else { return };
    let plain = plain();
    for offset in (0..reader.len()).step_by(SEGMENT / 2) {
        let Ok(read) = reader.read_at(offset) else { continue };
        let at = usize::try_from(offset).expect("small");
        assert!(plain.get(at..at + read.len()) == Some(read), "other bytes at {at}");
    }
}
