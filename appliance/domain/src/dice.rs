//! Chance for tests that walk through sequences of steps: the same for the same seed.

/// Numbers below the one asked for (xorshift).
pub(crate) fn dice(seed: u64) -> impl FnMut(usize) -> usize {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    move |end| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % u64::try_from(end).expect("small")).expect("small")
    }
}
