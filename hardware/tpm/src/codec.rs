//! Commands and answers of TPM 2.0, part 3 of the Library Specification: bytes in, bytes out.
//!
//! ```text
//! command   tag (2), size (4), code (4), handles, [size of sessions (4), sessions], parameters
//! answer    tag (2), size (4), response code (4), [size of parameters (4)], parameters, [sessions]
//! ```
//! The one kind of session is a password (part 1, 19.4): handle `TPM_RS_PW`, no nonce, no attributes, the password.

use crate::TpmError;
use std::fmt;

/// Longest answer that is read. Those to our commands have less than a KiB.
pub(crate) const ANSWER_BYTES_MAX: usize = 4096;
/// Bytes of an answer's head.
pub(crate) const HEAD_BYTES: usize = 10;

const TAG_NO_SESSIONS: u16 = 0x8001;
const TAG_SESSIONS: u16 = 0x8002;
const OWNER: u32 = 0x4000_0001;
const PASSWORD_SESSION: u32 = 0x4000_0009;
const SHA256: u16 = 0x000B;
/// Where systemd and others keep the storage root key (TCG, registry of reserved handles).
const STORAGE_ROOT_KEY: u32 = 0x8100_0001;

/// Of an NV index (part 2, 13.4): written and read with its own authorisation, a counter, no dictionary-attack lock-out.
const ATTRIBUTES: u32 = 1 << 2 | COUNTER << 4 | 1 << 18 | 1 << 25;
const COUNTER: u32 = 1;
const COUNTER_BYTES: u16 = 8;
/// The TPM's own note that an index was written since it was defined.
pub(crate) const WRITTEN: u32 = 1 << 29;

/// What a TPM is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Command<'a> {
    /// `TPM2_NV_DefineSpace`: a counter that nobody has incremented yet.
    Define {
        /// The NV index.
        index: u32,
        /// What it is written and read with.
        auth: &'a [u8; 32],
    },
    /// `TPM2_NV_UndefineSpace`.
    Undefine {
        /// The NV index.
        index: u32,
    },
    /// `TPM2_NV_Increment`.
    Increment {
        /// The NV index.
        index: u32,
        /// Its authorisation.
        auth: &'a [u8; 32],
    },
    /// `TPM2_NV_Read` of a counter.
    Read {
        /// The NV index.
        index: u32,
        /// Its authorisation.
        auth: &'a [u8; 32],
    },
    /// `TPM2_NV_ReadPublic`: whether there is such an index.
    ReadPublic {
        /// The NV index.
        index: u32,
    },
    /// `TPM2_ReadPublic` of the storage root key, whose name tells this TPM from others.
    ReadRoot,
}

/// What a TPM answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Done.
    Done,
    /// The counter's value.
    Value(u64),
    /// The attributes of an index.
    Attributes(u32),
    /// The name of a key.
    Name(Vec<u8>),
}

