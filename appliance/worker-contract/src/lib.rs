//! What the server asks its worker, and what it is answered: one connection, one picture.
//!
//! Pure: bytes in, messages out. Whoever has seized the worker may send anything, so both ends check what they read.

use thiserror::Error;

/// Where a box's worker listens: systemd starts one process for each connection.
pub const SOCKET: &str = "/run/rainbow-edge-worker.sock";

/// Largest picture that is looked at, in bytes.
pub const PICTURE_BYTES_MAX: u32 = 20 * 1024 * 1024;
/// Largest small picture that is taken, in bytes.
pub const SMALL_BYTES_MAX: u32 = 2 * 1024 * 1024;
/// Longest side of the small picture, in pixels.
pub const SMALL_SIDE_MAX: u32 = 200;
/// Longest side of the larger one, in pixels.
pub const LARGE_SIDE_MAX: u32 = 500;
/// Bytes before the picture.
pub const REQUEST_HEAD_BYTES: usize = 8;
/// Longest answer, in bytes.
pub const ANSWER_BYTES_MAX: u64 = 2 * SMALL_BYTES_MAX as u64 + ANSWER_HEAD_BYTES as u64;

const MAGIC: [u8; 4] = *b"RBW1";
const ANSWER_HEAD_BYTES: usize = 22;

/// What small pictures are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Without transparency.
    Jpeg,
    /// With transparency.
    Png,
}

impl Kind {
    /// Its media type.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }

    fn begins(self) -> &'static [u8] {
        match self {
            Self::Jpeg => b"\xff\xd8\xff",
            Self::Png => b"\x89PNG\r\n\x1a\n",
        }
    }
}

/// A picture made small, twice, upright and without what its file told besides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thumbnails {
    /// What both are.
    pub kind: Kind,
    /// Width of the picture itself, in pixels.
    pub width: u32,
    /// Its height.
    pub height: u32,
    /// At most [`SMALL_SIDE_MAX`] wide and high.
    pub small: Vec<u8>,
    /// At most [`LARGE_SIDE_MAX`] wide and high.
    pub large: Vec<u8>,
}

/// Why there is no small picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Refusal {
    /// It is none of those that are known.
    #[error("it is no picture of a kind that is known")]
    Unknown,
    /// It would take too much memory.
    #[error("it has too many pixels")]
    TooManyPixels,
    /// It cannot be read to its end.
    #[error("it is damaged")]
    Damaged,
}

impl Refusal {
    const CODES: [(Self, u8); 3] = [(Self::Unknown, 1), (Self::TooManyPixels, 2), (Self::Damaged, 3)];
}

/// What came is no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("it is no message of this contract: {0}")]
pub struct NoMessage(&'static str);

/// What stands before a picture of so many bytes.
///
/// # Errors
/// When it is larger than [`PICTURE_BYTES_MAX`], or empty.
pub fn request_head(picture_bytes: u64) -> Result<[u8; REQUEST_HEAD_BYTES], NoMessage> {
    let length = u32::try_from(picture_bytes).ok().filter(|length| (1..=PICTURE_BYTES_MAX).contains(length));
    let length = length.ok_or(NoMessage("too large a picture, or an empty one"))?.to_be_bytes();
    let mut head = [0; REQUEST_HEAD_BYTES];
    head[..4].copy_from_slice(&MAGIC);
    head[4..].copy_from_slice(&length);
    Ok(head)
}

/// How many bytes of a picture follow.
///
/// # Errors
/// When it is no head, or one of a picture that is too large.
pub fn picture_bytes(head: [u8; REQUEST_HEAD_BYTES]) -> Result<u32, NoMessage> {
    let length = head.strip_prefix(&MAGIC).and_then(|rest| rest.try_into().ok()).map(u32::from_be_bytes);
    let length = length.ok_or(NoMessage("another beginning"))?;
    if (1..=PICTURE_BYTES_MAX).contains(&length) { Ok(length) } else { Err(NoMessage("a length that is none")) }
}

/// An answer.
#[must_use]
pub fn encode_answer(answer: &Result<Thumbnails, Refusal>) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    match answer {
        Err(refusal) => {
            let code = Refusal::CODES.iter().find(|(known, _)| known == refusal).map_or(1, |(_, code)| *code);
            bytes.push(code);
        }
        Ok(made) => {
            bytes.extend([0, u8::from(made.kind == Kind::Png)]);
            let length = |part: &[u8]| u32::try_from(part.len()).unwrap_or(u32::MAX);
            for number in [made.width, made.height, length(&made.small), length(&made.large)] {
                bytes.extend(number.to_be_bytes());
            }
            bytes.extend_from_slice(&made.small);
            bytes.extend_from_slice(&made.large);
        }
    }
    bytes
}

/// Reads an answer, whole.
///
/// # Errors
/// When it was cut, or is not what [`encode_answer`] makes.
pub fn decode_answer(bytes: &[u8]) -> Result<Result<Thumbnails, Refusal>, NoMessage> {
    let rest = bytes.strip_prefix(&MAGIC).ok_or(NoMessage("another beginning"))?;
    let (code, rest) = rest.split_first().ok_or(NoMessage("it was cut"))?;
    if *code != 0 {
        let refusal = Refusal::CODES.iter().find(|(_, known)| known == code).map(|(refusal, _)| *refusal);
        let refusal = refusal.filter(|_| rest.is_empty());
        return refusal.map(Err).ok_or(NoMessage("an unknown refusal"));
    }
    let (kind, rest) = rest.split_first().ok_or(NoMessage("it was cut"))?;
    let kind = match kind {
        0 => Kind::Jpeg,
        1 => Kind::Png,
        _ => return Err(NoMessage("an unknown type")),
    };
    let (numbers, rest) = rest.split_first_chunk::<16>().ok_or(NoMessage("it was cut"))?;
    let mut numbers =
        numbers.chunks_exact(4).map(|four| four.iter().fold(0, |n: u32, byte| (n << 8) | u32::from(*byte)));
    let mut next = || numbers.next().unwrap_or_default();
    let (width, height, small_bytes, large_bytes) = (next(), next(), next(), next());
    if [small_bytes, large_bytes].iter().any(|length| *length > SMALL_BYTES_MAX) || width == 0 || height == 0 {
        return Err(NoMessage("a length that is none"));
    }
    let small_bytes = usize::try_from(small_bytes).unwrap_or(usize::MAX);
    let (small, large) = rest.split_at_checked(small_bytes).ok_or(NoMessage("it was cut"))?;
    if u32::try_from(large.len()) != Ok(large_bytes) {
        return Err(NoMessage("another length"));
    }
    if !small.starts_with(kind.begins()) || !large.starts_with(kind.begins()) {
        return Err(NoMessage("no such picture"));
    }
    Ok(Ok(Thumbnails { kind, width, height, small: small.to_vec(), large: large.to_vec() }))
}
