use aws_lc_rs::constant_time::verify_slices_are_equal;
use thiserror::Error;

use super::attribute::{self, FINGERPRINT, MESSAGE_INTEGRITY, MESSAGE_INTEGRITY_SHA256};
use super::fingerprint::fingerprint;
use super::integrity::{Integrity, Key};
use super::{COOKIE, HEAD_BYTES, Kind, Transaction};

/// Bytes of an attribute's number and length.
const ATTRIBUTE_HEAD_BYTES: usize = 4;
/// More attributes than any request has: looking for one costs a walk through them.
const ATTRIBUTES_MAX: usize = 40;

/// Why bytes are no STUN message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Malformed {
    /// Not even a head, or a length that is not that of the datagram.
    #[error("the length is wrong")]
    Length,
    /// Another protocol.
    #[error("the cookie is missing")]
    Cookie,
    /// A method that is neither of STUN nor of TURN.
    #[error("the method is unknown")]
    Method,
    /// An attribute that does not end within the message, or more of them than are looked at.
    #[error("an attribute does not fit")]
    Attribute,
    /// The sum at the end is wrong, or not at the end.
    #[error("the fingerprint is wrong")]
    Fingerprint,
}

/// A message whose form is right. Nothing is known of its sender before [`Message::is_by`].
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    bytes: &'a [u8],
    /// What it is.
    pub kind: Kind,
    /// What its answer is recognised by.
    pub transaction: Transaction,
}

/// Where an attribute stands.
struct Found<'a> {
    number: u16,
    /// Of its head, from the message's first byte.
    at: usize,
    value: &'a [u8],
}

impl<'a> Message<'a> {
    /// Reads one whole message.
    ///
    /// # Errors
    /// [`Malformed`]: it is not answered.
    pub fn read(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let head: &[u8; HEAD_BYTES] = bytes.first_chunk().ok_or(Malformed::Length)?;
        let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
        if !length.is_multiple_of(4) || bytes.len() != HEAD_BYTES + length {
            return Err(Malformed::Length);
        }
        if head[4..8] != COOKIE {
            return Err(Malformed::Cookie);
        }
        let kind = Kind::read(u16::from_be_bytes([head[0], head[1]])).ok_or(Malformed::Method)?;
        let mut transaction = Transaction([0; 12]);
        transaction.0.copy_from_slice(&head[8..]);
        let message = Self { bytes, kind, transaction };
        message.check_attributes()?;
        Ok(message)
    }

    fn check_attributes(&self) -> Result<(), Malformed> {
        let (mut at, mut count) = (HEAD_BYTES, 0);
        while at < self.bytes.len() {
            let found = self.attribute_at(at).ok_or(Malformed::Attribute)?;
            at = self.after(&found);
            count += 1;
            if count > ATTRIBUTES_MAX {
                return Err(Malformed::Attribute);
            }
            if found.number == FINGERPRINT {
                let sum = fingerprint(&[&self.bytes[..found.at]]);
                if at != self.bytes.len() || found.value != sum {
                    return Err(Malformed::Fingerprint);
                }
            }
        }
        Ok(())
    }

    fn attribute_at(&self, at: usize) -> Option<Found<'a>> {
        let (head, rest) = self.bytes.get(at..)?.split_first_chunk::<ATTRIBUTE_HEAD_BYTES>()?;
        let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
        let padded = length.next_multiple_of(4);
        (rest.len() >= padded).then(|| Found {
            number: u16::from_be_bytes([head[0], head[1]]),
            at,
            value: &rest[..length],
        })
    }

    fn after(&self, found: &Found<'a>) -> usize {
        found.at + ATTRIBUTE_HEAD_BYTES + found.value.len().next_multiple_of(4)
    }

    /// Attributes that count: after a code of integrity only a stronger one and the fingerprint do (RFC 8489, section 14.5).
    fn found(&self) -> impl Iterator<Item = Found<'a>> + '_ {
        let (mut at, mut least) = (HEAD_BYTES, 0_u8);
        std::iter::from_fn(move || {
            loop {
                let found = self.attribute_at(at)?;
                at = self.after(&found);
                let rank = match found.number {
                    MESSAGE_INTEGRITY => 1,
                    MESSAGE_INTEGRITY_SHA256 => 2,
                    FINGERPRINT => 3,
                    _ => 0,
                };
                if rank > least || (rank == 0 && least == 0) {
                    least = rank;
                    return Some(found);
                }
            }
        })
    }

    /// Numbers and values, in order.
    pub fn attributes(&self) -> impl Iterator<Item = (u16, &'a [u8])> + '_ {
        self.found().map(|found| (found.number, found.value))
    }

    /// The first of that number.
    #[must_use]
    pub fn get(&self, number: u16) -> Option<&'a [u8]> {
        self.found().find(|found| found.number == number).map(|found| found.value)
    }

    /// The first of that number, as text.
    #[must_use]
    pub fn text(&self, number: u16) -> Option<&'a str> {
        std::str::from_utf8(self.get(number)?).ok()
    }

    /// The address in the first XOR attribute of that number.
    #[must_use]
    pub fn address(&self, number: u16) -> Option<std::net::SocketAddr> {
        super::read_xor_address(self.get(number)?, self.transaction)
    }

    /// Numbers of attributes that must be understood and are not among `known`.
    #[must_use]
    pub fn not_understood(&self, known: &[u16]) -> Vec<u16> {
        let wrong = |number: &u16| attribute::must_be_understood(*number) && !known.contains(number);
        let mut numbers: Vec<u16> = self.attributes().map(|(number, _)| number).filter(wrong).collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }

    /// Which code of integrity there is: the stronger one where there are both.
    #[must_use]
    pub fn integrity(&self) -> Option<Integrity> {
        let stronger = self.get(MESSAGE_INTEGRITY_SHA256).map(|_| Integrity::Sha256);
        stronger.or_else(|| self.get(MESSAGE_INTEGRITY).map(|_| Integrity::Sha1))
    }

    /// Whether whoever wrote it knows the key. `false` without a code of integrity.
    #[must_use]
    pub fn is_by(&self, key: &Key) -> bool {
        let Some(integrity) = self.integrity() else { return false };
        let number = match integrity {
            Integrity::Sha1 => MESSAGE_INTEGRITY,
            Integrity::Sha256 => MESSAGE_INTEGRITY_SHA256,
        };
        let Some(found) = self.found().find(|found| found.number == number) else { return false };
        // SHA-256 may come cut, but not below 16 bytes (RFC 8489, section 14.6).
        let right = match integrity {
            Integrity::Sha1 => found.value.len() == integrity.bytes(),
            Integrity::Sha256 => (16..=32).contains(&found.value.len()) && found.value.len().is_multiple_of(4),
        };
        let Ok(length) = u16::try_from(self.after(&found) - HEAD_BYTES) else { return false };
        let length = length.to_be_bytes();
        let parts = [&self.bytes[..2], &length[..], &self.bytes[4..found.at]];
        let code = key.code(integrity, &parts);
        right && verify_slices_are_equal(&code.as_ref()[..found.value.len()], found.value).is_ok()
    }

    /// Where the data of the first DATA attribute lies in the message.
    #[must_use]
    pub fn data(&self) -> Option<std::ops::Range<usize>> {
        let found = self.found().find(|found| found.number == attribute::DATA)?;
        let from = found.at + ATTRIBUTE_HEAD_BYTES;
        Some(from..from + found.value.len())
    }
}