impl Command<'_> {
    /// Its name in the specification.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Define { .. } => "TPM2_NV_DefineSpace",
            Self::Undefine { .. } => "TPM2_NV_UndefineSpace",
            Self::Increment { .. } => "TPM2_NV_Increment",
            Self::Read { .. } => "TPM2_NV_Read",
            Self::ReadPublic { .. } => "TPM2_NV_ReadPublic",
            Self::ReadRoot => "TPM2_ReadPublic",
        }
    }

    fn code(&self) -> u32 {
        match self {
            Self::Define { .. } => 0x12A,
            Self::Undefine { .. } => 0x122,
            Self::Increment { .. } => 0x134,
            Self::Read { .. } => 0x14E,
            Self::ReadPublic { .. } => 0x169,
            Self::ReadRoot => 0x173,
        }
    }

    fn handles(&self) -> Vec<u32> {
        match *self {
            Self::Define { .. } => vec![OWNER],
            Self::Undefine { index } => vec![OWNER, index],
            Self::Increment { index, .. } | Self::Read { index, .. } => vec![index, index],
            Self::ReadPublic { index } => vec![index],
            Self::ReadRoot => vec![STORAGE_ROOT_KEY],
        }
    }

    /// What authorises it; `None`: nothing has to. The owner of a TPM has no password on a box, nor on most machines.
    fn password(&self) -> Option<&[u8]> {
        match self {
            Self::Define { .. } | Self::Undefine { .. } => Some(&[]),
            Self::Increment { auth, .. } | Self::Read { auth, .. } => Some(*auth),
            Self::ReadPublic { .. } | Self::ReadRoot => None,
        }
    }

    fn write_parameters(&self, out: &mut Vec<u8>) {
        match self {
            Self::Define { index, auth } => {
                put_sized(out, *auth);
                let mut public = Vec::new();
                put32(&mut public, *index);
                put16(&mut public, SHA256);
                put32(&mut public, ATTRIBUTES);
                put_sized(&mut public, &[]);
                put16(&mut public, COUNTER_BYTES);
                put_sized(out, &public);
            }
            Self::Read { .. } => {
                put16(out, COUNTER_BYTES);
                put16(out, 0);
            }
            Self::Undefine { .. } | Self::Increment { .. } | Self::ReadPublic { .. } | Self::ReadRoot => {}
        }
    }
}

fn put16(out: &mut Vec<u8>, value: u16) {
    out.extend_from_slice(&value.to_be_bytes());
}

fn put32(out: &mut Vec<u8>, value: u32) {
    out.extend_from_slice(&value.to_be_bytes());
}

/// Bytes behind their number (`TPM2B`).
fn put_sized(out: &mut Vec<u8>, bytes: &[u8]) {
    put16(out, u16::try_from(bytes.len()).expect("what is sent is short"));
    out.extend_from_slice(bytes);
}

/// The bytes of a command. They may hold the authorisation.
pub(crate) fn write_command(command: &Command<'_>) -> Vec<u8> {
    // Room at once: a vector that grows leaves copies behind.
    let mut out = Vec::with_capacity(256);
    put16(&mut out, if command.password().is_some() { TAG_SESSIONS } else { TAG_NO_SESSIONS });
    put32(&mut out, 0);
    put32(&mut out, command.code());
    command.handles().into_iter().for_each(|handle| put32(&mut out, handle));
    if let Some(password) = command.password() {
        put32(&mut out, 9 + u32::try_from(password.len()).expect("a password is short"));
        put32(&mut out, PASSWORD_SESSION);
        put_sized(&mut out, &[]);
        out.push(0);
        put_sized(&mut out, password);
    }
    command.write_parameters(&mut out);
    let size = u32::try_from(out.len()).expect("a command is short");
    out[2..6].copy_from_slice(&size.to_be_bytes());
    out
}

/// How many bytes an answer has that begins with `head`; `None` where no answer begins so.
pub(crate) fn answer_bytes(head: &[u8; HEAD_BYTES]) -> Option<usize> {
    let size = u32::from_be_bytes([head[2], head[3], head[4], head[5]]);
    usize::try_from(size).ok().filter(|size| (HEAD_BYTES..=ANSWER_BYTES_MAX).contains(size))
}

/// Reads the whole answer to a command.
///
/// # Errors
/// [`TpmError::Refused`], or [`TpmError::Answer`] where it is none.
pub(crate) fn read_answer(command: &Command<'_>, bytes: &[u8]) -> Result<Answer, TpmError> {
    let wrong = |what| TpmError::Answer { command: command.name(), what };
    let mut rest = Rest(bytes);
    let tag = rest.take16().ok_or_else(|| wrong("it is too short"))?;
    let size = rest.take32().ok_or_else(|| wrong("it is too short"))?;
    let code = rest.take32().ok_or_else(|| wrong("it is too short"))?;
    if usize::try_from(size) != Ok(bytes.len()) {
        return Err(wrong("it is not as long as it says"));
    }
    if code != 0 {
        return Err(TpmError::Refused { command: command.name(), code: ResponseCode(code) });
    }
    let expected = if command.password().is_some() { TAG_SESSIONS } else { TAG_NO_SESSIONS };
    if tag != expected {
        return Err(wrong("it has another tag"));
    }
    if tag == TAG_SESSIONS {
        let size = rest.take32().ok_or_else(|| wrong("it is too short"))?;
        rest = rest.take(size).ok_or_else(|| wrong("its parameters are cut"))?;
    }
    read_parameters(command, rest).ok_or_else(|| wrong("its parameters are not those of this command"))
}

