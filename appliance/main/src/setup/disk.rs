//! The recovery key for the disk's own lock, by the storage service of the image (D2).

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;
use storage_contract::{ENROL_SOCKET, LINE_LIMIT_BYTES, STATE_FILE, decode_answer, encode_request};
use vault::RecoveryKey;

/// The storage service proves keys, on a slow disk and a slow machine.
const WITHIN: Duration = Duration::from_secs(120);

/// Gives the key to the storage service in `run`. Where there is none, the data folder is on a disk of somebody else's, and
/// there is nothing to do.
///
/// # Errors
/// When it did not take it, in words for people. A storage service that does not answer is no reason to go on: without its
/// recovery key a box is lost with its TPM.
pub(super) fn give(run: &Path, key: &RecoveryKey) -> Result<(), String> {
    if !beside(run, STATE_FILE).exists() {
        return Ok(());
    }
    let answer = ask(&beside(run, ENROL_SOCKET), key).map_err(|error| {
        format!("the storage service does not answer ({error}). Try again; then start the box again")
    })?;
    match decode_answer(&answer) {
        Ok(Ok(())) => Ok(()),
        Ok(Err(refusal)) => Err(refusal.why),
        Err(error) => Err(error.to_string()),
    }
}

/// [`give`], to the storage service of this machine.
pub(crate) fn give_machine(key: &RecoveryKey) -> Result<(), String> {
    give(Path::new(storage_contract::RUN_FOLDER), key)
}

fn beside(run: &Path, file: &str) -> std::path::PathBuf {
    run.join(Path::new(file).file_name().unwrap_or_default())
}

fn ask(socket: &Path, key: &RecoveryKey) -> std::io::Result<Vec<u8>> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(WITHIN))?;
    stream.set_write_timeout(Some(WITHIN))?;
    stream.write_all(&encode_request(&key.shown()))?;
    let mut line = Vec::new();
    let limit = u64::try_from(LINE_LIMIT_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    BufReader::new(stream.take(limit)).read_until(b'\n', &mut line)?;
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixListener;
    use std::path::PathBuf;
    use storage_contract::{Refusal, decode_request, encode_answer};
    use zeroize::Zeroizing;

    struct Run(PathBuf);

    impl Run {
        fn new(name: &str) -> Self {
            let folder = std::env::temp_dir().join(format!("rainbow-edge-disk-{}-{name}", std::process::id()));
            std::fs::create_dir_all(&folder).expect("a folder");
            Self(folder)
        }

        fn with_state(self) -> Self {
            std::fs::write(self.0.join("state.json"), "{}").expect("writes");
            self
        }
    }

    impl Drop for Run {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    fn key() -> RecoveryKey {
        RecoveryKey::new(Zeroizing::new([3; 20]))
    }

    #[test]
    fn a_box_on_a_disk_of_somebody_elses_gives_nothing_away_d2() {
        assert_eq!(give(&Run::new("none").0, &key()), Ok(()));
    }

    #[test]
    fn a_storage_service_that_is_silent_keeps_the_setup_from_ending_d2() {
        let why = give(&Run::new("silent").with_state().0, &key()).expect_err("nobody listens");
        assert!(why.starts_with("the storage service does not answer"), "{why}");
    }

    #[test]
    fn the_storage_service_gets_the_key_and_its_answer_counts_d2() {
        for (at, refused) in [None, Some("no key is at hand")].into_iter().enumerate() {
            let run = Run::new(&format!("answers-{at}")).with_state();
            let listener = UnixListener::bind(run.0.join("enrol.sock")).expect("binds");
            let served = std::thread::spawn(move || {
                let (mut stream, _) = listener.accept().expect("a caller");
                let mut line = Vec::new();
                BufReader::new(&stream).read_until(b'\n', &mut line).expect("a line");
                let refusal = refused.map(|why| Refusal { why: why.to_owned() });
                stream.write_all(&encode_answer(refusal.map_or(Ok(()), Err))).expect("answers");
                decode_request(&line).expect("a key").reveal().to_owned()
            });
            assert_eq!(give(&run.0, &key()), refused.map_or(Ok(()), |why| Err(why.to_owned())));
            assert_eq!(served.join().expect("ends"), key().shown().as_str());
        }
    }
}
