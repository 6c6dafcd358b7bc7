//! Branch keys as they are stored: each key sealed with XAES-256-GCM under the wrapping key. The associated data names
//! purpose, company, what the key is and database id, so that a record cannot be moved to another company or epoch.
//!
//! Wrapped branch, version 1, of a key that was never turned: version (1), database id (8), count (1), then per epoch: epoch
//! (4, big-endian), nonce (24), sealed key (32), tag (16).
//!
//! Version 2: version (1), database id (8), count (1), then per key: kind (1), length of its label (1), label, nonce (24),
//! sealed key (32), tag (16). Kind 0 is an epoch, labelled with its number (4, big-endian); kind 1 the secret of purposes,
//! without a label; kind 2 a purpose whose key was kept, labelled with its name.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::branch::{BranchKey, DatabaseId, Purposes};
use super::secret::SecretKey;
use crate::aead::{AwsLc, TAG_BYTES};
use crate::error::VaultError;
use crate::xaes::{XNONCE_BYTES, Xaes};

const VERSION: u8 = 1;
const VERSION_LABELLED: u8 = 2;
const HEAD_BYTES: usize = 10;
const EPOCH: u8 = 0;
const PURPOSE_SECRET: u8 = 1;
const KEPT_PURPOSE: u8 = 2;

/// What a wrapped branch belongs to.
#[derive(Clone, Copy)]
pub(super) enum Owner<'a> {
    /// The box's directory.
    Directory,
    /// One company, by id.
    Company(&'a str),
}

/// One key of a branch, as it is stored.
struct Stored<'a> {
    kind: u8,
    label: &'a [u8],
    key: &'a SecretKey,
}

impl Owner<'_> {
    fn named(self) -> (&'static [u8], Vec<u8>) {
        match self {
            Self::Directory => (b"directory", Vec::new()),
            Self::Company(id) => (b"company", id.as_bytes().to_vec()),
        }
    }

    fn associated_data(self, version: u8, (kind, label): (u8, &[u8]), database_id: DatabaseId) -> Vec<u8> {
        let (purpose, company) = self.named();
        if version == VERSION {
            return [b"rainbow-edge branch key v1\0", purpose, b"\0", &company, b"\0", label, &database_id].concat();
        }
        let name = b"rainbow-edge branch key v2\0";
        [name, purpose, b"\0", &company, b"\0", &[kind], label, b"\0", &database_id].concat()
    }
}

/// Seals every key of `branch` under `wrap_key`.
pub(super) fn wrap(wrap_key: &SecretKey, owner: Owner<'_>, branch: &BranchKey) -> Result<Vec<u8>, VaultError> {
    let xaes = Xaes::new(wrap_key.expose());
    let labels: Vec<[u8; 4]> = branch.epochs().iter().map(|(epoch, _)| epoch.to_be_bytes()).collect();
    let epochs = branch.epochs().iter().zip(&labels);
    let mut keys: Vec<_> = epochs.map(|((_, key), label)| Stored { kind: EPOCH, label, key }).collect();
    let purposes = branch.purposes();
    keys.extend(purposes.secret.iter().map(|key| Stored { kind: PURPOSE_SECRET, label: b"", key }));
    let kept = purposes.kept.iter();
    keys.extend(kept.map(|(name, key)| Stored { kind: KEPT_PURPOSE, label: name.as_bytes(), key }));
    let version = if purposes.secret.is_none() { VERSION } else { VERSION_LABELLED };
    let mut wrapped = vec![version];
    wrapped.extend(branch.database_id());
    wrapped.push(u8::try_from(keys.len()).expect("a branch has fewer than 256 keys"));
    for stored in keys {
        let aad = owner.associated_data(version, (stored.kind, stored.label), branch.database_id());
        if version == VERSION_LABELLED {
            wrapped.push(stored.kind);
            wrapped.push(u8::try_from(stored.label.len()).expect("a purpose has a short name"));
        }
        wrapped.extend(stored.label);
        wrapped.extend(seal(&xaes, &aad, stored.key)?);
    }
    Ok(wrapped)
}

/// Opens what [`wrap`] made; `None` where it was changed, belongs to another owner, or the wrapping key is another.
pub(super) fn unwrap(wrap_key: &SecretKey, owner: Owner<'_>, wrapped: &[u8]) -> Option<BranchKey> {
    let (head, mut rest) = wrapped.split_at_checked(HEAD_BYTES)?;
    let (version, count) = (head[0], head[9]);
    if !matches!(version, VERSION | VERSION_LABELLED) {
        return None;
    }
    let database_id = head[1..9].try_into().ok()?;
    let xaes = Xaes::new(wrap_key.expose());
    let (mut epochs, mut purposes) = (Vec::new(), Purposes::default());
    for _ in 0..count {
        let (kind, label_bytes) = if version == VERSION { (EPOCH, 4) } else { split_label_head(&mut rest)? };
        let (label, after) = rest.split_at_checked(label_bytes)?;
        let (sealed, after) = after.split_at_checked(SEALED_BYTES)?;
        rest = after;
        let key = open(&xaes, &owner.associated_data(version, (kind, label), database_id), sealed)?;
        match kind {
            EPOCH => epochs.push((u32::from_be_bytes(label.try_into().ok()?), key)),
            PURPOSE_SECRET if label.is_empty() => purposes.secret = Some(key),
            KEPT_PURPOSE => purposes.kept.push((String::from_utf8(label.to_vec()).ok()?, key)),
            _ => return None,
        }
    }
    let whole = rest.is_empty() && !epochs.is_empty() && (version == VERSION) == purposes.secret.is_none();
    whole.then(|| BranchKey::new(database_id, epochs, purposes))
}

fn split_label_head(rest: &mut &[u8]) -> Option<(u8, usize)> {
    let ([kind, length], after) = rest.split_first_chunk::<2>()?;
    *rest = after;
    Some((*kind, usize::from(*length)))
}

/// Nonce, sealed key, tag.
const SEALED_BYTES: usize = XNONCE_BYTES + 32 + TAG_BYTES;

/// Seals a key: nonce, sealed key, tag.
pub(super) fn seal(xaes: &Xaes, aad: &[u8], key: &SecretKey) -> Result<Vec<u8>, VaultError> {
    let mut nonce = [0; XNONCE_BYTES];
    getrandom::fill(&mut nonce).map_err(VaultError::Random)?;
    // Copied in place: a value that is moved leaves its bytes behind.
    let mut sealed = Zeroizing::new([0; 32]);
    sealed.copy_from_slice(key.expose());
    let tag = xaes.seal::<AwsLc>(&nonce, aad, &mut *sealed).expect("32 bytes are within GCM's limits");
    Ok([&nonce[..], &*sealed, &tag].concat())
}

/// Opens what [`seal`] made.
pub(super) fn open(xaes: &Xaes, aad: &[u8], sealed: &[u8]) -> Option<SecretKey> {
    let (nonce, rest) = sealed.split_first_chunk::<XNONCE_BYTES>()?;
    let (sealed, tag) = rest.split_first_chunk::<32>()?;
    let mut key = Zeroizing::new(*sealed);
    xaes.open::<AwsLc>(nonce, aad, &mut *key, tag.try_into().ok()?).ok()?;
    Some(SecretKey::copied(&key))
}

pub(super) fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

pub(super) fn from_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}