fn read_parameters(command: &Command<'_>, mut rest: Rest<'_>) -> Option<Answer> {
    match command {
        Command::Define { .. } | Command::Undefine { .. } | Command::Increment { .. } => Some(Answer::Done),
        Command::Read { .. } => {
            let value: [u8; 8] = rest.take_sized()?.try_into().ok()?;
            Some(Answer::Value(u64::from_be_bytes(value)))
        }
        Command::ReadPublic { index } => {
            let mut public = Rest(rest.take_sized()?);
            let is_it = public.take32()? == *index;
            public.take16()?;
            let attributes = public.take32()?;
            is_it.then_some(Answer::Attributes(attributes))
        }
        Command::ReadRoot => {
            rest.take_sized()?;
            Some(Answer::Name(rest.take_sized()?.to_vec())).filter(|name| *name != Answer::Name(Vec::new()))
        }
    }
}

/// Whether an index with these attributes is a counter as [`Command::Define`] makes it.
pub(crate) fn is_ours(attributes: u32) -> bool {
    attributes & !WRITTEN == ATTRIBUTES
}

/// What is still to be read.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, count: u32) -> Option<Self> {
        let (taken, rest) = self.0.split_at_checked(usize::try_from(count).ok()?)?;
        self.0 = rest;
        Some(Self(taken))
    }

    fn take16(&mut self) -> Option<u16> {
        self.take(2)?.0.try_into().ok().map(u16::from_be_bytes)
    }

    fn take32(&mut self) -> Option<u32> {
        self.take(4)?.0.try_into().ok().map(u32::from_be_bytes)
    }

    fn take_sized(&mut self) -> Option<&'a [u8]> {
        let count = self.take16()?;
        self.take(u32::from(count)).map(|taken| taken.0)
    }
}

/// Why a TPM refuses (part 2, 6.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResponseCode(pub u32);

impl ResponseCode {
    /// There is no such index or key: `TPM_RC_HANDLE` of the first handle.
    pub(crate) const NO_SUCH_HANDLE: Self = Self(0x18B);
    /// A counter that nobody incremented since it was defined.
    pub(crate) const UNINITIALISED: Self = Self(0x14A);

    /// Whether the same may succeed a moment later.
    pub(crate) fn is_passing(self) -> bool {
        // TPM_RC_YIELDED, TESTING, NV_RATE, RETRY, NV_UNAVAILABLE.
        [0x908, 0x90A, 0x920, 0x922, 0x923].contains(&self.0)
    }

    /// Whether the authorisation is another's: `TPM_RC_BAD_AUTH`, `TPM_RC_AUTH_FAIL`, of any session.
    #[must_use]
    pub fn is_authorisation(self) -> bool {
        self.0 & 0x080 != 0 && matches!(self.0 & 0x03F, 0x22 | 0x0E)
    }
}

