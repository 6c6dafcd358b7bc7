//! The MD5 of a file while it comes. Rainbow's clients know it; nothing here relies on it.

use md5::{Digest as _, Md5};
use std::collections::VecDeque;

/// Parts that an upload may go back by without losing it: with one for each of ten thousand parts uploads would take too much memory.
const PARTS_BACK_MAX: usize = 16;

/// Of the bytes that have come.
#[derive(Default)]
pub(super) struct Checksum {
    /// Nothing after a way back that was too long.
    now: Option<Md5>,
    /// As it was where the last parts began.
    begins: VecDeque<(usize, Option<Md5>)>,
}

impl Checksum {
    /// A part begins, for the first time or `again`.
    pub(super) fn begin(&mut self, part: usize, again: bool) {
        let known = self.begins.iter().find(|(number, _)| *number == part);
        self.now = match (part, known) {
            (0, _) => Some(Md5::new()),
            (_, Some((_, then))) => then.clone(),
            _ if again => None,
            _ => self.now.take(),
        };
        self.begins.retain(|(number, _)| *number < part);
        self.begins.push_back((part, self.now.clone()));
        if self.begins.len() > PARTS_BACK_MAX {
            self.begins.pop_front();
        }
    }

    /// For whoever adds bytes to it; what is not put back is lost until a part begins again.
    pub(super) fn take(&mut self) -> Option<Md5> {
        self.now.take()
    }

    pub(super) fn put(&mut self, now: Option<Md5>) {
        self.now = now;
    }

    /// In hexadecimal digits.
    pub(super) fn finish(self) -> Option<String> {
        self.now.map(|md5| hex(&md5.finalize()))
    }
}

/// The MD5 of some bytes.
pub(super) fn md5(bytes: &[u8]) -> String {
    hex(&Md5::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(checksum: &mut Checksum, bytes: &[u8]) {
        let mut now = checksum.take();
        if let Some(md5) = &mut now {
            md5.update(bytes);
        }
        checksum.put(now);
    }

    #[test]
    fn a_part_that_comes_again_replaces_itself_and_what_followed_c6() {
        let mut checksum = Checksum::default();
        for (part, again, bytes) in
            [(0, false, &b"one"[..]), (1, false, b"half of tw"), (1, true, b"two"), (2, false, b"x"), (1, true, b"2")]
        {
            checksum.begin(part, again);
            add(&mut checksum, bytes);
        }
        assert_eq!(checksum.finish(), Some(md5(b"one2")));
    }

    #[test]
    fn after_a_long_way_back_there_is_none_unless_it_begins_anew_e5() {
        let mut checksum = Checksum::default();
        (0..100).for_each(|part| checksum.begin(part, false));
        assert_eq!(checksum.begins.len(), PARTS_BACK_MAX);
        checksum.begin(3, true);
        add(&mut checksum, b"lost");
        checksum.begin(4, false);
        checksum.begin(0, true);
        add(&mut checksum, b"abc");
        assert_eq!(checksum.finish().as_deref(), Some("900150983cd24fb0d6963f7d28e17f72"), "RFC 1321");
        let mut checksum = Checksum::default();
        (0..100).for_each(|part| checksum.begin(part, false));
        checksum.begin(3, true);
        assert_eq!(checksum.finish(), None);
    }
}
