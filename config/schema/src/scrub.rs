//! Section `[scrub]`.

use crate::reader::Section;

/// All stored data is read in rounds, so that what a disk forgets is found (D3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scrub {
    /// A round takes so many days; 0: nothing is read by itself.
    pub round_days: u32,
    /// KiB a second at most.
    pub rate_kib_per_s: u64,
}

impl Scrub {
    pub(crate) fn read(section: &mut Section<'_, '_>) -> Self {
        Self {
            round_days: section.integer(
                "round_days",
                7,
                0..=365,
                "All stored data is read once in so many days; 0: never by itself.",
            ),
            rate_kib_per_s: section.integer(
                "rate_kib_per_s",
                20_480,
                64..=10_485_760,
                "It reads so many KiB a second at most, also when a round is late.",
            ),
        }
    }
}
