use aws_lc_rs::constant_time;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::clock::Rng;
use std::collections::VecDeque;
use zeroize::Zeroizing;

const BYTES: usize = 32;
/// Base64 of a token, and room for what a decoder writes before it finds that there is too much.
const TEXT_LENGTH: usize = 43;
/// Browsers that are unlocked; the one unlocked first goes when there are more.
const TOKENS_MAX: usize = 16;

/// What browsers that entered the code show from then on. In memory only: a restart asks for the new code.
#[derive(Default)]
pub(super) struct Tokens(VecDeque<Zeroizing<[u8; BYTES]>>);

impl Tokens {
    pub(super) fn issue(&mut self, rng: &dyn Rng) -> Zeroizing<String> {
        let mut token = Zeroizing::new([0; BYTES]);
        rng.fill(&mut *token);
        let text = Zeroizing::new(URL_SAFE_NO_PAD.encode(*token));
        if self.0.len() >= TOKENS_MAX {
            self.0.pop_front();
        }
        self.0.push_back(token);
        text
    }

    pub(super) fn know(&self, text: &str) -> bool {
        let mut bytes = Zeroizing::new([0; BYTES]);
        if text.len() != TEXT_LENGTH || URL_SAFE_NO_PAD.decode_slice(text, &mut *bytes) != Ok(BYTES) {
            return false;
        }
        // All of them, so that the time tells nothing about which it was.
        let equal = |token: &Zeroizing<[u8; BYTES]>| constant_time::verify_slices_are_equal(&**token, &*bytes).is_ok();
        self.0.iter().fold(false, |found, token| found | equal(token))
    }
}

#[cfg(test)]
mod tests {
    use super::super::counting::Counting;
    use super::*;

    #[test]
    fn tokens_are_bounded_and_the_oldest_goes_i8_e5() {
        let (rng, mut tokens) = (Counting::new(), Tokens::default());
        let issued: Vec<_> = (0..TOKENS_MAX + 3).map(|_| tokens.issue(&rng)).collect();
        assert_eq!(tokens.0.len(), TOKENS_MAX);
        for (number, token) in issued.iter().enumerate() {
            assert_eq!(tokens.know(token), number >= 3, "{number}");
        }
        let known = issued.last().expect("one at least");
        for text in ["", "null", &known[1..], &format!("{}A", known.as_str()), &known.to_lowercase(), "é"] {
            assert!(!tokens.know(text), "{text}");
        }
    }
}
