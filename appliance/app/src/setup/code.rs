use aws_lc_rs::constant_time;
use domain::base32;
use domain::clock::Rng;
use zeroize::Zeroizing;

const BYTES: usize = 5;
/// Symbols and the dash of a code as it is shown.
const SHOWN_LENGTH: usize = 9;
/// So many wrong tries make it void.
pub(super) const WRONG_MAX: u32 = 10;

/// The code that only who stands before the box can read: 40 random bits.
pub(super) struct Code {
    bytes: Zeroizing<[u8; BYTES]>,
    wrong: u32,
}

/// What a try came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Tried {
    Right,
    /// So many wrong tries are left.
    Wrong {
        left: u32,
    },
    /// That was the last one: there is a new code.
    Replaced,
}

impl Code {
    pub(super) fn new(rng: &dyn Rng) -> Self {
        let mut bytes = Zeroizing::new([0; BYTES]);
        rng.fill(&mut *bytes);
        Self { bytes, wrong: 0 }
    }

    /// `XXXX-XXXX`.
    pub(super) fn shown(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(SHOWN_LENGTH));
        base32::write(&*self.bytes, &mut text);
        text
    }

    /// Compares what somebody entered; blanks, dashes, small letters and letters that look alike are forgiven.
    pub(super) fn try_with(&mut self, text: &str, rng: &dyn Rng) -> Tried {
        let mut entered = Zeroizing::new([0; BYTES]);
        let read = base32::read(text, &mut *entered);
        let same = constant_time::verify_slices_are_equal(&*entered, &*self.bytes).is_ok();
        if read && same {
            return Tried::Right;
        }
        self.wrong += 1;
        if self.wrong < WRONG_MAX {
            return Tried::Wrong { left: WRONG_MAX - self.wrong };
        }
        *self = Self::new(rng);
        Tried::Replaced
    }
}

#[cfg(test)]
mod tests {
    use super::super::counting::Counting;
    use super::*;

    #[test]
    fn ten_wrong_tries_make_a_new_code_and_right_ones_cost_nothing_i8() {
        let rng = Counting::new();
        let mut code = Code::new(&rng);
        let shown = code.shown();
        assert_eq!(shown.as_str(), "040G-2081");
        for (wrong, left) in [("", 9), ("0000-0000", 8), ("040G-208", 7)] {
            assert_eq!(code.try_with(wrong, &rng), Tried::Wrong { left });
            for right in [shown.as_str(), "o4og2o8l", " 040g 2081 "] {
                assert_eq!(code.try_with(right, &rng), Tried::Right);
            }
        }
        for left in (1..=6).rev() {
            assert_eq!(code.try_with("ZZZZ-ZZZZ", &rng), Tried::Wrong { left });
        }
        assert_eq!(code.try_with("ZZZZ-ZZZZ", &rng), Tried::Replaced);
        assert_eq!(code.try_with(&shown, &rng), Tried::Wrong { left: 9 }, "the old code is void");
        assert_eq!(code.try_with("0810-40G2", &rng), Tried::Right);
    }

    #[test]
    fn what_is_no_code_at_all_never_opens_a_code_of_zeros_i8() {
        let mut code = Code { bytes: Zeroizing::new([0; BYTES]), wrong: 0 };
        let rng = Counting::new();
        for text in ["", "-", "0", "not a code"] {
            assert!(matches!(code.try_with(text, &rng), Tried::Wrong { .. }), "{text}");
        }
        assert_eq!(code.try_with("0000-0000", &rng), Tried::Right);
    }
}
