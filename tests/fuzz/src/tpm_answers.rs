//! A TPM that answers whatever the input says (D3): the first byte chooses what is asked of the counter, the rest are its answers, one
//! after another.
//!
//! What holds: every command is whole and one of ours, no more are sent than a patient caller sends, a value is believed only where the
//! answer is one of that shape, and nothing that is told holds the authorisation.

use std::io::{Error, ErrorKind, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tpm::{Auth, Counter as _, Tpm, index_for};

const AUTH: [u8; 32] = *b"an authorisation nobody is told.";
const INDEX: [u8; 4] = [0, 0, 1, 2];
/// Of commands: `TPM2_NV_UndefineSpace`, `DefineSpace`, `Increment`, `Read`, `ReadPublic`, `ReadPublic` of a key.
const CODES: [u32; 6] = [0x122, 0x12A, 0x134, 0x14E, 0x169, 0x173];
/// One verb asks twice, and a busy TPM is asked fifty times more.
const COMMANDS_MAX: usize = 2 * 51;

#[derive(Default)]
struct Line {
    commands: usize,
    /// Where the last answer began, and where the next one does.
    last: usize,
    next: usize,
}

struct Hostile {
    answers: Vec<u8>,
    line: Arc<Mutex<Line>>,
}

impl Write for Hostile {
    fn write(&mut self, command: &[u8]) -> Result<usize, Error> {
        let long = |at: usize| command.get(at..at + 4).map(|bytes| u32::from_be_bytes(bytes.try_into().expect("four")));
        assert_eq!(long(2).map(|size| size as usize), Some(command.len()), "a whole command");
        assert!(long(6).is_some_and(|code| CODES.contains(&code)), "one of ours");
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        line.commands += 1;
        line.last = line.next;
        Ok(command.len())
    }

    fn flush(&mut self) -> Result<(), Error> {
        Ok(())
    }
}

impl Read for Hostile {
    fn read(&mut self, to: &mut [u8]) -> Result<usize, Error> {
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        let left = &self.answers[line.next..];
        let count = to.len().min(left.len());
        to[..count].copy_from_slice(&left[..count]);
        line.next += count;
        if count == 0 { Err(ErrorKind::UnexpectedEof.into()) } else { Ok(count) }
    }
}

pub(crate) fn run(input: &[u8]) {
    let Some((verbs, answers)) = input.split_first() else { return };
    let line = Arc::new(Mutex::new(Line::default()));
    let hostile = Hostile { answers: answers.to_vec(), line: Arc::clone(&line) };
    let mut counter = Tpm::over(Box::new(hostile), index_for(INDEX), Auth::new(AUTH), Duration::ZERO);
    for verb in [verbs & 7, verbs >> 3 & 7, verbs >> 6] {
        line.lock().unwrap_or_else(PoisonError::into_inner).commands = 0;
        let value = match verb {
            0 => counter.read().map(|value| value.filter(|value| *value > 0)),
            1 => counter.increment().map(Some),
            2 => counter.define().map(|()| None),
            3 => counter.remove().map(|()| None),
            4 => counter.machine().map(|name| {
                assert!(name.len() <= answers.len());
                None
            }),
            _ => continue,
        };
        let line = line.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(line.commands <= COMMANDS_MAX, "{} commands", line.commands);
        match value {
            Ok(Some(value)) => assert!(is_answer_of(&answers[line.last..line.next], value), "{value} was not answered"),
            Ok(None) => {}
            Err(failure) => {
                let told = format!("{failure} {failure:?}");
                assert!(!told.contains("authorisation nobody") && told.len() < 600, "{told}");
            }
        }
    }
}

/// Whether this is what a TPM answers to `TPM2_NV_Read` of a counter: sessions, its own length, success, ten bytes of
/// parameters, eight of them the value (part 3, 31.13).
fn is_answer_of(answer: &[u8], value: u64) -> bool {
    let size = u32::try_from(answer.len()).unwrap_or(u32::MAX).to_be_bytes();
    let Some((head, rest)) = answer.split_first_chunk::<10>() else { return false };
    let parameters = rest.get(4..).unwrap_or_default();
    head[..2] == [0x80, 2]
        && head[2..6] == size
        && head[6..] == [0; 4]
        && parameters.get(..2) == Some(&[0, 8])
        && parameters.get(2..10) == Some(&value.to_be_bytes())
}
