//! What a push holds, encrypted for one browser (RFC 8291) in one record (RFC 8188).

use crate::OutboundError;
use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use domain::clock::Rng;
use zeroize::Zeroizing;

/// Every push service takes so much (RFC 8291, 4); the record is as long as what stands in it.
const RECORD_SIZE: u32 = 4096;
/// The last record ends with this, then zeros (RFC 8188, 2).
const LAST_RECORD: u8 = 2;
/// All that is told is filled up to a multiple of this, so that its length does not tell who writes.
const PADDED_TO: usize = 512;
/// Header, tag and delimiter stand beside the text in what a service takes.
const TEXT_LENGTH_MAX: usize = 3993;
const SALT_LENGTH: usize = 16;
const KEY_LENGTH: usize = 32;
/// One draw in about four thousand million is no key.
const DRAWS_MAX: u32 = 8;

/// The browser's side.
pub(super) struct Receiver<'a> {
    /// An uncompressed point on P-256.
    pub(super) p256dh: &'a [u8],
    /// 16 bytes.
    pub(super) auth: &'a [u8],
}

/// Chosen anew for each push: the same key and nonce must never seal two texts.
struct Fresh {
    secret: Zeroizing<[u8; KEY_LENGTH]>,
    salt: [u8; SALT_LENGTH],
}

/// Encrypts a text for a browser, padded.
pub(super) fn seal(to: &Receiver<'_>, text: &[u8], rng: &dyn Rng) -> Result<Vec<u8>, OutboundError> {
    let padding = (text.len() + 1).next_multiple_of(PADDED_TO) - (text.len() + 1);
    let padding = padding.min(TEXT_LENGTH_MAX.saturating_sub(text.len()));
    for _ in 0..DRAWS_MAX {
        let mut fresh = Fresh { secret: Zeroizing::new([0; KEY_LENGTH]), salt: [0; SALT_LENGTH] };
        rng.fill(fresh.secret.as_mut());
        rng.fill(&mut fresh.salt);
        if let Ok(own) = PrivateKey::from_private_key(&ECDH_P256, fresh.secret.as_ref()) {
            return seal_with(&own, &fresh.salt, to, text, padding);
        }
    }
    Err(OutboundError::Made("a key of its own"))
}

fn seal_with(
    own: &PrivateKey,
    salt: &[u8; SALT_LENGTH],
    to: &Receiver<'_>,
    text: &[u8],
    padding: usize,
) -> Result<Vec<u8>, OutboundError> {
    let failed = || OutboundError::Made("the content of a push");
    if text.len() > TEXT_LENGTH_MAX {
        return Err(failed());
    }
    let public = own.compute_public_key().map_err(|_| failed())?;
    let peer = UnparsedPublicKey::new(&ECDH_P256, to.p256dh);
    let shared = agree(own, peer, failed(), |secret| {
        // RFC 8291, 3.4: the agreed secret and the browser's, bound to both public keys.
        let info: [&[u8]; 3] = [b"WebPush: info\0", to.p256dh, public.as_ref()];
        expand::<KEY_LENGTH>(&Salt::new(HKDF_SHA256, to.auth).extract(secret), &info)
    })?;
    let key = Salt::new(HKDF_SHA256, salt).extract(shared.as_ref());
    let content_key = expand::<16>(&key, &[b"Content-Encoding: aes128gcm\0"])?;
    let nonce = expand::<12>(&key, &[b"Content-Encoding: nonce\0"])?;

    let mut record = Zeroizing::new(text.to_vec());
    record.push(LAST_RECORD);
    record.resize(text.len() + 1 + padding, 0);
    let sealing = UnboundKey::new(&AES_128_GCM, content_key.as_ref()).map_err(|_| failed())?;
    let tag = LessSafeKey::new(sealing).seal_in_place_separate_tag(
        Nonce::assume_unique_for_key(*nonce),
        Aad::empty(),
        record.as_mut_slice(),
    );
    let tag = tag.map_err(|_| failed())?;

    let mut sealed = salt.to_vec();
    sealed.extend(RECORD_SIZE.to_be_bytes());
    sealed.push(u8::try_from(public.as_ref().len()).map_err(|_| failed())?);
    sealed.extend(public.as_ref());
    sealed.extend(record.as_slice());
    sealed.extend(tag.as_ref());
    Ok(sealed)
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn expand<const N: usize>(key: &Prk, info: &[&[u8]]) -> Result<Zeroizing<[u8; N]>, OutboundError> {
    let mut out = Zeroizing::new([0; N]);
    let filled = key.expand(info, Length(N)).and_then(|okm| okm.fill(out.as_mut()));
    filled.map(|()| out).map_err(|_| OutboundError::Made("a key"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
    use std::sync::atomic::{AtomicU8, Ordering};

    struct Counting(AtomicU8);
    impl Rng for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill_with(|| self.0.fetch_add(1, Ordering::Relaxed));
        }
    }

    fn bytes(text: &str) -> Vec<u8> {
        BASE64.decode(text).expect("base64url")
    }

    fn key(text: &str) -> PrivateKey {
        PrivateKey::from_private_key(&ECDH_P256, &bytes(text)).expect("a key")
    }

    const P256DH: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";

    #[test]
    fn the_example_of_rfc_8291_appendix_a_comes_out_byte_by_byte_j9() {
        let own = key("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw");
        let salt = bytes("DGv6ra1nlYgDCS1FRnbzlw").try_into().expect("16 bytes");
        let (p256dh, auth) = (bytes(P256DH), bytes(AUTH));
        let to = Receiver { p256dh: &p256dh, auth: &auth };
        let sealed = seal_with(&own, &salt, &to, b"When I grow up, I want to be a watermelon", 0).expect("sealed");
        let expected = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml\
                        mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT\
                        pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
        assert_eq!(BASE64.encode(sealed), expected);
    }

    #[test]
    fn the_length_of_a_push_tells_nothing_of_its_text_j9() {
        let (p256dh, auth) = (bytes(P256DH), bytes(AUTH));
        let rng = Counting(AtomicU8::new(1));
        let length =
            |text: &[u8]| seal(&Receiver { p256dh: &p256dh, auth: &auth }, text, &rng).map(|sealed| sealed.len()).ok();
        assert_eq!((length(b""), length(&[b'a'; 511])), (Some(614), Some(614)));
        assert_eq!(length(&[b'a'; 512]), Some(614 + PADDED_TO));
        assert_eq!(length(&[b'a'; TEXT_LENGTH_MAX]), Some(4096), "the most that every service takes");
        assert_eq!(length(&[b'a'; TEXT_LENGTH_MAX + 1]), None);
    }

    #[test]
    fn keys_that_are_none_are_an_error_j9() {
        let rng = Counting(AtomicU8::new(1));
        for p256dh in [vec![4; 65], Vec::new(), vec![0; 65]] {
            assert!(seal(&Receiver { p256dh: &p256dh, auth: &bytes(AUTH) }, b"x", &rng).is_err());
        }
        struct Zeros;
        impl Rng for Zeros {
            fn fill(&self, bytes: &mut [u8]) {
                bytes.fill(0);
            }
        }
        let p256dh = bytes(P256DH);
        assert!(seal(&Receiver { p256dh: &p256dh, auth: &bytes(AUTH) }, b"x", &Zeros).is_err(), "no key was drawn");
    }
}
