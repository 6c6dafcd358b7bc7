//! XAES-256-GCM (C2SP): AES-256-GCM with a 24-byte nonce. The first 12 nonce bytes derive a subkey with the
//! SP 800-108 counter KDF over CMAC, the last 12 are the GCM nonce under it; so random nonces never run out.

use aes::Aes256;
use aes::cipher::{BlockCipherEncrypt as _, KeyInit as _};
use zeroize::Zeroizing;

use crate::aead::{Aead, FromKey, Inauthentic, KEY_BYTES, NONCE_BYTES, TAG_BYTES};
use crate::key::Locked;

/// Bytes of an XAES nonce.
pub(crate) const XNONCE_BYTES: usize = 24;

/// The half of the nonce that chooses the subkey.
pub(crate) type NoncePrefix = [u8; NONCE_BYTES];

/// An XAES master key, expanded once.
pub(crate) struct Xaes(Locked<Expanded>);

struct Expanded {
    block: Aes256,
    /// CMAC's K1: the subkey for messages that fill their last block, as the KDF's always do.
    k1: Zeroizing<[u8; 16]>,
}

impl Expanded {
    fn of(key: &[u8; KEY_BYTES]) -> Self {
        let block = Aes256::new(key.into());
        let mut zero = [0_u8; 16];
        block.encrypt_block((&mut zero).into());
        let doubled = u128::from_be_bytes(zero) << 1;
        let carry = if zero[0] & 0x80 == 0 { 0 } else { 0x87 };
        Self { block, k1: Zeroizing::new((doubled ^ carry).to_be_bytes()) }
    }
}

impl Xaes {
    /// Expands `key`.
    #[must_use]
    pub(crate) fn new(key: &[u8; KEY_BYTES]) -> Self {
        Self(Locked::made(|| Expanded::of(key)))
    }

    /// The AES-256-GCM key that belongs to the first 12 bytes of a nonce.
    #[must_use]
    pub(crate) fn subkey(&self, prefix: &NoncePrefix) -> Zeroizing<[u8; KEY_BYTES]> {
        let mut key = Zeroizing::new([0_u8; KEY_BYTES]);
        crate::wipe::then_wipe_the_stack_of_blocks(|| {
            for (counter, half) in (1_u8..).zip(key.chunks_exact_mut(16)) {
                let mut message = Zeroizing::new([0_u8; 16]);
                message[..4].copy_from_slice(&[0, counter, b'X', 0]);
                message[4..].copy_from_slice(prefix);
                for (byte, mask) in message.iter_mut().zip(self.0.k1.iter()) {
                    *byte ^= mask;
                }
                self.0.block.encrypt_block((&mut *message).into());
                half.copy_from_slice(&*message);
            }
        });
        key
    }

    /// Seals `data` in place without a cache, for the few things that are not pages.
    ///
    /// # Errors
    /// As [`Aead::seal`].
    pub(crate) fn seal<A: Aead>(
        &self,
        nonce: &[u8; XNONCE_BYTES],
        aad: &[u8],
        data: &mut [u8],
    ) -> Result<[u8; TAG_BYTES], Inauthentic> {
        let (prefix, suffix) = split(nonce);
        A::from_key(&self.subkey(&prefix)).seal(&suffix, aad, data)
    }

    /// Opens `data` in place without a cache.
    ///
    /// # Errors
    /// As [`Aead::open`].
    pub(crate) fn open<A: Aead>(
        &self,
        nonce: &[u8; XNONCE_BYTES],
        aad: &[u8],
        data: &mut [u8],
        tag: &[u8; TAG_BYTES],
    ) -> Result<(), Inauthentic> {
        let (prefix, suffix) = split(nonce);
        A::from_key(&self.subkey(&prefix)).open(&suffix, aad, data, tag)
    }
}

/// The two halves of a nonce: which subkey, and the GCM nonce under it.
#[must_use]
pub(crate) fn split(nonce: &[u8; XNONCE_BYTES]) -> (NoncePrefix, [u8; NONCE_BYTES]) {
    let (mut prefix, mut suffix) = ([0_u8; NONCE_BYTES], [0_u8; NONCE_BYTES]);
    prefix.copy_from_slice(&nonce[..NONCE_BYTES]);
    suffix.copy_from_slice(&nonce[NONCE_BYTES..]);
    (prefix, suffix)
}

/// How many subkeys one cache keeps.
const CACHE_SLOTS: usize = 16;

/// Expanded subkeys by nonce prefix, direct-mapped: prefixes are random, so their first byte spreads them evenly.
pub(crate) struct SubkeyCache<K> {
    slots: Vec<Option<(NoncePrefix, K)>>,
}

impl<K: FromKey> SubkeyCache<K> {
    /// An empty cache; takes no memory yet.
    #[must_use]
    pub(crate) fn new() -> Self {
        Self { slots: Vec::new() }
    }

    /// The subkey of `master` for `prefix`. One cache belongs to one master key.
    pub(crate) fn subkey(&mut self, master: &Xaes, prefix: &NoncePrefix) -> &K {
        // Filled at first use: a thousand idle connections should not hold a thousand caches.
        self.slots.resize_with(CACHE_SLOTS, || None);
        let slot = &mut self.slots[usize::from(prefix[0]) % CACHE_SLOTS];
        if slot.as_ref().is_none_or(|(held, _)| held != prefix) {
            *slot = None;
        }
        &slot.get_or_insert_with(|| (*prefix, K::from_key(&master.subkey(prefix)))).1
    }
}

impl<K: FromKey> Default for SubkeyCache<K> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aead::{AwsLc, RustCrypto};

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn known_answer<A: Aead>(key: u8, aad: &[u8]) -> String {
        let xaes = Xaes::new(&[key; 32]);
        let nonce = *b"ABCDEFGHIJKLMNOPQRSTUVWX";
        let mut data = *b"XAES-256-GCM";
        let tag = xaes.seal::<A>(&nonce, aad, &mut data).expect("seals");
        let answer = hex(&[&data[..], &tag[..]].concat());
        xaes.open::<A>(&nonce, aad, &mut data, &tag).expect("opens");
        assert_eq!(&data, b"XAES-256-GCM");
        answer
    }

    /// The two vectors of the C2SP specification: one with and one without CMAC's carry.
    #[test]
    fn known_answers_of_the_specification_d1() {
        for (first, second) in [
            (known_answer::<AwsLc>(1, b""), known_answer::<AwsLc>(3, b"c2sp.org/XAES-256-GCM")),
            (known_answer::<RustCrypto>(1, b""), known_answer::<RustCrypto>(3, b"c2sp.org/XAES-256-GCM")),
        ] {
            assert_eq!(first, "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271");
            assert_eq!(second, "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d");
        }
    }

    #[test]
    fn the_cache_gives_the_subkey_of_the_prefix_also_after_a_collision() {
        let master = Xaes::new(&[4; 32]);
        let mut cache = SubkeyCache::<AwsLc>::new();
        for prefix in [[0_u8; 12], [64; 12], [0; 12], [128; 12]] {
            let direct = AwsLc::from_key(&master.subkey(&prefix));
            let (mut a, mut b) = ([5_u8; 40], [5_u8; 40]);
            let cached_tag = cache.subkey(&master, &prefix).seal(&[1; 12], b"", &mut a);
            assert_eq!(cached_tag, direct.seal(&[1; 12], b"", &mut b));
            assert_eq!(a, b);
        }
    }
}
