//! Branch keys as they are stored: each epoch sealed with XAES-256-GCM under the wrapping key. The associated data
//! names purpose, company, epoch and database id, so that a record cannot be moved to another company or epoch.
//!
//! Wrapped branch, version 1: version (1), database id (8), count (1), then per epoch: epoch (4, big-endian),
//! nonce (24), sealed key (32), tag (16).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::branch::{BranchKey, DatabaseId};
use super::secret::SecretKey;
use crate::aead::{AwsLc, TAG_BYTES};
use crate::error::VaultError;
use crate::xaes::{XNONCE_BYTES, Xaes};

const VERSION: u8 = 1;
const HEAD_BYTES: usize = 10;
const RECORD_BYTES: usize = 4 + XNONCE_BYTES + 32 + TAG_BYTES;

/// What a wrapped branch belongs to.
#[derive(Clone, Copy)]
pub(super) enum Owner<'a> {
    /// The box's directory.
    Directory,
    /// One company, by id.
    Company(&'a str),
}

impl Owner<'_> {
    fn associated_data(self, epoch: u32, database_id: DatabaseId) -> Vec<u8> {
        let (purpose, company) = match self {
            Self::Directory => (&b"directory"[..], ""),
            Self::Company(id) => (&b"company"[..], id),
        };
        [b"rainbow-edge branch key v1\0", purpose, b"\0", company.as_bytes(), b"\0", &epoch.to_be_bytes(), &database_id]
            .concat()
    }
}

/// Seals every epoch of `branch` under `wrap_key`.
pub(super) fn wrap(wrap_key: &SecretKey, owner: Owner<'_>, branch: &BranchKey) -> Result<Vec<u8>, VaultError> {
    let xaes = Xaes::new(wrap_key.expose());
    let count = u8::try_from(branch.epochs().len()).expect("a branch has fewer than 256 epochs");
    let mut wrapped = vec![VERSION];
    wrapped.extend(branch.database_id());
    wrapped.push(count);
    for (epoch, key) in branch.epochs() {
        let mut nonce = [0; XNONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(VaultError::Random)?;
        let mut sealed = Zeroizing::new(*key.expose());
        let aad = owner.associated_data(*epoch, branch.database_id());
        let tag = xaes.seal::<AwsLc>(&nonce, &aad, &mut *sealed).expect("32 bytes are within GCM's limits");
        wrapped.extend(epoch.to_be_bytes());
        wrapped.extend(nonce);
        wrapped.extend(*sealed);
        wrapped.extend(tag);
    }
    Ok(wrapped)
}

/// Opens what [`wrap`] made; `None` where it was changed, belongs to another owner, or the wrapping key is another.
pub(super) fn unwrap(wrap_key: &SecretKey, owner: Owner<'_>, wrapped: &[u8]) -> Option<BranchKey> {
    let (head, records) = wrapped.split_at_checked(HEAD_BYTES)?;
    let count = usize::from(head[9]);
    if head[0] != VERSION || count == 0 || records.len() != count * RECORD_BYTES {
        return None;
    }
    let database_id = head[1..9].try_into().ok()?;
    let xaes = Xaes::new(wrap_key.expose());
    let epochs: Option<Vec<_>> =
        records.chunks_exact(RECORD_BYTES).map(|record| open_record(&xaes, owner, database_id, record)).collect();
    epochs.map(|epochs| BranchKey::new(database_id, epochs))
}

fn open_record(xaes: &Xaes, owner: Owner<'_>, database_id: DatabaseId, record: &[u8]) -> Option<(u32, SecretKey)> {
    let (epoch, rest) = record.split_first_chunk::<4>()?;
    let (nonce, rest) = rest.split_first_chunk::<XNONCE_BYTES>()?;
    let (sealed, tag) = rest.split_first_chunk::<32>()?;
    let epoch = u32::from_be_bytes(*epoch);
    let mut key = Zeroizing::new(*sealed);
    let aad = owner.associated_data(epoch, database_id);
    xaes.open::<AwsLc>(nonce, &aad, &mut *key, tag.try_into().ok()?).ok()?;
    Some((epoch, SecretKey::new(key)))
}

pub(super) fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

pub(super) fn from_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}