impl fmt::Display for ResponseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = match *self {
            Self::NO_SUCH_HANDLE => "it has no such index",
            Self::UNINITIALISED => "the index was never written",
            Self(0x14C) => "there is such an index already",
            Self(0x14B) => "its memory is full",
            Self(0x921) => "it is locked because somebody guessed at it",
            code if code.is_authorisation() => "the authorisation is not the one of this box",
            code if code.is_passing() => "it is busy",
            _ => "see the TPM Library Specification, part 2, 6.6",
        };
        write!(f, "{words} (0x{:03X})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AUTH: [u8; 32] = [0xA5; 32];
    const INDEX: u32 = 0x0180_1234;

    fn commands() -> [Command<'static>; 6] {
        let auth = &AUTH;
        [
            Command::Define { index: INDEX, auth },
            Command::Undefine { index: INDEX },
            Command::Increment { index: INDEX, auth },
            Command::Read { index: INDEX, auth },
            Command::ReadPublic { index: INDEX },
            Command::ReadRoot,
        ]
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Laid out by hand from part 3, 31.
    #[test]
    fn commands_are_laid_out_as_the_specification_says_d3() {
        let auth = "a5".repeat(32);
        let session = format!("000000294000000900000000{:02x}{auth}", 32);
        let [define, undefine, increment, read, public, root] = commands().map(|command| hex(&write_command(&command)));
        let owner = "00000009400000090000000000";
        assert_eq!(public, "80010000000e0000016901801234");
        assert_eq!(root, "80010000000e0000017381000001");
        assert_eq!(undefine, format!("80020000001f000001224000000101801234{owner}"));
        assert_eq!(increment, format!("80020000003f000001340180123401801234{session}"));
        assert_eq!(read, format!("8002000000430000014e0180123401801234{session}00080000"));
        assert_eq!(define, format!("80020000004d0000012a40000001{owner}0020{auth}000e01801234000b0204001400000008"));
    }

    #[test]
    fn answers_are_read_whole_or_not_at_all_d3() {
        let read = commands()[3];
        let good = [0x80, 2, 0, 0, 0, 29, 0, 0, 0, 0, 0, 0, 0, 10, 0, 8, 0, 0, 0, 0, 0, 0, 1, 7, 0, 0, 1, 0, 0];
        assert_eq!(read_answer(&read, &good).expect("an answer"), Answer::Value(263));
        for length in 0..good.len() {
            assert!(read_answer(&read, &good[..length]).is_err(), "{length}");
        }
        let refused = [0x80, 1, 0, 0, 0, 10, 0, 0, 1, 0x8B];
        let Err(TpmError::Refused { code, .. }) = read_answer(&commands()[4], &refused) else { panic!("a refusal") };
        assert_eq!(code, ResponseCode::NO_SUCH_HANDLE);
        assert!(ResponseCode(0x98E).is_authorisation() && ResponseCode(0x9A2).is_authorisation());
        assert!(!ResponseCode(0x18B).is_authorisation() && !ResponseCode(0x14A).is_authorisation());
    }

    /// SplitMix64.
    fn next(state: &mut u64) -> u64 {
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = *state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    #[test]
    fn what_no_tpm_answers_is_refused_without_a_panic_e5() {
        let mut state = 17;
        for _ in 0..200_000 {
            let length = usize::try_from(next(&mut state) % 80).expect("small");
            let mut bytes: Vec<u8> = (0..length).map(|_| next(&mut state).to_le_bytes()[0]).collect();
            if length >= HEAD_BYTES && !next(&mut state).is_multiple_of(4) {
                // Deep enough that parameters are read.
                bytes[..2].copy_from_slice(&(0x8001 + u16::from(next(&mut state).is_multiple_of(2))).to_be_bytes());
                bytes[2..6].copy_from_slice(&u32::try_from(length).expect("small").to_be_bytes());
                bytes[6..10].fill(0);
                for byte in bytes[10..].iter_mut().filter(|byte| **byte > 60) {
                    *byte %= 9;
                }
            }
            for command in commands() {
                let _ = read_answer(&command, &bytes);
            }
            if let Some(head) = bytes.first_chunk::<HEAD_BYTES>() {
                assert!(answer_bytes(head).is_none_or(|bytes| bytes <= ANSWER_BYTES_MAX));
            }
        }
    }
}
