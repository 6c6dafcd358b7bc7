//! How fast this machine seals and opens pages, and what of its processor helps (D1). No database is touched, and the key
//! is one that nothing else was sealed with.

use std::time::Duration;

use crate::error::VaultError;
use crate::key::{DatabaseKey, SecretKey};
use crate::nonce::NonceSource;
use crate::page::{LiveKeys, PAGE_BYTES, Page, PageCipher, RESERVE_BYTES};

/// How pages are sealed.
pub const ALGORITHM: &str = "XAES-256-GCM";

/// Pages of one round: what a busy commit writes, and more than the processor's nearest cache holds.
const PAGES: u32 = 64;

/// Pages in memory that are sealed and opened in turns, so that who holds a clock can say how fast that is.
pub struct Drill {
    cipher: PageCipher,
    nonces: NonceSource,
    pages: Vec<Page>,
}

impl Drill {
    /// Bytes of one round.
    pub const ROUND_BYTES: usize = PAGES as usize * PAGE_BYTES;

    /// Clear pages and a key that dies with this.
    ///
    /// # Errors
    /// [`VaultError::Random`].
    pub fn new() -> Result<Self, VaultError> {
        let key = DatabaseKey::new(*b"drilling", vec![(0, SecretKey::generate()?)]);
        let mut page = [0x5A; PAGE_BYTES];
        page[PAGE_BYTES - RESERVE_BYTES..].fill(0);
        let cipher = PageCipher::new(LiveKeys::new(&key));
        Ok(Self { cipher, nonces: NonceSource::new(), pages: vec![page; PAGES as usize] })
    }

    /// Seals every page. [`Drill::open`] must follow.
    ///
    /// # Errors
    /// [`VaultError::Random`].
    pub fn seal(&mut self) -> Result<(), VaultError> {
        for (number, page) in (2..).zip(&mut self.pages) {
            let nonce = self.nonces.next(Duration::ZERO).map_err(VaultError::Random)?;
            self.cipher.seal(page, number, &nonce).expect("the reserve of a page that was opened is zero");
        }
        Ok(())
    }

    /// Opens every page again.
    pub fn open(&mut self) {
        for (number, page) in (2..).zip(&mut self.pages) {
            self.cipher.open(page, number).expect("nobody else holds these pages");
        }
    }
}

/// What of the processor makes sealing fast, in words.
#[must_use]
pub fn acceleration() -> String {
    let found: Vec<&str> = features().iter().filter(|(_, there)| *there).map(|(name, _)| *name).collect();
    if found.is_empty() { String::from("none: AES runs in software") } else { found.join(", ") }
}

#[cfg(target_arch = "x86_64")]
fn features() -> [(&'static str, bool); 6] {
    [
        ("AES-NI", std::arch::is_x86_feature_detected!("aes")),
        ("PCLMULQDQ", std::arch::is_x86_feature_detected!("pclmulqdq")),
        ("AVX2", std::arch::is_x86_feature_detected!("avx2")),
        ("AVX-512", std::arch::is_x86_feature_detected!("avx512f")),
        ("VAES", std::arch::is_x86_feature_detected!("vaes")),
        ("VPCLMULQDQ", std::arch::is_x86_feature_detected!("vpclmulqdq")),
    ]
}

#[cfg(target_arch = "aarch64")]
fn features() -> [(&'static str, bool); 2] {
    [
        ("ARMv8 AES", std::arch::is_aarch64_feature_detected!("aes")),
        ("PMULL", std::arch::is_aarch64_feature_detected!("pmull")),
    ]
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn features() -> [(&'static str, bool); 0] {
    []
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drill_seals_and_opens_the_same_pages_again_and_again_d1() {
        let mut drill = Drill::new().expect("random bytes");
        let clear = drill.pages.clone();
        for _ in 0..3 {
            drill.seal().expect("random bytes");
            assert!(drill.pages.iter().zip(&clear).all(|(sealed, clear)| sealed[..64] != clear[..64]));
            drill.open();
            assert!(drill.pages == clear, "the same pages");
        }
        assert_eq!(drill.pages.len() * PAGE_BYTES, Drill::ROUND_BYTES);
    }

    #[test]
    fn what_helps_is_told_in_words_d1() {
        let told = acceleration();
        assert!(!told.is_empty() && !told.starts_with(','), "{told}");
    }
}
