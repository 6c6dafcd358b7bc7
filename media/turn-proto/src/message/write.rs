use std::net::SocketAddr;

use super::attribute::{FINGERPRINT, MESSAGE_INTEGRITY, MESSAGE_INTEGRITY_SHA256};
use super::fingerprint::fingerprint;
use super::integrity::{Integrity, Key};
use super::{COOKIE, HEAD_BYTES, Kind, Transaction, xor_address};

/// Writes one message behind whatever a buffer holds already.
#[derive(Debug)]
pub struct Writer<'a> {
    out: &'a mut Vec<u8>,
    from: usize,
    transaction: Transaction,
}

impl<'a> Writer<'a> {
    /// Begins.
    #[must_use]
    pub fn new(out: &'a mut Vec<u8>, kind: Kind, transaction: Transaction) -> Self {
        let from = out.len();
        out.extend(kind.bits().to_be_bytes());
        out.extend([0, 0]);
        out.extend(COOKIE);
        out.extend(transaction.0);
        Self { out, from, transaction }
    }

    /// One attribute, padded. Values are ours, so they are short; of a longer one than a length can say, the rest is left out.
    #[must_use]
    pub fn attribute(self, number: u16, value: &[u8]) -> Self {
        let length = u16::try_from(value.len()).unwrap_or(u16::MAX);
        let value = &value[..usize::from(length)];
        self.out.extend(number.to_be_bytes());
        self.out.extend(length.to_be_bytes());
        self.out.extend(value);
        self.out.resize(self.out.len() + super::super::framing::padding(value.len()), 0);
        self.with_length()
    }

    /// One XOR attribute.
    #[must_use]
    pub fn address(self, number: u16, address: SocketAddr) -> Self {
        let value = xor_address(address, self.transaction);
        self.attribute(number, &value)
    }

    /// Shows that it is by whoever knows the key.
    #[must_use]
    pub fn integrity(self, integrity: Integrity, key: &Key) -> Self {
        let number = match integrity {
            Integrity::Sha1 => MESSAGE_INTEGRITY,
            Integrity::Sha256 => MESSAGE_INTEGRITY_SHA256,
        };
        let length = self.length_with(integrity.bytes());
        let written = &self.out[self.from..];
        let code = key.code(integrity, &[&written[..2], &length, &written[4..]]);
        self.attribute(number, code.as_ref())
    }

    /// The sum over all of it; nothing may follow.
    pub fn fingerprint(self) {
        let length = self.length_with(4);
        let written = &self.out[self.from..];
        let sum = fingerprint(&[&written[..2], &length, &written[4..]]);
        self.attribute(FINGERPRINT, &sum).end();
    }

    /// Nothing more.
    pub fn end(self) {}

    /// As the length stands once a value of so many bytes has been added.
    fn length_with(&self, value: usize) -> [u8; 2] {
        let length = self.out.len() - self.from - HEAD_BYTES + 4 + value;
        u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes()
    }

    fn with_length(self) -> Self {
        let length = u16::try_from(self.out.len() - self.from - HEAD_BYTES).unwrap_or(u16::MAX);
        self.out[self.from + 2..self.from + 4].copy_from_slice(&length.to_be_bytes());
        self
    }
}
