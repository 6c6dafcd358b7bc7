//! SFTP's packets, version 3, as bytes.

/// Types of packets.
pub(super) const INIT: u8 = 1;
pub(super) const VERSION: u8 = 2;
pub(super) const OPEN: u8 = 3;
pub(super) const CLOSE: u8 = 4;
pub(super) const READ: u8 = 5;
pub(super) const WRITE: u8 = 6;
pub(super) const FSTAT: u8 = 8;
pub(super) const OPENDIR: u8 = 11;
pub(super) const READDIR: u8 = 12;
pub(super) const REMOVE: u8 = 13;
pub(super) const MKDIR: u8 = 14;
pub(super) const RENAME: u8 = 18;
pub(super) const STATUS: u8 = 101;
pub(super) const HANDLE: u8 = 102;
pub(super) const DATA: u8 = 103;
pub(super) const NAME: u8 = 104;
pub(super) const ATTRS: u8 = 105;
pub(super) const EXTENDED: u8 = 200;

/// Status codes.
pub(super) const OK: u32 = 0;
pub(super) const EOF: u32 = 1;
pub(super) const NO_SUCH_FILE: u32 = 2;
pub(super) const FAILURE: u32 = 4;
pub(super) const UNSUPPORTED: u32 = 8;

/// How a file is opened.
pub(super) const FOR_READING: u32 = 0x01;
/// For writing, made where it is not there, emptied.
pub(super) const ANEW: u32 = 0x02 | 0x08 | 0x10;

const HAS_SIZE: u32 = 0x01;
const HAS_OWNER: u32 = 0x02;
const HAS_PERMISSIONS: u32 = 0x04;
const HAS_TIMES: u32 = 0x08;
const HAS_MORE: u32 = 0x8000_0000;
/// File types within permissions, and that of a plain file.
const TYPES: u32 = 0o170_000;
const PLAIN: u32 = 0o100_000;

/// A packet that is put together, after its length.
pub(super) struct Packet(Vec<u8>);

impl Packet {
    pub(super) fn new(kind: u8, id: u32) -> Self {
        Self([&[kind][..], &id.to_be_bytes()].concat())
    }

    pub(super) fn number(mut self, number: u32) -> Self {
        self.0.extend_from_slice(&number.to_be_bytes());
        self
    }

    pub(super) fn long(mut self, number: u64) -> Self {
        self.0.extend_from_slice(&number.to_be_bytes());
        self
    }

    pub(super) fn bytes(self, bytes: &[u8]) -> Self {
        let mut packet = self.number(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
        packet.0.extend_from_slice(bytes);
        packet
    }

    /// With its length before it.
    pub(super) fn finish(self) -> Vec<u8> {
        let length = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        [&length.to_be_bytes()[..], &self.0].concat()
    }
}

/// A packet that is read. `None` anywhere: it is shorter than it says.
pub(super) struct Words<'a>(pub(super) &'a [u8]);

/// What is told of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct About {
    pub(super) bytes: Option<u64>,
    /// Whether it is a plain file, where that is told.
    pub(super) plain: bool,
}

impl<'a> Words<'a> {
    pub(super) fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }

    pub(super) fn number(&mut self) -> Option<u32> {
        let (number, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_be_bytes(*number))
    }

    fn long(&mut self) -> Option<u64> {
        let (number, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u64::from_be_bytes(*number))
    }

    pub(super) fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }

    pub(super) fn about(&mut self) -> Option<About> {
        let flags = self.number()?;
        let mut about = About { bytes: None, plain: true };
        if flags & HAS_SIZE != 0 {
            about.bytes = Some(self.long()?);
        }
        if flags & HAS_OWNER != 0 {
            self.long()?;
        }
        if flags & HAS_PERMISSIONS != 0 {
            about.plain = self.number()? & TYPES == PLAIN;
        }
        if flags & HAS_TIMES != 0 {
            self.long()?;
        }
        if flags & HAS_MORE != 0 {
            for _ in 0..self.number()? {
                self.bytes()?;
                self.bytes()?;
            }
        }
        Some(about)
    }

    /// The entries of a folder: names and what is told of them.
    pub(super) fn names(&mut self) -> Option<Vec<(String, About)>> {
        let mut names = Vec::new();
        for _ in 0..self.number()? {
            let name = String::from_utf8_lossy(self.bytes()?).into_owned();
            let _for_people = self.bytes()?;
            names.push((name, self.about()?));
        }
        Some(names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_a_folder_are_read_and_what_is_cut_is_none_d7() {
        let packet = Packet::new(NAME, 7).number(2);
        let packet = packet.bytes(b"one").bytes(b"-rw-r--r-- one").number(HAS_SIZE | HAS_PERMISSIONS).long(12);
        let packet = packet.number(PLAIN | 0o600).bytes(b"two").bytes(b"drwx two").number(HAS_PERMISSIONS);
        let whole = packet.number(0o040_700).finish();
        let names = Words(&whole[9..]).names().expect("names");
        let about = |bytes, plain| About { bytes, plain };
        assert_eq!(names, [(String::from("one"), about(Some(12), true)), (String::from("two"), about(None, false))]);
        for end in 9..whole.len() {
            assert_eq!(Words(&whole[9..end]).names(), None, "cut at {end}");
        }
    }
}
