//! The receipt of an erasure: what was destroyed and when, signed by the box (Ed25519, RFC 8032), for whoever has to show it
//! later and elsewhere (D2).

use crate::{App, AppError};
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use serde::{Deserialize, Serialize};
use store::{StoreError, box_key};
use zeroize::Zeroizing;

const PURPOSE: &str = "erasure receipts";
const SEED_BYTES: usize = 32;
const FORMAT: u32 = 1;

/// What was destroyed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Erasure {
    /// 1.
    pub format: u32,
    /// The box: its domain.
    pub domain: String,
    /// The company's id.
    pub company: String,
    /// ISO 8601, UTC.
    pub erased_at: String,
    /// Accounts.
    pub people: u64,
    /// Messages, of two people and in bubbles.
    pub messages: u64,
    /// Bubbles.
    pub bubbles: u64,
    /// Shared files.
    pub files: u64,
    /// Plain bytes of those.
    pub file_bytes: u64,
    /// SHA-256 of the company's key as it was stored, in hexadecimal: without that, nothing of the company opens.
    pub wrapped_key_sha256: String,
}

/// An erasure with the box's signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// What is signed, as JSON without blanks, fields in the order of their names here.
    pub erasure: Erasure,
    /// Ed25519 key of the box, in hexadecimal.
    pub public_key: String,
    /// Over `erasure`, in hexadecimal.
    pub signature: String,
}

impl Receipt {
    /// Whether the signature is that of the key in it, over what stands in it. Whose key that is, has to be known by other ways.
    #[must_use]
    pub fn is_authentic(&self) -> bool {
        let (Some(key), Some(signature)) = (from_hex(&self.public_key), from_hex(&self.signature)) else {
            return false;
        };
        let Ok(said) = serde_json::to_vec(&self.erasure) else { return false };
        UnparsedPublicKey::new(&ED25519, key).verify(&said, &signature).is_ok()
    }
}

/// Signs with the box's key for this, which is made on first use.
pub(super) async fn sign(app: &App, erasure: Erasure) -> Result<Receipt, AppError> {
    let pair = key_pair(app).await?;
    let said = serde_json::to_vec(&erasure).map_err(|_| fault())?;
    let (public_key, signature) = (hex(pair.public_key().as_ref()), hex(pair.sign(&said).as_ref()));
    Ok(Receipt { erasure, public_key, signature })
}

/// The public half of the key that signs receipts, in hexadecimal.
///
/// # Errors
/// When the directory cannot be read or written.
pub async fn receipt_key(app: &App) -> Result<String, AppError> {
    Ok(hex(key_pair(app).await?.public_key().as_ref()))
}

async fn key_pair(app: &App) -> Result<Ed25519KeyPair, AppError> {
    let mut fresh = Zeroizing::new(vec![0; SEED_BYTES]);
    app.rng.fill(&mut fresh);
    let now_ms = app.clock.now_ms();
    let enter = move |c: &store::Connection| Ok::<_, AppError>(box_key::enter(c, PURPOSE, &fresh, now_ms)?);
    let seed = app.store.directory().write(enter).await?;
    Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| fault())
}

pub(super) fn erasure(company: String, domain: String, erased_at: String, wrapped_key_hash: &[u8]) -> Erasure {
    Erasure {
        format: FORMAT,
        domain,
        company,
        erased_at,
        people: 0,
        messages: 0,
        bubbles: 0,
        files: 0,
        file_bytes: 0,
        wrapped_key_sha256: hex(wrapped_key_hash),
    }
}

fn fault() -> AppError {
    AppError::Store(StoreError::Row { table: "box_key", what: String::from("not an Ed25519 key") })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(c.to_digit(16)?).ok()).collect();
    let pairs = digits?;
    pairs.len().is_multiple_of(2).then(|| pairs.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipt() -> Receipt {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[7; SEED_BYTES]).expect("a seed");
        let erasure = erasure("c1".to_owned(), "edge.test".to_owned(), "2026-11-30".to_owned(), &[1, 2]);
        let said = serde_json::to_vec(&erasure).expect("JSON");
        let (public_key, signature) = (hex(pair.public_key().as_ref()), hex(pair.sign(&said).as_ref()));
        Receipt { erasure, public_key, signature }
    }

    #[test]
    fn a_receipt_is_authentic_until_anything_in_it_is_changed_d2() {
        let receipt = receipt();
        assert!(receipt.is_authentic());
        let text = serde_json::to_string_pretty(&receipt).expect("JSON");
        let read: Receipt = serde_json::from_str(&text).expect("reads");
        assert!(read.is_authentic(), "it survives being printed");
        let changes: [fn(&mut Receipt); 6] = [
            |r| r.erasure.people = 1,
            |r| r.erasure.company.push('2'),
            |r| r.erasure.wrapped_key_sha256.clear(),
            |r| r.public_key = hex(&[3; 32]),
            |r| r.signature.replace_range(..2, "zz"),
            |r| r.signature.truncate(4),
        ];
        for (number, change) in changes.iter().enumerate() {
            let mut changed = receipt.clone();
            change(&mut changed);
            assert!(!changed.is_authentic(), "change {number}");
        }
    }
}
