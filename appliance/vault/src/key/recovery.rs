//! The root key sealed under a recovery key, as the keyring holds it beside the wrapped keys (D2).
//!
//! Sealed root, version 1: nonce (24), sealed key (32), tag (16), under XAES-256-GCM; the sealing key is derived from what
//! Argon2id makes of the recovery key. The associated data names purpose and box, so that no other box's record opens.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::recovery_key::RecoveryKey;
use super::root::{Kdf, RootKey};
use super::secret::SecretKey;
use super::wrap::{from_base64, to_base64};
use crate::aead::{AwsLc, TAG_BYTES};
use crate::error::VaultError;
use crate::xaes::{XNONCE_BYTES, Xaes};

/// The record. Nothing in it is secret without the recovery key.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Record {
    kdf: Kdf,
    /// Base64.
    root: String,
}

impl Record {
    /// Seals the root key of a box, under parameters and a salt of its own.
    pub(super) fn seal(root: &RootKey, key: &RecoveryKey, box_id: &str) -> Result<Self, VaultError> {
        let kdf = Kdf::stretching()?;
        let sealing = sealing_key(&kdf, key)?.expect("these parameters stretch");
        let mut nonce = [0; XNONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(VaultError::Random)?;
        // Copied in place: a value that is moved leaves its bytes behind.
        let mut sealed = Zeroizing::new([0; 32]);
        sealed.copy_from_slice(root.expose());
        let tag = Xaes::new(sealing.expose())
            .seal::<AwsLc>(&nonce, &associated_data(box_id), &mut *sealed)
            .expect("32 bytes are within GCM's limits");
        Ok(Self { kdf, root: to_base64(&[&nonce[..], &*sealed, &tag].concat()) })
    }

    /// The root key; `None` where the key is another, or the record was changed or belongs to another box.
    pub(super) fn open(&self, key: &RecoveryKey, box_id: &str) -> Result<Option<RootKey>, VaultError> {
        let Some(sealing) = sealing_key(&self.kdf, key)? else { return Ok(None) };
        Ok(from_base64(&self.root).and_then(|record| open_root(&sealing, box_id, &record)))
    }
}

fn sealing_key(kdf: &Kdf, key: &RecoveryKey) -> Result<Option<SecretKey>, VaultError> {
    Ok(kdf.stretched(key.expose())?.map(|stretched| stretched.derive(&[b"recovery"])))
}

fn open_root(sealing: &SecretKey, box_id: &str, record: &[u8]) -> Option<RootKey> {
    let (nonce, rest) = record.split_first_chunk::<XNONCE_BYTES>()?;
    let (sealed, tag) = rest.split_first_chunk::<32>()?;
    let tag: &[u8; TAG_BYTES] = tag.try_into().ok()?;
    let mut root = Zeroizing::new(*sealed);
    Xaes::new(sealing.expose()).open::<AwsLc>(nonce, &associated_data(box_id), &mut *root, tag).ok()?;
    Some(RootKey::new(SecretKey::copied(&root)))
}

fn associated_data(box_id: &str) -> Vec<u8> {
    [b"rainbow-edge root key for recovery v1\0", box_id.as_bytes()].concat()
}
