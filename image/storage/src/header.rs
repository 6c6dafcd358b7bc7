//! A LUKS2 header as `cryptsetup luksDump --dump-json-metadata` gives it, and what its tokens say that each key slot is for.

use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// systemd's own.
pub(crate) const TPM_TOKEN: &str = "systemd-tpm2";
/// Ours: the slot opens with what the recovery key gives.
pub(crate) const RECOVERY_TOKEN: &str = "rainbow-edge-recovery";
/// Ours: the slot opens with the passphrase that was chosen at a first start without a TPM.
pub(crate) const PASSPHRASE_TOKEN: &str = "rainbow-edge-passphrase";
/// Ours, without a slot: the filesystem was finished. It is written before the first mount, so that a partition without it
/// has never held anything.
pub(crate) const FINISHED_TOKEN: &str = "rainbow-edge-finished";

/// What a header holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    slots: BTreeSet<u32>,
    tokens: BTreeMap<u32, Token>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Token {
    kind: String,
    slots: BTreeSet<u32>,
}

#[derive(Deserialize)]
struct RawHeader {
    keyslots: BTreeMap<String, serde::de::IgnoredAny>,
    tokens: BTreeMap<String, RawToken>,
}

#[derive(Deserialize)]
struct RawToken {
    r#type: String,
    #[serde(default)]
    keyslots: Vec<String>,
}

impl Header {
    /// Reads cryptsetup's JSON; the error says what is wrong with it.
    pub(crate) fn parse(json: &[u8]) -> Result<Self, String> {
        let raw: RawHeader = serde_json::from_slice(json).map_err(|error| error.to_string())?;
        let number =
            |text: &String| text.parse::<u32>().map_err(|_| format!("`{text}` is no number of a slot or token"));
        let slots = raw.keyslots.keys().map(number).collect::<Result<_, _>>()?;
        let token = |(id, token): (&String, &RawToken)| {
            let slots = token.keyslots.iter().map(number).collect::<Result<_, _>>()?;
            Ok((number(id)?, Token { kind: token.r#type.clone(), slots }))
        };
        let tokens = raw.tokens.iter().map(token).collect::<Result<_, String>>()?;
        Ok(Self { slots, tokens })
    }

    /// Whether its filesystem was ever finished.
    pub(crate) fn is_finished(&self) -> bool {
        self.has(FINISHED_TOKEN)
    }

    /// Whether there is a token of this kind with a slot that exists, or one that needs none.
    pub(crate) fn has(&self, kind: &str) -> bool {
        kind == FINISHED_TOKEN && self.tokens.values().any(|token| token.kind == kind)
            || !self.slots_of(kind).is_empty()
    }

    /// The slots that tokens of this kind name.
    pub(crate) fn slots_of(&self, kind: &str) -> BTreeSet<u32> {
        let tokens = self.tokens.values().filter(|token| token.kind == kind);
        tokens.flat_map(|token| &token.slots).filter(|slot| self.slots.contains(slot)).copied().collect()
    }

    /// The tokens of this kind.
    pub(crate) fn tokens_of(&self, kind: &str) -> Vec<u32> {
        self.tokens.iter().filter(|(_, token)| token.kind == kind).map(|(id, _)| *id).collect()
    }

    /// Whether this token names this slot.
    pub(crate) fn token_names(&self, token: u32, slot: u32) -> bool {
        self.tokens.get(&token).is_some_and(|token| token.slots.contains(&slot))
    }

    /// Slots that no token names: what an enrolment that was cut has left.
    pub(crate) fn unnamed_slots(&self) -> BTreeSet<u32> {
        let named: BTreeSet<u32> = self.tokens.values().flat_map(|token| token.slots.iter().copied()).collect();
        self.slots.difference(&named).copied().collect()
    }

    /// Slots that `before` did not have.
    pub(crate) fn slots_since(&self, before: &Self) -> BTreeSet<u32> {
        self.slots.difference(&before.slots).copied().collect()
    }
}

/// The JSON of a token of ours.
pub(crate) fn token(kind: &str, slot: Option<u32>) -> String {
    let slots: Vec<String> = slot.iter().map(ToString::to_string).collect();
    serde_json::json!({ "type": kind, "keyslots": slots }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(tokens: &str) -> Header {
        let json = format!(r#"{{"keyslots":{{"0":{{"type":"luks2"}},"2":{{}}}},"tokens":{tokens},"segments":{{}}}}"#);
        Header::parse(json.as_bytes()).expect("a header")
    }

    #[test]
    fn tokens_say_what_each_slot_is_for_d2() {
        let header = header(
            r#"{"0":{"type":"systemd-tpm2","keyslots":["0"],"tpm2-pcrs":[7]},"3":{"type":"rainbow-edge-recovery","keyslots":["2","9"]}}"#,
        );
        assert_eq!(header.slots_of(RECOVERY_TOKEN), [2].into(), "slot 9 does not exist");
        assert_eq!(header.tokens_of(RECOVERY_TOKEN), [3]);
        assert!(header.has(TPM_TOKEN) && !header.has(PASSPHRASE_TOKEN) && !header.is_finished());
        assert!(header.unnamed_slots().is_empty());
    }

    #[test]
    fn a_finished_filesystem_and_a_forgotten_slot_are_recognised_d2() {
        let header = header(r#"{"1":{"type":"rainbow-edge-finished","keyslots":[]}}"#);
        assert!(header.is_finished());
        assert_eq!(header.unnamed_slots(), [0, 2].into());
        let none = Header::parse(br#"{"keyslots":{"0":{}},"tokens":{}}"#).expect("a header");
        assert_eq!(header.slots_since(&none), [2].into());
        assert!(!none.is_finished());
    }

    #[test]
    fn what_is_no_header_is_refused_d2() {
        for json in ["", "{}", r#"{"keyslots":{"x":{}},"tokens":{}}"#, r#"{"keyslots":{},"tokens":{"0":{}}}"#] {
            assert!(Header::parse(json.as_bytes()).is_err(), "{json}");
        }
    }

    #[test]
    fn a_token_of_ours_names_its_slot_d2() {
        assert_eq!(token(RECOVERY_TOKEN, Some(4)), r#"{"keyslots":["4"],"type":"rainbow-edge-recovery"}"#);
        assert_eq!(token(FINISHED_TOKEN, None), r#"{"keyslots":[],"type":"rainbow-edge-finished"}"#);
    }
}
